"""Abilities left to a process in the units' sandboxes: a probe is started in place of the unit's program.

A refusal only counts beside a success: every probe also opens what its unit does need.
"""

import json
import re
from collections.abc import Iterator

from tests.proofs.machines import Machine
from tests.proofs.result import Figure, at_least, at_most, equal_to, plain_figure

# Attempts by name; each is code that raises where it is refused. Attempts in ALLOWED must succeed.
ATTEMPTS = {
    "open the public halves of keys": "next(open(p).read() for p in glob('/var/lib/portals/keyring/public/*.pub'))",
    "open the private halves of keys": "next(open(p).read() for p in glob('/var/lib/portals/keyring/private/*.key'))",
    "knock at the database": "socket(AF_UNIX).connect('/run/postgresql/.s.PGSQL.5432')",
    "make an internet socket": "socket(AF_INET)",
    "connect to the web server": "socket(AF_INET).connect(('127.0.0.1', 443))",
    "read settings of others": "open('/etc/portals/owner.env').read()",
    "read backups": "next(iter(glob('/var/backups/portals/*/*')))",
    "read a key of the system's": "next(open(p).read() for p in glob('/etc/ssh/ssh_host_*_key'))",
    "change the program": "open('/srv/portals/manage.py', 'a')",
    "put in a key": "open('/var/lib/portals/keyring/public/new.pub', 'w')",
    "write to the disk": "open('/var/tmp/../lib/portals.probe', 'w')",
    "see other processes": "next(iter({p for p in glob('/proc/[0-9]*')} - {'/proc/1', f'/proc/{os.getpid()}'}))",
    "make code in memory": "mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)",
    "make a namespace": "os.unshare(os.CLONE_NEWUSER)",
    "load the staff's code": "open('/srv/portals/analysts/models/__init__.py').read()",
}
ALLOWED = {
    "public": {"open the public halves of keys", "knock at the database"},
    "staff": {
        *("open the public halves of keys", "open the private halves of keys", "knock at the database"),
        "load the staff's code",
    },
    "intake": {
        *("open the public halves of keys", "open the private halves of keys", "knock at the database"),
        "load the staff's code",
    },
    "worker": {
        *("open the public halves of keys", "open the private halves of keys", "knock at the database"),
        *("load the staff's code", "make an internet socket"),
    },
    "keys": {
        *("open the public halves of keys", "open the private halves of keys", "knock at the database"),
        *("load the staff's code", "put in a key"),
    },
    "backup": {"knock at the database", "read backups", "load the staff's code"},
    "anchor": {"knock at the database", "read backups", "load the staff's code"},
    "metrics": {"knock at the database", "load the staff's code"},
    "watch": {"knock at the database", "load the staff's code", "make an internet socket"},
    # Root, to read certificates and the age of backups, with no network.
    "host-readings": {"knock at the database", "read backups", "load the staff's code"},
    "keyring-backup": {
        *("open the public halves of keys", "open the private halves of keys", "read backups"),
        "load the staff's code",
    },
}
# Units that run and end: each is started as its timer would.
ONCE = ("anchor", "backup", "host-readings", "keyring-backup", "keys", "watch")
# On systemd's scale from 0 to 10.
HIGHEST_EXPOSURE = 2.0
# Without a setting, systemd starts a unit five times in ten seconds, also one that others need.
STARTS = 12
PROBE = """
import json, mmap, os
from glob import glob
from socket import *
setdefaulttimeout(5)
done = []
for name, code in json.loads({attempts!r}).items():
    try:
        eval(code)
    except (Exception, StopIteration):
        continue
    done.append(name)
print(json.dumps(done))
"""


def probe_unit(machine: Machine, unit: str, *, extra: str = "") -> set[str]:
    """The attempts that succeed in the sandbox of portals-`unit`, tried by a unit that differs in its program only."""
    machine.run("cat >/srv/probe.py", typed=PROBE.format(attempts=json.dumps(ATTEMPTS)))
    text = machine.run(f"cat /etc/systemd/system/portals-{unit}.service").stdout
    text = re.sub(r"(?m)^(ExecStart|Type|NotifyAccess|Restart|RestartSec|OnSuccess|Requires)=.*\n", "", text)
    # On a fast machine it is started more often than systemd lets a unit be.
    text = text.replace("[Unit]\n", "[Unit]\nStartLimitIntervalSec=0\n")
    text = text.replace(
        "[Service]\n",
        "[Service]\nType=oneshot\nExecStart=/usr/bin/python3 /srv/probe.py\nStandardOutput=truncate:/run/probe.json\n"
        + extra,
    )
    # Restrictions of the common sandbox that a unit lifts, which is read after the unit itself.
    lifted = (
        f"cp /etc/systemd/system/portals-{unit}.service.d/unmapped.conf /etc/systemd/system/portals-probe.service.d/"
    )
    machine.run(f"mkdir -p /etc/systemd/system/portals-probe.service.d; {lifted}")
    machine.run("cat >/etc/systemd/system/portals-probe.service && systemctl daemon-reload", typed=text)
    done = machine.run("rm -f /run/probe.json; systemctl start portals-probe; cat /run/probe.json")
    machine.run(
        "rm -r /etc/systemd/system/portals-probe.service /etc/systemd/system/portals-probe.service.d\n"
        "rm /var/lib/portals/keyring/public/new.pub; systemctl daemon-reload"
    )
    return set(json.loads(done.stdout))


def unit_figures(machine: Machine) -> Iterator[Figure]:
    """The rating of the units by systemd, and that the program of each runs within its restrictions."""
    files = machine.run("cd /etc/systemd/system; ls portals-*.service portals-*.socket portals-*.timer").stdout.split()
    instance = "failed-portals@portals-worker.service"
    verified = machine.run(f"systemd-analyze verify --man=no {' '.join(files)} {instance}").stdout.strip()
    yield plain_figure("units verified", len(files) + 1)
    yield equal_to("complaints about the units", verified[-500:] or "none", "none")
    exposures = {}
    for name in (each for each in [*files, instance] if each.endswith(".service")):
        said = machine.run(f"systemd-analyze security --no-pager {name} | tail --lines 1").stdout
        found = re.search(r": ([\d.]+) ", said)
        exposures[name] = float(found[1]) if found else 10.0
    most = max(exposures, key=lambda name: exposures[name])
    yield at_most(f"highest exposure of a unit, of 10 ({most})", exposures[most], HIGHEST_EXPOSURE)
    for unit in (*ONCE, instance):
        name = unit if unit == instance else f"portals-{unit}.service"
        done = machine.run(f"systemctl start {name} || systemctl status --no-pager --lines 5 {name}")
        yield equal_to(f"{name} ended with", done.stdout[-500:] if done.stdout else "success", "success")
    read = "SELECT count(DISTINCT name) FROM analysts_hostreading WHERE kind = 'certificate' AND moment IS NOT NULL"
    ends = machine.run(f'runuser -u postgres -- psql --no-align --tuples-only portals --command "{read}"').stdout
    yield equal_to("certificates whose end host-readings reads", ends.strip(), "2")
    machine.run("systemctl start portals-metrics")
    ask = "curl --silent --retry 30 --retry-all-errors --retry-delay 2 --unix-socket /run/portals-metrics/metrics.sock http://localhost/metrics"
    lines = machine.run(f"{ask} | grep --count '^portals_'; systemctl stop portals-metrics").stdout.split()
    yield at_least("lines of metrics on the local socket", int(lines[0]) if lines else 0, 10)


def journal_figure(machine: Machine) -> Figure:
    """Units whose lines go where the portals' go, started one after the other while none of them runs."""
    done = machine.run(
        "running=$(systemctl list-units --plain --no-legend --state=active 'portals-*' | awk '{print $1}')\n"
        "systemctl stop $running\n"
        f"for number in $(seq {STARTS}); do\n"
        "systemd-run --quiet --wait --property=LogNamespace=portals true && echo started\ndone\n"
        "systemctl start $running"
    )
    return equal_to("units started one after the other while none runs", done.stdout.count("started"), STARTS)


def sandbox_figures(machine: Machine) -> Iterator[Figure]:
    for unit, allowed in ALLOWED.items():
        done = probe_unit(machine, unit)
        yield equal_to(
            f"portals-{unit}: done of {len(ATTEMPTS)} attempts", ", ".join(sorted(done)), ", ".join(sorted(allowed))
        )
    # The worker may reach one address only: here the machine itself acts as the mail server.
    done = probe_unit(machine, "worker", extra="IPAddressAllow=127.0.0.1\n")
    yield equal_to("portals-worker reaches the address it is given", "connect to the web server" in done, True)
    yield journal_figure(machine)

"""What a process in the units' sandboxes can still do: a probe is started in place of the unit's program.

A refusal only counts beside a success: every probe also opens what its unit does need.
"""

import json
import re
from collections.abc import Iterator

from tests.proofs.machines import Machine
from tests.proofs.result import Figure, equal_to

# Attempts by name; each is code that raises where it is refused. Those in ALLOWED must succeed.
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
    "worker": {
        *("open the public halves of keys", "open the private halves of keys", "knock at the database"),
        *("load the staff's code", "make an internet socket"),
    },
    "keys": {
        *("open the public halves of keys", "open the private halves of keys", "knock at the database"),
        *("load the staff's code", "put in a key"),
    },
    "backup": {"knock at the database", "read backups", "load the staff's code"},
    "keyring-backup": {
        *("open the public halves of keys", "open the private halves of keys", "read backups"),
        "load the staff's code",
    },
}
PROBE = """
import json, mmap, os
from glob import glob
from socket import *
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
    text = text.replace(
        "[Service]\n",
        "[Service]\nType=oneshot\nExecStart=/usr/bin/python3 /srv/probe.py\nStandardOutput=truncate:/run/probe.json\n"
        + extra,
    )
    machine.run("cat >/etc/systemd/system/portals-probe.service && systemctl daemon-reload", typed=text)
    done = machine.run("rm -f /run/probe.json; systemctl start portals-probe; cat /run/probe.json")
    machine.run(
        "rm /etc/systemd/system/portals-probe.service /var/lib/portals/keyring/public/new.pub; systemctl daemon-reload"
    )
    return set(json.loads(done.stdout))


def sandbox_figures(machine: Machine) -> Iterator[Figure]:
    for unit, allowed in ALLOWED.items():
        done = probe_unit(machine, unit)
        yield equal_to(
            f"portals-{unit}: done of {len(ATTEMPTS)} attempts", ", ".join(sorted(done)), ", ".join(sorted(allowed))
        )
    # The worker may reach one address only: here the machine itself acts as the mail server.
    done = probe_unit(machine, "worker", extra="IPAddressAllow=127.0.0.1\n")
    yield equal_to("portals-worker reaches the address it is given", "connect to the web server" in done, True)

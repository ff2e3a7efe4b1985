"""The readings of services in their unit's own sandbox, by every cause: seen in order before and after, and in trouble.

systemd runs on an overlay of this machine's files, in namespaces of its own, with stand-ins for the services that
deploy/settings/host.env names. Needs root, and is skipped where no such machine boots.
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from analysts.models import UnitState
from portal_site.environment import PROJECT
from tests.proofs.machines import Machine
from tests.proofs.result import NotPossibleHere

UNITS = PROJECT / "deploy" / "systemd"
READINGS = "portals-host-readings.service"
HOST = (PROJECT / "deploy" / "settings" / "host.env").read_text()


def names(variable: str) -> list[str]:
    [value] = re.findall(rf'(?m)^{variable}="(.*)"$', HOST)
    return [name.partition("=")[0] for name in value.split()]


TIMERS = names("HOST_TIMERS")
# Units that timers start, by their shipped type.
BY_TIMERS = [
    name for name in names("HOST_UNITS") if (UNITS / name).exists() and "Type=oneshot" in (UNITS / name).read_text()
]
ALWAYS = [name for name in names("HOST_UNITS") if name not in BY_TIMERS]
# By cause: which units it befalls, how it is done and undone (`@`: the units), and what is read then.
CAUSES: dict[str, tuple[list[str], str, str, UnitState]] = {
    "stopped": ([*ALWAYS, *TIMERS], "systemctl stop @", "systemctl start @", UnitState.STOPPED),
    "killed": (ALWAYS, "systemctl kill --signal=KILL @", "systemctl restart @", UnitState.FAILED),
    "failed": (BY_TIMERS, "touch /run/fail; systemctl start @", "rm -f /run/fail; systemctl start @", UnitState.FAILED),
    "frozen": (ALWAYS, "systemctl freeze @", "systemctl thaw @", UnitState.FROZEN),
    "disabled": ([*ALWAYS, *TIMERS], "systemctl disable @", "systemctl enable @", UnitState.DISABLED),
    "missing": (
        [*ALWAYS, *BY_TIMERS, *TIMERS],
        "systemctl stop @; cd /etc/systemd/system; mv @ /run/gone/; systemctl daemon-reload",
        "cd /run/gone; mv @ /etc/systemd/system/; systemctl daemon-reload; systemctl start @",
        UnitState.MISSING,
    ),
}
# The first process of a namespace ends at a signal only if it handles it.
SERVICE = """[Service]
ExecStart=/bin/sh -c 'trap "exit 0" TERM; sleep infinity & wait'
Restart=always
RestartSec=300
[Install]
WantedBy=multi-user.target
"""
BY_TIMER = "[Service]\nType=oneshot\nExecStart=/bin/sh -c '! test -e /run/fail'\n"
TIMER = "[Timer]\nOnActiveSec=1h\n[Install]\nWantedBy=timers.target\n"
# The program differs in where its lines go, and in that it needs no database here.
INSTEAD = """[Unit]
StartLimitIntervalSec=0
[Service]
ExecStart=
ExecStart=/usr/bin/python3 /srv/portals/deploy/monitoring/host-readings --print
Environment=PYTHONPATH=/srv/libraries
StandardOutput=truncate:/run/readings
"""


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    folder = tmp_path_factory.mktemp("machine")
    libraries = folder / "libraries"
    (libraries / "cryptography").mkdir(parents=True)
    for name in ("psycopg.py", "cryptography/__init__.py", "cryptography/x509.py"):
        (libraries / name).touch()
    try:
        with Machine("watched", folder, Path("/")).running() as machine:
            machine.put(PROJECT / "deploy" / "monitoring", "/srv/portals/deploy")
            machine.put(libraries, "/srv")
            for name in (READINGS, "portals-.service.d", f"{READINGS}.d", "systemd-journald-sync@portals.service.d"):
                machine.put(UNITS / name, "/etc/systemd/system")
            place = f"/etc/systemd/system/{READINGS}.d/zz-printing.conf"
            machine.run(f"cat >{place}", typed=INSTEAD)
            services = "".join(re.findall(r"(?m)^HOST_(?:UNITS|TIMERS)=.*\n", HOST))
            machine.run("mkdir -p /etc/portals /run/gone; cat >/etc/portals/host.env", typed=services)
            of_timers = {*BY_TIMERS, *(name.replace(".timer", ".service") for name in TIMERS)}
            for units, text in ((ALWAYS, SERVICE), (of_timers, BY_TIMER), (TIMERS, TIMER)):
                for name in units:
                    machine.run(f"cat >/etc/systemd/system/{name}", typed=text)
            running = " ".join([*ALWAYS, *TIMERS])
            machine.run(f"systemctl daemon-reload; systemctl enable {running}; systemctl restart {running}")
            yield machine
    except NotPossibleHere as reason:
        pytest.skip(str(reason))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def read_states(machine: Machine) -> dict[str, UnitState | None]:
    done = machine.run(f"systemctl start {READINGS} || systemctl status {READINGS}; cat /run/readings")
    rows = [line.split("\t") for line in done.stdout.splitlines() if line.startswith("unit\t")]
    assert rows, done.stdout
    return {name: UnitState(int(number)) if number else None for _kind, name, number, *_rest in rows}


def test_causes_befall_every_unit_that_is_watched() -> None:
    befallen = {name for units, *_rest in CAUSES.values() for name in units}
    assert befallen == {*names("HOST_UNITS"), *TIMERS}
    assert {"portals-worker.service", "portals-intake.service"} < set(ALWAYS)
    assert {state for *_rest, state in CAUSES.values()} == set(UnitState) - {UnitState.RUNS, UnitState.MISSED}


@pytest.mark.parametrize("cause", CAUSES)
def test_each_cause_is_seen_in_the_sandbox(machine: Machine, cause: str) -> None:
    units, break_, mend, state = CAUSES[cause]
    order = dict.fromkeys([*names("HOST_UNITS"), *TIMERS], UnitState.RUNS)
    assert read_states(machine) == order
    try:
        machine.run(break_.replace("@", " ".join(units)))
        assert read_states(machine) == {**order, **dict.fromkeys(units, state)}
    finally:
        machine.run(mend.replace("@", " ".join(units)))
    assert read_states(machine) == order


def test_bus_that_does_not_answer_leaves_services_unknown(machine: Machine) -> None:
    place = f"/etc/systemd/system/{READINGS}.d/zz-shut.conf"
    machine.run(f"cat >{place}; systemctl daemon-reload", typed="[Service]\nInaccessiblePaths=/run/dbus\n")
    try:
        assert set(read_states(machine).values()) == {None}
    finally:
        machine.run(f"rm {place}; systemctl daemon-reload")

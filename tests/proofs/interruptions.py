"""Install, upgrade and rollback, cut off at every step and typed again.

On a Debian machine booted for it: this source is installed, and it takes over from the last release's own archive and
goes back. A step is a command that changes something, or a file put in place (tests/proofs/cut_short.py). The steps of
an uninterrupted run are noted first. Then, from the same state, KILL comes before each step that was not cut off yet;
the run typed next goes on from there. HUP, TERM and a reboot come at a quarter, half and three quarters of the steps.
Each script ends with its last words, and then every unit of the machine's role runs. `python -m tests.proofs
interruptions` needs what the proof `guides` needs, and an hour; --quick cuts every twentieth step.
"""

import re
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.proofs import machines
from tests.proofs.archives import write_archives
from tests.proofs.covered_code import INSTALLATION
from tests.proofs.machines import Machine
from tests.proofs.rehearsal import ROOT
from tests.proofs.releases import PACKAGES
from tests.proofs.result import Figure, at_least, equal_to, plain_figure

SHOWS = "Install, upgrade and rollback, cut off at any step and typed again, end with every unit of the role running"
PROMISES = (1,)
COVERS = (*INSTALLATION, "requirements.txt", "supply")

CUT, STEPS = "/root/cut", "/root/cut/steps"
ANSWERS = """HOTLINE_NAME=Example Hotline
PUBLIC_HOST=report.example.org
STAFF_HOST=staff.example.org
WORK_TIME_ZONE=Europe/London
MAIL_FROM=portals@example.org
CERTIFICATES=trial
"""
UNITS = (
    "portals-public.socket portals-staff.socket portals-public.service portals-staff.service portals-intake.service "
    "portals-worker.service portals-keys.timer portals-watch.timer portals-host-readings.timer"
)
MOST_CUTS = 500
SIGNALS = ("HUP", "TERM", "reboot")


@dataclass(frozen=True, slots=True)
class CutScript:
    name: str
    command: str
    last_words: str


class ScriptCutter:
    """One machine, and the scripts typed in it. Its disk is a pile of layers: `keep` adds one, `go_back` empties it."""

    def __init__(self, folder: Path, debian: Path) -> None:
        self.folder, self.layers = folder, [debian]
        self.stack = ExitStack()
        self.boot()

    def boot(self) -> None:
        """Stop it at once, and start it with the files that it had written."""
        self.stack.close()
        name, below = f"one{len(self.layers)}", Path(":".join(map(str, reversed(self.layers))))
        self.machine = self.stack.enter_context(Machine(name, self.folder, below).running())

    def keep(self) -> None:
        """From now on its present files are what `go_back` returns to."""
        self.machine.run("sync")
        self.stack.close()
        self.layers.append(self.machine.folder / "upper")
        self.boot()

    def go_back(self) -> None:
        self.stack.close()
        shutil.rmtree(self.machine.folder)
        self.boot()

    def type(self, command: str, *, steps: list[str] | None = None, cut_by: str = "") -> tuple[bool, str]:
        """Whether the script was cut off, and its output.

        Without `steps` nothing is noted; with them, `cut_by` comes before the first step of another name.
        """
        if steps is None:
            return False, self.machine.run(f"cd /root; {command}").stdout
        self.machine.run(f"rm -f {STEPS}.now; cat >{STEPS}", typed="".join(f"{step}\n" for step in steps))
        environment = {"PYTHONPATH": CUT, "CUT_STEPS": STEPS, "CUT_BY": cut_by}
        if cut_by == "reboot":
            self.machine.run(f"cd /root; setsid {command} >/root/output 2>&1 </dev/null &", environment=environment)
            self._await_cut()
            self.machine.power_off()
            self.boot()
            return True, ""
        done = self.machine.run(f"cd /root; {command}", environment=environment)
        return self.was_cut(), done.stdout

    def was_cut(self) -> bool:
        return self.machine.run(f"test -e {STEPS}.now").returncode == 0

    def _await_cut(self) -> None:
        end = time.monotonic() + 900
        while not self.was_cut():
            if time.monotonic() > end:
                raise RuntimeError(f"the script did not come so far: {self.machine.run('cat /root/output').stdout}")
            time.sleep(0.2)

    def read_steps(self) -> list[str]:
        return self.machine.run(f"cat {STEPS}").stdout.splitlines()

    def find_stopped(self) -> str:
        """The units of the release in use that ought to run and do not, and the surfaces that do not answer."""
        stopped = self.machine.run(
            f"for unit in {UNITS} nginx; do\n"
            "[ $unit = nginx ] || [ -e /srv/portals/deploy/systemd/$unit ] || continue\n"
            "systemctl is-active --quiet $unit && systemctl is-enabled --quiet $unit || echo $unit\ndone"
        ).stdout.split()
        for host in ("report", "staff"):
            url = f"--resolve {host}.example.org:443:127.0.0.1 https://{host}.example.org/health/ready/"
            if self.machine.run(f"curl --silent --insecure --max-time 60 {url}").stdout.strip() != "ok":
                stopped.append(host)
        return " ".join(stopped) or "none"


def end_figures(cutter: ScriptCutter, name: str, script: CutScript, output: str) -> Iterator[Figure]:
    seen = script.last_words in output
    yield equal_to(f"{name}: ended with", script.last_words if seen else output[-1500:], script.last_words)
    yield equal_to(f"{name}: units that do not run, or do not answer", cutter.find_stopped(), "none")


def cut_everywhere(cutter: ScriptCutter, script: CutScript, *, every: int) -> Iterator[Figure]:
    """From the state kept last; the run that comes to its end must say so."""
    began = time.monotonic()
    _cut, output = cutter.type(script.command, steps=[])
    yield from end_figures(cutter, f"{script.name}, uninterrupted", script, output)
    noted = cutter.read_steps()
    chosen = noted[::every]
    cutter.go_back()
    passed = [step for step in noted if step not in chosen]
    cut: list[str] = []
    while len(cut) < MOST_CUTS:
        was_cut, output = cutter.type(script.command, steps=[*passed, *cut], cut_by="KILL")
        if not was_cut:
            break
        cut.append(cutter.read_steps()[-1])
    yield plain_figure(f"{script.name}: steps of an uninterrupted run", len(noted))
    yield at_least(f"{script.name}: steps before which it was killed", len(cut), len(chosen))
    # A run that goes on may come to the same action by other lines.
    actions = {_action_of(step) for step in cut}
    missed = [step for step in chosen if _action_of(step) not in actions]
    yield equal_to(f"{script.name}: steps before which it was never killed", "; ".join(missed) or "none", "none")
    yield from end_figures(cutter, f"{script.name}, killed", script, output)
    yield plain_figure(f"{script.name}: took", round(time.monotonic() - began), "s")
    if every == 1:
        yield from cut_by_signals(cutter, script, noted)


def _action_of(step: str) -> str:
    """Without the lines of the script from which it is reached."""
    return re.sub(r"^(?:\w+:\d+ )+", "", step)


def cut_by_signals(cutter: ScriptCutter, script: CutScript, noted: list[str]) -> Iterator[Figure]:
    """Each from the state kept last."""
    for number, cut_by in enumerate(SIGNALS, start=1):
        cutter.go_back()
        step = noted[len(noted) * number // 4]
        passed = [each for each in noted if each != step]
        was_cut, _output = cutter.type(script.command, steps=passed, cut_by=cut_by)
        yield equal_to(f"{script.name}, {cut_by}: cut off", was_cut, True)
        _again, output = cutter.type(script.command)
        yield from end_figures(cutter, f"{script.name}, {cut_by}", script, output)


def prepare_machine(machine: Machine, folder: Path, archives: list[Path]) -> None:
    for archive in archives:
        for path in archive.parent.glob(f"{archive.name}*"):
            machine.put(path, "/root")
    machine.put(folder / "release-signers", "/root")
    machine.put(ROOT / "tests" / "proofs" / "cut_short.py", CUT)
    machine.run("cat >/root/answers", typed=ANSWERS)
    unpack = "\n".join(f"tar -xf {archive.name}" for archive in archives)
    machine.run(
        f"mv {CUT}/cut_short.py {CUT}/sitecustomize.py; cd /root; {unpack}\n"
        f"apt-get update; apt-get install --yes --no-install-recommends --download-only dbus {PACKAGES}\n"
        "apt-get install --yes --no-install-recommends openssh-client python3",
        borrow_network=True,
    )


def prove(folder: Path, *, full: bool) -> Iterator[Figure]:
    debian = machines.prepare_debian(folder)
    archives = write_archives(folder, number=2)
    last, newer = (archive.name.removesuffix(".tar.gz").rpartition("-")[2] for archive in archives)
    typed = "deploy/install --signers release-signers --answers answers"
    this_script = f"/root/reporting-portals-{newer}/deploy"
    every = 1 if full else 20
    cutter = ScriptCutter(folder, debian)
    with cutter.stack:
        prepare_machine(cutter.machine, folder, archives)
        cutter.keep()
        install = CutScript("install", f"reporting-portals-{newer}/{typed}", "Check: done")
        yield from cut_everywhere(cutter, install, every=every)
        cutter.go_back()
        _cut, output = cutter.type(f"reporting-portals-{last}/{typed}")
        first = CutScript("install", "", "Check: done")
        yield from end_figures(cutter, f"install of the last release, {last}", first, output)
        cutter.keep()
        upgrade = f"{this_script}/upgrade reporting-portals-{newer}.tar.gz --without-backup"
        yield from cut_everywhere(cutter, CutScript("upgrade", upgrade, "Done"), every=every)
        # The record of the upgrade is of one that was killed at each step.
        cutter.keep()
        rollback = CutScript("rollback", f"/srv/portals-{newer}/deploy/rollback", "Nothing was lost.")
        yield from cut_everywhere(cutter, rollback, every=every)

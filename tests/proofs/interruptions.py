"""Install, upgrade and rollback, cut off at every step and typed again.

On a Debian machine booted for it. A step is a command that the script starts, or a file that it puts in place
(tests/proofs/cut_short.py). KILL comes before each step in turn, of a run that goes on from where the last one was
cut; HUP, TERM and a reboot come at three steps of an installation, an upgrade and a rollback from their start. Each
script ends with its last words, and then every unit of the machine's role runs. `python -m tests.proofs
interruptions` needs what the proof `guides` needs, and two hours; --quick cuts every twentieth step.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from tests.proofs import machines
from tests.proofs.archives import write_own_archives
from tests.proofs.covered_code import INSTALLATION
from tests.proofs.machines import Machine
from tests.proofs.rehearsal import ROOT
from tests.proofs.releases import PACKAGES
from tests.proofs.result import Figure, at_least, equal_to, plain_figure

SHOWS = "Install, upgrade and rollback, cut off at any step and typed again, end with every unit of the role running"
PROMISES = (1,)
COVERS = (*INSTALLATION, "requirements.txt", "supply")

CUT, COUNT = "/root/cut", "/root/cut/count"
ANSWERS = """HOTLINE_NAME="Example Hotline"
PUBLIC_HOST=report.example.org
STAFF_HOST=staff.example.org
WORK_TIME_ZONE=Europe/London
MAIL_FROM=portals@example.org
CERTIFICATES=trial
"""
UNITS = (
    "portals-public.socket portals-staff.socket portals-public portals-staff portals-intake portals-worker "
    "portals-keys.timer portals-watch.timer portals-host-readings.timer nginx"
)
MOST_STEPS = 400
SIGNALS = ("HUP", "TERM", "reboot")


class ScriptCutter:
    """One machine, and the scripts typed in it. `number`: of its boots."""

    def __init__(self, folder: Path, debian: Path) -> None:
        self.folder, self.debian, self.number = folder, debian, 0
        self.stack = ExitStack()
        self.boot()

    def boot(self) -> None:
        self.stack.close()
        # The files it had written stay: the same folder.
        self.machine = self.stack.enter_context(Machine("one", self.folder, self.debian).running())
        self.number += 1

    def type(self, command: str, *, cut_at: int = 0, cut_by: str = "KILL") -> tuple[bool, str]:
        """Whether the script was cut off, and its output. Without `cut_at` it runs to its end."""
        self.machine.run(f"rm -f {COUNT}*")
        environment = {"PYTHONPATH": CUT, "CUT_AT": str(cut_at), "CUT_BY": cut_by, "CUT_COUNT": COUNT}
        if cut_by == "reboot" and cut_at:
            self.machine.run(f"cd /root; setsid {command} >/root/output 2>&1 </dev/null &", environment=environment)
            self._await_cut()
            self.machine.power_off()
            self.boot()
            return True, ""
        done = self.machine.run(f"cd /root; {command}", environment=environment if cut_at else {})
        return self.was_cut(), done.stdout

    def was_cut(self) -> bool:
        return self.machine.run(f"test -e {COUNT}.now").returncode == 0

    def _await_cut(self) -> None:
        end = time.monotonic() + 900
        while not self.was_cut():
            if time.monotonic() > end:
                raise RuntimeError(f"the script did not come so far: {self.machine.run('cat /root/output').stdout}")
            time.sleep(0.2)

    def count_steps(self) -> int:
        return int(self.machine.run(f"cat {COUNT} 2>/dev/null || echo 0").stdout)

    def find_stopped(self) -> str:
        """The units that ought to run and do not, and the surfaces that do not answer."""
        stopped = self.machine.run(
            f"for unit in {UNITS}; do systemctl is-active --quiet $unit && systemctl is-enabled --quiet $unit "
            "|| echo $unit; done"
        ).stdout.split()
        for host in ("report", "staff"):
            url = f"--resolve {host}.example.org:443:127.0.0.1 https://{host}.example.org/health/ready/"
            if self.machine.run(f"curl --silent --insecure --max-time 60 {url}").stdout.strip() != "ok":
                stopped.append(host)
        return " ".join(stopped) or "none"


def cut_everywhere(cutter: ScriptCutter, name: str, command: str, last_words: str, every: int) -> Iterator[Figure]:
    """KILL before each step in turn; the run that comes to its end must say so."""
    cuts = 0
    for step in range(1, MOST_STEPS, every):
        was_cut, output = cutter.type(command, cut_at=step)
        if not was_cut:
            break
        cuts += 1
    else:
        output = "more steps than the proof counts"
    yield at_least(f"{name}: steps before which it was killed", cuts, 3)
    seen = last_words in output
    yield equal_to(f"{name}: ended with", last_words if seen else output[-1500:], last_words)
    yield equal_to(f"{name}: units that do not run, or do not answer", cutter.find_stopped(), "none")


def cut_by_signals(cutter: ScriptCutter, name: str, command: str, last_words: str, again: str) -> Iterator[Figure]:
    """A signal at a quarter, a half and three quarters of the steps; `again` brings back the state before."""
    cutter.type(command, cut_at=MOST_STEPS * 10)
    steps = cutter.count_steps()
    yield plain_figure(f"{name}: steps", steps)
    for number, cut_by in enumerate(SIGNALS, start=1):
        cutter.type(again)
        was_cut, _output = cutter.type(command, cut_at=max(1, steps * number // 4), cut_by=cut_by)
        _again, output = cutter.type(command)
        seen = was_cut and last_words in output
        yield equal_to(f"{name}, {cut_by}: ended with", last_words if seen else output[-1500:], last_words)
        yield equal_to(f"{name}, {cut_by}: units that do not run, or do not answer", cutter.find_stopped(), "none")


def prove(folder: Path, *, full: bool) -> Iterator[Figure]:
    debian = machines.prepare_debian(folder)
    archives = write_own_archives(folder)
    cutter = ScriptCutter(folder, debian)
    with cutter.stack:
        machine = cutter.machine
        for archive in archives:
            for path in archive.parent.glob(f"{archive.name}*"):
                machine.put(path, "/root")
        machine.put(folder / "release-signers", "/root")
        machine.put(ROOT / "tests" / "proofs" / "cut_short.py", CUT)
        older, newer = (archive.name.removesuffix(".tar.gz").rpartition("-")[2] for archive in archives)
        machine.run("cat >/root/answers", typed=ANSWERS)
        machine.run(
            f"mv {CUT}/cut_short.py {CUT}/sitecustomize.py; cd /root; tar -xf {archives[0].name}\n"
            f"apt-get update; apt-get install --yes --no-install-recommends --download-only {PACKAGES}\n"
            "apt-get install --yes --no-install-recommends openssh-client python3",
            borrow_network=True,
        )
        every = 1 if full else 20
        install = f"reporting-portals-{older}/deploy/install --signers release-signers --answers answers"
        upgrade = f"/srv/portals/deploy/upgrade {archives[1].name} --without-backup"
        rollback = f"/srv/portals-{newer}/deploy/rollback"
        yield from cut_everywhere(cutter, "install", install, "Check: done", every)
        yield from cut_everywhere(cutter, "upgrade", upgrade, "Done", every)
        yield from cut_everywhere(cutter, "rollback", rollback, "Nothing was lost.", every)
        if full:
            # From a machine on which nothing of it is left but Debian's packages.
            uninstall = f"/root/reporting-portals-{older}/deploy/uninstall --data --data"
            cutter.type(uninstall)
            yield from cut_by_signals(cutter, "install", install, "Check: done", uninstall)
            yield from cut_by_signals(cutter, "upgrade", upgrade, "Done", rollback)
            yield from cut_by_signals(cutter, "rollback", rollback, "Nothing was lost.", upgrade)

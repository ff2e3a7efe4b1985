"""One part of a running installation breaks after the other: the seconds until its administrators see it."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.proofs.certificates import write_self_signed
from tests.proofs.covered_code import INSTALLATION
from tests.proofs.result import Figure, NotPossibleHere, at_most, equal_to, plain_figure
from tests.proofs.stack import Stack
from tests.proofs.watchers import LABELS, SHIPPED_SECONDS, Watchers

SHOWS = (
    "A worker or intake that was killed, stopped or frozen, a lost key, a full disk, an ended certificate, a missed "
    "backup and a dead mail server are seen on the operations page, in the metrics and by mail"
)
PROMISES = (2, 7)
COVERS = INSTALLATION

LIMIT_SECONDS = 120
# Looked at for longer than the limit, so that the figure says by how much it was missed.
PATIENCE_SECONDS = 240
# With shorter intervals, for a try.
QUICK_SECONDS = 12
DISK_BYTES = 4 * 1024**3
LEFT_BYTES = 1024**3


@dataclass(frozen=True, slots=True)
class Breakage:
    """`check`: what must show it. The mail server comes last: another one has another port."""

    name: str
    check: str
    break_: Callable[[Stack], None]
    mend: Callable[[Stack], None]
    is_mailed: bool = True


def prove(folder: Path, *, full: bool) -> Iterator[Figure]:
    stack = Stack(folder / "installation", demo_reports=6)
    with stack.running(), _own_disk(stack.folder / "disk", folder / "image"):
        watchers = Watchers(stack, _prepare_host(stack), SHIPPED_SECONDS if full else QUICK_SECONDS)
        yield plain_figure("interval of the timers", watchers.seconds, "s")
        with watchers.running():
            yield equal_to("control: of these not in order at first", _wait_for_order(watchers), "none")
            before = ""
            for breakdown in BREAKDOWNS:
                if breakdown.check == before:
                    # Else the mail about the one before is the mail about this one.
                    _wait_for_order(watchers)
                    watchers.wait_for_watch()
                yield from _measure(stack, watchers, breakdown)
                before = breakdown.check
            # Without a mail server, the unit that mails fails, as it must.
            failed = [run for run in watchers.failed_runs if not run.startswith("portals-watch")]
            yield equal_to("runs of host-readings that failed", "; ".join(failed) or "none", "none")


def _prepare_host(stack: Stack) -> dict[str, str]:
    write_self_signed(stack.folder / "public.crt", datetime.now(UTC) + timedelta(days=60))
    _backup(stack).touch()
    (stack.folder / "rehearsed").touch()
    return {
        "HOST_DISKS": f"database={stack.folder}/disk",
        "HOST_CERTIFICATES": f"public={stack.folder}/public.crt",
        "HOST_BACKUPS": f"database={stack.folder}/portals-*.dump.age",
        "HOST_REHEARSED": f"{stack.folder}/rehearsed",
    }


def _wait_for_order(watchers: Watchers) -> str:
    """Until readings and heartbeat are there; what is not in order even then."""
    end = time.monotonic() + PATIENCE_SECONDS
    while (late := watchers.on_page() | watchers.in_metrics()) and time.monotonic() < end:
        time.sleep(2)
    return ", ".join(sorted(late)) or "none"


def _measure(stack: Stack, watchers: Watchers, breakdown: Breakage) -> Iterator[Figure]:
    watchers.wait_for_readings()
    before = watchers.on_page() | watchers.in_metrics()
    yield equal_to(f"control: {breakdown.name}: seen before it", breakdown.check in before, False)
    known, began = watchers.mails(), time.monotonic()
    breakdown.break_(stack)
    looks: dict[str, Callable[[], set[str]]] = {"page": watchers.on_page, "metrics": watchers.in_metrics}
    if breakdown.is_mailed:
        looks["mail"] = lambda: watchers.in_mails(known)
    seen: dict[str, float] = {}
    while len(seen) < len(looks) and time.monotonic() - began < PATIENCE_SECONDS:
        for place in looks.keys() - seen.keys():
            if breakdown.check in looks[place]():
                seen[place] = round(time.monotonic() - began, 1)
        time.sleep(0.5)
    breakdown.mend(stack)
    for place in looks:
        yield at_most(f"{breakdown.name}: {place}", seen.get(place, float(PATIENCE_SECONDS)), LIMIT_SECONDS, "s")


# --- What breaks ------------------------------------------------------------------------------------------------------


@contextmanager
def _own_disk(place: Path, image: Path) -> Iterator[None]:
    """A file system of its own with space, which a file can take without being written. Raises NotPossibleHere."""
    if os.geteuid() != 0:
        raise NotPossibleHere("a file system of its own needs root")
    with image.open("wb") as file:
        file.truncate(DISK_BYTES)
    place.mkdir()
    for command in (["mkfs.ext4", "-q", "-F", "-m", "0", str(image)], ["mount", "-o", "loop", str(image), str(place)]):
        try:
            subprocess.run(command, capture_output=True, check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise NotPossibleHere(f"a file cannot be mounted: {error}") from None
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=False)


def _fill_disk(stack: Stack) -> None:
    free = os.statvfs(stack.folder / "disk")
    with (stack.folder / "disk" / "ballast").open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, free.f_bavail * free.f_frsize - LEFT_BYTES)


def _freeze(stack: Stack, name: str) -> None:
    os.killpg(stack.processes[name].pid, signal.SIGSTOP)


def _thaw(stack: Stack, name: str) -> None:
    os.killpg(stack.processes[name].pid, signal.SIGCONT)


def _key(stack: Stack) -> Path:
    return next((stack.folder / "keyring" / "private").glob(f"words-{datetime.now(UTC):%Y-%m}-*.key"))


def _lose_key(stack: Stack) -> None:
    key = _key(stack)
    key.rename(stack.folder / key.name)


def _restore_key(stack: Stack) -> None:
    [key] = stack.folder.glob("words-*.key")
    key.rename(stack.folder / "keyring" / "private" / key.name)


def _end_certificate(stack: Stack) -> None:
    write_self_signed(stack.folder / "public.crt", datetime.now(UTC) - timedelta(hours=1))


def _backup(stack: Stack) -> Path:
    return stack.folder / "portals-1.dump.age"


def _age_backup(stack: Stack) -> None:
    """As if the last night's had failed."""
    old = time.time() - timedelta(hours=31).total_seconds()
    os.utime(_backup(stack), (old, old))


BREAKDOWNS = (
    Breakage("worker killed", "worker", lambda stack: stack.kill_process("worker"), Stack.start_worker),
    Breakage("worker stopped", "worker", lambda stack: stack.stop_process("worker"), Stack.start_worker),
    Breakage("worker frozen", "worker", lambda stack: _freeze(stack, "worker"), lambda stack: _thaw(stack, "worker")),
    Breakage("intake killed", "intake", lambda stack: stack.kill_process("intake"), Stack.start_intake),
    Breakage("intake stopped", "intake", lambda stack: stack.stop_process("intake"), Stack.start_intake),
    Breakage("intake frozen", "intake", lambda stack: _freeze(stack, "intake"), lambda stack: _thaw(stack, "intake")),
    Breakage("private half of a key lost", "keys", _lose_key, _restore_key),
    Breakage("disk filled", "disk", _fill_disk, lambda stack: (stack.folder / "disk" / "ballast").unlink()),
    Breakage(
        "certificate ended",
        "certificate",
        _end_certificate,
        lambda stack: write_self_signed(stack.folder / "public.crt", datetime.now(UTC) + timedelta(days=60)),
    ),
    Breakage("backup missed", "backup", _age_backup, lambda stack: _backup(stack).touch()),
    Breakage("mail server dead", "mail", lambda stack: stack.mail.stop(), Stack.start_mail, is_mailed=False),
)
if {breakdown.check for breakdown in BREAKDOWNS} != LABELS.keys():
    raise RuntimeError("Each check of LABELS has to be broken.")

"""Files that the installation's processes write elsewhere: there should be none, so the processes are watched."""

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from tests.proofs.privacy.search import Search
from tests.proofs.stack import ROOT

EVERY_SECONDS = 0.5
# Default folders to which programs write, and the source itself.
ELSEWHERE = ("/dev/shm", "/var/log", "/var/lib/nginx", "/var/tmp", "/run", "/root", str(ROOT), "/tmp")  # noqa: S108 - read only
DEEP = 2
# Other programs write there all the time, and reading their files would take hours.
LARGEST = 2**20
MOST = 32 * 2**20
# Kept while a removed file is still open somewhere.
MOST_HELD = 2**20


class FileWatch(threading.Thread):
    """Notes every file outside `folders` that one of `processes()` holds open for writing, removed ones with content.

    `processes` returns process ids.
    """

    def __init__(self, folders: tuple[Path, ...], processes: Callable[[], Iterable[int]]) -> None:
        super().__init__(daemon=True)
        self.folders = folders
        self.processes = processes
        self.began = time.time()
        self.written: dict[str, bytes] = {}
        self.ended = threading.Event()

    def run(self) -> None:
        while not self.ended.wait(EVERY_SECONDS):
            self.look()

    def look(self) -> None:
        for process in self.processes():
            # A process or file that ends during the search, or that this user may not read.
            with suppress(OSError):
                self._look(process)

    def _look(self, process: int) -> None:
        for link in os.scandir(f"/proc/{process}/fd"):
            with suppress(OSError):
                target = os.readlink(link.path)
                if self._is_elsewhere(target) and _for_writing(Path(link.path)):
                    removed = target.endswith(" (deleted)")
                    self.written[target] = Path(link.path).read_bytes()[:MOST_HELD] if removed else b""

    def _is_elsewhere(self, target: str) -> bool:
        ours = (*(f"{folder}/" for folder in self.folders), "/dev/null", "/proc/", "/dev/pts/")
        return target.startswith("/") and not target.startswith(ours)

    def end(self) -> None:
        self.ended.set()
        self.join()


def _for_writing(link: Path) -> bool:
    description = (link.parent.parent / "fdinfo" / link.name).read_text()
    flags = next(line.split()[1] for line in description.splitlines() if line.startswith("flags:"))
    return int(flags, 8) & (os.O_WRONLY | os.O_RDWR) != 0


def child_processes(process: int) -> Iterator[int]:
    """The ids of a process's children and theirs, from the kernel's own lists; nothing once it has ended."""
    with suppress(OSError, ValueError):
        for task in os.scandir(f"/proc/{process}/task"):
            for child in map(int, Path(task.path, "children").read_text().split()):
                yield child
                yield from child_processes(child)


def look_elsewhere(search: Search, watch: FileWatch) -> int:
    """Search the files that were held open or changed since the start; returns how many changed ones were skipped."""
    for target, content in watch.written.items():
        path = Path(target)
        with suppress(OSError):
            content = content or (path.read_bytes() if path.is_file() else b"")
        search.look(f"outside: {target}", content)
    left, total = 0, 0
    for path, size in _find_changed_files(watch):
        if size > LARGEST or total > MOST:
            left += 1
            continue
        total += size
        with suppress(OSError):
            search.look_at_file(path, f"outside: {path}")
    return left


def _find_changed_files(watch: FileWatch) -> Iterator[tuple[Path, int]]:
    for top in ELSEWHERE:
        for parent, folders, files in os.walk(top):
            deep = len(Path(parent).relative_to(top).parts)
            folders[:] = [name for name in folders if deep < DEEP and Path(parent, name) not in watch.folders]
            for name in files:
                path = Path(parent, name)
                with suppress(OSError):
                    found = path.lstat()
                    if found.st_mtime >= watch.began and path.is_file() and not path.is_symlink():
                        yield path, found.st_size

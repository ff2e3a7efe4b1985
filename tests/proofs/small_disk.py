"""A disk of its own for the stack's PostgreSQL, so small that it can be filled."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from portal_site.database import embedded
from tests.proofs.result import NotPossibleHere
from tests.proofs.stack import Stack


@dataclass(frozen=True)
class SmallDisk:
    place: Path

    @property
    def ballast(self) -> Path:
        return self.place / "ballast"

    def fill(self) -> int:
        """Fill it with a file of zeros, to the last block; returns its bytes."""
        with self.ballast.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(2**16))
        return self.ballast.stat().st_size

    def clear(self) -> None:
        self.ballast.unlink()


@contextmanager
def under_postgres(stack: Stack, image: Path, *, megabytes: int) -> Iterator[SmallDisk]:
    """PostgreSQL of a stack that is set up is stopped, moved to a file system of this size, and started again.

    Raises NotPossibleHere.
    """
    mkfs = shutil.which("mkfs.ext4", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if os.geteuid() != 0 or mkfs is None or shutil.which("mount") is None:
        raise NotPossibleHere("a small file system needs root, mount and mkfs.ext4")
    with image.open("wb") as file:
        file.truncate(megabytes * 2**20)
    # No blocks set aside for root, who writes the ballast.
    _run_command(mkfs, "-q", "-F", "-m", "0", str(image))
    place = stack.folder / "postgres"
    kept = place.with_name("postgres.moved")
    embedded.release_server(stack.folder)
    place.rename(kept)
    place.mkdir(mode=0o700)
    try:
        _run_command("mount", "-o", "loop", str(image), str(place))
    except RuntimeError as reason:
        raise NotPossibleHere(f"a file cannot be mounted: {reason}") from None
    try:
        (place / "lost+found").rmdir()
        _run_command("cp", "--archive", f"{kept}/.", str(place))
        stack.start_postgres()
        yield SmallDisk(place)
    finally:
        embedded.release_server(stack.folder)
        # Lazily: processes that still use it must not block it.
        _run_command("umount", "--lazy", str(place))


def _run_command(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]}: {done.stderr}")

"""A stack whose database has years of incidents, in a folder that may be kept."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.proofs.stack import Stack

FILL = "from tests.benchmarks.whole.filling import fill_database; fill_database({incidents})"
# Seconds: five million take an hour.
LONGEST_FILL = 3 * 60 * 60


@contextmanager
def filled_stack(folder: Path, incidents: int, environment: Mapping[str, str]) -> Iterator[Stack]:
    """A database with so many incidents, and no surface or worker yet. A folder that was filled is used as it is."""
    stack = Stack(folder, environment=environment)
    try:
        if (folder / "postgres").exists():
            stack.start_postgres()
            stack.start_mail()
        else:
            stack.set_up()
        command = ("shell", "--verbosity", "0", "--command", FILL.format(incidents=incidents))
        stack.manage(*command, role="postgres", seconds=LONGEST_FILL)
        yield stack
    finally:
        stack.stop()

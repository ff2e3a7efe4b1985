"""The cost of processes: processor time and memory."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import psutil

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def process_family(pid: int) -> list[int]:
    """A process and all its descendants."""
    main = psutil.Process(pid)
    return [pid, *(child.pid for child in main.children(recursive=True))]


def processor_seconds(pids: list[int]) -> float:
    """Their processor time so far, in the kernel too. A process that has ended counts as nothing."""
    total = 0
    for pid in pids:
        with suppress(FileNotFoundError, ProcessLookupError), open(f"/proc/{pid}/stat") as file:
            # The name in parentheses may hold anything; utime and stime are the 14th and 15th of all fields.
            fields = file.read().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
    return total / TICKS_PER_SECOND


@contextmanager
def sharing_processor(pids: Sequence[int]) -> Iterator[None]:
    """Keep the processes on one processor: the last of those that this process may use."""
    processors = os.sched_getaffinity(0)
    for pid in pids:
        os.sched_setaffinity(pid, {max(processors)})
    try:
        yield
    finally:
        for pid in pids:
            os.sched_setaffinity(pid, processors)


def memory_kilobytes(pid: int) -> int:
    """The process's share of memory: pages that several share are divided among them (PSS)."""
    with open(f"/proc/{pid}/smaps_rollup") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Pss:"))

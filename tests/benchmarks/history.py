"""Rows a second and memory of an import of history, over an installation of its own that is removed afterwards.

    python -m tests.benchmarks.history --cases 100000

An invented export of SCARt is read and sealed, counted, imported, and undone, as the command and the worker do it.
"""

import resource
import tempfile
from argparse import ArgumentParser
from collections.abc import Callable
from io import BufferedReader, RawIOBase, StringIO
from pathlib import Path
from time import perf_counter, process_time
from typing import BinaryIO, cast

from tests.benchmarks.incidents.installation import running_installation
from tests.rig.scart_export import MAPPING, build_export, count_outcomes


class GeneratedFile(RawIOBase):
    """An export that is made as it is read, and stored nowhere."""

    def __init__(self, cases: int) -> None:
        self._lines, self._rest = build_export(cases), b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._rest:
            line = next(self._lines, None)
            if line is None:
                return 0
            self._rest = line
        content, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(content)] = content
        return len(content)


def main() -> None:
    parser = ArgumentParser(prog="python -m tests.benchmarks.history", description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="portals-history-") as folder, running_installation(Path(folder)):
        measure(options.cases)


def measure(cases: int) -> None:
    # They need the installation.
    from django.core.management import call_command  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from analysts.codes import Role  # noqa: PLC0415
    from analysts.imports import actions, working  # noqa: PLC0415
    from analysts.imports.raw_rows import ReadOptions  # noqa: PLC0415
    from analysts.models import HistoryRow, ImportFormat, Incident, User  # noqa: PLC0415

    call_command("create_keys", stdout=StringIO())
    long_ago = timezone.now().replace(year=2020)
    first, second = (
        User.objects.create(username=name, role=Role.SENIOR, unchanged_since=long_ago, is_vouched_for=True)
        for name in ("sena", "sami")
    )
    file = cast("BinaryIO", BufferedReader(GeneratedFile(cases)))
    fields = {"by": None, "source": "scart", "format": ImportFormat.SCART, "portal": None, "options": ReadOptions()}
    history = report("read and sealed", cases, lambda: actions.prepare_import(file=file, **fields))  # type: ignore[arg-type]
    actions.map_codes(by=first, history=history, mapping=MAPPING)
    report("counted", cases, lambda: work(working.work_on_next))
    actions.request_import(by=first, history=history)
    actions.approve_import(by=second, history=history)
    report("imported", cases, lambda: work(working.work_on_next))
    history.refresh_from_db()
    refused = {name: len(numbers) for name, numbers in history.refusals.items()}
    is_equal = {**history.counts, **refused} == dict(count_outcomes(cases))
    print(f"{HistoryRow.objects.count():,} rows, {Incident.objects.count():,} in the queue; as the source: {is_equal}")
    actions.undo_import(by=first, history=history)
    report("undone", cases, lambda: work(working.work_on_next))
    print(f"left: {HistoryRow.objects.count()} rows, {Incident.objects.count()} incidents")


def work(next_step: Callable[[], bool]) -> None:
    while next_step():
        pass


def report[Result](name: str, cases: int, step: Callable[[], Result]) -> Result:
    began, busy = perf_counter(), process_time()
    result = step()
    seconds, own = perf_counter() - began, process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name}: {seconds:.1f} s, {cases / seconds:,.0f} rows a second, {own:.1f} s here; peak {peak:.0f} MB")
    return result


if __name__ == "__main__":
    main()

"""Time and memory of an import of history beside the desk's pages, over an installation that is removed afterwards.

    python -m tests.benchmarks.history --cases 100000

An invented export of SCARt is read and sealed as the command does it; counted, imported and undone as the worker's job
does it, minute by minute. Meanwhile a senior analyst opens a page every second. Some cases are reported again, and
outlive the undoing.
"""

import resource
import tempfile
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from io import BufferedReader, RawIOBase, StringIO
from pathlib import Path
from time import perf_counter, process_time, sleep
from typing import Any, BinaryIO, cast

from tests.benchmarks.history_desk import Desk
from tests.benchmarks.incidents.installation import running_installation
from tests.rig.scart_export import MAPPING, build_export, count_outcomes, list_cases

# The job is ordered once a minute.
MINUTE = 60
# Seconds of the desk alone, and cases reported again, of each outcome.
ALONE, REPORTED = 60, 20


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
    parser.add_argument("--incidents", type=int, default=20_000, help="those of the installation before")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="portals-history-") as folder, running_installation(Path(folder)):
        people = fill(options.incidents, Path(folder))
        with Desk(people[0]) as desk:
            sleep(ALONE)
            desk.report("the desk alone")
            measure(options.cases, desk, people)


def fill(incidents: int, folder: Path) -> list[str]:
    """Fill the installation; returns the names of two senior analysts."""
    # They need the installation.
    from django.core.management import call_command  # noqa: PLC0415
    from django.utils import timezone  # noqa: PLC0415

    from analysts.codes import Role  # noqa: PLC0415
    from analysts.models import User  # noqa: PLC0415
    from countries.models import Portal  # noqa: PLC0415
    from tests.benchmarks.incidents import filled_once, people  # noqa: PLC0415

    call_command("create_keys", stdout=StringIO())
    call_command("load_catalogue", live=True, stdout=StringIO())
    portals = list(Portal.objects.order_by("slug"))
    analysts = people.create_analysts(portals)
    filled_once.load_or_fill(incidents, 0.4, portals, analysts, folder, now=timezone.now())
    long_ago = timezone.now().replace(year=2020)
    names = ["sena", "sami"]
    for name in names:
        user = User.objects.create(username=name, role=Role.SENIOR, unchanged_since=long_ago, is_vouched_for=True)
        user.portals.set(portals)
    return names


def measure(cases: int, desk: Desk, people: Sequence[str]) -> None:
    from analysts.imports import actions  # noqa: PLC0415
    from analysts.imports.raw_rows import ReadOptions  # noqa: PLC0415
    from analysts.models import HistoryRow, ImportFormat, Incident, User  # noqa: PLC0415

    first, second = (User.objects.get(username=name) for name in people)
    before = Incident.objects.count()
    file = cast("BinaryIO", BufferedReader(GeneratedFile(cases)))
    fields: dict[str, Any] = {"source": "scart", "format": ImportFormat.SCART, "portal": None, "options": ReadOptions()}
    history = report("read and sealed", cases, lambda: actions.prepare_import(by=None, file=file, **fields))
    desk.report("the desk meanwhile")
    actions.map_codes(by=first, history=history, mapping=MAPPING)
    report("counted", cases, work)
    desk.report("the desk meanwhile")
    actions.request_import(by=first, history=history)
    actions.approve_import(by=second, history=history)
    report("imported", cases, work)
    desk.report("the desk meanwhile")
    history.refresh_from_db()
    refused = {name: len(numbers) for name, numbers in history.refusals.items()}
    is_equal = {**history.counts, **refused} == dict(count_outcomes(cases))
    queued = Incident.objects.count() - before
    print(f"{HistoryRow.objects.count():,} rows, {queued:,} in the queue; as the source: {is_equal}", flush=True)
    again = report_again(cases)
    actions.undo_import(by=first, history=history)
    report("undone", cases, work)
    history.refresh_from_db()
    print(
        f"left: {HistoryRow.objects.count()} rows, {Incident.objects.count() - before} incidents; named are those that "
        f"reports reached: {sorted(history.kept) == again}"
    )


def report_again(cases: int) -> list[str]:
    """Report some cases of each outcome that a report can reach; returns their references."""
    from analysts.imports.page_section import hints_of  # noqa: PLC0415
    from analysts.models import Incident  # noqa: PLC0415
    from analysts.tests.factories import report_of  # noqa: PLC0415
    from countries.models import Portal  # noqa: PLC0415

    portal = Portal.objects.order_by("pk")[0]
    chosen = [
        case
        for outcome in ("queued", "kept", "classified")
        for case in [case for case in list_cases(cases) if case.outcome == outcome][:REPORTED]
    ]
    reports = [report_of(portal, case.address) for case in chosen]
    hints = sum(bool(hints_of(Incident.objects.get(sightings__report=report))) for report in reports)
    print(f"reported again: {len(chosen)}; with a hint: {hints}", flush=True)
    # A case whose address another one has comes with it.
    addresses = {case.address for case in chosen}
    return sorted(
        f"A{case.number:08}"
        for case in list_cases(cases)
        if case.outcome in ("queued", "kept", "classified", "hinted") and case.address in addresses
    )


def work() -> None:
    """The worker's job, once a minute as long as there is something to do."""
    from analysts.models import HistoryImport  # noqa: PLC0415
    from analysts.models.origins import WORKING  # noqa: PLC0415
    from analysts.pages.tasks import work_on_history  # noqa: PLC0415

    while True:
        began = perf_counter()
        work_on_history(0)
        if not HistoryImport.objects.filter(state__in=WORKING).exists():
            return
        sleep(max(0.0, began + MINUTE - perf_counter()))


def report[Result](name: str, cases: int, step: Callable[[], Result]) -> Result:
    began, busy, memory = perf_counter(), process_time(), peak_memory()
    result = step()
    seconds, own, peak = perf_counter() - began, process_time() - busy, peak_memory()
    print(
        f"{name}: {seconds:.1f} s, {cases / seconds:,.0f} rows a second; processor here {own:.1f} s; "
        f"peak {peak:.0f} MB (+{peak - memory:.0f} MB)",
        flush=True,
    )
    return result


def peak_memory() -> float:
    """In megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()

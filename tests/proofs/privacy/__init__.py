"""The canary: everything that could identify a reporter is sent to a whole installation, and every byte that any of
its processes wrote is searched for it. docs/reference/privacy-proof.md says what this shows and what it does not.
"""

import fnmatch
import os
import platform
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.proofs.covered_code import INSTALLATION
from tests.proofs.privacy import difference, lines, outside, places, runs, seeds, times, writes
from tests.proofs.privacy.allowed_calls import CALLS, CARELESS
from tests.proofs.privacy.calls import CallRecorder, SystemCall
from tests.proofs.privacy.difference import RunRecord
from tests.proofs.privacy.markers import SEED, Markers
from tests.proofs.privacy.scene import Scene
from tests.proofs.privacy.search import Control, Hit, Search
from tests.proofs.privacy.seeds_reporters import plant_differences
from tests.proofs.privacy.spellings import CONTAINERS, DIGESTS, SPELLINGS
from tests.proofs.result import Figure, at_least, equal_to, plain_figure
from tests.proofs.stack import Stack

SHOWS = "no byte that an installation writes reveals who reported, when, or what they typed"
PROMISES = (1, 3)
COVERS = INSTALLATION
# Part of every statement: what a leak can still use.
NOT_SHOWN = (
    "Data hidden under a key, or beside something random, in a value that may differ from run to run is not found, "
    "unless it is a marker in a known spelling: in the bits of an id, in sealed bytes, in a time of staff or of "
    "machinery, in the order of rows. The short form compares no runs. The memory of processes is not read. System "
    "calls are recorded of the three surfaces, intake, the worker and the web server, not of the database server and "
    "of commands."
)

# Planted data that must be found, or the place, the log or the search is not what it is taken for.
CONTROLS = (
    ("log of the public surface", "logs/public.log", b"a submission was not stored"),
    ("log of the surface of sources", "logs/sources.log", b"the database does not answer the surface of sources"),
    ("log of the staff's surface", "logs/staff.log", b"django.request status=500"),
    ("log of the worker", "logs/worker.log", b"Launching a worker on files"),
    ("log of commands", "logs/manage.log", b"Granted: portals_staff"),
    ("log of the database", "postgres/log", b"database system is ready to accept connections"),
    ("mail", "mail/*", b"Reporting portals: please check the queue"),
    ("table", "table public.countries_portal", b"Belize"),
    ("data files", "postgres/base/*", b"Belize"),
    ("write-ahead log", "postgres/pg_wal/*", b"Belize"),
    ("plain dump", "backup/plain.sql", b"Belize"),
    ("compressed dump", "backup/custom.dump > zlib", b"Belize"),
    ("static files", "static/*", b"font-family"),
    ("compressed static files", "static/*.br > brotli", b"font-family"),
    ("names of files", places.NAMES, b"PG_VERSION"),
)


@dataclass
class Findings:
    """All findings of a run."""

    search: Search
    markers: Markers
    kinds: int = 0
    astray: list[str] = field(default_factory=list)
    tables: int = 0
    # Columns and log lines with times, those planted included; and how many times were examined.
    when: list[str] = field(default_factory=list)
    times: int = 0
    elsewhere: int = 0
    # Not allowed by any list: files, lines, objects and columns without seeds, the same with seeds, and system calls.
    unlisted: list[str] = field(default_factory=list)
    effects: set[str] = field(default_factory=set)
    calls: list[SystemCall] = field(default_factory=list)
    recorded: Counter[str] = field(default_factory=Counter)
    left_out: int = 0
    # The data of other runs, with other reporters and with the same; None where there were none.
    differences: list[str] | None = None

    @property
    def leaks(self) -> list[Hit]:
        return sorted(hit for hit in self.search.hits if not hit.marker.startswith(SEED))

    @property
    def sent_markers(self) -> int:
        """The number of different texts sent or made for a reporter and searched for, without seeds."""
        named = [name for name in self.markers.named if not name.startswith(SEED)]
        return len(named) + len(self.markers.secrets) + len(self.markers.addresses()) - 1

    @property
    def tells_when(self) -> list[str]:
        return [each for each in self.when if not each.startswith(("seed_", "logs/noisy"))]

    @property
    def seeds_missed(self) -> list[str]:
        missed = [seed.name for seed in seeds.SEEDS if not seed.is_found(self.search.hits)]
        missed += [name for name, place in seeds.TIMES.items() if place not in self.when]
        missed += [name for name, effect in seeds.EFFECTS.items() if not fnmatch.filter(self.effects, effect)]
        planted = [call for call in self.calls if call.process == CARELESS]
        return missed + [
            name
            for name, (called, words) in seeds.EFFECTIVE_CALLS.items()
            if not any(call.name == called and words in call.text for call in planted)
        ]

    @property
    def calls_not_listed(self) -> list[str]:
        return sorted({str(call) for call in self.calls if call.process != CARELESS})

    @property
    def controls_missed(self) -> list[str]:
        return [control.name for control in self.search.controls if not control.found]


def prove(folder: Path, *, full: bool) -> Iterator[Figure]:
    yield from proof_figures(examine(folder, full=full))


def examine(folder: Path, *, full: bool) -> Findings:
    """Run an installation in `folder`, drive it, and search all it wrote. Raises NotPossibleHere."""
    if full:
        runs.wait_for_the_hour()
    with runs.recorded_scene(folder, Markers()) as (scene, recorder):
        found, record = _examine(scene, recorder, full=full)
    if full:
        others = [runs.run_again(scene.markers, record, is_control=is_control) for is_control in (False, True)]
        found.differences = difference.judge_runs(record, *others)
        if found.differences:
            print(*(row for other in others for row in difference.show_rows(record, other)), sep="\n", file=sys.stderr)
    return found


def _examine(scene: Scene, recorder: CallRecorder, *, full: bool) -> tuple[Findings, RunRecord]:
    stack, folder, since = scene.stack, scene.stack.folder, datetime.now(UTC)
    watch = outside.FileWatch((folder, recorder.records), lambda: _unrecorded_processes(stack))
    watch.start()
    try:
        with runs.drive(scene, full=full) as (before, done):
            with stack.connect() as owner:
                unlisted = before.compare(writes.read_state(folder, owner))
                record = difference.read_run(folder, owner, since)
            with seeds.plant_seeds(scene):
                found = Findings(_build_search(scene), scene.markers, len(done), [each for each in done if each])
                found.unlisted = unlisted
                found.effects.update(plant_differences(scene, since))
                states = places.look_at_folder(found.search, folder)
                with stack.connect() as owner:
                    scene.queue.note(owner)
                    found.effects.update(before.compare(writes.read_state(folder, owner)))
                    found.tables = places.look_at_database(found.search, owner)
                    found.when, found.times = times.fine_times(owner)
                    found.when += times.find_ordered_ids(owner)
                found.left_out = outside.look_elsewhere(found.search, watch)
    finally:
        watch.end()
    recorder.wait()
    found.calls = recorder.find_unlisted(runs.places_of_calls(stack))
    found.recorded = recorder.count_calls()
    difference.add_calls(record, recorder, runs.places_of_calls(stack))
    odd = [f"an odd line: {line}" for line in lines.read_odd_lines(folder)]
    found.effects.update(odd)
    found.unlisted += [line for line in odd if "logs/planted" not in line]
    # Once more, for data written at the end, in logs and statistics among others.
    places.look_at_folder(found.search, folder, earlier=states)
    found.when += times.lines_with_times(folder)
    found.elsewhere = len(watch.written)
    return found, record


def _build_search(scene: Scene) -> Search:
    return Search(scene.markers, [Control(*control) for control in CONTROLS])


def _unrecorded_processes(stack: Stack) -> Iterator[int]:
    """The database server, which is not our child, and those of our children whose system calls are not recorded."""
    with suppress(OSError, ValueError):
        server = int((stack.folder / "postgres" / "postmaster.pid").read_text().split("\n", 1)[0])
        yield from (server, *outside.child_processes(server))
    recorded = {process.pid for name, process in [*stack.processes.items()] if name in CALLS}
    skipped = {child for process in recorded for child in (process, *outside.child_processes(process))}
    yield from (child for child in outside.child_processes(os.getpid()) if child not in skipped)


def proof_figures(found: Findings) -> Iterator[Figure]:
    search = found.search
    yield at_least("kinds of request", found.kinds, 40)
    yield equal_to("kinds whose answer was not the one meant", len(found.astray), 0)
    yield from (plain_figure("astray", each) for each in found.astray)
    yield at_least("markers", found.sent_markers, 25)
    yield at_least("spellings of each, compressed and as digests included", count_spellings(), 10)
    yield plain_figure("read", round(search.read / 1e6, 1), "MB")
    yield plain_figure("places read (files, tables, statistics)", search.places)
    yield equal_to("places in which something was found", len({hit.place for hit in found.leaks}), 0)
    yield from (plain_figure("found", f"{hit.marker} ({hit.spelling}) in {hit.place}") for hit in found.leaks[:20])
    yield equal_to("files, columns and lines of logs that no list allows", len(found.unlisted), 0)
    yield from (plain_figure("not listed", writes.without_names(each)) for each in found.unlisted[:20])
    if found.differences is not None:
        yield equal_to("places that differ between runs and that no list allows", len(found.differences), 0)
        yield from (plain_figure("differs", each) for each in found.differences[:20])
    yield plain_figure("system calls recorded", found.recorded.total())
    yield equal_to("recorded processes", ", ".join(sorted(found.recorded)), ", ".join(sorted(CALLS)))
    yield equal_to("system calls that no list allows", len(found.calls_not_listed), 0)
    yield from (plain_figure("not listed", each) for each in found.calls_not_listed[:20])
    yield _all_found_figure("seeded leaks found", seeds.ALL_SEEDS, found.seeds_missed)
    yield _all_found_figure("control lines found", search.controls, found.controls_missed)
    yield equal_to("compressed contents not read to their end", len(search.cut_short), 0)
    yield at_least("times of reporters looked at", found.times, 10)
    yield equal_to("columns, ids and log lines with a time of reporting finer than the hour", len(found.tells_when), 0)
    yield from (plain_figure("finer than the hour", each) for each in found.tells_when[:20])
    yield plain_figure("files held open outside the folder", found.elsewhere)
    yield plain_figure("files of this machine that changed meanwhile and were too large to read", found.left_out)


def _all_found_figure(name: str, wanted: Iterable[object], missed: list[str]) -> Figure:
    count = len(list(wanted))
    value = f"{count - len(missed)} of {count}" + (f", not: {', '.join(missed)}" if missed else "")
    return equal_to(name, value, f"{count} of {count}")


def count_spellings() -> int:
    return len(SPELLINGS) + len(CONTAINERS) + len(DIGESTS)


def as_statement(found: Findings, *, commit: str, full: bool) -> dict[str, object]:
    """The signed part: figures, places and names of markers, never the value of one. The time is cut to the hour."""
    search = found.search
    return {
        "what": SHOWS,
        "at": f"{datetime.now(UTC):%Y-%m-%dT%H:00Z}",
        "commit": commit,
        "full": full,
        "machine": f"{platform.system()} {platform.machine()}",
        "kinds": found.kinds,
        "astray": found.astray,
        "markers": found.sent_markers,
        "spellings": count_spellings(),
        "bytes": search.read,
        "bytes unpacked": search.unpacked,
        "places": search.places,
        "tables": found.tables,
        "hits": [{"place": hit.place, "marker": hit.marker, "spelling": hit.spelling} for hit in found.leaks],
        "not listed": [writes.without_names(each) for each in found.unlisted],
        "system calls": {"recorded": found.recorded.total(), "not listed": found.calls_not_listed},
        "differences": found.differences,
        "seeds": {"planted": len(seeds.ALL_SEEDS), "missed": found.seeds_missed},
        "not shown": NOT_SHOWN,
        "controls": {"wanted": len(search.controls), "missed": found.controls_missed},
        "tells when": found.tells_when,
        "holds": all(figure.holds is not False for figure in proof_figures(found)),
    }

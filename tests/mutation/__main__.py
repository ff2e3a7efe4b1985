"""`make mutation`: seed bugs at random, one at a time, and say which ones the tests of their place do not find.

Not part of `make test`: 400 bugs take up to three hours. Exits with 1 if fewer than nine of ten are found.
"""

import argparse
import json
import os
import random
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import psycopg

from portal_site.environment import PROJECT
from tests.mutation import python_bugs, sql_bugs
from tests.mutation.entries import Entries, EntryRecorder, LikelyFirst, read_entries, seconds_of_likely_tests
from tests.mutation.places import EVERYWHERE, PLACES, SQL_PLACES, Place
from tests.mutation.python_bugs import PythonBug
from tests.mutation.trial import Outcome, Trial, find_loaded, load_packages
from tests.rig import data_folders

# As in the environment of every test: the servers need not survive a power cut, and statements are planned once.
SERVER_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "plan_cache_mode": "force_generic_plan",
}
LEAST_PERCENT = 90
# Bugs that make the tests of their place take so many times as long are found.
PATIENCE, LEAST_SECONDS = 6, 180.0
type NamedTrial = tuple[str, Trial]
type TrialResult = tuple[Outcome, float, str]


def main() -> int:
    options = _read_options()
    places = [place for place in (*PLACES, *SQL_PLACES) if not options.place or place.name in options.place]
    load_packages()
    with tempfile.TemporaryDirectory(prefix="portals-mutation-") as folder:
        urls = [_start_server(Path(folder) / str(number)) for number in range(options.processes)]
        trials = list(_list_trials(places, urls[0]))
        seed = options.seed or secrets.randbelow(10**6)
        chosen = random.Random(seed).sample(trials, min(options.number, len(trials)))
        print(f"{len(chosen)} of {len(trials)} bugs, chosen by --seed {seed}", flush=True)
        if options.list:
            print(*(f"{place}: {trial.bug}" for place, trial in chosen), sep="\n")
            return 0
        entries = _measure_tests(chosen, urls, Path(folder))
        chosen = [(place, _prepare_trial(trial, entries)) for place, trial in chosen]
        results = _run_trials(chosen, urls, end=time.monotonic() + options.hours * 3600)
    return _report(chosen, results)


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--number", type=int, default=400, help="how many bugs (400)")
    parser.add_argument("--seed", type=int, default=0, help="chooses the same bugs again")
    parser.add_argument("--hours", type=float, default=3, help="no bug is begun after so long (3)")
    parser.add_argument("--processes", type=int, default=2, help="how many at once, each with a server (2)")
    parser.add_argument("--place", action="append", default=[], help="only of this place; may be repeated")
    parser.add_argument("--list", action="store_true", help="print the bugs and run nothing")
    return parser.parse_args()


def _start_server(folder: Path) -> str:
    folder.mkdir()
    return data_folders.start_migrated_server(folder, SERVER_SETTINGS)


def _list_trials(places: Sequence[Place], url: str) -> Iterator[NamedTrial]:
    """Each bug with the tests of its place."""
    for place in places:
        if place in SQL_PLACES:
            continue
        paths = sorted({str(path.relative_to(PROJECT)) for pattern in place.files for path in PROJECT.glob(pattern)})
        if loaded := find_loaded(paths):
            raise SystemExit(f"These are loaded before a bug could be seeded into them: {', '.join(loaded)}")
        for path in paths:
            for bug in python_bugs.list_bugs(path, (PROJECT / path).read_text()):
                yield place.name, Trial(bug, (*EVERYWHERE, *place.tests), url, LEAST_SECONDS)
    with psycopg.connect(url, autocommit=True) as database:
        rules = sql_bugs.list_bugs(database)
    for place in places:
        for rule in rules if place in SQL_PLACES else ():
            if rule.function.startswith(place.files):
                yield place.name, Trial(rule, place.tests, url, LEAST_SECONDS)


def _measure_tests(chosen: Sequence[NamedTrial], urls: Sequence[str], folder: Path) -> dict[str, Entries]:
    """Run all tests of the chosen bugs without any bug; all of them must pass."""
    tests = list(dict.fromkeys(test for _place, trial in chosen for test in trial.tests))
    paths = {trial.bug.path for _place, trial in chosen if isinstance(trial.bug, PythonBug)}
    notes = [folder / f"{number}.json" for number in range(len(urls))]
    trials = [
        ("no bug", Trial(None, tests[number :: len(urls)], "", 7200.0, EntryRecorder(paths, notes[number])))
        for number in range(min(len(tests), len(urls)))
    ]
    for outcome, _seconds, detail in _run_trials(trials, urls).values():
        if outcome != Outcome.SURVIVED:
            raise SystemExit(f"The tests fail without any bug: {detail}")
    return {test: entries for file in notes if file.exists() for test, entries in read_entries(file).items()}


def _prepare_trial(trial: Trial, entries: dict[str, Entries]) -> Trial:
    assert trial.bug
    tests = {test: entries[test] for test in entries if test.startswith(tuple(trial.tests))}
    likely = seconds_of_likely_tests(trial.bug, tests)
    # Only a test that enters a function can find a bug in it; some functions run only while files are loaded.
    alone = isinstance(trial.bug, PythonBug) and bool(trial.bug.function and likely)
    if alone:
        tests = {test: tests[test] for test in likely}
        trial = replace(trial, tests=tuple(dict.fromkeys(test.split("::")[0] for test in tests)))
    seconds = sum(test.seconds for test in tests.values())
    plugin = LikelyFirst(likely, alone=alone)
    return replace(trial, seconds=max(LEAST_SECONDS, PATIENCE * seconds), plugin=plugin)


def _run_trials(
    trials: Sequence[NamedTrial], urls: Sequence[str], *, end: float = float("inf")
) -> dict[int, TrialResult]:
    """The results by number, of those that were begun before the `end`. One process for each server."""
    with tempfile.TemporaryFile("w+") as file:
        workers = []
        for first, url in enumerate(urls):
            worker = os.fork()
            if not worker:
                os._exit(_work(trials, range(first, len(trials), len(urls)), url, file.fileno(), end))
            workers.append(worker)
        if any(os.waitpid(worker, 0)[1] for worker in workers):
            raise SystemExit("A process of the run ended with an error.")
        file.seek(0)
        return {
            number: (Outcome(outcome), seconds, detail) for number, outcome, seconds, detail in map(json.loads, file)
        }


def _work(trials: Sequence[NamedTrial], numbers: Sequence[int], url: str, file: int, end: float) -> int:
    for number in numbers:
        if time.monotonic() > end:
            break
        place, trial = trials[number]
        result = outcome, seconds, detail = replace(trial, url=url).run()
        os.write(file, (json.dumps([number, *result]) + "\n").encode())
        print(f"{outcome:9}{seconds:5.0f} s  {trial.bug or place}  [{detail}]", flush=True)
    return 0


def _report(trials: Sequence[NamedTrial], results: dict[int, TrialResult]) -> int:
    tried, caught = Counter[str](), Counter[str]()
    for number, (outcome, _seconds, _detail) in results.items():
        place = trials[number][0]
        tried[place] += 1
        caught[place] += outcome != Outcome.SURVIVED
    print("\nPlace: found of tried")
    for place in sorted(tried):
        print(f"  {place}: {caught[place]} of {tried[place]}")
    survivors = [number for number, result in sorted(results.items()) if result[0] == Outcome.SURVIVED]
    print("\nNot found:", *(f"  {trials[number][0]}: {trials[number][1].bug}" for number in survivors), sep="\n")
    kinds = Counter(outcome.value for outcome, _seconds, _detail in results.values())
    percent = 100 * caught.total() / max(1, tried.total())
    print(f"\n{percent:.1f} % of {tried.total()} found: {dict(kinds)}; {len(trials) - tried.total()} not tried.")
    return int(percent < LEAST_PERCENT)


if __name__ == "__main__":
    sys.exit(main())

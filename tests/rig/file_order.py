"""The order of test files where several processes share them (`-n 3`).

Files that take longest begin first, and fixtures that a process sets up once (browser, installation, all public pages)
are set up by one process as long as the others have work of their own: the files stand in a row, those that use one of
these fixtures at its front and the rest at its end, heavy ones outermost. The first process takes from the front, the
others from the end, and they meet among light files.
"""

import math
from collections import defaultdict

import pytest
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

from tests.rig.kinds import SuiteKind, kind_of

# Approximate seconds of a test by kind; and of its set-up, counted for each file so that such files begin together.
SECONDS = {SuiteKind.UNIT: 0.1, SuiteKind.BROWSER: 4.0, SuiteKind.LIVE_SERVERS: 3.0, SuiteKind.PROOFS: 20.0}
SET_UP_SECONDS = {"gathered": 60.0}
# Seconds of files whose tests take far longer than those of their kind: begun late, one runs alone at the end.
SLOW_FILES = {
    "analysts/demonstration/tests/test_year.py": 160,
    "analysts/takedown/chasing/tests/test_due_page.py": 50,
    "analysts/takedown/next_steps/tests/test_next_steps.py": 60,
    "analysts/takedown/notices/tests/test_corrections.py": 60,
    "analysts/takedown/notices/tests/test_killed_sender.py": 60,
    "portal_site/tests/test_access_table.py": 140,
    "portal_site/tests/test_acts_on_record.py": 25,
    "portal_site/tests/test_benchmarks.py": 30,
    "portal_site/tests/test_buffers.py": 60,
    "portal_site/tests/test_containers.py": 30,
    "portal_site/tests/test_costs.py": 35,
    "portal_site/tests/test_crawl.py": 70,
    "portal_site/tests/test_demo.py": 140,
    "portal_site/tests/test_slow_patterns.py": 60,
    "tests/journeys/test_answers.py": 40,
    "tests/journeys/test_journey.py": 90,
    "tests/journeys/test_opening_a_country.py": 75,
    "tests/journeys/test_opening_vanuatu.py": 70,
    "tests/journeys/test_until_gone.py": 70,
    "tests/proofs/tests/test_quick.py": 120,
}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Order files by their weight, the random order kept within each and among those of about one weight."""
    if not hasattr(config, "workerinput"):
        return
    seconds: defaultdict[str, float] = defaultdict(float)
    set_up: defaultdict[str, set[str]] = defaultdict(set)
    front: set[str] = set()
    for item in items:
        file, kind = _file_of(item), kind_of(item)
        seconds[file] += SECONDS[kind]
        set_up[file] |= SET_UP_SECONDS.keys() & set(getattr(item, "fixturenames", ()))
        if kind is not SuiteKind.UNIT or set_up[file]:
            front.add(file)
    for file, names in set_up.items():
        seconds[file] = max(seconds[file] + sum(SET_UP_SECONDS[name] for name in names), SLOW_FILES.get(file, 0))

    def place(item: pytest.Item) -> tuple[bool, int]:
        file = _file_of(item)
        weight = round(math.log2(seconds[file]))
        return (False, -weight) if file in front else (True, weight)

    # Whole files: those of one weight must not mix.
    files = {file: number for number, file in enumerate(dict.fromkeys(_file_of(item) for item in items))}
    items.sort(key=lambda item: (*place(item), files[_file_of(item)]))


def _file_of(item: pytest.Item) -> str:
    return item.nodeid.split("::", 1)[0]


class TwoEndsScheduling(LoadFileScheduling):
    """Every process but the first takes its files from the end of the row."""

    def _assign_work_unit(self, node: WorkerController) -> None:
        if self.nodes.index(node):
            self.workqueue.move_to_end(next(reversed(self.workqueue)), last=False)
        super()._assign_work_unit(node)


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadFileScheduling:
    # The row is the order; xdist would sort the files once more, by the number of their tests.
    config.option.loadscopereorder = False
    return TwoEndsScheduling(config, log)

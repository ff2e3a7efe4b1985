"""Which functions each test enters and how long it takes, so that the tests likeliest to find a bug are run first."""

import json
import math
import sys
import time
from collections.abc import Generator, Iterable, Mapping
from pathlib import Path
from types import CodeType
from typing import NamedTuple

import pytest

from portal_site.environment import PROJECT
from tests.mutation.places import EVERYWHERE
from tests.mutation.python_bugs import PythonBug
from tests.mutation.sql_bugs import SqlBug

TOOL = 3


class Entries(NamedTuple):
    """`functions`: each as its file and first line."""

    seconds: float
    functions: list[str]


def leave_out_installations(items: list[pytest.Item]) -> None:
    """A whole installation has processes and a server of its own, without the bug: its tests cannot find one."""
    items[:] = [item for item in items if "installation" not in getattr(item, "fixturenames", ())]


class EntryRecorder:
    """A plugin of pytest that writes what the tests entered of the files `paths` into the file `notes`."""

    def __init__(self, paths: Iterable[str], notes: Path) -> None:
        self._paths = {str(PROJECT / path): path for path in paths}
        self._notes = notes
        self._entered: set[str] = set()
        self._tests: dict[str, Entries] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        leave_out_installations(items)

    def pytest_sessionstart(self) -> None:
        sys.monitoring.use_tool_id(TOOL, "entries")
        sys.monitoring.register_callback(TOOL, sys.monitoring.events.PY_START, self._note_function)
        sys.monitoring.set_events(TOOL, sys.monitoring.events.PY_START)

    def _note_function(self, code: CodeType, offset: int) -> object:
        path = self._paths.get(code.co_filename)
        if path is None:
            return sys.monitoring.DISABLE
        self._entered.add(f"{path}:{code.co_firstlineno}")
        return None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, bool, bool]:
        self._entered.clear()
        start = time.monotonic()
        try:
            return (yield)
        finally:
            self._tests[item.nodeid] = Entries(time.monotonic() - start, sorted(self._entered))

    def pytest_sessionfinish(self) -> None:
        self._notes.write_text(json.dumps(self._tests))


def read_entries(notes: Path) -> dict[str, Entries]:
    """By the id of the test."""
    return {test: Entries(*entries) for test, entries in json.loads(notes.read_text()).items()}


def seconds_of_likely_tests(bug: PythonBug | SqlBug, tests: Mapping[str, Entries]) -> dict[str, float]:
    """Of those that enter the function of the bug; where it is in force once its file is loaded, of those that compare
    all files, and enter this one.

    Which tests a rule of the database concerns is not known: all of them are, the quickest first.
    """
    if isinstance(bug, SqlBug):
        return {test: entries.seconds for test, entries in tests.items()}
    if bug.function:
        return {test: entries.seconds for test, entries in tests.items() if bug.function in entries.functions}
    return {
        test: 0.0 if test.startswith(EVERYWHERE) else entries.seconds
        for test, entries in tests.items()
        if test.startswith(EVERYWHERE) or any(name.startswith(f"{bug.path}:") for name in entries.functions)
    }


class LikelyFirst:
    """A plugin of pytest: the likely tests first, the quickest of them before the others; then the rest in order.

    `alone`: the rest is left out.
    """

    def __init__(self, seconds: Mapping[str, float], *, alone: bool) -> None:
        self._seconds = seconds
        self._alone = alone

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        leave_out_installations(items)
        if self._alone:
            items[:] = [item for item in items if item.nodeid in self._seconds]
        items.sort(key=lambda item: self._seconds.get(item.nodeid, math.inf))

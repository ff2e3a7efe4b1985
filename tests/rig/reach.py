"""Notes which of the project's files the tests of each file reach, for `make test-changed`.

A file is reached when a function in it runs, when a template in it is drawn, or when it is opened. Python reports a
function's first call only (`sys.monitoring`), so that this costs next to nothing; each test file starts over.
"""

import builtins
import io
import json
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Generator
from dataclasses import dataclass, field
from types import CodeType
from typing import IO, Any, TypedDict

import pytest
from django.template.base import Template
from django.test.signals import template_rendered

from portal_site.environment import PROJECT
from tests.rig.data_folders import CACHE
from tests.rig.kinds import kind_of

NOTES = CACHE / "reached.json"
TOOL = 4
OPEN = io.open
IGNORED = (".venv/", ".git/", ".data", ".pytest_cache/", ".mypy_cache/", ".hypothesis/", ".coverage")


class ReachNote(TypedDict):
    """The kinds of a file's tests, and the paths that they reach, relative to the project."""

    kinds: list[str]
    reached: list[str]


def read_notes() -> dict[str, ReachNote]:
    """By test file, as of its latest whole run; empty where none has run yet."""
    notes: dict[str, ReachNote] = json.loads(NOTES.read_text()) if NOTES.exists() else {}
    return notes


def write_notes(new: dict[str, ReachNote]) -> None:
    """Replace the notes of these files, and forget files that no longer exist."""
    known = {file: note for file, note in (read_notes() | new).items() if (PROJECT / file).exists()}
    CACHE.mkdir(parents=True, exist_ok=True)
    unfinished = NOTES.with_suffix(".new")
    unfinished.write_text(json.dumps(known))
    unfinished.replace(NOTES)


@dataclass
class FileReach:
    kinds: set[str] = field(default_factory=set)
    paths: set[str] = field(default_factory=set)
    tests: int = 0


class ReachRecorder:
    """`now` is what has been reached since the test file, or a fixture that files share, began."""

    def __init__(self) -> None:
        self.now: set[str] = set()
        self.file = ""
        self.of_files: defaultdict[str, FileReach] = defaultdict(FileReach)
        self.of_fixtures: defaultdict[str, set[str]] = defaultdict(set)
        self.notes: dict[str, ReachNote] = {}
        self.patch = pytest.MonkeyPatch()

    def start(self) -> None:
        sys.monitoring.use_tool_id(TOOL, "reach")
        sys.monitoring.register_callback(TOOL, sys.monitoring.events.PY_START, self.note_function)
        sys.monitoring.set_events(TOOL, sys.monitoring.events.PY_START)
        template_rendered.connect(self.note_template)
        # Not an audit hook: that is called a hundred times for each file that is opened.
        for module in (builtins, io):
            self.patch.setattr(module, "open", self.open_noted)

    def stop(self) -> None:
        self.patch.undo()
        if sys.monitoring.get_tool(TOOL):
            sys.monitoring.set_events(TOOL, sys.monitoring.events.NO_EVENTS)
            sys.monitoring.free_tool_id(TOOL)

    def note_function(self, code: CodeType, offset: int) -> object:
        self.now.add(code.co_filename)
        return sys.monitoring.DISABLE

    def note_template(self, template: Template, **_: object) -> None:
        self.now.add(template.origin.name)

    def open_noted(self, file: Any, *arguments: Any, **options: Any) -> IO[Any]:
        """`open`, which it replaces."""
        if isinstance(file, str | os.PathLike):
            self.now.add(str(os.fspath(file)))
        opened: IO[Any] = OPEN(file, *arguments, **options)
        return opened

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[object]) -> Generator[None, object, object]:
        """The reach of a fixture counts for every file that uses it, not only for the first."""
        if fixturedef.scope != "session":
            return (yield)
        before, self.now = self.now, set()
        sys.monitoring.restart_events()
        try:
            return (yield)
        finally:
            self.of_fixtures[fixturedef.argname] |= self.now
            self.now |= before

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, bool, bool]:
        file = item.nodeid.split("::", 1)[0]
        if file != self.file:
            self.file, self.now = file, set()
            sys.monitoring.restart_events()
        try:
            return (yield)
        finally:
            reach = self.of_files[file]
            reach.tests += 1
            reach.kinds.add(kind_of(item).value)
            reach.paths |= self.now.union(*(self.of_fixtures[name] for name in getattr(item, "fixturenames", ())))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self.stop()
        tests = Counter(item.nodeid.split("::", 1)[0] for item in session.items)
        for file, reach in self.of_files.items():
            # Where the run was cut short, what the file would have reached is not known.
            if reach.tests == tests[file]:
                self.notes[file] = ReachNote(kinds=sorted(reach.kinds), reached=sorted(_own_files(reach.paths)))
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput["reached"] = self.notes
        elif self.notes:
            write_notes(self.notes)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object) -> None:
        self.notes |= getattr(node, "workeroutput", {}).get("reached", {})


def _own_files(paths: set[str]) -> set[str]:
    root = f"{PROJECT}/"
    own = {path.removeprefix(root) for path in paths if path.startswith(root)}
    return {path for path in own if not path.startswith(IGNORED) and "__pycache__" not in path}


def pytest_configure(config: pytest.Config) -> None:
    # By whole files only: a single test may reach less than its file does.
    if config.option.collectonly or config.option.keyword or config.option.markexpr or "::" in " ".join(config.args):
        return
    recorder = ReachRecorder()
    config.pluginmanager.register(recorder)
    if hasattr(config, "workerinput") or not getattr(config.option, "numprocesses", None):
        recorder.start()

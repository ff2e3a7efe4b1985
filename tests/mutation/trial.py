"""One trial: a fork of this process loads the project with a bug in it, and runs the tests of the bug's place."""

import os
import re
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType

import psycopg
import pytest

from portal_site.environment import PROJECT
from tests.mutation.python_bugs import PythonBug, seed_bug
from tests.mutation.sql_bugs import SqlBug

# In the memory of each fork from the start: foreign packages that take long to load, and need no settings.
LOADED_BEFORE = (
    *("django.db.models", "django.forms", "django.urls", "django.test", "django.core.management", "babel.dates"),
    *("cryptography.hazmat.primitives.hpke", "hypothesis", "schemathesis", "playwright.sync_api", "faker", "factory"),
    *("PIL.Image", "openpyxl", "pydantic", "procrastinate", "publicsuffixlist", "can_ada", "time_machine"),
)
# In the order of the place. Plugins are in memory already, and the warning says no more.
OPTIONS = ("-x", "-q", "-n0", "-rfE", "--tb=no", "-p", "no:randomly", "-W", "ignore::pytest.PytestAssertRewriteWarning")
FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)


class Outcome(StrEnum):
    SURVIVED = "survived"
    CAUGHT = "caught"
    # The module cannot be loaded, or the tests do not end: any test finds that.
    BROKEN = "broken"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Trial:
    """`url`: of the database that the tests may have. `seconds`: after so long they are ended. `plugin`: of pytest."""

    bug: PythonBug | SqlBug | None
    tests: Sequence[str]
    url: str
    seconds: float
    plugin: object = None

    def run(self) -> tuple[Outcome, float, str]:
        """The outcome, the seconds that it took, and the test that failed or the end of the output."""
        start = time.monotonic()
        if isinstance(self.bug, SqlBug):
            _change_database(self.url, self.bug.seed)
        try:
            # Tests with a bug may leave files behind, or remove too many.
            with (
                tempfile.TemporaryFile("w+", errors="replace") as file,
                tempfile.TemporaryDirectory(prefix="portals-mutation-", ignore_cleanup_errors=True) as folder,
            ):
                status = self._run_in_fork(folder, file.fileno())
                file.seek(0)
                output = file.read()
        finally:
            if isinstance(self.bug, SqlBug):
                _change_database(self.url, self.bug.mend)
        test = FAILED.search(output)
        outcomes: dict[int | None, Outcome] = {
            pytest.ExitCode.OK: Outcome.SURVIVED,
            pytest.ExitCode.TESTS_FAILED: Outcome.CAUGHT,
            None: Outcome.LATE,
        }
        detail = test[1] if test else " ".join(output.split()[-30:])
        return outcomes.get(status, Outcome.BROKEN), time.monotonic() - start, detail

    def _run_in_fork(self, folder: str, output: int) -> int | None:
        """The exit status of pytest; None if it took too long."""
        child = os.fork()
        if not child:
            self._run_tests(folder, output)
        end = time.monotonic() + self.seconds
        while time.monotonic() < end:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.05)
        os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return None

    def _run_tests(self, folder: str, output: int) -> None:
        """Ends the process, also after an error: it is a copy of the one that waits for it."""
        status = int(pytest.ExitCode.INTERNAL_ERROR)
        try:
            os.setsid()
            for stream in (1, 2):
                os.dup2(output, stream)
            tempfile.tempdir = folder
            os.environ["DATABASE_URL"] = self.url
            if isinstance(self.bug, PythonBug):
                sys.meta_path.insert(0, _SeededModule(self.bug))
            status = pytest.main([*OPTIONS, *self.tests], [self.plugin] if self.plugin else [])
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)


def load_packages() -> None:
    for name in LOADED_BEFORE:
        import_module(name)


def find_loaded(paths: Sequence[str]) -> list[str]:
    """Modules of the project that are in memory before a bug could be seeded into them."""
    return [path for path in paths if _module_name(path) in sys.modules]


def _module_name(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")


def _change_database(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as database:
        database.execute(statement.encode())


class _SeededModule(MetaPathFinder):
    """Finds one module, with its bug."""

    def __init__(self, bug: PythonBug) -> None:
        self._name, self._path = _module_name(bug.path), str(PROJECT / bug.path)
        self._code = compile(seed_bug(bug, Path(self._path).read_text()), self._path, "exec", dont_inherit=True)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != self._name:
            return None
        return spec_from_file_location(fullname, self._path, loader=_SeededLoader(fullname, self._path, self._code))


class _SeededLoader(SourceFileLoader):
    def __init__(self, fullname: str, path: str, code: CodeType) -> None:
        super().__init__(fullname, path)
        self._code = code

    def get_code(self, fullname: str) -> CodeType:
        return self._code

"""The kind of each test, by what it uses; and the time of each kind, at the end of a run."""

import os
from collections import Counter, defaultdict
from collections.abc import Generator
from enum import StrEnum

import pytest
from django.core.signals import request_started

# The seconds that `make check` took: it runs before the tests and belongs in the same table.
CHECK_SECONDS = "CHECK_SECONDS"


class SuiteKind(StrEnum):
    """Kinds in the order of the table."""

    STATIC = "static"
    UNIT = "unit"
    PAGES = "pages"
    BROWSER = "browser"
    LIVE_SERVERS = "live servers"
    PROOFS = "proofs"


def kind_of(item: pytest.Item) -> SuiteKind:
    """The kind as far as it shows before the test runs; whether it opens pages shows only then (`KindTimes`)."""
    fixtures: set[str] = set(getattr(item, "fixturenames", ()))
    if "proofs" in item.path.parts:
        return SuiteKind.PROOFS
    if "playwright" in fixtures:
        return SuiteKind.BROWSER
    # Processes that serve: a whole installation, or those that the module starts itself.
    if "installation" in fixtures or hasattr(getattr(item, "module", None), "subprocess"):
        return SuiteKind.LIVE_SERVERS
    return SuiteKind.UNIT


class KindTimes:
    """Finds the kind of each test where it runs, and adds up the seconds of each kind where they are reported."""

    def __init__(self) -> None:
        self.opened_a_page = False
        self.test_seconds: defaultdict[str, float] = defaultdict(float)
        self.kind_seconds: defaultdict[SuiteKind, float] = defaultdict(float)
        self.kind_tests: Counter[SuiteKind] = Counter()
        request_started.connect(self.note_page)

    def note_page(self, **_: object) -> None:
        self.opened_a_page = True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        self.opened_a_page = False

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        if call.when == "teardown":
            kind = kind_of(item)
            if kind is SuiteKind.UNIT and self.opened_a_page:
                kind = SuiteKind.PAGES
            item.user_properties.append(("kind", kind.value))
        return (yield)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.test_seconds[report.nodeid] += report.duration
        if report.when == "teardown":
            kind = SuiteKind(str(dict(report.user_properties)["kind"]))
            self.kind_seconds[kind] += self.test_seconds.pop(report.nodeid)
            self.kind_tests[kind] += 1

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if CHECK_SECONDS not in os.environ:
            return
        self.kind_seconds[SuiteKind.STATIC] = float(os.environ[CHECK_SECONDS])
        terminalreporter.write_sep("=", "seconds of each kind, all processes together")
        for kind in SuiteKind:
            tests = f"{self.kind_tests[kind]:7,} tests" if kind is not SuiteKind.STATIC else ""
            terminalreporter.write_line(f"{kind:<14}{self.kind_seconds[kind]:6.0f} s {tests}".rstrip())


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(KindTimes())

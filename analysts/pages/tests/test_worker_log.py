"""The log of the worker: what happened and where in the code, never the text of an error."""

import io
import logging
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import pytest
from django.core.management import call_command
from procrastinate import App, testing
from procrastinate.contrib.django import app

from analysts.operations import process_log
from portal_site.logging import SparseFormatter
from tests.proofs.privacy.lines import LINE

SECRET = "placeholder-of-a-secret"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """The text that the handlers of the settings would write."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(SparseFormatter())
    logging.getLogger().addHandler(handler)
    yield out
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def _hooks_restored(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for module, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(module, name, getattr(module, name))
    yield
    logging.captureWarnings(capture=False)


def assert_lines_are_sparse(text: str) -> None:
    assert text
    assert SECRET not in text
    assert [line for line in text.splitlines() if not LINE.fullmatch(line)] == []


def run_apart[Result](act: Callable[[], Result]) -> Result:
    """In a thread, because a browser that other tests use keeps an event loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(act).result()


def run_command(monkeypatch: pytest.MonkeyPatch, begin: Callable[[], object]) -> None:
    """`manage.py procrastinate worker` with a connector in memory; `begin` is called where the worker opens it."""

    @asynccontextmanager
    async def opened(_app: object) -> AsyncIterator[object]:
        begin()
        yield app

    monkeypatch.setattr(App, "open_async", opened)
    with app.replace_connector(testing.InMemoryConnector()):
        run_apart(lambda: call_command("procrastinate", "worker", "--one-shot", "--no-listen-notify"))


@pytest.mark.usefixtures("_hooks_restored")
def test_worker_says_that_it_begins(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    run_command(monkeypatch, lambda: None)
    lines = capsys.readouterr().err.splitlines()
    assert {"Launching a worker on default, builtin", "Launching a worker on files"} <= set(lines)


@pytest.mark.usefixtures("_hooks_restored")
def test_error_that_ends_the_worker_is_logged_without_its_text(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], log: io.StringIO
) -> None:
    def fail() -> None:
        raise ConnectionError(f"user={SECRET}") from ValueError(SECRET)

    with pytest.raises(SystemExit) as ended:
        run_command(monkeypatch, fail)
    assert ended.value.code == 1
    assert_lines_are_sparse(log.getvalue())
    assert [line.split()[3:7] for line in log.getvalue().splitlines()] == [
        ["the", "worker", "ended", "ConnectionError"],
        ["the", "worker", "ended", "ValueError"],
    ]
    assert SECRET not in "".join(capsys.readouterr())


def test_error_in_a_job_is_logged_without_arguments_and_text(log: io.StringIO) -> None:
    own = App(connector=testing.InMemoryConnector())

    @own.task(name="fails")
    def fail(given: str) -> None:
        raise ValueError(given)

    def run() -> None:
        fail.defer(given=SECRET)
        own.run_worker(wait=False, listen_notify=False, install_signal_handlers=False)

    run_apart(run)
    assert_lines_are_sparse(log.getvalue())
    assert "ValueError" in log.getvalue()


@pytest.mark.usefixtures("_hooks_restored")
def test_error_that_nothing_catches_is_logged_without_its_text(log: io.StringIO) -> None:
    process_log.log_uncaught_errors()
    error = RuntimeError(SECRET)
    sys.excepthook(RuntimeError, error, None)
    thread = threading.Thread(target=lambda: [][SECRET])  # type: ignore[call-overload] # fails on purpose
    thread.start()
    thread.join()
    assert_lines_are_sparse(log.getvalue())
    assert log.getvalue().count("not caught") == 2


def test_place_in_a_compiled_module_is_left_out(log: io.StringIO) -> None:
    """psycopg's names a file that is not on this machine."""
    source = compile("raise ValueError(SECRET)", "psycopg_binary/_psycopg/waiting.pyx", "exec")
    try:
        exec(source, {"SECRET": SECRET})  # noqa: S102 - a frame with such a name
    except ValueError:
        fact = "an envelope could not be taken in and stays waiting"
        logging.getLogger("analysts.assessment.intake.failures").exception("failed", extra={"fact": fact})
    assert_lines_are_sparse(log.getvalue())
    assert "waiting.pyx" not in log.getvalue()

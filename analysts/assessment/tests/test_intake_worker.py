"""The intake worker: soon after a report, by the clock and never by the report, and ended between two reports."""

import logging
import signal
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateEvent, ProcrastinateJob

from analysts.assessment.flood import folding
from analysts.assessment.intake import run
from analysts.assessment.intake.failures import IntakeFailures
from analysts.assessment.intake.worker import IntakeWorker
from analysts.management.commands.run_intake import StopSignal
from analysts.models import Alarm, Incident, WorkerHeartbeat, WorkerKind
from analysts.pages import tasks
from audit.models import AuditEvent
from countries.models import Portal
from reports.models import Arrival, the_hour
from tests.rig.fixtures import Sender

HOUR = the_hour(timezone.now())
# When the first look begins.
BEGAN = HOUR + timedelta(seconds=4.217)
SECOND = timedelta(seconds=1)
SECRET = "secretwords"
LOGGER = "analysts.assessment.intake.failures"


class Clock:
    """The worker's clock, and the signal that ends it after some looks."""

    def __init__(self, looks: int = 1) -> None:
        self.now = BEGAN
        self.looks = looks
        self.has_ended = False

    def wait(self, seconds: float) -> bool:
        self.now += timedelta(seconds=seconds)
        if seconds:
            self.looks -= 1
        self.has_ended |= self.looks <= 0
        return self.has_ended


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    # The tests' transaction lives on this connection, which would be taken for a broken one.
    monkeypatch.setattr(connection, "close_if_unusable_or_obsolete", lambda: None)
    return clock


def heartbeat() -> datetime:
    return WorkerHeartbeat.objects.get(pk=WorkerKind.INTAKE).at


def fail(*args: Any, **kwargs: Any) -> None:
    raise ValueError(SECRET)


def test_worker_takes_in_all_that_waits_and_looks_again(belize: Portal, send: Sender, clock: Clock) -> None:
    clock.looks = 3
    for number in range(3):
        send(belize, f"example.org/{number}")
    late = iter([lambda: send(belize, "example.org/late")])
    wait = clock.wait

    def wait_and_send(seconds: float) -> bool:
        if seconds:
            assert seconds == 5
            next(late, lambda: "")()
        return wait(seconds)

    IntakeWorker(wait_and_send).run()
    assert (Arrival.objects.count(), Incident.objects.count()) == (0, 4)


def test_report_of_danger_leaves_no_moment_but_the_hour(belize: Portal, send: Sender, clock: Clock) -> None:
    """Nothing that is stored beside the rows of the report has another time than the clock's."""
    events = AuditEvent.objects.count()
    send(belize, "example.org/a", details={"description": "words", "facts": ["child_in_danger"]})
    IntakeWorker(clock.wait).run()

    assert Alarm.objects.get().raised_at == Alarm.objects.get().next_try_at
    assert Alarm.objects.get().raised_at.minute == 0
    assert not ProcrastinateJob.objects.exists()
    assert not ProcrastinateEvent.objects.exists()
    assert AuditEvent.objects.count() == events


def test_heartbeat_is_that_of_the_clock_whatever_is_taken_in(
    belize: Portal, send: Sender, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake = IntakeWorker(clock.wait)
    intake.look()
    assert heartbeat() == HOUR
    # A flood: it beats between two reports, also where one run takes minutes.
    beats = []
    take = run._take_in_receipt

    def take_slowly(*args: Any, now: datetime) -> bool:
        clock.now += 7 * SECOND
        beats.append(heartbeat())
        return take(*args, now=now)

    monkeypatch.setattr(run, "_take_in_receipt", take_slowly)
    for number in range(4):
        send(belize, f"example.org/{number}")
    intake.look()
    assert [beat.second for beat in beats] == [0, 10, 10, 20]
    assert {beat.microsecond for beat in beats} == {0}


def test_worker_ends_after_the_report_that_it_is_taking_in(
    belize: Portal, send: Sender, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        send(belize, f"example.org/{number}")
    take = run._take_in_receipt

    def take_and_end(*args: Any, now: datetime) -> bool:
        clock.has_ended = True
        return take(*args, now=now)

    monkeypatch.setattr(run, "_take_in_receipt", take_and_end)
    clock.looks = 100
    IntakeWorker(clock.wait).run()
    assert (Arrival.objects.count(), Incident.objects.count(), clock.looks) == (4, 1, 99)


def test_failures_are_logged_by_kind_when_an_hour_begins(
    belize: Portal,
    send: Sender,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for number in range(3):
        send(belize, f"example.org/{number}")
    tries: list[datetime] = []

    def try_and_fail(*args: Any) -> None:
        tries.append(clock.now)
        fail()

    monkeypatch.setattr(run, "open_envelopes", try_and_fail)
    intake = IntakeWorker(clock.wait)
    clock.looks = 10_000
    with caplog.at_level(logging.ERROR):
        while clock.now < BEGAN + timedelta(minutes=55):
            intake.look()
            clock.now += 5 * SECOND
        assert caplog.records == []
        # Each report was tried again each minute, and not at each look.
        assert len(tries) == 3 * 55
        while clock.now < BEGAN + timedelta(minutes=65):
            intake.look()
            clock.now += 5 * SECOND
    [record] = caplog.records
    assert record.fact == "an envelope could not be taken in and stays waiting"  # type: ignore[attr-defined]
    assert record.exc_info
    assert record.exc_info[0] is ValueError
    assert SECRET not in caplog.text
    assert Arrival.objects.count() == 3


def test_failures_are_logged_when_the_worker_ends(
    belize: Portal, send: Sender, clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    send(belize, "example.org/a")
    monkeypatch.setattr(run, "open_envelopes", fail)
    IntakeWorker(clock.wait).run()
    assert [record.name for record in caplog.records] == [LOGGER]


def test_no_content_is_kept_of_a_failure(belize: Portal, send: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    send(belize, f"{SECRET} example.org/a")
    monkeypatch.setattr(run, "_match_incidents", fail)
    failures = IntakeFailures()
    assert run.take_in(failures=failures) == 0
    [(_fact, error)] = failures.errors.values()
    held: list[str] = []
    frame = error.__traceback__
    while frame is not None:
        held.append(repr(frame.tb_frame.f_locals) if frame.tb_frame.f_code.co_name != "_take_in_receipt" else "")
        frame = frame.tb_next
    assert len(held) > 2
    assert SECRET not in f"{held} {error!r} {error.__context__!r}"


def test_database_that_is_away_is_logged_once_and_waited_for(
    belize: Portal, send: Sender, clock: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    send(belize, "example.org/a")

    def refuse() -> None:
        raise OperationalError("server closed the connection")

    clock.looks = 4
    intake = IntakeWorker(clock.wait)
    with monkeypatch.context() as away:
        away.setattr(folding, "unfold_illegal_sites", refuse)
        away.setattr(connection, "close", lambda: None)
        intake.look()
        intake.look()
    assert [record.getMessage() for record in caplog.records] == ["intake had an error of the database and tries again"]
    intake.look()
    assert (Arrival.objects.count(), len(caplog.records)) == (0, 1)


@pytest.mark.parametrize(
    ("cause", "is_lost"),
    [
        (None, True),
        (psycopg.errors.AdminShutdown(), True),
        (psycopg.errors.ConnectionFailure(), True),
        (psycopg.errors.DeadlockDetected(), False),
        (psycopg.errors.LockNotAvailable(), False),
        (psycopg.errors.QueryCanceled(), False),
    ],
)
def test_connection_lost_amid_a_report_is_no_failure_of_the_report(
    belize: Portal, send: Sender, monkeypatch: pytest.MonkeyPatch, cause: Exception | None, is_lost: bool
) -> None:
    send(belize, "example.org/a")

    def lose(*_args: Any, **_options: Any) -> bool:
        raise OperationalError from cause

    failures = IntakeFailures()
    monkeypatch.setattr(run, "_take_in_arrivals", lose)
    with pytest.raises(OperationalError) if is_lost else nullcontext():
        assert run.take_in(failures=failures) == 0
    assert (len(failures.receipts), len(failures.errors)) == ((0, 0) if is_lost else (1, 1))


@pytest.mark.parametrize(
    ("age", "is_away"),
    [(None, True), (timedelta(0), False), (timedelta(minutes=2), False), (timedelta(minutes=3), True)],
)
def test_worker_takes_reports_in_while_intake_is_away(
    belize: Portal, send: Sender, monkeypatch: pytest.MonkeyPatch, age: timedelta | None, *, is_away: bool
) -> None:
    """As after an upgrade from a release whose units had no intake."""
    for number in range(2):
        send(belize, f"example.org/{number}")
    before = None
    if age is not None:
        before = WorkerHeartbeat.objects.create(pk=WorkerKind.INTAKE, at=timezone.now() - age).at
    monkeypatch.setattr(connection, "close_if_unusable_or_obsolete", lambda: None)
    tasks.take_in_reports(timestamp=0)
    assert (Arrival.objects.count(), Incident.objects.count()) == ((0, 2) if is_away else (2, 0))
    # Its absence is shown until it is started.
    assert before == WorkerHeartbeat.objects.filter(pk=WorkerKind.INTAKE).values_list("at", flat=True).first()


@pytest.fixture
def _mask_restored() -> Iterator[None]:
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    yield
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)


@pytest.mark.usefixtures("_mask_restored")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_is_held_back_until_it_is_asked_for(number: signal.Signals) -> None:
    stop = StopSignal()
    assert not stop.wait(0)
    signal.raise_signal(number)
    assert stop.wait(60)
    # Taken from the queue of signals, and remembered.
    assert stop.wait(0)
    assert not signal.sigpending()

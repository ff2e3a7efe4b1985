"""Outcomes of the cases that a person assessed: the private page, the weekly note and the number of the team."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from analysts.codes import Role
from analysts.models import Assessment, Chase, DisplayPreferences, Incident, NextStep, Reply, User
from analysts.models.reply import Confirmation
from analysts.pages.tests.test_incident_page import shown
from analysts.takedown.next_steps.actions import refresh_next_step
from analysts.tests.factories import assessed_illegal, assessed_not_found, incident_of
from analysts.tests.replies import replied
from analysts.welfare.outcomes import PERIOD, last_week
from audit.models import AuditEvent
from countries.models import Portal
from reports.notices import AnswerKind
from tests.rig.fixtures import client_of, create_person

PATH = "/admin/my-cases/"
# A Wednesday.
NOW = datetime(2026, 3, 11, 9, 0, tzinfo=UTC)
MONDAY = datetime(2026, 3, 9, 0, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def case_of(portal: Portal, user: User, *, at: datetime = NOW - timedelta(days=9)) -> Incident:
    number = Incident.objects.count()
    return assessed_illegal(incident_of(portal, f"https://host{number}.example/1", now=at), user, now=at).incident


def remove(incident: Incident, *, hours: float | None = 5, ended_at: datetime = MONDAY - timedelta(days=2)) -> None:
    """`hours` from the first notice to the removal; None without a notice."""
    noticed_at = None if hours is None else ended_at - timedelta(days=3)
    removed_at = noticed_at + timedelta(hours=hours) if noticed_at and hours else ended_at - timedelta(days=1)
    Chase.objects.filter(incident=incident).update(
        noticed_at=noticed_at, removed_at=removed_at, removed_in_a_row=3, ended_at=ended_at, due_at=None
    )
    NextStep.objects.filter(incident=incident).delete()


def test_page_counts_the_cases_of_the_person_alone(belize: Portal, ana: User, sena: User) -> None:
    for hours in (49, 5, None, -2):
        remove(case_of(belize, ana), hours=hours)
    case_of(belize, ana)
    given_up = case_of(belize, ana)
    Chase.objects.filter(incident=given_up).update(ended_at=NOW, due_at=None)
    # Not counted: of a colleague, before the period, undone, not illegal.
    remove(case_of(belize, sena), hours=1)
    remove(case_of(belize, ana, at=NOW - PERIOD), hours=1)
    undone = case_of(belize, ana)
    Assessment.objects.filter(incident=undone).update(undone_at=NOW, undone_by=ana, undo_reason="slip")
    remove(undone, hours=1)
    assessed_not_found(incident_of(belize, "https://not-found.example/1"), ana)
    events = AuditEvent.objects.count()
    page = shown(client_of(ana).get(PATH))

    assert "Assessed as illegal 6 Removed 4 Still online 1 Ended otherwise 1" in page
    assert "The fastest was removed 5 hours after the first notice." in page
    assert AuditEvent.objects.count() == events
    of_sena = shown(client_of(sena).get(PATH))
    assert "Assessed as illegal 1 Removed 1 Still online 0 The fastest was removed 1 hour after" in of_sena
    assert "None of your illegal verdicts" in shown(client_of(create_person("ida", Role.ANALYST, belize)).get(PATH))


def test_verdict_of_another_round_is_not_ones_own(belize: Portal, ana: User) -> None:
    incident = case_of(belize, ana)
    Chase.objects.filter(incident=incident).update(round=2)
    assert "None of your illegal verdicts" in shown(client_of(ana).get(PATH))


def test_page_says_by_function_who_is_on_it(belize: Portal, ana: User, sena: User) -> None:
    mine, of_colleague = case_of(belize, ana), case_of(belize, sena)
    for incident in (mine, of_colleague):
        refresh_next_step(incident, now=NOW)
    NextStep.objects.filter(incident=mine).update(kind="police", owner=sena)
    page = shown(client_of(ana).get(PATH))

    assert "Who is working on those still online The police 1 Answers" in page
    assert "sena" not in page.lower()


@pytest.mark.parametrize(
    ("kind", "confirmation", "numbers", "is_counted"),
    [
        (AnswerKind.REMOVED, "", [], True),
        (AnswerKind.REMOVED, "", [1], True),
        # About other addresses of the notice.
        (AnswerKind.REMOVED, "", [2], False),
        (AnswerKind.CASE_OPENED, "", [], False),
        (AnswerKind.CASE_OPENED, Confirmation.CALL, [], True),
        (AnswerKind.CASE_OPENED, Confirmation.DENIED, [], False),
    ],
)
def test_page_counts_answers_of_recipients(
    belize: Portal, ana: User, sena: User, kind: AnswerKind, confirmation: str, numbers: list[int], is_counted: bool
) -> None:
    reply = replied(incident_of(belize, "https://answered.example/1"), ana)
    reply.notice.items.update(number=1)
    confirmed = {"confirmed_by": sena, "confirmed_at": NOW} if confirmation else {}
    action = reply.action if kind == AnswerKind.REMOVED else ""
    Reply.objects.update(kind=kind, action=action, confirmation=confirmation, numbers=numbers, **confirmed)
    case_of(belize, sena)

    answer = str(kind.label).partition(" (")[0]
    assert (f"Answers of recipients {answer} 1" in shown(client_of(ana).get(PATH))) is is_counted
    assert "No answers yet." in shown(client_of(sena).get(PATH))


def test_team_is_counted_from_three_people_on(belize: Portal, ana: User, sena: User) -> None:
    for user in (ana, ana, sena):
        remove(case_of(belize, user))
    client = client_of(ana)
    assert "The team" not in shown(client.get(PATH))
    ida = create_person("ida", Role.ANALYST, belize)
    # Another week's.
    remove(case_of(belize, ida), ended_at=MONDAY)
    assert "The team" not in shown(client.get(PATH))
    remove(case_of(belize, ida))
    assert "4 cases of the team were removed last week." in shown(client.get(PATH))


@pytest.mark.parametrize(
    ("ended_at", "is_noted"),
    [
        (MONDAY - timedelta(seconds=1), True),
        (MONDAY - timedelta(weeks=1), True),
        (MONDAY, False),
        (MONDAY - timedelta(weeks=1, seconds=1), False),
    ],
)
def test_weekly_note_is_of_the_last_whole_week(
    belize: Portal, ana: User, sena: User, ended_at: datetime, is_noted: bool
) -> None:
    remove(case_of(belize, ana, at=NOW - timedelta(days=20)), ended_at=ended_at)
    note = "1 case that you assessed was removed last week."
    assert (note in shown(client_of(ana).get("/admin/"))) is is_noted
    assert "removed last week" not in shown(client_of(sena).get("/admin/"))


def test_weekly_note_can_be_switched_off(belize: Portal, ana: User) -> None:
    remove(case_of(belize, ana))
    client = client_of(ana)
    settings = client.get("/admin/my-settings/").content.decode()
    assert re.search(r'<input[^>]*name="weekly_note"[^>]* checked', settings)
    assert client.post("/admin/my-settings/", {"type_size": "large"}).status_code == 302
    assert not DisplayPreferences.objects.get().weekly_note
    assert "removed last week" not in shown(client.get("/admin/"))
    client.post("/admin/my-settings/", {"weekly_note": "on"})
    assert "removed last week" in shown(client.get("/admin/"))


def test_week_begins_on_monday_of_the_working_time_zone(settings: Any) -> None:
    settings.WORK_TIME_ZONE = "Pacific/Auckland"
    first, end = last_week(MONDAY + timedelta(days=6, hours=12))
    assert [moment.isoformat() for moment in (first, end)] == ["2026-03-09T00:00:00+13:00", "2026-03-16T00:00:00+13:00"]


def test_page_asks_as_many_queries_for_ten_cases_as_for_one(
    belize: Portal, ana: User, django_assert_num_queries: Any
) -> None:
    client = client_of(ana)
    client.get(PATH)
    for number in (1, 9):
        for _ in range(number):
            case_of(belize, ana, at=timezone.now())
        # Session, user and own settings; the numbers, the waits, the answers and the team; three of the page's frame.
        with django_assert_num_queries(9):
            client.get(PATH)

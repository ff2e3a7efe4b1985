"""The next step of open illegal incidents: one for each state of a takedown, with a date and an owner or a queue."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from itertools import cycle
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import strip_tags

from analysts.assessment import actions as assessment
from analysts.handoff.batch_ends import return_batch
from analysts.handoff.drawing import draw_batch
from analysts.models import (
    BatchKind,
    CheckOutcome,
    Clearance,
    DeadReason,
    Incident,
    NextStep,
    NextStepKind,
    Notice,
    NoticeState,
    Recipient,
    RecipientKind,
    RouteStep,
    User,
    WaitingFor,
)
from analysts.takedown.chasing.actions import check
from analysts.takedown.chasing.lists import to_do_counts
from analysts.takedown.chasing.run import plan_due_notices
from analysts.takedown.next_steps.actions import plan_next_step, refresh_next_step, refresh_next_steps
from analysts.takedown.next_steps.to_do import REVIEW
from analysts.takedown.notices import sending, texts
from analysts.takedown.notices.manual_actions import cancel
from analysts.takedown.notices.rendering import render_letter
from analysts.takedown.notices.replies import intake as reply_intake
from analysts.takedown.notices.replies.actions import read_replies
from analysts.takedown.recipients.actions import verify
from analysts.takedown.routing import catalogue
from analysts.takedown.routing.actions import ask_police, confirm_route, record_clearance, refer
from analysts.takedown.routing.to_do import UNVERIFIED
from analysts.tests.batches import workstation_for_batches
from analysts.tests.factories import assessed_illegal, incident_of
from analysts.tests.places import found_in, host, recipient
from analysts.tests.replies import answered
from analysts.tests.sections import ALL_OPEN
from audit.models import AuditEvent
from audit.permissions import Denied
from countries.models import Portal
from reports.models import NoticeLink
from reports.notices import NOTHING_DECIDED, REMOVALS, AnswerKind, RecipientAction, RecipientDecision
from tests.rig.fixtures import client_of
from tests.rig.next_steps import incidents_without_next_step

pytestmark = pytest.mark.usefixtures("rules")

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOLD, HOST, LIST = RouteStep.POLICE_HOLD, RouteStep.NOTICE_HOST, RouteStep.URL_LIST


@pytest.fixture
def rules(db: None, settings: Any) -> None:
    settings.PUBLIC_URL = "https://report.example.org"
    catalogue.load_rules()
    texts.load_shipped_texts()


@pytest.fixture
def provider(sena: User) -> Recipient:
    return host(verified_by=sena)


@pytest.fixture
def police(sena: User) -> Recipient:
    return recipient(RecipientKind.POLICE, "Police of the United Kingdom", "GB", verified_by=sena)


@pytest.fixture
def refused(belize: Portal, ana: User, provider: Recipient, police: Recipient) -> Incident:
    """An incident for which the police refused clearance at NOON + 2 days."""
    incident = found_in(belize, ana, "GB", now=NOON)
    confirm_route(by=ana, incident=incident, steps=[HOLD, HOST, LIST], now=NOON)
    send_all(NOON + HOUR)
    return answer_of_police(incident, ana, Clearance.REFUSED)


def answer_of_police(incident: Incident, by: User, answer: Clearance) -> Incident:
    on = date(2026, 3, 4)
    decision: dict[str, Any] = {"answer": answer, "answered_on": on, "reference": "R", "called_back": True}
    record_clearance(by=by, incident=incident, now=NOON + 2 * DAY, **decision)
    return Incident.objects.get(pk=incident.pk)


def send_all(now: datetime) -> None:
    for notice in Notice.objects.filter(state=NoticeState.GATHERING):
        sending.mark_sent(notice, render_letter(notice), by=None, now=now)


def notified(portal: Portal, by: User, address: str = "https://example.org/gallery") -> Incident:
    """An incident hosted in Britain whose provider was notified at NOON + 1 hour."""
    incident = found_in(portal, by, "GB", address, now=NOON)
    confirm_route(by=by, incident=incident, steps=[HOST], reason="r", now=NOON)
    send_all(NOON + HOUR)
    return incident


def step_of(incident: Incident) -> tuple[NextStepKind, datetime]:
    step = NextStep.objects.get(incident=incident)
    return step.step_kind, step.review_at


def reviews(user: User, now: datetime) -> int:
    return to_do_counts(user, now).get(REVIEW, 0)


def reason_of(act: Callable[[], Any]) -> str:
    with pytest.raises(Denied) as denied:
        act()
    return str(denied.value.reason)


# --- Derived ----------------------------------------------------------------------------------------


def test_verdict_makes_the_trace_the_next_step_until_it_is_on_the_workstation(belize: Portal, ana: User) -> None:
    incident = assessed_illegal(incident_of(belize, now=NOON), ana, now=NOON).incident
    assert step_of(incident) == (NextStepKind.TRACE, NOON)
    batch = draw_batch(by=ana, workstation=workstation_for_batches(), kinds=[BatchKind.TRACES], now=NOON + HOUR)
    step = NextStep.objects.get()

    assert step_of(incident) == (NextStepKind.WORKSTATION, NOON + HOUR + settings.BATCH_HOURS * HOUR)
    assert (step.waits_for, step.owner) == (WaitingFor.WORKSTATION, ana)
    return_batch(by=ana, batch=batch, now=NOON + 2 * HOUR)
    assert step_of(incident) == (NextStepKind.TRACE, NOON)


def test_agreed_hosting_and_route_and_notice_follow_each_other(belize: Portal, ana: User, provider: Recipient) -> None:
    incident = found_in(belize, ana, "GB", now=NOON)
    refresh_next_step(incident, now=NOON)
    assert step_of(incident) == (NextStepKind.ROUTE, NOON)
    confirm_route(by=ana, incident=incident, steps=[HOST], reason="r", now=NOON)
    leaves_at = Notice.objects.get().scheduled_at
    assert step_of(incident) == (NextStepKind.NOTICE, leaves_at + timedelta(minutes=5))
    # The worker is down: the notice has not left, and a person is asked to see why.
    assert (reviews(ana, leaves_at), reviews(ana, leaves_at + timedelta(minutes=5))) == (0, 1)
    send_all(NOON + HOUR)

    assert step_of(incident) == (NextStepKind.RECEIPT, NOON + HOUR + settings.REVIEW_DAYS_RECEIPT * DAY)


def test_recipient_that_does_not_reply_is_reviewed_after_a_set_time(
    belize: Portal, ana: User, provider: Recipient
) -> None:
    incident = notified(belize, ana)
    review_at = NOON + HOUR + settings.REVIEW_DAYS_RECEIPT * DAY
    # Reminders do not put it off.
    assert plan_due_notices(now=NOON + 2 * DAY) == 1
    assert step_of(incident) == (NextStepKind.RECEIPT, review_at)
    assert (reviews(ana, review_at - HOUR), reviews(ana, review_at)) == (0, 1)


def test_reply_is_read_and_then_the_wait_begins_again(belize: Portal, ana: User, provider: Recipient) -> None:
    incident, now = notified(belize, ana), NOON + 3 * DAY
    answered(Notice.objects.get(), AnswerKind.ACKNOWLEDGED, now=now)
    reply_intake.take_in(now=now)
    assert step_of(incident)[0] == NextStepKind.REPLY
    replies = list(Notice.objects.get().replies.select_related("notice"))
    read_replies(by=ana, incident=incident, replies=replies, now=now)

    assert step_of(incident) == (NextStepKind.DECISION, now + settings.REVIEW_DAYS_RECIPIENT * DAY)


OWING = [kind for kind in RecipientKind if kind.row.is_offered or kind.row.is_traced]
# Each kind with an action that removes and one that does not, each of these in turn; platforms, which hear complaints,
# with all.
OWED = {
    *((RecipientKind.PLATFORM, action) for action in RecipientAction),
    *zip(OWING, cycle(sorted(REMOVALS)), strict=False),
    *zip(OWING, cycle(sorted(set(RecipientAction) - REMOVALS)), strict=False),
}


@pytest.mark.parametrize(("kind", "decision"), sorted(OWED))
def test_each_recipient_owes_what_its_kind_owes(
    belize: Portal, ana: User, provider: Recipient, kind: RecipientKind, decision: RecipientAction
) -> None:
    """Before it replies, once it has confirmed receipt, and once it has acted."""
    incident = notified(belize, ana)
    Recipient.objects.filter(pk=provider.pk).update(kind=kind)
    is_service = kind in (RecipientKind.HOST, RecipientKind.PLATFORM)
    refresh_next_step(incident, now=NOON + 2 * HOUR)
    assert step_of(incident)[0] == (NextStepKind.RECEIPT if is_service else NextStepKind.RECIPIENT)
    reply_and_read(incident, ana, NOON + DAY, AnswerKind.ACKNOWLEDGED)
    assert step_of(incident)[0] == (NextStepKind.DECISION if is_service else NextStepKind.RECIPIENT)
    reply_and_read(incident, ana, NOON + 2 * DAY, AnswerKind.DECIDED, RecipientDecision(decision))
    leaves_online = decision not in REMOVALS
    # Reading the reply does not end its step.
    after = NextStepKind.COMPLAIN if kind == RecipientKind.PLATFORM else NextStepKind.LEFT_ONLINE
    assert step_of(incident)[0] == (after if leaves_online else NextStepKind.CHECK_REMOVAL)


def reply_and_read(
    incident: Incident, by: User, now: datetime, kind: AnswerKind, decision: RecipientDecision = NOTHING_DECIDED
) -> None:
    notice = Notice.objects.get()
    answered(notice, kind, decision=decision, now=now)
    assert reply_intake.take_in(now=now) == 1
    unread = list(notice.replies.filter(read_at=None).select_related("notice"))
    read_replies(by=by, incident=incident, replies=unread, now=now)


@pytest.mark.parametrize(
    ("decided_on", "last_day"),
    [
        (date(2026, 3, 4), date(2026, 9, 4)),
        (date(2026, 8, 31), date(2027, 2, 28)),
        (date(2027, 8, 31), date(2028, 2, 29)),
    ],
)
def test_platform_hears_complaints_for_six_months_or_until_an_escalation(
    belize: Portal, ana: User, provider: Recipient, decided_on: date, last_day: date
) -> None:
    incident = notified(belize, ana)
    Recipient.objects.filter(pk=provider.pk).update(kind=RecipientKind.PLATFORM)
    decided_at, ends_at = (datetime.combine(day, time(9), UTC) for day in (decided_on, last_day))
    NoticeLink.objects.update(expires_on=decided_at.date() + DAY)
    reply_and_read(incident, ana, decided_at, AnswerKind.DECIDED, RecipientDecision(RecipientAction.NO_ACTION))
    assert step_of(incident) == (NextStepKind.COMPLAIN, decided_at)
    page = client_of(ana).get(f"/admin/incidents/{incident.pk}/").content.decode()
    assert date_format(ends_at, "j M Y") in strip_tags(page.partition("Complaint possible until")[2][:200])
    for moment, kind in ((ends_at - HOUR, NextStepKind.COMPLAIN), (ends_at, NextStepKind.RECIPIENT)):
        refresh_next_step(incident, now=moment)
        assert step_of(incident)[0] == kind
    incident.chases.update(escalated_at=decided_at + DAY)
    refresh_next_step(incident, now=decided_at + DAY)
    assert step_of(incident) == (NextStepKind.RECIPIENT, decided_at + DAY + settings.REVIEW_DAYS_RECIPIENT * DAY)


PLACES: dict[str, Callable[[Incident, Recipient], str]] = {
    "next step": lambda incident, provider: f"/admin/incidents/{incident.pk}/",
    "reply": lambda incident, provider: f"/admin/incidents/{incident.pk}/",
    "to-do": lambda incident, provider: "/admin/to-do/?what=review",
    "recipient": lambda incident, provider: f"/admin/recipients/{provider.pk}/",
}


# Each place with each action, and with each kind in turn: whether a complaint is possible is one rule for all places.
COMPLAINTS = [
    (place, (RecipientKind.PLATFORM, RecipientKind.HOST)[(row + column) % 2], action)
    for row, place in enumerate(PLACES)
    for column, action in enumerate(RecipientAction)
]


@pytest.mark.parametrize(("place", "kind", "decision"), COMPLAINTS)
def test_last_day_of_a_complaint_is_where_it_is_decided(
    belize: Portal,
    ana: User,
    olga: User,
    provider: Recipient,
    place: str,
    kind: RecipientKind,
    decision: RecipientAction,
) -> None:
    incident = notified(belize, ana)
    Recipient.objects.filter(pk=provider.pk).update(kind=kind)
    decided_at = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
    NoticeLink.objects.update(expires_on=decided_at.date() + DAY)
    reply_and_read(incident, ana, decided_at, AnswerKind.DECIDED, RecipientDecision(decision))
    refresh_next_step(incident, now=decided_at)
    if place == "reply":
        # Another step that a person has set does not hide it.
        until = (decided_at + 5 * DAY).date()
        plan_next_step(by=ana, incident=incident, step=NextStepKind.RECIPIENT, review_on=until, now=decided_at + HOUR)
    is_possible = kind == RecipientKind.PLATFORM and decision not in REMOVALS
    url = PLACES[place](incident, provider)
    with time_machine.travel(decided_at + DAY, tick=False):
        page = strip_tags(client_of(ana).get(url, ALL_OPEN if place == "reply" else None).content.decode())
        assert ("4 Sep 2026" in page.partition("Complaint possible until")[2][:400]) is is_possible
        operators_page = client_of(olga).get(f"/admin/recipients/{provider.pk}/").content.decode()
        assert (str(incident.pk) in operators_page) is False
    with time_machine.travel(datetime(2026, 9, 4, 9, 0, tzinfo=UTC), tick=False):
        refresh_next_step(incident, now=timezone.now())
        later = client_of(ana).get(url, ALL_OPEN if place == "reply" else None).content.decode()
        assert "Complaint possible until" not in later


def test_only_recipient_that_is_not_verified_waits_for_a_colleague(belize: Portal, ana: User, olga: User) -> None:
    incident = found_in(belize, ana, "GB", now=NOON)
    confirm_route(by=ana, incident=incident, steps=[HOST], reason="r", now=NOON)
    review_at = NOON + settings.REVIEW_DAYS_COLLEAGUE * DAY
    assert step_of(incident) == (NextStepKind.VERIFY, review_at)
    # It is on one list, also once its review is due.
    assert (reviews(ana, review_at), to_do_counts(ana, review_at)[UNVERIFIED]) == (0, 1)
    to = Recipient.objects.get()
    verify(by=olga, recipient=to, digest_on_page=to.value_digest(), now=NOON + DAY)

    assert step_of(incident)[0] == NextStepKind.NOTICE


def test_notice_that_failed_for_good_is_decided_about(belize: Portal, ana: User, provider: Recipient) -> None:
    incident = found_in(belize, ana, "GB", now=NOON)
    confirm_route(by=ana, incident=incident, steps=[HOST], reason="r", now=NOON)
    sending.mark_dead(Notice.objects.get(), DeadReason.REFUSED, 550, now=NOON + HOUR)
    assert step_of(incident) == (NextStepKind.FAILED, NOON + HOUR)
    cancel(by=ana, notice=Notice.objects.get(), now=NOON + 2 * HOUR)

    # Nothing is planned any more.
    assert step_of(incident) == (NextStepKind.NO_RECIPIENT, NOON)


def test_route_without_notices_asks_for_a_recipient_or_a_review_date(belize: Portal, ana: User) -> None:
    incident = found_in(belize, ana, "GB", now=NOON)
    confirm_route(by=ana, incident=incident, steps=[LIST], reason="r", now=NOON)

    assert step_of(incident) == (NextStepKind.NO_RECIPIENT, NOON)
    assert reviews(ana, NOON) == 1
    plan_next_step(by=ana, incident=incident, step=NextStepKind.RECIPIENT, review_on=date(2026, 3, 9), now=NOON + HOUR)
    assert reviews(ana, NOON + DAY) == 0


def test_question_waits_for_the_reporter(belize: Portal, ana: User, provider: Recipient, settings: Any) -> None:
    settings.REVIEW_DAYS_REPORTER = 1
    incident = notified(belize, ana)
    report = incident.sightings.get().report
    assessment.ask_reporter(by=ana, incident=incident, report=report, question="Which page?", now=NOON + HOUR)
    step = NextStep.objects.get()
    assert (step.step_kind, step.owner, step.review_at) == (
        NextStepKind.REPORTER,
        ana,
        datetime(2026, 3, 3, tzinfo=UTC),
    )
    incident.questions.update(answered=True)
    refresh_next_step(incident, now=NOON + DAY)
    step.refresh_from_db()
    assert (step.step_kind, step.owner) == (NextStepKind.ANSWER, ana)
    assessment.read_answers(by=ana, incident=incident, now=NOON + DAY)

    assert step_of(incident)[0] == NextStepKind.RECEIPT


def test_report_without_an_address_has_next_steps_too(belize: Portal, ana: User) -> None:
    incident = assessed_illegal(incident_of(belize, "no address at all", now=NOON), ana, now=NOON).incident
    assert step_of(incident) == (NextStepKind.NO_RECIPIENT, NOON)
    refer(by=ana, incident=incident, kind=RecipientKind.POLICE, name="Example Police", reason="r", now=NOON + HOUR)
    assert step_of(incident) == (NextStepKind.RECIPIENT, NOON + HOUR + settings.REVIEW_DAYS_RECIPIENT * DAY)
    incident.refresh_from_db()
    assessment.close(by=ana, incident=incident, now=NOON + DAY)

    assert not NextStep.objects.exists()


def test_found_removed_waits_for_the_next_check(belize: Portal, ana: User, provider: Recipient) -> None:
    incident = notified(belize, ana)
    for days in (1, 2):
        at = NOON + days * DAY
        check(by=ana, incident=incident, outcome=CheckOutcome.GONE, now=at)
        assert step_of(incident) == (NextStepKind.REMOVAL, at + timedelta(hours=settings.CHECK_HOURS))
    check(by=ana, incident=incident, outcome=CheckOutcome.GONE, now=NOON + 3 * DAY)

    assert not NextStep.objects.exists()


# --- The police -------------------------------------------------------------------------------------


def test_clearance_is_waited_for_from_when_the_request_was_sent(
    belize: Portal, ana: User, provider: Recipient, police: Recipient
) -> None:
    incident = found_in(belize, ana, "GB", now=NOON)
    confirm_route(by=ana, incident=incident, steps=[HOLD, HOST, LIST], now=NOON)
    assert step_of(incident)[0] == NextStepKind.REQUEST
    send_all(NOON + DAY)
    assert step_of(incident) == (NextStepKind.POLICE, NOON + DAY + settings.REVIEW_DAYS_POLICE * DAY)
    answer_of_police(incident, ana, Clearance.GRANTED)

    assert step_of(incident)[0] == NextStepKind.NOTICE


def test_refusal_offers_a_date_another_body_or_the_investigation(refused: Incident, ana: User) -> None:
    assert step_of(refused) == (NextStepKind.REFUSED, NOON + 2 * DAY)
    assert reviews(ana, NOON + 2 * DAY) == 1
    page = client_of(ana).get(f"/admin/incidents/{refused.pk}/").content.decode()

    for words in (
        "Request clearance again on a later date",
        "Keep it online for the investigation",
        "Refer it to another",
    ):
        assert words in page
    assert "Nothing is due now." not in page


@pytest.mark.parametrize("step", [NextStepKind.ASK_AGAIN, NextStepKind.KEEP_ONLINE])
def test_refusal_is_reviewed_on_the_chosen_date(refused: Incident, ana: User, step: NextStepKind) -> None:
    now = NOON + 3 * DAY
    plan_next_step(by=ana, incident=refused, step=step, review_on=date(2026, 4, 1), owner=ana, now=now)
    # Routine leaves the choice alone.
    check(by=ana, incident=refused, outcome=CheckOutcome.ONLINE, now=now + DAY)
    plan_due_notices(now=now + 2 * DAY)
    row, midnight = NextStep.objects.get(), datetime(2026, 4, 1, tzinfo=UTC)

    assert (row.step_kind, row.review_at, row.owner, row.set_by) == (step, midnight, ana, ana)
    assert (reviews(ana, midnight - HOUR), reviews(ana, midnight)) == (0, 1)
    event = AuditEvent.objects.get(action="incident.plan_next_step")
    assert event.details == {"step": step.value, "review_on": "2026-04-01", "owner": "ana"}


def test_refused_incident_is_referred_to_another_body_and_the_host_is_not_warned(
    refused: Incident, ana: User, sena: User
) -> None:
    hotline = recipient(RecipientKind.HOTLINE, "Hotline of Germany", "DE", verified_by=sena)
    later = NOON + 3 * DAY
    refer(by=ana, incident=refused, kind=RecipientKind.HOTLINE, name=hotline.name, reason="r", now=later)
    notice = Notice.objects.get(recipient=hotline)
    assert step_of(refused) == (NextStepKind.NOTICE, notice.scheduled_at + timedelta(minutes=5))
    attempt = sending.begin_attempt(notice.pk, now=notice.scheduled_at)
    assert attempt
    sending.mark_sent(attempt.notice, attempt.letter, by=None, now=notice.scheduled_at)

    assert step_of(refused)[0] == NextStepKind.RECIPIENT
    assert not Notice.objects.filter(recipient__kind=RecipientKind.HOST).exists()


def test_new_request_to_another_police_force_replaces_the_refusal(refused: Incident, ana: User, sena: User) -> None:
    other = recipient(RecipientKind.POLICE, "Example Police", "GB", verified_by=sena)
    plan_next_step(
        by=ana, incident=refused, step=NextStepKind.KEEP_ONLINE, review_on=date(2026, 4, 1), now=NOON + 3 * DAY
    )
    ask_police(by=ana, incident=refused, police=other, now=NOON + 4 * DAY)
    assert step_of(refused)[0] == NextStepKind.REQUEST


# --- Chosen -----------------------------------------------------------------------------------------


def test_choice_yields_to_what_is_new(belize: Portal, ana: User, provider: Recipient) -> None:
    incident = notified(belize, ana)
    now = NOON + DAY
    plan_next_step(
        by=ana, incident=incident, step=NextStepKind.COLLEAGUE, review_on=date(2026, 3, 20), owner=ana, now=now
    )
    assert step_of(incident)[0] == NextStepKind.COLLEAGUE
    answered(Notice.objects.get(), AnswerKind.NOT_OURS, now=now + 2 * HOUR)
    reply_intake.take_in(now=now + 2 * HOUR)

    assert step_of(incident)[0] == NextStepKind.REPLY


def test_choice_needs_a_date_ahead_and_an_owner_who_may_see_it(
    belize: Portal, ana: User, ben: User, olga: User, provider: Recipient
) -> None:
    incident = notified(belize, ana)

    def plan(by: User = ana, on: date = date(2026, 3, 9), **more: Any) -> Callable[[], Any]:
        words = {"step": NextStepKind.RECIPIENT, "review_on": on, "now": NOON, **more}
        return lambda: plan_next_step(by=by, incident=incident, **words)

    for day in (date(2026, 3, 2), date(2026, 2, 1), date(2026, 12, 1)):
        assert reason_of(plan(on=day)) == "Choose a date of review after today, and within 180 days."
    assert reason_of(plan(step=NextStepKind.COLLEAGUE)) == "Choose the colleague."
    assert reason_of(plan(owner=ben)) == "This colleague does not work for any portal of the incident."
    for step in (NextStepKind.ASK_AGAIN, NextStepKind.TRACE):
        assert reason_of(plan(step=step)) == "This next step cannot be chosen for this incident."
    assert reason_of(plan(by=ben)) == "This incident does not exist."
    olga.portals.set([belize])
    assert reason_of(plan(by=olga)) == "Only analysts can open reports."
    incident.refresh_from_db()
    assessment.close(by=ana, incident=incident, now=NOON + DAY)
    assert reason_of(plan()) == "Only open incidents with an illegal verdict have a next step."


def test_owner_who_has_left_hides_nothing(belize: Portal, ana: User, sena: User, provider: Recipient) -> None:
    incident = notified(belize, ana)
    sena.portals.set([belize])
    plan_next_step(
        by=ana, incident=incident, step=NextStepKind.COLLEAGUE, review_on=date(2026, 3, 9), owner=sena, now=NOON + DAY
    )
    User.objects.filter(pk=sena.pk).update(is_active=False)

    assert reviews(ana, NOON + 8 * DAY) == 1


def test_page_sets_the_step_and_keeps_what_was_refused(belize: Portal, ana: User, provider: Recipient) -> None:
    incident, client = notified(belize, ana), client_of(ana)
    page = f"/admin/incidents/{incident.pk}/"
    assert 'id="next-step"' in client.get(page).content.decode()
    wrong = client.post(f"{page}next-step/", {"step": "recipient", "review_on": "2001-01-01"})
    assert wrong.status_code == 403
    assert 'value="2001-01-01"' in wrong.content.decode()
    on = (datetime.now(UTC) + 3 * DAY).date()
    done = client.post(f"{page}next-step/", {"step": "colleague", "review_on": str(on), "owner": ana.pk})

    assert done["Location"] == f"{page}#next-step"
    assert step_of(incident)[0] == NextStepKind.COLLEAGUE


# --- All of them ------------------------------------------------------------------------------------


def test_queue_shows_what_is_waited_for_and_is_filtered_by_it(
    belize: Portal, ana: User, provider: Recipient, refused: Incident
) -> None:
    incident = notified(belize, ana, "https://example.net/other")
    client = client_of(ana)
    every = client.get("/admin/queue/", {"view": "acting"})
    found = client.get("/admin/queue/", {"waits_for": "recipient"})

    assert "Decide after the police refusal, due since 4 Mar 2026" in " ".join(every.content.decode().split())
    assert [row.incident for row in found.context["rows"]] == [incident]
    assert found.context["form"]["view"].value() == "acting"


@pytest.mark.parametrize(
    "step", [kind for kind in NextStepKind if kind.row.is_offered and not kind.row.is_after_refusal]
)
def test_each_wait_is_shown_with_its_date_in_queue_and_to_do_list(
    belize: Portal, ana: User, provider: Recipient, step: NextStepKind
) -> None:
    incident, now = notified(belize, ana), timezone.now()
    on = (now + 3 * DAY).date()
    plan_next_step(by=ana, incident=incident, step=step, review_on=on, owner=ana, now=now)
    waits_for, day = step.row.waits_for, date_format(on, "j M Y")
    client = client_of(ana)
    queue, to_do = (
        strip_tags(" ".join(client.get(path).content.decode().split()))
        for path in (f"/admin/queue/?waits_for={waits_for}", "/admin/to-do/?whose=waits")
    )

    assert f"Waiting for {waits_for.label}: {step.label}, review {day}" in queue
    assert re.search(rf"{waits_for.label}: {step.label} .*{day} .*{ana}", to_do)
    assert REVIEW not in to_do_counts(ana, now)
    assert to_do_counts(ana, now + 4 * DAY)[REVIEW] == 1
    NextStep.objects.update(review_at=now)
    [line] = client.get("/admin/to-do/", {"what": "review"}).context["lines"]
    assert (line.name, line.place, line.owner, line.why) == (str(incident), "", "ana", str(step.row.advice))
    assert client.get("/admin/to-do/?whose=waits").context["waiting_lines"] == []


def test_open_illegal_incident_without_a_step_or_a_queue_is_found(
    belize: Portal, ana: User, provider: Recipient
) -> None:
    incident = notified(belize, ana)
    assert not incidents_without_next_step().exists()
    NextStep.objects.all().delete()
    assert list(incidents_without_next_step()) == [incident]
    refresh_next_step(incident, now=NOON)
    incident.sightings.all().delete()
    assert list(incidents_without_next_step()) == [incident]


def test_reopened_incident_keeps_its_step_while_it_waits_for_a_verdict(
    belize: Portal, ana: User, provider: Recipient
) -> None:
    incident = notified(belize, ana)
    incident.refresh_from_db()
    assessment.reopen(by=ana, incident=incident, now=NOON + DAY)
    assert step_of(incident)[0] == NextStepKind.RECEIPT
    incident.refresh_from_db()
    claimed = assessment.claim(by=ana, incident=incident, now=NOON + DAY)
    assert not incidents_without_next_step().exists()
    assessed_illegal(assessment.release(by=ana, incident=claimed, fence=claimed.fence, now=NOON + DAY), ana)
    assert step_of(incident)[0] == NextStepKind.RECEIPT


def test_steps_of_ten_incidents_cost_as_much_as_of_one(belize: Portal, ana: User) -> None:
    def cost(number: int) -> int:
        names = [f"https://{'abcdefghij'[each % 10] * (each // 10 + 1)}.example/{number}" for each in range(number)]
        incidents = [assessed_illegal(incident_of(belize, name, now=NOON), ana, now=NOON).incident for name in names]
        NextStep.objects.all().delete()
        with CaptureQueriesContext(connection) as queries:
            refresh_next_steps([incident.pk for incident in incidents], now=NOON)
        assert NextStep.objects.count() == number
        return len(queries)

    assert cost(1) == cost(10)


def test_every_kind_says_what_to_do() -> None:
    for kind in NextStepKind:
        assert str(kind.row.advice).endswith(".")
        assert len(kind.value) <= 16

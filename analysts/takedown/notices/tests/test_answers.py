"""Each kind of answer: about its addresses alone, and with a next step that reading it does not end."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.utils.text import get_text_list

from analysts.codes.answer_kinds import ANSWER_KINDS, step_after
from analysts.codes.letter_topics import BackTopic
from analysts.incidents.page_kit import ActionForm
from analysts.models import (
    Appeal,
    Chase,
    DropReason,
    HostingTrace,
    Incident,
    NextStep,
    NextStepKind,
    Notice,
    NoticeItem,
    NoticeState,
    PoliceHold,
    Purpose,
    Recipient,
    RecipientKind,
    Referral,
    Reply,
    Sighting,
    TraceMethod,
    User,
)
from analysts.pages.tests.test_timeline import history_of
from analysts.takedown.chasing.actions import escalate
from analysts.takedown.chasing.run import plan_due_notices
from analysts.takedown.notices import manual_actions, rendering, sending, texts
from analysts.takedown.notices.permissions import readers_of
from analysts.takedown.notices.post import build_message
from analysts.takedown.notices.replies import intake
from analysts.takedown.notices.replies.actions import answer_reply, read_replies
from analysts.takedown.notices.replies.section_forms import AnswerReply, CallBack, ReadReplies
from analysts.takedown.notices.shipped_texts import message_of
from analysts.takedown.notices.timeline import timeline_entries
from analysts.takedown.notices.to_do import REPLY
from analysts.takedown.tracing.actions import trace
from analysts.tests.chases import office
from analysts.tests.factories import incident_of
from analysts.tests.replies import answered, any_decision, noticed, replied
from analysts.tests.sections import ALL_OPEN
from audit.models import AuditEvent
from audit.permissions import Denied
from countries.models import Portal
from reports.notices import Answerer, AnswerKind, RecipientAction, RecipientDecision
from tests.rig.fixtures import client_of

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
# Answers of the police: `inbox/tests/test_police_answers.py`.
OF_HOSTS = [kind for kind in AnswerKind if Answerer.HOST in kind.row.answerers]
KINDS = [(kind, None) for kind in OF_HOSTS if not kind.row.asks_action] + [
    (AnswerKind.DECIDED, action) for action in RecipientAction
]


@pytest.fixture(autouse=True)
def _letters(db: None, settings: Any) -> None:
    settings.PUBLIC_URL = "https://report.hotline.example"
    settings.DEFAULT_FROM_EMAIL = "portals@hotline.example"
    texts.load_shipped_texts(now=NOON)


@pytest.fixture
def pair(belize: Portal, ana: User) -> list[Incident]:
    """Two incidents in one letter, sent at noon, by their numbers."""
    incidents = [incident_of(belize, f"https://example.org/{name}", now=NOON) for name in ("a", "b")]
    notice = send(noticed(*incidents, by=ana, now=NOON))
    assert notice.numbers() == [1, 2]
    return [Incident.objects.get(notice_items__notice=notice, notice_items__number=number) for number in (1, 2)]


def send(notice: Notice, now: datetime | None = None) -> Notice:
    now = now or notice.scheduled_at
    attempt = sending.begin_attempt(notice.pk, now=now)
    assert attempt is not None
    sending.mark_sent(notice, attempt.letter, by=None, now=now)
    return Notice.objects.get(pk=notice.pk)


def first_notice() -> Notice:
    return Notice.objects.filter(purpose=Purpose.FIRST).earliest("made_at")


def reply_at(
    moment: datetime, kind: AnswerKind, *numbers: int, text: str = "Words.", action: RecipientAction | None = None
) -> Reply:
    decision = RecipientDecision(action) if action else any_decision(kind)
    answered(first_notice(), kind, text, decision=decision, numbers=numbers, now=moment)
    assert intake.take_in(now=moment) == 1
    return Reply.objects.latest("received_at")


def read(reply: Reply, incident: Incident, by: User, now: datetime) -> None:
    read_replies(by=by, incident=incident, replies=[reply], now=now)


def step_of(incident: Incident) -> NextStepKind:
    return NextStep.objects.get(incident=incident).step_kind


@pytest.mark.parametrize(("kind", "action"), KINDS)
def test_answer_is_about_its_addresses_and_no_other(
    kind: AnswerKind, action: RecipientAction | None, pair: list[Incident], ana: User
) -> None:
    other, incident = pair
    Chase.objects.update(due_at=NOON + 90 * HOUR)
    before = (step_of(other), [entry.title for entry in timeline_entries(other)])
    reply = reply_at(NOON + 3 * HOUR, kind, 2, action=action)

    assert [[row.pk for row in Reply.objects.about(each)] for each in pair] == [[], [reply.pk]]
    assert (step_of(other), [entry.title for entry in timeline_entries(other)]) == before
    assert step_of(incident) == NextStepKind.REPLY
    assert set(Chase.objects.filter(due_at=NOON + 3 * HOUR).values_list("incident", flat=True)) == {incident.pk}
    reported = Chase.objects.exclude(removal_reported_at=None).values_list("incident", flat=True)
    denied = Referral.objects.exclude(denied_at=None).values_list("incident", flat=True)
    appealed = Appeal.objects.values_list("incident", flat=True)
    step = step_after(kind, reply.decision.action)
    effects = {
        NextStepKind.CHECK_REMOVAL: set(reported),
        NextStepKind.RETRACE: set(denied),
        NextStepKind.APPEAL: set(appealed),
    }
    assert effects == {each: {incident.pk} if each == step else set() for each in effects}
    [line] = [REPLY.line(row, NOON) for row in REPLY.rows(ana, NOON, None)]
    assert line.incident == incident.pk
    page = client_of(ana).get(f"/admin/incidents/{other.pk}/", ALL_OPEN).content.decode()
    assert str(ANSWER_KINDS[kind].label) not in page


@pytest.mark.parametrize(("kind", "action"), KINDS)
def test_reading_an_answer_does_not_end_its_step(
    kind: AnswerKind, action: RecipientAction | None, pair: list[Incident], ana: User
) -> None:
    reply = reply_at(NOON + 3 * HOUR, kind, 2, action=action)
    read(reply, pair[1], ana, NOON + 4 * HOUR)

    step = step_after(kind, reply.decision.action)
    assert step_of(pair[1]) == (step or NextStepKind.DECISION)
    page = client_of(ana).get(f"/admin/incidents/{pair[1].pk}/", ALL_OPEN).content.decode()
    assert step is None or f"{step.row.section}" in page


def test_an_answer_about_all_is_about_each(pair: list[Incident], ana: User, sena: User) -> None:
    reply = reply_at(NOON + HOUR, AnswerKind.CONTESTED)
    assert {appeal.incident for appeal in Appeal.objects.all()} == set(pair)
    read(reply, pair[0], ana, NOON + 2 * HOUR)
    assert [step_of(incident) for incident in pair] == [NextStepKind.APPEAL] * 2


def test_two_answers_about_two_addresses_of_one_letter(pair: list[Incident], ana: User) -> None:
    for number, kind in ((1, AnswerKind.REMOVED), (2, AnswerKind.CONTESTED)):
        read(reply_at(NOON + number * HOUR, kind, number), pair[number - 1], ana, NOON + 5 * HOUR)
    assert [step_of(incident) for incident in pair] == [NextStepKind.CHECK_REMOVAL, NextStepKind.APPEAL]
    assert Appeal.objects.get().incident == pair[1]


def test_numbers_that_the_letter_has_not_need_a_person(pair: list[Incident]) -> None:
    answered(first_notice(), AnswerKind.CONTESTED, "x", numbers=(3,), now=NOON + HOUR)
    assert intake.take_in(now=NOON + HOUR) == 1
    assert (Reply.objects.get().kind, Appeal.objects.count()) == (AnswerKind.NEED_MORE, 0)


def test_numbers_of_a_letter_stay_when_an_address_is_left_out(belize: Portal, ana: User) -> None:
    notice = noticed(
        *(incident_of(belize, f"https://example.org/{name}", now=NOON) for name in "abc"), by=ana, now=NOON
    )
    first = sending.begin_attempt(notice.pk, now=notice.scheduled_at)
    assert first is not None
    items = [item.pk for item in first.letter.items]
    sending.retry_later(first, None, now=notice.scheduled_at)
    NoticeItem.objects.filter(pk=items[1]).update(dropped=DropReason.TAKEN_BACK)
    again = rendering.render_letter(Notice.objects.get())
    assert ([item.pk for item in again.items], list(again.numbers.values())) == ([items[0], items[2]], [1, 3])
    assert [line.split(",")[0] for line in again.table[1:]] == ['"1"', '"3"']


# --- Not ours -------------------------------------------------------------------------------------------


def reminders(until: datetime, start: datetime = NOON) -> list[datetime]:
    """When reminders leave, of an hourly run and a sender that runs each hour as well."""
    moment, times = start, []
    while moment < until:
        moment += HOUR
        plan_due_notices(now=moment)
        for notice in Notice.objects.filter(purpose=Purpose.AGAIN).due(moment):
            if sending.begin_attempt(notice.pk, now=moment):
                sending.mark_sent(notice, rendering.render_letter(notice), by=None, now=moment)
                times.append(moment)
    return times


@pytest.fixture
def one(belize: Portal, ana: User, settings: Any) -> Incident:
    """An incident whose host was notified at noon, and is reminded every twelve hours."""
    settings.CHASE_HOURS, settings.NOTICE_GROUP_MINUTES = 12, 0
    incident = incident_of(belize, "https://example.org/a", now=NOON)
    send(noticed(incident, by=ana, now=NOON), NOON)
    provider = Recipient.objects.get()
    for method in (TraceMethod.DNS, TraceMethod.BGP, TraceMethod.WHOIS_ADDRESS):
        HostingTrace.objects.create(
            incident=incident, method=method, country="NL", provider=provider, at=NOON, recorded_at=NOON, by=ana
        )
    return incident


def trace_again(incident: Incident, by: User, now: datetime, provider: str = "") -> None:
    name = provider or first_notice().recipient.name
    trace(by=by, incident=incident, method=TraceMethod.DNS, country="NL", provider=name, at=now, now=now)


def test_reminders_wait_a_day_at_most_for_a_new_trace(one: Incident) -> None:
    reply_at(NOON + 10 * HOUR, AnswerKind.NOT_OURS)
    # Twice the same before a trace makes the pause no longer.
    reply_at(NOON + 30 * HOUR, AnswerKind.NOT_OURS, text="Still not ours.")
    assert [moment - NOON for moment in reminders(NOON + 50 * HOUR)] == [34 * HOUR, 36 * HOUR, 48 * HOUR]
    assert step_of(one) == NextStepKind.REPLY


def test_reminder_on_its_way_is_stopped_by_the_answer(one: Incident) -> None:
    plan_due_notices(now=NOON + 12 * HOUR)
    reminder = Notice.objects.get(purpose=Purpose.AGAIN)
    reply_at(NOON + 12 * HOUR, AnswerKind.NOT_OURS)
    assert sending.begin_attempt(reminder.pk, now=NOON + 12 * HOUR + MINUTE) is None
    assert reminder.items.get().dropped == DropReason.DENIED


def test_same_hosting_again_resumes_and_escalates(one: Incident, ana: User) -> None:
    reply = reply_at(NOON + 10 * HOUR, AnswerKind.NOT_OURS)
    read(reply, one, ana, NOON + 11 * HOUR)
    assert step_of(one) == NextStepKind.RETRACE
    trace_again(one, ana, NOON + 13 * HOUR)
    assert step_of(one) == NextStepKind.LEFT_ONLINE
    assert reminders(NOON + 25 * HOUR)[0] == NOON + 13 * HOUR
    escalate(by=ana, incident=one, to=office(RecipientKind.REGISTRAR, ana, at=NOON), now=NOON + 26 * HOUR)
    assert step_of(one) != NextStepKind.LEFT_ONLINE
    # Not ours once more: it was traced already, so nothing waits, and it is escalated again.
    read(reply_at(NOON + 30 * HOUR, AnswerKind.NOT_OURS, text="No."), one, ana, NOON + 31 * HOUR)
    assert step_of(one) == NextStepKind.LEFT_ONLINE
    assert reminders(NOON + 37 * HOUR, NOON + 31 * HOUR) == [NOON + 36 * HOUR]


def test_trace_that_names_another_host_neither_resumes_nor_escalates(one: Incident, ana: User) -> None:
    read(reply_at(NOON + 10 * HOUR, AnswerKind.NOT_OURS), one, ana, NOON + 11 * HOUR)
    trace_again(one, ana, NOON + 12 * HOUR, "Elsewhere Hosting")
    assert (step_of(one), reminders(NOON + 30 * HOUR)) == (NextStepKind.RETRACE, [])


def test_provider_they_name_is_a_claim_and_never_prefilled(one: Incident, ana: User) -> None:
    reply_at(NOON + HOUR, AnswerKind.NOT_OURS, text="Claimed Networks")
    client = client_of(ana)
    client.post(f"/admin/incidents/{one.pk}/reveal/", {"reason": "acting"})
    page = client.get(f"/admin/incidents/{one.pk}/", ALL_OPEN).content.decode()
    assert page.index("unverified. Trace it") < page.index("Claimed Networks")
    assert page.count("Claimed Networks") == 1


# --- Need more ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [AnswerReply, CallBack, ReadReplies])
def test_long_text_in_place_of_a_reply_is_refused_before_it_is_compared(
    form: type[ActionForm], pair: list[Incident]
) -> None:
    reply = reply_at(NOON + HOUR, AnswerKind.NEED_MORE, 2)
    field = "replies" if form is ReadReplies else "reply"
    for key, is_compared in ((str(reply.pk), True), ("/x" * 9, False)):
        errors = form({field: [key] if form is ReadReplies else key}, incident=pair[1]).errors
        assert (field not in errors) is is_compared
    with patch("django.db.models.query.QuerySet.get", side_effect=AssertionError("compared")):
        assert field in form({field: ["/x" * 9] if form is ReadReplies else "/x" * 9}, incident=pair[1]).errors


@pytest.mark.parametrize("topic", BackTopic)
def test_question_is_answered_by_the_letter_that_an_analyst_chose(
    topic: BackTopic, pair: list[Incident], ana: User
) -> None:
    reply = reply_at(NOON + HOUR, AnswerKind.NEED_MORE, 2, text="Send us https://secret.example/x")
    read(reply, pair[1], ana, NOON + 2 * HOUR)
    fields = {"reply": str(reply.pk), "topic": topic}
    page = client_of(ana).post(f"/admin/incidents/{pair[1].pk}/reply-answer/", fields)
    assert page.status_code == 302
    letter = Notice.objects.get(purpose=Purpose.BACK)
    assert (letter.answers, letter.items.get().incident) == (reply, pair[1])
    assert step_of(pair[1]) == NextStepKind.DECISION
    sent = send(letter)
    message = build_message(sent, rendering.render_letter(sent), now=NOON)
    assert (message.to, message.attachments) == ([first_notice().recipient.email], [])
    assert message_of(topic, "en") in message.body
    assert (first_notice().reference in message.body, "attached file: 2" in message.body) == (True, True)
    assert "example.org" not in f"{message.body}{message.subject}"
    # No step of the takedown, and no new clock.
    assert Chase.objects.get(incident=pair[1]).noticed_at == first_notice().sent_at
    assert [entry.title for entry in timeline_entries(pair[1])] == ["reply", "question answered", "notice sent"]
    event = AuditEvent.objects.get(action="incident.answer_reply")
    assert (event.details["topic"], event.details["answered"]) == (topic, first_notice().reference)
    # The link of this letter is about the same number.
    answered(letter, AnswerKind.REMOVED, numbers=(2,), now=NOON + 5 * HOUR)
    intake.take_in(now=NOON + 5 * HOUR)
    assert set(Chase.objects.exclude(removal_reported_at=None).values_list("incident", flat=True)) == {pair[1].pk}


def test_question_is_answered_once_and_again_if_the_letter_was_cancelled(pair: list[Incident], ana: User) -> None:
    reply, incident = reply_at(NOON + HOUR, AnswerKind.NEED_MORE, 2), pair[1]
    reply_at(NOON + HOUR, AnswerKind.NEED_MORE, 1)

    def send_back() -> Notice:
        return answer_reply(by=ana, incident=incident, reply=reply, topic=BackTopic.WRITE)

    letter = send_back()
    with pytest.raises(Denied, match="answered already"):
        send_back()
    manual_actions.cancel(by=ana, notice=letter)
    read(reply, incident, ana, NOON + 2 * HOUR)
    assert step_of(incident) == NextStepKind.INFORM
    assert send_back().state == NoticeState.READY


@pytest.mark.parametrize("spoil", [
    lambda reply: Recipient.objects.update(verified_on=None, verified_by=None),
    lambda reply: Reply.objects.update(kind=AnswerKind.ACKNOWLEDGED),
])  # fmt: skip
def test_letter_back_goes_to_a_verified_recipient_who_asked(
    spoil: Callable[[Reply], object], pair: list[Incident], ana: User
) -> None:
    reply = reply_at(NOON + HOUR, AnswerKind.NEED_MORE, 2)
    spoil(reply)
    with pytest.raises(Denied):
        answer_reply(by=ana, incident=pair[1], reply=reply, topic=BackTopic.WHERE)
    assert not Notice.objects.filter(purpose=Purpose.BACK).exists()


def test_letter_back_needs_every_portal_of_the_letter(
    pair: list[Incident], belize: Portal, zambia: Portal, ana: User
) -> None:
    reply = reply_at(NOON + HOUR, AnswerKind.NEED_MORE, 2)
    # One that she may read opens no other.
    replied(incident_of(belize, "https://example.org/c", now=NOON), ana)
    Sighting.objects.filter(incident=pair[0]).update(portal=zambia)
    with pytest.raises(Denied, match="also covers portals"):
        answer_reply(by=ana, incident=pair[1], reply=reply, topic=BackTopic.WHERE)


@pytest.mark.parametrize("allow", [
    lambda hold, _item: hold.update(police=first_notice().recipient),
    lambda _hold, item: item.update(dropped=DropReason.GONE),
])  # fmt: skip
def test_letter_back_waits_for_clearance_of_each_address_unless_it_goes_to_the_police(
    allow: Callable[[Any, Any], object], pair: list[Incident], belize: Portal, ana: User
) -> None:
    reply = reply_at(NOON + HOUR, AnswerKind.NEED_MORE, 2)
    unrelated = incident_of(belize, "https://example.org/c", now=NOON)
    noticed(unrelated, by=ana, now=NOON + HOUR)
    for incident in (unrelated, pair[0]):
        police = office(RecipientKind.POLICE, None, name=f"Police of {incident}")
        PoliceHold.objects.create(incident=incident, police=police, by=ana, at=NOON)
    answer: dict[str, Any] = {"by": ana, "incident": pair[1], "reply": reply, "topic": BackTopic.WHERE}
    with pytest.raises(Denied, match="clearance"):
        answer_reply(**answer)
    allow(pair[0].police_holds, pair[0].notice_items)
    assert answer_reply(**answer).state == NoticeState.READY


def test_readers_of_a_letter_work_for_its_portals(
    pair: list[Incident], belize: Portal, zambia: Portal, ana: User, ben: User
) -> None:
    first = first_notice().pk
    foreign = noticed(incident_of(zambia, "https://example.org/c", now=NOON), by=ben, now=NOON).pk
    assert readers_of([first]) == {first: belize.name}
    Sighting.objects.filter(incident=pair[0]).update(portal=zambia)
    both = get_text_list(sorted([belize.name, zambia.name]), "and")
    assert readers_of([first, foreign]) == {first: both, foreign: zambia.name}
    NoticeItem.objects.filter(incident=pair[0]).update(dropped=DropReason.GONE)
    assert readers_of([first]) == {first: belize.name}


# --- Times ----------------------------------------------------------------------------------------------


def test_times_of_replies_are_to_the_minute_and_never_before_the_notice(belize: Portal, ana: User) -> None:
    incident = incident_of(belize, now=NOON)
    sent_at = NOON + timedelta(hours=1, minutes=40, seconds=30)
    send(noticed(incident, by=ana, now=NOON), sent_at)
    reply = reply_at(sent_at + timedelta(seconds=10), AnswerKind.CONTESTED)
    appeal = Appeal.objects.get()
    assert reply.received_at == appeal.received_at == NOON + 100 * MINUTE
    # An earlier release kept the hour.
    for moment in (reply.received_at, NOON + HOUR):
        Reply.objects.update(received_at=moment)
        Appeal.objects.update(received_at=moment)
        entries = history_of(incident, ana).entries
        order = [entry.title for entry in entries if entry.title in ("reply", "notice sent")]
        assert order == ["reply", "notice sent"]
        assert all(entry.at >= sent_at for entry in entries if entry.title == "reply")

"""Answers of the police: each kind, by each way it can come, counts when it is theirs and causes its step."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from analysts.codes.answer_kinds import ANSWER_KINDS
from analysts.codes.recipient_kinds import RecipientKind
from analysts.models import (
    Clearance,
    Confirmation,
    Incident,
    NextStep,
    NextStepKind,
    Notice,
    NoticeItem,
    PoliceHold,
    Recipient,
    RecipientAccess,
    Referral,
    Reply,
    User,
)
from analysts.takedown.inbox.actions import answer_referral
from analysts.takedown.notices.permissions import check_can_call_back
from analysts.takedown.notices.pre_send_checks import still_to_send
from analysts.takedown.notices.replies import intake
from analysts.takedown.notices.replies.actions import read_replies, record_reply
from analysts.takedown.notices.replies.links import reply_url
from analysts.takedown.routing.actions import ask_police, call_back, record_clearance
from analysts.tests.factories import incident_of
from analysts.tests.inboxes import asked_for_clearance, inbox_of, referred_to, unit
from analysts.tests.notices import host, place
from analysts.tests.places import PHONE
from analysts.tests.replies import answered
from analysts.tests.sections import ALL_OPEN
from audit.models import AuditEvent
from audit.permissions import Denied, Late
from countries.models import Portal
from reports.notices import POLICE, Answerer, AnswerKind, RecipientAnswer
from tests.rig.fixtures import client_of

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
NUMBER = "EX 12/26"
KINDS = [kind for kind in AnswerKind if kind.row.answerers & POLICE]
TO_CALL = [kind for kind in KINDS if kind.row.needs_call]
# Results of a valid answer: the decision about clearance, and the next step once it is read and called about.
OUTCOMES = {
    AnswerKind.ACKNOWLEDGED: ("", NextStepKind.POLICE),
    AnswerKind.GRANTED: (Clearance.GRANTED, NextStepKind.NOTICE),
    AnswerKind.REFUSED: (Clearance.REFUSED, NextStepKind.REFUSED),
    AnswerKind.CASE_OPENED: ("", NextStepKind.POLICE),
    AnswerKind.NOT_FOR_US: (Clearance.NOT_OURS, NextStepKind.OTHER_POLICE),
    AnswerKind.NEED_MORE: ("", NextStepKind.INFORM),
    AnswerKind.CALL_ME: ("", NextStepKind.POLICE),
}


@pytest.fixture
def access(police: Recipient, adam: User) -> RecipientAccess:
    return inbox_of(police, by=adam, now=NOON)


@pytest.fixture
def incident(belize: Portal) -> Incident:
    return incident_of(belize, "https://example.org/a", now=NOON)


@pytest.fixture
def notice(police: Recipient, access: RecipientAccess, incident: Incident, ana: User) -> Notice:
    """The request for clearance, which the police got at noon."""
    return asked_for_clearance(police, incident, by=ana, now=NOON)


def answer_of(kind: AnswerKind, numbers: tuple[int, ...] = ()) -> RecipientAnswer:
    return RecipientAnswer(kind, "Words.", numbers=numbers, case_number=NUMBER if kind.row.asks_number else "")


def by_link(notice: Notice, answer: RecipientAnswer, now: datetime) -> None:
    answered(notice, answer.kind, answer.text, numbers=answer.numbers, case_number=answer.case_number, now=now)
    assert intake.take_in(now=now) == 1


def by_inbox(notice: Notice, answer: RecipientAnswer, now: datetime) -> None:
    officer = RecipientAccess.objects.get(recipient=notice.recipient).user
    for referral_id in Referral.objects.filter(items__notice=notice).values_list("pk", flat=True):
        fields: dict[str, Any] = {"kind": answer.kind, "text": answer.text, "case_number": answer.case_number}
        answer_referral(by=officer, referral_id=referral_id, now=now, **fields)


def by_hand(notice: Notice, answer: RecipientAnswer, now: datetime) -> None:
    record_reply(by=User.objects.get(username="ana"), notice=notice, answer=answer, now=now)


CHANNELS = {"link": by_link, "inbox": by_inbox, "hand": by_hand}


def step_of(incident: Incident) -> NextStepKind:
    return NextStep.objects.get(incident=incident).step_kind


def state_of(incident: Incident) -> tuple[str, NextStepKind]:
    return incident.police_holds.latest("at").answer, step_of(incident)


def letters_to_hosts() -> int:
    return NoticeItem.objects.filter(referral__to__kind=RecipientKind.HOST, dropped="").count()


def call(by: User, incident: Incident, outcome: Confirmation = Confirmation.CALL, *, phone: str = PHONE) -> Reply:
    reply = Reply.objects.latest("received_at")
    return call_back(by=by, incident=incident, reply=reply, phone=phone, outcome=outcome, now=NOON + 3 * HOUR)


@pytest.fixture
def receive(notice: Notice, incident: Incident, ana: User) -> Callable[..., Reply]:
    """Take an answer in by a channel, and read it."""

    def receive_and_read(kind: AnswerKind, channel: str) -> Reply:
        CHANNELS[channel](notice, answer_of(kind), NOON + HOUR)
        reply = Reply.objects.latest("received_at")
        if reply.read_at is None:
            read_replies(by=ana, incident=incident, replies=[reply], now=NOON + 2 * HOUR)
        return reply

    return receive_and_read


def test_every_kind_of_the_police_has_its_outcome() -> None:
    assert {*OUTCOMES} == {*KINDS}
    decisions = {kind: ANSWER_KINDS[kind].decides or "" for kind in KINDS}
    assert decisions == {kind: decision for kind, (decision, _step) in OUTCOMES.items()}
    # Every answer that decides or stores something needs a call, where it did not come from their account.
    assert {kind for kind in KINDS if ANSWER_KINDS[kind].decides or kind.row.asks_number} < {*TO_CALL}


@pytest.mark.parametrize(("kind", "channel"), [*product(KINDS, CHANNELS)])
def test_answer_counts_from_the_inbox_or_after_a_call(
    kind: AnswerKind, channel: str, receive: Callable[..., Reply], incident: Incident, ana: User
) -> None:
    reply = receive(kind, channel)
    is_valid = channel == "inbox" and kind != AnswerKind.CALL_ME
    assert reply.confirmation == (Confirmation.INBOX if is_valid else "")
    if kind in TO_CALL and not is_valid:
        assert (*state_of(incident), letters_to_hosts()) == ("", NextStepKind.CALL_BACK, 0)
        call(ana, incident)
    assert state_of(incident) == OUTCOMES[kind]
    assert letters_to_hosts() == (kind == AnswerKind.GRANTED)
    hold = PoliceHold.objects.get()
    assert hold.reference == (NUMBER if hold.answer in (Clearance.GRANTED, Clearance.REFUSED) else "")
    if hold.answer:
        assert hold.is_called_back == (None if is_valid else True)


@pytest.mark.parametrize(("kind", "channel"), [*product(TO_CALL, ["link", "hand"])])
def test_claim_that_the_police_deny_changes_nothing(
    kind: AnswerKind, channel: str, receive: Callable[..., Reply], incident: Incident, ana: User, police: Recipient
) -> None:
    receive(kind, channel)
    reply = call(ana, incident, Confirmation.DENIED)
    assert (*state_of(incident), letters_to_hosts()) == ("", NextStepKind.POLICE, 0)
    event = AuditEvent.objects.get(action="incident.call_back")
    reference = reply.notice.reference
    assert event.details == {"reference": reference, "kind": kind, "outcome": "denied", "phone": PHONE}
    officer = client_of(RecipientAccess.objects.get().user)
    page = officer.get("/admin/inbox/", {"q": NUMBER}).content.decode()
    assert ("Nothing in your inbox" in page, str(kind.label) in officer.get("/admin/inbox/").content.decode()) == (
        True,
        False,
    )
    with pytest.raises(Late, match="called already"):
        call(ana, incident)


def test_case_number_counts_with_its_answer(receive: Callable[..., Reply], incident: Incident, ana: User) -> None:
    officer = client_of(RecipientAccess.objects.get().user)
    receive(AnswerKind.CASE_OPENED, "link")

    def is_found() -> bool:
        return "Nothing in your inbox" not in officer.get("/admin/inbox/", {"q": NUMBER}).content.decode()

    assert (is_found(), NUMBER in officer.get("/admin/inbox/").content.decode()) == (False, False)
    call(ana, incident)
    assert (is_found(), NUMBER in officer.get("/admin/inbox/").content.decode()) == (True, True)


# --- The verified number --------------------------------------------------------------------------------


@pytest.mark.parametrize("lost", [{"phone": ""}, {"phone": "116"}, {"verified_on": None, "verified_by": None}])
def test_call_back_needs_the_number_that_was_verified(
    lost: dict[str, Any], receive: Callable[..., Reply], incident: Incident, police: Recipient, ana: User
) -> None:
    reply = receive(AnswerKind.GRANTED, "link")
    page = client_of(ana).get(f"/admin/incidents/{incident.pk}/", ALL_OPEN).content.decode()
    assert f"on {PHONE}, their verified number" in page
    Recipient.objects.filter(pk=police.pk).update(**lost)
    for phone in ("", PHONE, lost.get("phone", PHONE)):
        with pytest.raises(Denied, match="No telephone number"):
            call(ana, incident, phone=phone)
    decision: dict[str, Any] = {"answer": Clearance.GRANTED, "answered_on": NOON.date(), "reference": "R"}
    with pytest.raises(Denied, match="No telephone number"):
        record_clearance(by=ana, incident=incident, called_back=True, now=NOON + 2 * HOUR, **decision)
    with pytest.raises(Denied, match="No telephone number"):
        check_can_call_back(ana, incident, Reply.objects.select_related("notice__recipient").get(pk=reply.pk))
    page = client_of(ana).get(f"/admin/incidents/{incident.pk}/", ALL_OPEN).content.decode()
    assert f"on {PHONE}, their verified number" not in page
    assert "No telephone number of this recipient is verified" in page
    assert state_of(incident) == ("", NextStepKind.CALL_BACK)


def test_number_that_changed_since_the_page_is_refused(
    receive: Callable[..., Reply], incident: Incident, ana: User
) -> None:
    receive(AnswerKind.GRANTED, "link")
    with pytest.raises(Late, match="changed since"):
        call(ana, incident, phone="116")
    form = {"reply": str(Reply.objects.get().pk), "phone": PHONE, "outcome": "call"}
    assert client_of(ana).post(f"/admin/incidents/{incident.pk}/call-back/", form).status_code == 302
    assert AuditEvent.objects.get(action="incident.record_clearance").details["phone"] == PHONE


# --- Which kinds, at which door -------------------------------------------------------------------------


def offered(page: str) -> set[AnswerKind]:
    return {kind for kind in AnswerKind if f'name="kind" value="{kind}"' in page}


def test_every_door_offers_the_kinds_of_its_recipient(
    notice: Notice, police: Recipient, access: RecipientAccess, belize: Portal, ana: User
) -> None:
    _referral, other = referred_to(police, incident_of(belize, "https://example.org/b", now=NOON), by=ana, now=NOON)
    desk, officer = client_of(ana), client_of(access.user)
    for letter, answerer in ((notice, Answerer.CLEARANCE), (other, Answerer.POLICE)):
        kinds = {kind for kind in AnswerKind if answerer in kind.row.answerers}
        inbox = f"/admin/inbox/{letter.items.get().referral_id}/"
        pages = [
            client_of(ana).get(reply_url(letter).removeprefix("https://report.hotline.example")),
            desk.get(f"/admin/notices/{letter.pk}/"),
            officer.get(inbox),
        ]
        assert [offered(page.content.decode()) for page in pages] == [kinds] * 3
        for kind in {*AnswerKind} - kinds:
            words = {"kind": kind, "text": "Words.", "case_number": NUMBER, "action": "removed"}
            assert officer.post(f"{inbox}answer/", words).status_code == 422
            assert desk.post(f"/admin/notices/{letter.pk}/replies/", words).status_code == 422
            # Sealed by another program than the page, it needs a person.
            by_link(letter, RecipientAnswer(kind, "Words.", case_number=NUMBER), NOON + HOUR)
            reply = Reply.objects.get(notice=letter)
            assert (reply.kind, reply.case_number, reply.confirmation) == (AnswerKind.NEED_MORE, "", "")
            Reply.objects.all().delete()
    assert PoliceHold.objects.get().answer == ""


@pytest.mark.parametrize("number", ["", "https://secret.example/x", "see secret.example", "x" * 61, "1\u202e2"])
def test_case_number_is_a_number_at_every_door(number: str, notice: Notice, access: RecipientAccess, ana: User) -> None:
    words = {"kind": "case_opened", "text": "", "case_number": number}
    inbox = f"/admin/inbox/{notice.items.get().referral_id}/answer/"
    for client, path in ((client_of(access.user), inbox), (client_of(ana), f"/admin/notices/{notice.pk}/replies/")):
        page = client.post(path, words)
        assert (page.status_code, "number of your case" in page.content.decode()) == (422, True)
    by_link(notice, RecipientAnswer(AnswerKind.CASE_OPENED, "", case_number=number), NOON + HOUR)
    assert (Reply.objects.get().kind, Reply.objects.get().case_number) == (AnswerKind.NEED_MORE, "")


# --- Addresses, police and decisions --------------------------------------------------------------------


def test_grant_is_about_its_addresses_and_no_other(
    police: Recipient, access: RecipientAccess, belize: Portal, ana: User
) -> None:
    pair = [incident_of(belize, f"https://example.org/{name}", now=NOON) for name in "ab"]
    notice = asked_for_clearance(police, *pair, by=ana, now=NOON)
    [second] = [item.incident for item in notice.items.filter(number=2)]
    [first] = [incident for incident in pair if incident.pk != second.pk]
    by_link(notice, answer_of(AnswerKind.GRANTED, (2,)), NOON + HOUR)
    call(ana, second)
    holds = {incident.pk: incident.police_holds.get().answer for incident in pair}
    assert holds == {first.pk: "", second.pk: Clearance.GRANTED}
    with pytest.raises(Late):
        call(ana, first)


def test_police_who_change_their_decision_stop_what_waits(notice: Notice, incident: Incident, ana: User) -> None:
    by_inbox(notice, answer_of(AnswerKind.GRANTED), NOON + HOUR)
    [item] = NoticeItem.objects.filter(referral__to__kind=RecipientKind.HOST)
    by_inbox(notice, answer_of(AnswerKind.REFUSED), NOON + 2 * HOUR)
    assert [hold.answer for hold in incident.police_holds.order_by("at")] == [Clearance.GRANTED, Clearance.REFUSED]
    assert still_to_send(item.notice) == []
    by_inbox(notice, RecipientAnswer(AnswerKind.GRANTED, "Again.", case_number=NUMBER), NOON + 3 * HOUR)
    assert incident.police_holds.latest("at").answer == Clearance.GRANTED
    # The same again is no other decision.
    by_inbox(notice, RecipientAnswer(AnswerKind.GRANTED, "As said.", case_number=NUMBER), NOON + 4 * HOUR)
    assert incident.police_holds.count() == 3


def test_police_who_were_asked_before_do_not_lift_the_hold_of_others(
    notice: Notice, incident: Incident, ana: User
) -> None:
    by_inbox(notice, answer_of(AnswerKind.NOT_FOR_US), NOON + HOUR)
    other = unit("Other Police", by=ana)
    assert step_of(incident) == NextStepKind.REPLY
    read_replies(by=ana, incident=incident, replies=list(Reply.objects.all()), now=NOON + HOUR)
    assert step_of(incident) == NextStepKind.OTHER_POLICE
    page = client_of(ana).get(f"/admin/incidents/{incident.pk}/", ALL_OPEN).content.decode()
    assert "Not theirs to decide" in page
    ask_police(by=ana, incident=incident, police=other, now=NOON + 2 * HOUR)
    assert step_of(incident) == NextStepKind.REQUEST
    by_inbox(notice, answer_of(AnswerKind.GRANTED), NOON + 3 * HOUR)
    assert (incident.police_holds.latest("at").answer, letters_to_hosts()) == ("", 0)


def test_not_for_us_without_a_hold_asks_for_another_police_force(
    police: Recipient, access: RecipientAccess, incident: Incident, ana: User
) -> None:
    referral, letter = referred_to(police, incident, by=ana, now=NOON)
    place(referral.assessment, host(by=ana), now=NOON)
    by_inbox(letter, answer_of(AnswerKind.NOT_FOR_US), NOON + HOUR)
    read_replies(by=ana, incident=incident, replies=list(Reply.objects.all()), now=NOON + HOUR)
    assert step_of(incident) == NextStepKind.OTHER_POLICE
    # They take it after all.
    by_inbox(letter, answer_of(AnswerKind.CASE_OPENED), NOON + 2 * HOUR)
    read_replies(by=ana, incident=incident, replies=list(Reply.objects.all()), now=NOON + 3 * HOUR)
    assert step_of(incident) != NextStepKind.OTHER_POLICE
    assert Referral.objects.get(pk=referral.pk).ended_at is None

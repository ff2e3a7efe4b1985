"""Tests of replies from recipients: intake, display to the permitted staff, and marking as read."""

import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from analysts.codes import HoldReason, Role
from analysts.models import Chase, Incident, Notice, PoliceHold, Recipient, RecipientKind, Reply, User
from analysts.pages import tasks
from analysts.retention import actions as retention_actions
from analysts.retention.sealed import SEALED, Why
from analysts.states import State
from analysts.takedown.notices.replies import actions as reply_actions
from analysts.takedown.notices.replies import intake as reply_intake
from analysts.takedown.notices.timeline import timeline_entries
from analysts.tests.factories import claimed, incident_of
from analysts.tests.notices import mark_as_sent
from analysts.tests.replies import answered, any_decision, noticed, replied
from analysts.tests.sections import ALL_OPEN
from audit.models import AuditEvent
from audit.permissions import Denied
from countries.models import Portal
from reports import keys, notice_links, sealing
from reports.models import KeyClass, KeyState, NoticeAnswer, SealingKey, the_minute
from reports.notices import (
    NOTHING_DECIDED,
    Answerer,
    AnswerKind,
    DecisionGround,
    RecipientAction,
    RecipientAnswer,
    RecipientDecision,
)
from tests.rig.fixtures import client_of, create_person

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 10, 20, tzinfo=UTC)
WORDS = "It is at https://elsewhere.example/x, ask ‮them."


def page_of(incident: Incident, user: User, *, revealed: bool = False) -> str:
    client = client_of(user)
    if revealed:
        client.post(f"/admin/incidents/{incident.pk}/reveal/", {"reason": "acting"})
    return client.get(f"/admin/incidents/{incident.pk}/", ALL_OPEN).content.decode()


def events(action: str) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=action))


@pytest.mark.parametrize("kind", [kind for kind in AnswerKind if Answerer.HOST in kind.row.answerers])
def test_reply_makes_the_chases_due_and_changes_nothing_else(kind: AnswerKind, belize: Portal, ana: User) -> None:
    incidents = [incident_of(belize, f"example.org/{name}") for name in "ab"]
    notice = noticed(*incidents, by=ana, now=NOW)
    Chase.objects.update(due_at=NOW + timedelta(days=1))
    before = [(each.state, each.closing) for each in Incident.objects.order_by("pk")]
    answered(notice, kind, WORDS, decision=any_decision(kind), now=NOW)

    assert reply_intake.take_in(now=NOW) == 1
    reply = Reply.objects.get()
    assert (reply.notice, reply.kind, reply.received_at, reply.read_at) == (notice, kind, the_minute(NOW), None)
    # The reply makes every named chase due, but only an availability check records a removal.
    assert list(Chase.objects.values_list("due_at", "removed_in_a_row", "ended_at")) == [(NOW, 0, None)] * 2
    assert [(each.state, each.closing) for each in Incident.objects.order_by("pk")] == before
    [event] = events("notice.answered")
    action = {"action": reply.action} if reply.action else {}
    assert event.details == {"reference": notice.reference, "kind": kind.value, **action}
    assert (event.actor, event.object_id) == ("", str(notice.pk))
    assert reply_intake.take_in(now=NOW) == 0


LAWFUL = RecipientDecision(RecipientAction.NO_ACTION, DecisionGround.LAW, is_automated=False, redress_told=True)
IN_WORDS = "no action, on the ground of law, decided by a person, user informed of redress"


@pytest.mark.parametrize(
    ("kind", "decision", "action", "is_reported_removed"),
    [
        (AnswerKind.REMOVED, NOTHING_DECIDED, "removed", True),
        (AnswerKind.REMOVED, RecipientDecision(RecipientAction.ACCOUNT_CLOSED), "account", True),
        (AnswerKind.DECIDED, RecipientDecision(RecipientAction.REMOVED), "removed", True),
        (AnswerKind.DECIDED, RecipientDecision(RecipientAction.BLOCKED), "blocked", False),
        (AnswerKind.DECIDED, LAWFUL, "no_action", False),
        (AnswerKind.CONTESTED, NOTHING_DECIDED, "", False),
        (AnswerKind.CONTESTED, LAWFUL, "no_action", False),
    ],
)
def test_what_was_decided_is_recorded_with_the_reply(
    kind: AnswerKind,
    decision: RecipientDecision,
    action: str,
    is_reported_removed: bool,
    belize: Portal,
    ana: User,
) -> None:
    notice = noticed(incident_of(belize, "example.org/a"), by=ana, now=NOW)
    answered(notice, kind, WORDS, decision=decision, now=NOW)
    reply_intake.take_in(now=NOW)

    reply = Reply.objects.get()
    assert reply.action == action
    assert reply.decision == (decision if decision.action or not action else RecipientDecision(RecipientAction.REMOVED))
    assert (Chase.objects.get().removal_reported_at is not None) == is_reported_removed


@pytest.mark.parametrize(
    ("kind", "decision"),
    [
        (AnswerKind.DECIDED, NOTHING_DECIDED),
        (AnswerKind.ACKNOWLEDGED, LAWFUL),
        (AnswerKind.NOT_OURS, LAWFUL),
        (AnswerKind.REMOVED, LAWFUL),
    ],
)
def test_contradictory_reply_of_a_compromised_server_waits_for_staff(
    kind: AnswerKind, decision: RecipientDecision, belize: Portal, ana: User
) -> None:
    answered(noticed(incident_of(belize, "example.org/a"), by=ana), kind, WORDS, decision=decision)

    assert reply_intake.take_in() == 1
    assert (Reply.objects.get().kind, Reply.objects.get().action) == (AnswerKind.NEED_MORE, "")


def test_reply_by_hand_is_sealed_counted_and_on_record(belize: Portal, zambia: Portal, ana: User, ben: User) -> None:
    incident = incident_of(belize, "example.org/a")
    notice = noticed(incident, by=ana)
    path, fields = f"/admin/notices/{notice.pk}/replies/", {"kind": "decided", "text": WORDS}
    assert client_of(ana).post(path, fields).status_code == 403
    assert not Reply.objects.exists()
    mark_as_sent(notice)

    assert client_of(ben).post(path, {**fields, "action": "no_action"}).status_code == 404
    assert "Please choose what you did" in client_of(ana).post(path, fields).content.decode()
    said = {**fields, "action": "no_action", "ground": "law", "automated": "no", "redress": "yes"}
    assert client_of(ana).post(path, said).status_code == 302
    assert client_of(ana).post(path, said).status_code == 409
    reply = Reply.objects.get()
    assert (reply.entered_by, reply.read_by, reply.decision) == (ana, ana, LAWFUL)
    assert WORDS.encode() not in bytes(reply.answer.sealed)
    [event] = events("notice.record_reply")
    assert event.details == {
        "reference": notice.reference,
        "kind": "decided",
        "action": "no_action",
        "ground": "law",
        "automated": "no",
        "redress": "yes",
    }
    assert IN_WORDS.capitalize() in client_of(ana).get(f"/admin/notices/{notice.pk}/").content.decode()
    page = page_of(incident, ana)
    assert IN_WORDS.capitalize() in page
    [entry] = [each for each in timeline_entries(incident) if each.title == "reply"]
    assert entry.details == ["They have decided what to do", IN_WORDS, notice.reference, "entered by ana"]
    assert "Entered by hand by ana" in page


def test_reply_by_hand_needs_every_portal_of_the_notice(belize: Portal, zambia: Portal, ana: User, sena: User) -> None:
    notice = noticed(incident_of(belize, "example.org/a"), incident_of(zambia, "example.org/b"), by=sena)
    mark_as_sent(notice)
    page = client_of(ana).get(f"/admin/notices/{notice.pk}/").content.decode()

    assert "also covers portals you do not work for" in page
    assert 'id="record-reply"' not in page
    with pytest.raises(Denied, match="also covers portals"):
        reply_actions.record_reply(by=ana, notice=notice, answer=RecipientAnswer(AnswerKind.ACKNOWLEDGED))


def test_answer_after_the_end_of_a_chase_begins_nothing(belize: Portal, ana: User) -> None:
    notice = noticed(incident_of(belize, "example.org/a"), by=ana, now=NOW)
    Chase.objects.update(ended_at=NOW, due_at=None)
    answered(notice, now=NOW)
    reply_intake.take_in(now=NOW)

    assert Chase.objects.get().due_at is None
    assert Reply.objects.count() == 1


def garbage(link_id: uuid.UUID, payload: dict[str, Any], *, info: bytes = b"", raw: bytes = b"") -> NoticeAnswer:
    """Replies as a compromised public server might store them."""
    key = keys.public_key(NOW)
    return NoticeAnswer.objects.create(
        link_id=link_id,
        received_at=the_minute(NOW),
        key_id=key.id,
        digest=uuid.uuid4().bytes,
        sealed=raw or sealing.seal_json(payload, to=key, info=info or notice_links.answer_info(link_id)),
    )


def test_garbage_breaks_nothing_and_reaches_a_person(belize: Portal, ana: User) -> None:
    incident = incident_of(belize, "example.org/a")
    link = noticed(incident, by=ana, now=NOW).link_id
    garbage(link, {}, raw=b"\x01garbage")
    garbage(link, {"kind": "removed"}, info=b"of another link")
    garbage(link, {"kind": ["removed"], "text": {"a": 1}})
    garbage(link, {"kind": "closed", "text": "x" * 20_000})
    garbage(link, {"kind": "removed", "text": ["a", "b"]})
    garbage(link, {"kind": "\ud800", "text": "\0\ud800<script>alert(1)</script>"})
    garbage(link, {})
    answered(Notice.objects.get(), AnswerKind.REMOVED, now=NOW)

    assert reply_intake.take_in(now=NOW) == 8
    assert sorted(Reply.objects.values_list("kind", flat=True)) == ["need_more"] * 6 + ["removed"] * 2
    page = page_of(incident, ana, revealed=True)
    assert "8 unread" in page
    assert "cannot be decrypted" in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


def test_answer_waits_for_a_key_that_is_not_here_and_holds_up_no_other(
    belize: Portal, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    notice = noticed(incident_of(belize, "example.org/a"), by=ana, now=NOW)
    answered(notice, AnswerKind.REMOVED, "first", now=NOW)
    with monkeypatch.context() as patched:
        patched.setattr(keys, "private_key", lambda key_id: (_ for _ in ()).throw(keys.KeyMissing()))
        assert reply_intake.take_in(now=NOW) == 0
    assert not Reply.objects.exists()
    assert reply_intake.take_in(now=NOW) == 1


def test_failure_takes_back_everything_of_one_answer(
    belize: Portal, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    notice = noticed(incident_of(belize, "example.org/a"), by=ana, now=NOW)
    answered(notice, now=NOW)

    def fail(**_: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(reply_intake, "record_event", fail)
        assert reply_intake.take_in(now=NOW) == 0
    assert not Reply.objects.exists()
    assert not NoticeAnswer.objects.get().taken_in


def test_job_of_the_worker_takes_answers_in(belize: Portal, ana: User) -> None:
    answered(noticed(incident_of(belize, "example.org/a"), by=ana))
    tasks.take_in_replies(timestamp=0)
    assert Reply.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_take_an_answer_in_once(belize: Portal, ana: User) -> None:
    notice = noticed(incident_of(belize, "example.org/a"), by=ana)
    for number in range(5):
        answered(notice, AnswerKind.REMOVED, str(number))
    start = Barrier(3)

    def run(_number: int) -> int:
        start.wait()
        try:
            return reply_intake.take_in()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        taken = sum(pool.map(run, range(3)))
    assert taken + reply_intake.take_in() == 5
    assert Reply.objects.count() == len(events("notice.answered")) == 5


def test_chases_are_locked_in_the_order_in_which_letters_that_leave_lock_them(belize: Portal, ana: User) -> None:
    notice = noticed(*(incident_of(belize, f"example.org/{name}") for name in "abc"), by=ana, now=NOW)
    answered(notice, now=NOW)
    with CaptureQueriesContext(connection) as asked:
        reply_intake.take_in(now=NOW)
    [locked, *changes] = [each["sql"] for each in asked if re.search(r'(FROM|UPDATE) "analysts_chase"', each["sql"])]
    assert re.search(r'ORDER BY "analysts_chase"."id" ASC FOR UPDATE', locked)
    # The update names exactly the locked chases.
    assert len(changes) == 2
    for changed in changes:
        assert changed.startswith("UPDATE")
        assert all(chase.pk.hex in changed for chase in Chase.objects.all())


# --- On the incident's page -------------------------------------------------------------------------


def test_words_show_once_the_incident_is_revealed_and_never_as_a_link(belize: Portal, ana: User) -> None:
    incident = incident_of(belize, "example.org/a")
    reply = replied(incident, ana, AnswerKind.NOT_OURS, WORDS)
    masked, shown = page_of(incident, ana), page_of(incident, ana, revealed=True)

    for page in (masked, shown):
        assert "They say it is not hosted with them" in page
        assert reply.notice.reference in page
        assert "1 unread" in page
        assert 'href="#hosting"' in page
        assert "https://elsewhere.example" not in page
    assert "elsewhere[.]example" not in masked
    assert "elsewhere.example" not in masked
    assert 'id="read_replies"' not in masked
    assert "hxxps://elsewhere[.]example/x" in shown
    assert "⟦U+202E⟧" in shown
    assert 'id="read_replies"' in shown


def test_answer_without_words_is_read_without_revealing_anything(belize: Portal, ana: User) -> None:
    incident = incident_of(belize, "example.org/a")
    replied(incident, ana, AnswerKind.REMOVED)
    page = page_of(incident, ana)

    assert "They say it is removed" in page
    assert 'href="#status"' in page
    assert 'id="read_replies"' in page


def test_page_without_answers_says_nothing_of_them(belize: Portal, ana: User) -> None:
    incident = incident_of(belize, "example.org/a")
    other = incident_of(belize, "example.org/b")
    replied(other, ana)

    assert 'id="replies"' not in page_of(incident, ana)


def test_what_was_left_out_of_a_notice_shows_none_of_its_answers(belize: Portal, ana: User) -> None:
    incident = incident_of(belize, "example.org/a")
    reply = replied(incident, ana)
    reply.notice.items.update(dropped="gone")

    assert not Reply.objects.about(incident).exists()


def test_read_answer_is_off_everybodys_list_and_on_record(belize: Portal, ana: User) -> None:
    incident = incident_of(belize, "example.org/a")
    reply = replied(incident, ana)
    answered(reply.notice, AnswerKind.CONTESTED, "Came in meanwhile")
    reply_intake.take_in()
    response = client_of(ana).post(f"/admin/incidents/{incident.pk}/replies-read/", {"replies": [reply.pk]})

    assert (response.status_code, response.headers["Location"][-8:]) == (302, "#replies")
    reply.refresh_from_db()
    assert reply.read_by == ana
    assert list(Reply.objects.filter(read_at=None).values_list("kind", flat=True)) == ["contested"]
    [event] = events("incident.read_replies")
    assert event.details == {"count": 1, "references": [reply.notice.reference]}
    page = page_of(incident, ana)
    assert "Read by" in page
    assert "1 unread" in page


def test_reply_read_from_the_to_do_list_leads_to_the_next(belize: Portal, zambia: Portal, ana: User, ben: User) -> None:
    first, second = (incident_of(belize, f"https://example.org/{name}") for name in "ab")
    replied(first, ana, AnswerKind.ACKNOWLEDGED, now=NOW - timedelta(hours=2))
    replied(second, ana, AnswerKind.ACKNOWLEDGED, now=NOW)
    replied(incident_of(zambia, "https://example.org/c"), ben, AnswerKind.ACKNOWLEDGED, now=NOW - timedelta(hours=1))
    client, paths = client_of(ana), [f"/admin/incidents/{each.pk}/" for each in (first, second)]

    def read(path: str, **more: str) -> str:
        replies = re.findall(r'name="replies" value="([^"]+)"', client.get(path).content.decode())
        return str(client.post(f"{path}replies-read/", {"replies": replies, **more}).headers["Location"])

    assert 'name="todo" value="reply"' in client.get(paths[0], {"todo": "reply"}).content.decode()
    assert 'name="todo"' not in client.get(paths[0], {"todo": "nonsense"}).content.decode()
    assert read(paths[0], todo="reply") == f"{paths[1]}?todo=reply#replies"
    assert read(paths[1], todo="reply") == "/admin/to-do/?what=reply"


def test_replies_about_claimed_incidents_are_passed_over_and_named(belize: Portal, ana: User) -> None:
    first, taken, held, last = (incident_of(belize, f"https://example.org/{name}") for name in "abcd")
    for hours, incident in enumerate((last, held, taken, first)):
        replied(incident, ana, AnswerKind.ACKNOWLEDGED, now=NOW - timedelta(hours=hours))
    client_of(ana).post(f"/admin/incidents/{taken.pk}/reopen/")
    claimed(Incident.objects.get(pk=taken.pk), create_person("cora", Role.ANALYST, belize))
    police = Recipient.objects.create(kind=RecipientKind.POLICE, name="Example Police", country="NL")
    PoliceHold.objects.create(incident=held, police=police, by=ana, at=NOW)
    client = client_of(ana)

    def read(incident: Incident) -> Any:
        replies = [str(pk) for pk in Reply.objects.about(incident).values_list("pk", flat=True)]
        return client.post(f"/admin/incidents/{incident.pk}/replies-read/", {"replies": replies, "todo": "reply"})

    # One that waits for the police is read: its reply may be theirs.
    assert read(first).headers["Location"] == f"/admin/incidents/{held.pk}/?todo=reply#replies"
    page = client.get(f"/admin/incidents/{held.pk}/")
    assert [str(message) for message in page.context["messages"]] == [
        "Marked as read.",
        f"Left out: {taken}. Claimed by cora.",
    ]
    refused = read(taken)
    assert (refused.status_code, "Claimed by cora." in refused.content.decode()) == (403, True)
    assert read(held).headers["Location"] == f"/admin/incidents/{last.pk}/?todo=reply#replies"
    assert read(last).headers["Location"] == "/admin/to-do/?what=reply"
    assert [reply.notice.items.get().incident for reply in Reply.objects.filter(read_at=None)] == [taken]


def test_second_reader_does_not_replace_the_first_reader_of_a_reply(belize: Portal, ana: User, sena: User) -> None:
    incident = incident_of(belize, "example.org/a")
    reply = replied(incident, ana)

    assert reply_actions.read_replies(by=ana, incident=incident, replies=[reply], now=NOW) == 1
    assert reply_actions.read_replies(by=sena, incident=incident, replies=[reply], now=NOW) == 0
    assert Reply.objects.get().read_by == ana


def test_answers_are_for_those_who_may_see_the_incident(
    belize: Portal, zambia: Portal, ana: User, ben: User, olga: User
) -> None:
    incident, other = incident_of(belize, "example.org/a"), incident_of(zambia, "example.org/b")
    reply = replied(incident, ana)
    path = f"/admin/incidents/{incident.pk}/replies-read/"

    assert client_of(ben).post(path, {"replies": [reply.pk]}).status_code == 404
    assert client_of(olga).post(path, {"replies": [reply.pk]}).status_code == 403
    assert client_of(ana).get(path).status_code == 405
    assert Client().post(path).status_code == 302
    # Posting to one of their own incidents does not help either.
    own = f"/admin/incidents/{other.pk}/replies-read/"
    assert client_of(ben).post(own, {"replies": [reply.pk]}).status_code == 422
    with pytest.raises(Denied):
        reply_actions.read_replies(by=ben, incident=incident, replies=[reply])
    assert Reply.objects.get().read_at is None


def test_answer_about_several_portals_is_read_by_who_works_for_them_all(
    belize: Portal, zambia: Portal, ana: User, ben: User, sena: User
) -> None:
    hers, his = incident_of(belize, "example.org/a"), incident_of(zambia, "example.org/b")
    sena.portals.add(zambia)
    notice = noticed(hers, his, by=sena)
    answered(notice, AnswerKind.NOT_OURS, WORDS)
    reply_intake.take_in()
    reply = Reply.objects.get()

    for incident, user in ((hers, ana), (his, ben)):
        page = page_of(incident, user, revealed=True)
        assert "They say it is not hosted with them" in page
        assert "works for Belize and Zambia can read it." in page
        assert "elsewhere[.]example" not in page
        assert 'id="read_replies"' not in page
        path = f"/admin/incidents/{incident.pk}/replies-read/"
        assert client_of(user).post(path, {"replies": [reply.pk]}).status_code == 403
    assert Reply.objects.get().read_at is None

    page = page_of(hers, sena, revealed=True)
    assert "elsewhere[.]example" in page
    assert "works for Belize" not in page
    assert reply_actions.read_replies(by=sena, incident=hers, replies=[reply]) == 1


def test_item_left_out_of_a_notice_does_not_block_reading_the_reply(
    belize: Portal, zambia: Portal, ana: User, sena: User
) -> None:
    hers, his = incident_of(belize, "example.org/a"), incident_of(zambia, "example.org/b")
    sena.portals.add(zambia)
    notice = noticed(hers, his, by=sena)
    notice.items.filter(incident=his).update(dropped="taken_back")
    answered(notice, AnswerKind.NOT_OURS, WORDS)
    reply_intake.take_in()

    assert reply_actions.read_replies(by=ana, incident=hers, replies=list(Reply.objects.all())) == 1


def test_form_that_names_no_answer_is_shown_again(belize: Portal, ana: User) -> None:
    incident = incident_of(belize, "example.org/a")
    replied(incident, ana)
    for sent in ({}, {"replies": ["x"]}, {"replies": [str(uuid.uuid4())]}):
        assert client_of(ana).post(f"/admin/incidents/{incident.pk}/replies-read/", sent).status_code == 422


def test_page_costs_the_same_however_many_answered(belize: Portal, ana: User) -> None:
    incident = incident_of(belize, "example.org/a")
    notice = noticed(incident, by=ana)
    client, counts = client_of(ana), []
    for number in range(3):
        answered(notice, AnswerKind.REMOVED, str(number))
        reply_intake.take_in()
        client.get(f"/admin/incidents/{incident.pk}/")
        with CaptureQueriesContext(connection) as found:
            client.get(f"/admin/incidents/{incident.pk}/")
        counts.append(len(found))

    assert len(set(counts)) == 1


# --- Retention --------------------------------------------------------------------------------------


def why_it_stays(now: datetime) -> str:
    kind = next(each for each in SEALED if each.model is NoticeAnswer)
    [answer] = kind.under(SealingKey.objects.get(pk=NoticeAnswer.objects.get().key_id), now)
    return str(answer.why)


def test_words_of_an_recipient_go_with_the_incidents_of_the_notice(belize: Portal, ana: User, sena: User) -> None:
    incidents = [incident_of(belize, f"example.org/{name}") for name in "ab"]
    incident_of(belize, "example.org/unrelated")
    notice = noticed(*incidents, by=ana, now=NOW)
    answered(notice, AnswerKind.NOT_OURS, WORDS, now=NOW)

    assert why_it_stays(NOW) == Why.NOT_TAKEN_IN
    reply_intake.take_in(now=NOW)
    assert why_it_stays(NOW) == Why.IN_WORK
    closed = {"state": State.CLOSED, "closing": "gone", "closed_on": NOW.date()}
    Incident.objects.filter(pk=incidents[0].pk).update(**closed)
    assert why_it_stays(NOW + timedelta(days=4000)) == Why.IN_WORK
    Incident.objects.filter(pk=incidents[1].pk).update(**closed)
    assert why_it_stays(NOW) == Why.RECENT
    assert why_it_stays(NOW + timedelta(days=4000)) == ""
    values: dict[str, Any] = {"incident": incidents[0], "by": sena, "now": NOW}
    retention_actions.place_hold(**values, reason=HoldReason.POLICE, review_on=NOW.date() + timedelta(days=9))
    assert why_it_stays(NOW + timedelta(days=4000)) == Why.HELD
    retention_actions.release_hold(**values)
    assert why_it_stays(NOW + timedelta(days=4000)) == ""


def test_what_was_erased_says_so(belize: Portal, ana: User) -> None:
    incident = incident_of(belize, "example.org/a")
    replied(incident, ana, AnswerKind.NOT_OURS, WORDS)
    words = SealingKey.objects.filter(key_class=KeyClass.WORDS)
    words.update(state=KeyState.CLOSED)
    words.update(state=KeyState.DESTROYED, destroyed_on=NOW.date())
    NoticeAnswer.objects.update(sealed=b"", digest=None)

    assert "Erased on 25 Nov 2026." in page_of(incident, ana)

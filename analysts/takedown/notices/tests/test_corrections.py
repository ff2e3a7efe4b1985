"""Corrections: who learns, once, that a verdict was withdrawn or corrected, and what the letter says."""

import csv
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from itertools import cycle

import pytest
from django.db import IntegrityError, transaction

from analysts.assessment import actions
from analysts.assessment.actions.appeals import decide_appeal
from analysts.codes import REASONS, Severity, UndoReason, Verdict
from analysts.codes.appeals import AppealOutcome, AppealReason, Appellant, UnseenReason
from analysts.codes.letter_topics import BackTopic
from analysts.codes.recipient_kinds import REFERRED, RecipientKind
from analysts.models import (
    Appeal,
    Chase,
    Incident,
    Notice,
    NoticeItem,
    NoticeState,
    Purpose,
    Referral,
    Reply,
    User,
)
from analysts.models.notice import DropReason
from analysts.takedown.appeals.actions import file_appeal
from analysts.takedown.notices import sending
from analysts.takedown.notices.corrections import correct_letter, update_corrections
from analysts.takedown.notices.rendering import render_letter
from analysts.takedown.notices.replies import intake
from analysts.takedown.notices.replies.actions import answer_reply
from analysts.takedown.notices.tests.test_sending import _words as _words
from analysts.takedown.notices.tests.test_sending import server as server
from analysts.takedown.routing.referrals import get_or_create_referral
from analysts.tests.factories import assessed_cleared, assessed_illegal, assessed_not_found
from analysts.tests.moody_mail import MoodyServer
from analysts.tests.notices import host, planned, referred
from analysts.tests.replies import answered
from countries.models import Portal
from reports.notices import AnswerKind

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LETTER_RECIPIENTS = ["host", "police"]


@pytest.fixture
def incident(belize: Portal, ana: User, server: MoodyServer) -> Incident:
    """Illegal, category C: a host and the police had letters, a hotline is referred to and has none yet."""
    first = referred(belize, ana, host("Host", by=ana), now=NOON)
    rows = [first]
    for kind in ("police", "hotline"):
        row, _ = get_or_create_referral(first.incident, host(kind, by=ana, kind=kind), by=ana, now=NOON)
        rows.append(row)
    for row in rows[:2]:
        item = planned(row, by=ana, now=NOON)
        assert item is not None
        sending.attempt_delivery(notice_id=item.notice_id, now=NOON + HOUR)
    assert Notice.objects.filter(state=NoticeState.SENT).count() == 2
    Incident.objects.update(state="acting")
    return Incident.objects.get()


def reopened(incident: Incident, by: User) -> Incident:
    actions.reopen(by=by, incident=incident, now=NOON + DAY)
    return Incident.objects.get(pk=incident.pk)


def overturn(incident: Incident, by: User, sena: User, reason: AppealReason = AppealReason.NOT_ILLEGAL) -> None:
    appeal = file_appeal(by=by, incident=incident, appellant=Appellant.OWNER, note="placeholder", now=NOON + DAY)
    unseen = UnseenReason.WELFARE
    decide_appeal(by=sena, incident=incident, appeal=appeal, reason=reason, unseen_reason=unseen, now=NOON + DAY)


def corrected() -> list[str]:
    """The kinds of recipient for whom a correction waits or was sent, by name."""
    items = NoticeItem.objects.filter(dropped="", notice__purpose=Purpose.CORRECTION)
    return sorted(items.values_list("notice__recipient__kind", flat=True))


def send_corrections(now: datetime = NOON + 2 * DAY) -> None:
    for pk in (
        Notice.objects.filter(purpose=Purpose.CORRECTION).exclude(state=NoticeState.SENT).values_list("pk", flat=True)
    ):
        sending.attempt_delivery(notice_id=pk, now=now)


@pytest.mark.parametrize("reason", AppealReason)
def test_overturned_verdict_is_withdrawn(reason: AppealReason, incident: Incident, ana: User, sena: User) -> None:
    overturn(incident, ana, sena, reason)
    assert corrected() == (LETTER_RECIPIENTS if reason.row.outcome == AppealOutcome.OVERTURNED else [])


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if verdict != Verdict.ILLEGAL])
def test_later_verdict_withdraws_if_the_content_was_seen(verdict: Verdict, incident: Incident, ana: User) -> None:
    reason = sorted(REASONS[verdict])[0]
    assessed_cleared(reopened(incident, ana), ana, verdict=verdict, reason=reason, now=NOON + DAY)
    assert corrected() == ([] if verdict == Verdict.NOT_ASSESSED else LETTER_RECIPIENTS)


def test_content_that_was_removed_since_withdraws_nothing(incident: Incident, ana: User) -> None:
    Chase.objects.update(removed_in_a_row=1, removed_at=NOON + 2 * HOUR)
    assessed_cleared(reopened(incident, ana), ana, now=NOON + DAY)
    assert corrected() == []


@pytest.mark.parametrize("kind", REFERRED)
def test_another_category_is_told_to_those_who_know_the_first(
    kind: RecipientKind, belize: Portal, ana: User, server: MoodyServer
) -> None:
    item = planned(referred(belize, ana, host(by=ana, kind=kind), now=NOON), by=ana, now=NOON)
    assert item is not None
    sending.attempt_delivery(notice_id=item.notice_id, now=NOON + HOUR)
    Incident.objects.update(state="acting")
    incident = reopened(item.incident, ana)
    assessed_illegal(incident, ana, severity=Severity.A, now=NOON + DAY)

    assert corrected() == ([kind] if kind.row.sees_classification else [])
    send_corrections()
    assert [categories_in(letter) for letter in server.taken[1:]] == (
        [[str(Severity.A.label)]] if kind.row.sees_classification else []
    )


def categories_in(letter: EmailMessage) -> list[str]:
    _body, table = letter.iter_parts()
    return [row["category"] for row in csv.DictReader(str(table.get_content()).splitlines())]


def test_letter_withdraws_under_our_reference_and_asks_nothing(
    incident: Incident, ana: User, sena: User, server: MoodyServer
) -> None:
    before = list(Referral.objects.order_by("pk").values())
    overturn(incident, ana, sena)
    ended = list(Chase.objects.values())
    letters = {item.notice.recipient.kind: item.notice.reference for item in NoticeItem.objects.filter(category="C")}
    send_corrections()

    assert corrected() == LETTER_RECIPIENTS
    assert len(server.taken) == 4, list(Notice.objects.values("purpose", "state", "dead_reason"))
    for letter in server.taken[2:]:
        body = letter.get_body()
        assert body is not None
        text = body.get_content()
        notice = Notice.objects.select_related("recipient").get(message_id=letter["Message-ID"])
        assert notice.reference in letter["Subject"]
        assert letters[notice.recipient.kind] in text
        assert "hxxps://example[.]org/gallery" in text
        assert ("/notice/" in text, "until" in text) == (False, False)
        assert categories_in(letter) == ["withdrawn"]
    # No clock starts, and none is changed.
    for row, earlier in zip(Referral.objects.order_by("pk").values(), before, strict=True):
        assert (row["noticed_at"], row["removed_at"]) == (earlier["noticed_at"], earlier["removed_at"])
    assert list(Chase.objects.values()) == ended


def test_each_recipient_is_told_once(incident: Incident, ana: User, sena: User, server: MoodyServer) -> None:
    overturn(incident, ana, sena)
    with transaction.atomic():
        update_corrections(Incident.objects.get(), by=ana, now=NOON + DAY)
    send_corrections()
    assessed_cleared(Incident.objects.get(), ana, now=NOON + 2 * DAY)
    with transaction.atomic():
        update_corrections(Incident.objects.get(), by=ana, now=NOON + 2 * DAY)

    assert corrected() == LETTER_RECIPIENTS
    assert len(server.taken) == 4
    letter = NoticeItem.objects.filter(category="C").first()
    assert letter is not None
    with pytest.raises(IntegrityError, match="notice_item_corrected_once"), transaction.atomic():
        correct_letter(letter, by=ana, now=NOON + 3 * DAY)


def test_decision_that_stands_again_stops_what_was_not_sent(incident: Incident, ana: User, sena: User) -> None:
    overturn(incident, ana, sena)
    assessed_illegal(Incident.objects.get(), ana, now=NOON + DAY)
    assert corrected() == []


def test_undone_decision_stops_what_was_not_sent(incident: Incident, ana: User) -> None:
    assessment = assessed_cleared(reopened(incident, ana), ana, now=NOON + DAY)
    assert corrected() == LETTER_RECIPIENTS
    incident.refresh_from_db()
    actions.undo(by=ana, incident=incident, assessment=assessment, reason=UndoReason.SLIP, now=NOON + DAY)
    assert corrected() == []
    incident.refresh_from_db()
    actions.release(by=ana, incident=incident, fence=incident.fence, now=NOON + DAY)
    assessed_cleared(incident, ana, now=NOON + DAY + HOUR)
    assert corrected() == LETTER_RECIPIENTS


def test_letter_on_its_way_while_the_verdict_is_withdrawn_is_corrected(
    incident: Incident, ana: User, sena: User
) -> None:
    hotline = planned(Referral.objects.get(kind="hotline"), by=ana, now=NOON + 23 * HOUR)
    assert hotline is not None
    attempt = sending.begin_attempt(hotline.notice_id, now=NOON + DAY)
    assert attempt is not None
    overturn(incident, ana, sena)
    assert corrected() == LETTER_RECIPIENTS
    sending.mark_sent(attempt.notice, attempt.letter, by=None, now=NOON + DAY)
    assert corrected() == ["host", "hotline", "police"]


def test_end_of_the_takedown_drops_no_correction(incident: Incident, ana: User, sena: User) -> None:
    overturn(incident, ana, sena)
    assessed_not_found(Incident.objects.get(), ana, now=NOON + DAY)
    assert corrected() == LETTER_RECIPIENTS


def test_cancelled_correction_is_not_planned_again(incident: Incident, ana: User, sena: User) -> None:
    overturn(incident, ana, sena)
    assert render_letter(Notice.objects.filter(purpose=Purpose.CORRECTION)[0]).table
    NoticeItem.objects.filter(notice__purpose=Purpose.CORRECTION).update(dropped=DropReason.TAKEN_BACK)
    send_corrections()
    assert not Notice.objects.filter(purpose=Purpose.CORRECTION, state=NoticeState.SENT).exists()


# --- Appeals ----------------------------------------------------------------------------------------------


# The police answer a referral in their own way, and do not contest it.
CONTESTING = [kind for kind in REFERRED if not kind.row.is_asked_for_clearance]
# Each reason without such a recipient, and each kind with a reason of each outcome in turn.
APPEALS: list[tuple[RecipientKind | None, AppealReason]] = [(None, reason) for reason in AppealReason]
for outcome in (AppealOutcome.UPHELD, AppealOutcome.OVERTURNED):
    reasons = [reason for reason in AppealReason if reason.row.outcome == outcome]
    APPEALS += zip(CONTESTING, cycle(reasons), strict=False)


@pytest.mark.parametrize(("kind", "reason"), APPEALS)
def test_appellant_gets_one_letter_and_others_a_correction(
    kind: RecipientKind | None, reason: AppealReason, belize: Portal, ana: User, sena: User, server: MoodyServer
) -> None:
    """`kind`: of the recipient who contests through the link of its letter; None: the appeal is entered by hand."""
    first = referred(belize, ana, host("Appellant", by=ana, kind=kind or RecipientKind.HOST), now=NOON)
    other = host("Other", by=ana, kind=RecipientKind.POLICE)
    second, _ = get_or_create_referral(first.incident, other, by=ana, now=NOON)
    for row in (first, second):
        item = planned(row, by=ana, now=NOON)
        assert item is not None
        sending.attempt_delivery(notice_id=item.notice_id, now=NOON + HOUR)
    Incident.objects.update(state="acting")
    if kind is None:
        file_appeal(by=ana, incident=first.incident, appellant=Appellant.OWNER, note="placeholder", now=NOON + DAY)
    else:
        answered(Notice.objects.get(recipient=first.to), AnswerKind.CONTESTED, "Words.", now=NOON + DAY)
        assert intake.take_in(now=NOON + DAY) == 1
    unseen = UnseenReason.WELFARE
    decide_appeal(
        by=sena,
        incident=first.incident,
        appeal=Appeal.objects.get(),
        reason=reason,
        unseen_reason=unseen,
        now=NOON + DAY + HOUR,
    )
    is_overturned = reason.row.outcome == AppealOutcome.OVERTURNED
    expected = {
        "Appellant": [Purpose.OUTCOME] if kind else [Purpose.CORRECTION] if is_overturned else [],
        "Other": [Purpose.CORRECTION] if is_overturned else [],
    }
    assert letters_since() == expected
    # The decision on the incident says the same, before and after these letters are sent.
    for day in (2, 4):
        if is_overturned:
            decided_again(ana, NOON + day * DAY)
        for pk in Notice.objects.exclude(state=NoticeState.SENT).values_list("pk", flat=True):
            sending.attempt_delivery(notice_id=pk, now=NOON + (day + 1) * DAY)
        assert letters_since() == expected
    assert len(server.taken) == 2 + sum(map(len, expected.values()))


def decided_again(by: User, now: datetime) -> None:
    incident = Incident.objects.get()
    if incident.is_open_to_review:
        assessed_cleared(incident, by, now=now)
    with transaction.atomic():
        update_corrections(Incident.objects.get(), by=by, now=now)


def letters_since() -> dict[str, list[str]]:
    """The purposes of the letters after the first, by recipient."""
    letters: dict[str, list[str]] = {"Appellant": [], "Other": []}
    items = NoticeItem.objects.filter(dropped="").exclude(notice__purpose=Purpose.FIRST)
    for name, purpose in items.values_list("notice__recipient__name", "notice__purpose"):
        letters[name].append(purpose)
    return letters


def test_answered_question_hides_no_letter_that_a_correction_is_due_for(
    incident: Incident, ana: User, sena: User
) -> None:
    """A letter that answers a reply names no category: the letter before it is corrected, once."""
    answered(Notice.objects.get(recipient__kind="host"), AnswerKind.NEED_MORE, "Words.", now=NOON + 2 * HOUR)
    assert intake.take_in(now=NOON + 2 * HOUR) == 1
    back = answer_reply(
        by=ana, incident=incident, reply=Reply.objects.get(), topic=BackTopic.WRITE, now=NOON + 3 * HOUR
    )
    sending.attempt_delivery(notice_id=back.pk, now=NOON + 4 * HOUR)
    overturn(incident, ana, sena)
    corrections = NoticeItem.objects.filter(notice__purpose=Purpose.CORRECTION)
    assert {item.corrects.notice.purpose for item in corrections if item.corrects} == {Purpose.FIRST}
    assert corrected() == LETTER_RECIPIENTS

"""Factories for replies from recipients, stored and taken in as in production."""

from datetime import datetime

from django.utils import timezone

from analysts.codes.recipient_kinds import ReferralKind
from analysts.models import Incident, Notice, Referral, Reply, User
from analysts.takedown.notices.replies import intake as reply_intake
from analysts.takedown.notices.replies import links as reply_links
from analysts.tests.factories import assessed_illegal
from analysts.tests.notices import host, place, planned
from reports import notice_answers, notice_links
from reports.notices import NOTHING_DECIDED, AnswerKind, RecipientAction, RecipientAnswer, RecipientDecision


def any_decision(kind: AnswerKind) -> RecipientDecision:
    """A decision for the kinds of reply that need one."""
    return RecipientDecision(RecipientAction.LIMITED) if kind.row.asks_action else NOTHING_DECIDED


def noticed(*incidents: Incident, by: User, now: datetime | None = None) -> Notice:
    """One notice about all `incidents`, which are assessed as illegal, traced and routed first."""
    now = now or timezone.now()
    to = host(f"Host of {incidents[0]}", by=by)
    items = []
    for incident in incidents:
        assessment = assessed_illegal(incident, by, now=now)
        place(assessment, to, now=now)
        referral = Referral.objects.create(
            incident=incident,
            assessment=assessment,
            kind=ReferralKind.TAKEDOWN,
            recipient=to.name,
            to=to,
            by=by,
            at=now,
        )
        items.append(planned(referral, by=by, now=now))
    assert items[0] is not None
    return items[0].notice


def answered(
    notice: Notice,
    kind: AnswerKind = AnswerKind.REMOVED,
    text: str = "",
    *,
    decision: RecipientDecision = NOTHING_DECIDED,
    numbers: tuple[int, ...] = (),
    case_number: str = "",
    now: datetime | None = None,
) -> None:
    """Store a reply the way the public page does."""
    credentials = notice_links.derive_link_credentials(reply_links.secret_of(notice.pk))
    answer = RecipientAnswer(kind, text, decision, numbers, case_number)
    notice_answers.store_answer(answer, credentials=credentials, now=now or timezone.now())


def replied(
    incident: Incident,
    by: User,
    kind: AnswerKind = AnswerKind.REMOVED,
    text: str = "",
    *,
    now: datetime | None = None,
) -> Reply:
    notice = noticed(incident, by=by, now=now)
    answered(notice, kind, text, now=now)
    assert reply_intake.take_in(now=now) == 1
    return Reply.objects.get(notice=notice)

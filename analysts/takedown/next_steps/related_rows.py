"""The rows that decide the next steps of open illegal incidents, each table read once for all of them."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from django.db import connection
from django.db.models import Case, F, Max, Q, When

from analysts.models import (
    Appeal,
    Assessment,
    BatchItem,
    BatchState,
    DropReason,
    Notice,
    NoticeItem,
    NoticeState,
    PoliceHold,
    Question,
    Recipient,
    Referral,
    Reply,
)
from analysts.models.batch import FINDINGS
from analysts.models.staff.user import CONTENT_ROLES
from reports.notices import AnswerKind

# The fields of a notice that are read: not the words of the letter.
OF_NOTICE = ("state", "purpose", "recipient", "made_at", "scheduled_at", "tried_at", "next_try_at")


@dataclass(frozen=True, slots=True)
class LetterReply:
    """A reply that is about the incident, the recipient of the letter, and whether it still asks for more."""

    reply: Reply
    recipient: Recipient
    is_unanswered: bool


class OpenQuestionRow(NamedTuple):
    """A question without an answer, or with one that is unread. `worker`: who asked, while an active analyst."""

    asked_on: date
    is_answered: bool
    worker: int | None


class OpenBatchRow(NamedTuple):
    """A trace or check in a batch that has not come back. `worker`: who drew it, while an active analyst."""

    kind: str
    at: datetime
    until: datetime
    worker: int | None


@dataclass(slots=True)
class RelatedRows:
    """The rows of one incident."""

    verdict_at: datetime | None = None
    hold: PoliceHold | None = None
    # Open, with their recipients; those recorded by name only have none.
    referrals: list[tuple[Referral, Recipient]] = field(default_factory=list)
    # In letters, or left out of them because a redaction is not confirmed, or because a person cancelled it.
    items: list[NoticeItem] = field(default_factory=list)
    # The oldest first.
    replies: list[LetterReply] = field(default_factory=list)
    # In the order of asking.
    questions: list[OpenQuestionRow] = field(default_factory=list)
    # The latest first.
    batches: list[OpenBatchRow] = field(default_factory=list)
    appealed_at: datetime | None = None


class RelatedTables(NamedTuple):
    """Which tables have rows about any of the incidents, so that only these are read: a verdict mostly finds none."""

    holds: bool
    appeals: bool
    letters: bool
    questions: bool
    batches: bool


# The columns are the fields of `RelatedTables`, in their order.
READ_TABLES = """
    SELECT
        EXISTS (SELECT FROM analysts_policehold WHERE incident_id = ANY(%(incidents)s)),
        EXISTS (SELECT FROM analysts_appeal WHERE incident_id = ANY(%(incidents)s)),
        EXISTS (SELECT FROM analysts_referral WHERE incident_id = ANY(%(incidents)s))
            OR EXISTS (SELECT FROM analysts_noticeitem WHERE incident_id = ANY(%(incidents)s)),
        EXISTS (SELECT FROM analysts_question WHERE incident_id = ANY(%(incidents)s)),
        EXISTS (SELECT FROM analysts_batchitem WHERE incident_id = ANY(%(incidents)s))
"""


def _find_tables(incidents: Collection[uuid.UUID]) -> RelatedTables:
    with connection.cursor() as cursor:
        cursor.execute(READ_TABLES, {"incidents": list(incidents)})
        return RelatedTables(*cursor.fetchone())


def load_related_rows(incidents: Collection[uuid.UUID]) -> dict[uuid.UUID, RelatedRows]:
    """Read the rows, by incident. Its letters are as many as its chase has taken intervals."""
    related = {incident: RelatedRows() for incident in incidents}
    tables = _find_tables(incidents)
    verdicts = Assessment.objects.filter(incident__in=incidents, undone_at=None).order_by()
    for incident, at in verdicts.values_list("incident").annotate(Max("at")):
        related[incident].verdict_at = at
    if tables.holds:
        _add_holds(related)
    if tables.appeals:
        _add_appeals(related)
    if tables.letters:
        _add_letters(related)
    if tables.questions:
        _add_questions(related)
    if tables.batches:
        _add_batches(related)
    return related


def _add_holds(related: dict[uuid.UUID, RelatedRows]) -> None:
    for hold in PoliceHold.objects.filter(incident__in=related).order_by("incident", "-at").distinct("incident"):
        related[hold.incident_id].hold = hold


def _add_appeals(related: dict[uuid.UUID, RelatedRows]) -> None:
    appeals = Appeal.objects.waiting().filter(incident__in=related).order_by("-received_at")
    for incident, received_at in appeals.values_list("incident", "received_at"):
        related[incident].appealed_at = received_at


def _add_letters(related: dict[uuid.UUID, RelatedRows]) -> None:
    referrals = Referral.objects.filter(incident__in=related, ended_at=None, to__isnull=False)
    dropped = ["", DropReason.UNCONFIRMED, DropReason.TAKEN_BACK]
    items = NoticeItem.objects.filter(incident__in=related, dropped__in=dropped).select_related("notice")
    items = items.only("incident", "referral", "number", "dropped", *(f"notice__{name}" for name in OF_NOTICE))
    notified = {item.notice.recipient_id for item in items}
    recipients = Recipient.objects.in_bulk(notified | {referral.to_id for referral in referrals})
    for referral in referrals:
        if referral.to_id:
            related[referral.incident_id].referrals.append((referral, recipients[referral.to_id]))
    for item in items:
        item.notice.recipient = recipients[item.notice.recipient_id]
        related[item.incident_id].items.append(item)
    _add_replies(related, [item for item in items if not item.dropped])


def _add_replies(related: dict[uuid.UUID, RelatedRows], items: Iterable[NoticeItem]) -> None:
    items_of_notice = defaultdict(list)
    for item in items:
        items_of_notice[item.notice_id].append(item)
    if not items_of_notice:
        return
    replies = list(Reply.objects.filter(notice__in=items_of_notice).order_by("received_at", "pk"))
    asking = {reply.pk for reply in replies if reply.kind == AnswerKind.NEED_MORE}
    letters = Notice.objects.filter(answers__in=asking).exclude(state=NoticeState.DROPPED)
    unanswered = asking - set(letters.values_list("answers", flat=True)) if asking else asking
    for reply in replies:
        for item in items_of_notice[reply.notice_id]:
            if not reply.numbers or item.number in reply.numbers:
                row = LetterReply(reply, item.notice.recipient, reply.pk in unanswered)
                related[item.incident_id].replies.append(row)


def _worker(account: str) -> Case:
    """The account while it is an analyst's and active: no other owns a step."""
    return Case(When(**{f"{account}__is_active": True, f"{account}__role__in": CONTENT_ROLES}, then=F(account)))


def _add_questions(related: dict[uuid.UUID, RelatedRows]) -> None:
    questions = Question.objects.filter(Q(answered=False) | Q(read=False), incident__in=related)
    columns = ("incident", "message__asked_on", "answered", _worker("by"))
    for incident, *question in questions.order_by("message__asked_on", "pk").values_list(*columns):
        related[incident].questions.append(OpenQuestionRow(*question))


def _add_batches(related: dict[uuid.UUID, RelatedRows]) -> None:
    items = BatchItem.objects.filter(
        incident__in=related,
        incident__round=F("round"),
        answered_at=None,
        batch__state=BatchState.DRAWN,
        kind__in=FINDINGS,
    )
    columns = ("incident", "kind", "batch__at", "batch__until", _worker("batch__by"))
    for incident, *batch in items.order_by("-batch__at", "pk").values_list(*columns):
        related[incident].batches.append(OpenBatchRow(*batch))

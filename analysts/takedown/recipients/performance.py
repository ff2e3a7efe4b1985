"""Performance of recipients: removal times and replies over the last year, which bounds the cost of the queries.

Hours to removal run from the first notice about an address until the address was found removed. Addresses removed
before the first notice are counted separately. Addresses that moved, or whose takedown ended without removal, count
neither as removed nor as still online.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict

from django.db.models import Aggregate, Case, Count, Exists, F, FloatField, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Extract

from analysts.codes.recipient_kinds import kinds_that_are
from analysts.models import Recipient, Referral, Reply
from analysts.models.notice import NO_STEPS, UNSENT, NoticeState
from countries.disclosure import FEWEST_NOTIFIED
from reports.notices import AnswerKind

DAYS = 365
RANKED = kinds_that_are(lambda kind: kind.is_ranked)
QUICK_HOURS = 24

REMOVED = Q(removed_at__gte=F("noticed_at"))
GONE_BEFORE = Q(removed_at__lt=F("noticed_at"))
STILL_THERE = Q(removed_at=None, ended_at=None)


class Percentile(Aggregate):
    """The percentile at `share` (0 to 1). `exact` returns an existing value, never an interpolation with infinity."""

    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)%(filter)s"
    output_field = FloatField()

    def __init__(self, expression: Combinable, *, share: float, exact: bool = False, filter: Q | None = None) -> None:
        function = "percentile_disc" if exact else "percentile_cont"
        super().__init__(expression, share=float(share), function=function, filter=filter)


HOURS = Extract(F("removed_at") - F("noticed_at"), "epoch") / 3600.0


def recipients_to_verify() -> QuerySet[Recipient]:
    """The most urgent: unverified recipients with open referrals, and those with another contact proposed."""
    open_referrals = Referral.objects.filter(to=OuterRef("pk"), ended_at=None)
    is_unverified = Recipient.unverified() & Exists(open_referrals)
    return Recipient.objects.in_use().filter(is_unverified | ~Q(proposed_email=""))


@dataclass(frozen=True, slots=True)
class RecipientHistory:
    """`notified`: number of addresses notified. Hours are None if nothing was removed."""

    notices: int
    unanswered: int
    notified: int
    removed: int
    gone_before: int
    still_there: int
    median_hours: float | None
    slow_hours: float | None
    last_answer: AnswerKind | None
    last_answer_hour: datetime | None


def recipient_history(recipient: Recipient, *, now: datetime) -> RecipientHistory:
    """Return notices, replies and removals of the last DAYS days, in four queries."""
    since = now - timedelta(days=DAYS)
    notified = recipient.referrals.filter(noticed_at__gt=since, noticed_at__lte=now).aggregate(
        notified=Count("pk"),
        removed=Count("pk", filter=REMOVED),
        gone_before=Count("pk", filter=GONE_BEFORE),
        still_there=Count("pk", filter=STILL_THERE),
        median_hours=Percentile(HOURS, share=0.5, filter=REMOVED),
        slow_hours=Percentile(HOURS, share=0.9, filter=REMOVED),
    )
    unnoticed = recipient.referrals.filter(noticed_at=None, removed_at__gt=since, removed_at__lte=now)
    notified["gone_before"] += unnoticed.count()
    sent_notices = recipient.notices.filter(state=NoticeState.SENT, sent_at__gt=since, sent_at__lte=now)
    # A correction asks for no reply, and an answer for none of its own.
    sent_notices = sent_notices.exclude(purpose__in=NO_STEPS)
    answered = Exists(Reply.objects.filter(notice=OuterRef("pk")))
    notices = sent_notices.aggregate(notices=Count("pk"), unanswered=Count("pk", filter=~answered))
    last = Reply.objects.filter(notice__in=sent_notices).order_by("-received_at").first()
    return RecipientHistory(
        **notices,
        **notified,
        last_answer=AnswerKind(last.kind) if last else None,
        last_answer_hour=last.received_at if last else None,
    )


def open_notices(recipient: Recipient) -> int:
    """Return the number of notices not yet sent, including those that failed and wait for a person."""
    return recipient.notices.filter(state__in=UNSENT).count()


class ProviderFigures(TypedDict):
    """A row of `rank_providers`."""

    to: uuid.UUID
    to__name: str
    to__country: str
    notified: int
    removed: int
    still_there: int
    quick: int
    half: float


def rank_providers(*, now: datetime, slowest_first: bool = False) -> QuerySet[Referral, ProviderFigures]:
    """Rank hosting providers with at least FEWEST_NOTIFIED notified addresses by their median time to removal.

    Rows have `to`, `to__name`, `to__country`, `notified`, `removed`, `still_there`, `quick` (removed within
    QUICK_HOURS) and `half` (median in hours; infinite if more than half of the addresses are still online).
    """
    since = now - timedelta(days=DAYS)
    counts = Q(removed_at__isnull=False) | STILL_THERE
    until_gone = Case(When(REMOVED, then=HOURS), default=Value(float("inf")), output_field=FloatField())
    return (
        Referral.objects.filter(counts, noticed_at__gt=since, noticed_at__lte=now, to__kind__in=RANKED)
        .exclude(GONE_BEFORE)
        .values("to", "to__name", "to__country")
        .annotate(
            notified=Count("pk"),
            removed=Count("pk", filter=REMOVED),
            still_there=Count("pk", filter=STILL_THERE),
            quick=Count("pk", filter=REMOVED & Q(removed_at__lte=F("noticed_at") + timedelta(hours=QUICK_HOURS))),
            half=Percentile(until_gone, share=0.5, exact=True),
        )
        .filter(notified__gte=FEWEST_NOTIFIED)
        .order_by("-half" if slowest_first else "half", "to__name")
    )

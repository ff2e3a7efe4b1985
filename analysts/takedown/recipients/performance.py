"""What became of what a recipient was told: the last year, so that the cost does not grow with history.

Hours to removal run from when the first notice about an address left until it was found gone. What was gone before any
notice left is counted apart; what moved elsewhere, or was given up, is neither removed nor still there.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Aggregate, Case, Count, Exists, F, FloatField, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Extract

from analysts.codes.recipient_kinds import kinds_that_are
from analysts.models import Recipient, Referral, Reply
from analysts.models.notice import UNSENT, NoticeState
from reports.notices import AnswerKind

DAYS = 365
# Fewer tell nothing of how fast a provider is.
LEAST_TOLD = 3
RANKED = kinds_that_are(lambda kind: kind.is_ranked)
QUICK_HOURS = 24

REMOVED = Q(gone_at__gte=F("noticed_at"))
GONE_BEFORE = Q(gone_at__lt=F("noticed_at"))
STILL_THERE = Q(gone_at=None, ended_at=None)


class Percentile(Aggregate):
    """The value below which that share of the rows lies; `exact` takes one of theirs, so that infinity may be one."""

    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)%(filter)s"
    output_field = FloatField()

    def __init__(self, expression: Any, *, share: float, exact: bool = False, **options: Any) -> None:
        function = "percentile_disc" if exact else "percentile_cont"
        super().__init__(expression, share=float(share), function=function, **options)


HOURS = Extract(F("gone_at") - F("noticed_at"), "epoch") / 3600.0


def recipients_to_verify() -> QuerySet[Recipient]:
    """Not verified, while something is to be sent there: whoever may verify does these first."""
    told = Referral.objects.filter(to=OuterRef("pk"), ended_at=None)
    return Recipient.objects.filter(Exists(told), closed_on=None, verified_on=None)


@dataclass(frozen=True, slots=True)
class RecipientHistory:
    """`told`: addresses it was told of. Hours are None where nothing was removed."""

    notices: int
    unanswered: int
    told: int
    removed: int
    gone_before: int
    still_there: int
    median_hours: float | None
    slow_hours: float | None
    last_answer: AnswerKind | None
    last_answer_hour: datetime | None


def recipient_history(recipient: Recipient, *, now: datetime) -> RecipientHistory:
    """Of the last DAYS days, in four queries: what was sent then, and what became of it."""
    since = now - timedelta(days=DAYS)
    told = recipient.referrals.filter(noticed_at__gt=since, noticed_at__lte=now).aggregate(
        told=Count("pk"),
        removed=Count("pk", filter=REMOVED),
        gone_before=Count("pk", filter=GONE_BEFORE),
        still_there=Count("pk", filter=STILL_THERE),
        median=Percentile(HOURS, share=0.5, filter=REMOVED),
        slow=Percentile(HOURS, share=0.9, filter=REMOVED),
    )
    unnoticed = recipient.referrals.filter(noticed_at=None, gone_at__gt=since, gone_at__lte=now).count()
    sent = recipient.notices.filter(state=NoticeState.SENT, sent_at__gt=since, sent_at__lte=now)
    answered = Exists(Reply.objects.filter(notice=OuterRef("pk")))
    notices = sent.aggregate(sent=Count("pk"), unanswered=Count("pk", filter=~answered))
    last = Reply.objects.filter(notice__in=sent).order_by("-received_hour").first()
    return RecipientHistory(
        notices=notices["sent"],
        unanswered=notices["unanswered"],
        told=told["told"],
        removed=told["removed"],
        gone_before=told["gone_before"] + unnoticed,
        still_there=told["still_there"],
        median_hours=told["median"],
        slow_hours=told["slow"],
        last_answer=AnswerKind(last.kind) if last else None,
        last_answer_hour=last.received_hour if last else None,
    )


def open_notices(recipient: Recipient) -> int:
    """Written and not yet sent, or waiting for a person because they could not be sent."""
    return recipient.notices.filter(state__in=UNSENT).count()


def rank_providers(*, now: datetime, slowest_first: bool = False) -> QuerySet[Referral, Any]:
    """Hosting providers by how long half of what they were told of stayed, those with at least LEAST_TOLD.

    Rows have `to`, `to__name`, `to__country`, `told`, `removed`, `still_there`, `quick` (removed within QUICK_HOURS)
    and `half` (hours; infinite where more than half is still there).
    """
    since = now - timedelta(days=DAYS)
    counts = Q(gone_at__isnull=False) | STILL_THERE
    until_gone = Case(When(REMOVED, then=HOURS), default=Value(float("inf")), output_field=FloatField())
    return (
        Referral.objects.filter(counts, noticed_at__gt=since, noticed_at__lte=now, to__kind__in=RANKED)
        .exclude(GONE_BEFORE)
        .values("to", "to__name", "to__country")
        .annotate(
            told=Count("pk"),
            removed=Count("pk", filter=REMOVED),
            still_there=Count("pk", filter=STILL_THERE),
            quick=Count("pk", filter=REMOVED & Q(gone_at__lte=F("noticed_at") + timedelta(hours=QUICK_HOURS))),
            half=Percentile(until_gone, share=0.5, exact=True),
        )
        .filter(told__gte=LEAST_TOLD)
        .order_by("-half" if slowest_first else "half", "to__name")
    )

"""How much of what a source reported was illegal, and whether its reports come later for that. Counted each night."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q

from analysts.models import Report
from analysts.states import State
from countries.models import Source
from reports.models import SourceDay, SourceItem, SourceRequest

# The reports of so many days are counted.
SINCE = timedelta(days=90)
# A share of fewer decided reports says nothing.
LEAST_DECIDED = 20
# How long a repeated item is recognised, and a repeated request answered again.
ITEMS_COMPARED = timedelta(days=30)
REQUESTS_KEPT = timedelta(days=7)


@transaction.atomic
def count_sources(*, now: datetime) -> None:
    """Count the decided and the illegal of each source."""
    decided = Q(sightings__incident__state__in=[State.ASSESSED, State.ACTING, State.CLOSED])
    counts = {
        row["source"]: (row["decided"], row["illegal"])
        for row in Report.objects.filter(source__isnull=False, received_hour__gte=now - SINCE)
        .order_by()
        .values("source")
        .annotate(
            decided=Count("sightings", filter=decided),
            illegal=Count("sightings", filter=decided & ~Q(sightings__incident__severity="")),
        )
    }
    for source in Source.objects.select_for_update(no_key=True).order_by("pk"):
        source.decided, source.actionable = counts.get(source.pk, (0, 0))
        source.is_late = (
            source.decided >= LEAST_DECIDED and 100 * source.actionable < settings.SOURCE_SHARE_PERCENT * source.decided
        )
        source.save(update_fields=["decided", "actionable", "is_late"])


def forget_requests(*, now: datetime) -> None:
    """Delete what only repeated requests need."""
    SourceRequest.objects.filter(received_on__lt=(now - REQUESTS_KEPT).date()).delete()
    SourceDay.objects.filter(day__lt=(now - REQUESTS_KEPT).date()).delete()
    old = SourceItem.objects.filter(received_on__lt=(now - ITEMS_COMPARED).date(), digest__isnull=False)
    old.update(digest=None)

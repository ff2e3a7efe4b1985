"""Lines of an incident's history: legal holds."""

from collections.abc import Iterator
from itertools import chain

from django.utils.translation import gettext as _

from analysts.incidents.timeline import MOST_OF_A_KIND, TimelineEntry
from analysts.models import Hold, Incident


def held(hold: Hold) -> Iterator[TimelineEntry]:
    yield TimelineEntry(at=hold.at, by=hold.by, what=_("put under legal hold"), details=[hold.get_reason_display()])
    if hold.released_at and hold.released_by:
        yield TimelineEntry(at=hold.released_at, by=hold.released_by, what=_("legal hold released"), details=[])


def timeline_entries(incident: Incident) -> Iterator[TimelineEntry]:
    holds = incident.holds.select_related("by", "released_by").order_by("-at")[:MOST_OF_A_KIND]
    yield from chain.from_iterable(map(held, holds))

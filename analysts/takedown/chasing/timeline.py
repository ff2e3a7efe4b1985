"""Lines of an incident's history: availability checks and the end of the work."""

from collections.abc import Iterator
from itertools import chain

from django.utils.translation import gettext as _

from analysts.incidents.timeline import MOST_OF_A_KIND, TimelineEntry
from analysts.models import AvailabilityCheck, Chase, Incident


def checked(check: AvailabilityCheck) -> TimelineEntry:
    return TimelineEntry(
        at=check.at, by=check.by, what=_("looked at"), details=[check.get_outcome_display()], repeats=True
    )


def ended(chase: Chase) -> Iterator[TimelineEntry]:
    """Both are acts of people; the row does not know whose."""
    if chase.escalated_at:
        yield TimelineEntry(at=chase.escalated_at, by="", what=_("escalated"), details=[])
    if chase.ended_at:
        gone = [_("gone")] if chase.is_gone else []
        yield TimelineEntry(at=chase.ended_at, by="", what=_("work ended"), details=gone)


def timeline_entries(incident: Incident) -> Iterator[TimelineEntry]:
    """Of one moment what follows first."""
    yield from chain.from_iterable(map(ended, incident.known_chases))
    yield from map(checked, incident.checks.select_related("by").order_by("-at")[:MOST_OF_A_KIND])

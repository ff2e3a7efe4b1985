"""Lines of an incident's history: what came off the URL list."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time

from django.utils.translation import gettext as _

from analysts.incidents.timeline import AUTOMATIC, MOST_OF_A_KIND, TimelineEntry
from analysts.models import Chase, Incident, UrlListEntry


def taken_off(entry: UrlListEntry, chases: Iterable[Chase]) -> TimelineEntry:
    """That it was put there stands among the referrals. Only the day is kept, and its end stands for it; who it was
    stands on the audit record, where it did not come off with the end of the chase."""
    day = entry.removed_on or entry.added_on
    by = AUTOMATIC if day in {chase.ended_at.date() for chase in chases if chase.ended_at} else _("a colleague")
    at = datetime.combine(day, time.max, tzinfo=UTC)
    return TimelineEntry(at=at, by=by, what=_("off the URL list"), details=[], is_day=True)


def timeline_entries(incident: Incident) -> Iterator[TimelineEntry]:
    taken = incident.url_list_entries.filter(removed_on__isnull=False).order_by("-removed_on")[:MOST_OF_A_KIND]
    yield from (taken_off(entry, incident.known_chases) for entry in taken)

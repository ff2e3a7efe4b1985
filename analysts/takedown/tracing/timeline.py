"""Lines of an incident's history: hosting traces."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from analysts.incidents.display_safe import harmless
from analysts.incidents.timeline import MOST_OF_A_KIND, TimelineEntry
from analysts.models import HostingTrace, Incident
from countries.languages import country_in_words


def traced(trace: HostingTrace) -> TimelineEntry:
    place = [
        country_in_words(trace.country),
        harmless(trace.provider.name),
        harmless(trace.network),
        harmless(trace.note),
    ]
    details = [trace.get_method_display(), *filter(None, place)]
    return TimelineEntry(at=trace.at, by=trace.by, what=_("traced"), details=details)


def timeline_entries(incident: Incident) -> Iterator[TimelineEntry]:
    traces = incident.traces.select_related("by", "provider").order_by("-at")[:MOST_OF_A_KIND]
    yield from map(traced, traces)

"""The timeline of an incident: the entries that the rooms offer, newest first."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from analysts.assessment.timeline import assessment_entries
from analysts.incidents.timeline import TimelineEntry, TimelineOf
from analysts.models import Incident, User
from analysts.retention import page_section as retention
from analysts.takedown.chasing import page_section as chasing
from analysts.takedown.notices import timeline as notices
from analysts.takedown.routing import page_section as routing
from analysts.takedown.tracing import page_section as tracing
from analysts.takedown.url_list import page_section as url_list

# Of what comes day after day.
MOST_REPEATED = 20
# Of one moment what follows comes first, as the list begins with the newest.
AFTER_VERDICT: tuple[TimelineOf, ...] = (
    url_list.timeline_entries,
    chasing.timeline_entries,
    notices.timeline_entries,
    routing.timeline_entries,
    tracing.timeline_entries,
)


@dataclass(frozen=True, slots=True)
class IncidentHistory:
    """`entries`: newest first. `is_cut`: older reminders and looks are left out, and nothing else is."""

    entries: list[TimelineEntry]
    is_cut: bool


def build_history(incident: Incident, user: User) -> IncidentHistory:
    """Everything the rooms know of the incident, as far as `user` may know of it."""
    entries = sorted(gather_entries(incident, user), key=lambda entry: entry.order, reverse=True)
    number = accumulate(entry.repeats for entry in entries)
    shown = [
        entry for entry, so_far in zip(entries, number, strict=True) if not entry.repeats or so_far <= MOST_REPEATED
    ]
    return IncidentHistory(shown, is_cut=len(shown) < len(entries))


def gather_entries(incident: Incident, user: User) -> Iterator[TimelineEntry]:
    yield from assessment_entries(incident, user)
    yield from retention.timeline_entries(incident)
    # Nothing follows a verdict that was never illegal.
    if incident.known_chases:
        for timeline_entries in AFTER_VERDICT:
            yield from timeline_entries(incident)

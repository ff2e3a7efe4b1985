"""The timeline of an incident, collected from the rooms, newest first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from django.utils.translation import gettext as _

from analysts.assessment.entry_views import entry_entries
from analysts.assessment.recorded_acts import message_entries, recorded_entries
from analysts.assessment.timeline import assessment_entries
from analysts.incidents.attached import Attached
from analysts.incidents.page_kit import PageSection, SectionHeading
from analysts.incidents.timeline import TimelineEntry, TimelineOf
from analysts.models import Incident, Note, User
from analysts.retention import page_section as retention
from analysts.takedown.alerts.timeline import alert_entries
from analysts.takedown.appeals import page_section as appeals
from analysts.takedown.chasing import page_section as chasing
from analysts.takedown.notices import timeline as notices
from analysts.takedown.routing import page_section as routing
from analysts.takedown.systemic_cases import page_section as systemic_cases
from analysts.takedown.tracing import page_section as tracing
from analysts.takedown.url_list import page_section as url_list

# Maximum number of daily repeating entries (reminders, availability checks).
MOST_REPEATED = 20
# The rest is folded.
MOST_UNFOLDED = 4
# Later steps first: entries with the same time are shown in this order, and the list begins with the newest.
AFTER_VERDICT: tuple[TimelineOf, ...] = (
    appeals.timeline_entries,
    url_list.timeline_entries,
    chasing.timeline_entries,
    notices.timeline_entries,
    routing.timeline_entries,
    tracing.timeline_entries,
)


@dataclass(frozen=True, slots=True)
class IncidentHistory:
    """`entries`: newest first. `is_cut`: whether older reminders and availability checks are left out."""

    entries: list[TimelineEntry]
    is_cut: bool

    @property
    def latest(self) -> list[TimelineEntry]:
        return self.entries[:MOST_UNFOLDED]

    @property
    def earlier(self) -> list[TimelineEntry]:
        """The entries that are folded."""
        return self.entries[MOST_UNFOLDED:]

    @property
    def first_folded(self) -> int:
        """The place of the first folded entry in the list, from 1."""
        return MOST_UNFOLDED + 1


def build_history(incident: Incident, user: User, attached: Attached, notes: Sequence[Note] = ()) -> IncidentHistory:
    """Collect the entries of all rooms that `user` may see.

    Args:
        attached: the kinds of rows that exist, so that only these are queried.
        notes: the internal notes that `user` may see.
    """
    named = (note for note in notes if not note.is_unnamed)
    unsorted = [*gather_entries(incident, user, attached), *map(note_entry, named)]
    entries = sorted(unsorted, key=lambda entry: entry.order, reverse=True)
    number = accumulate(entry.repeats for entry in entries)
    rows = [
        entry for entry, so_far in zip(entries, number, strict=True) if not entry.repeats or so_far <= MOST_REPEATED
    ]
    return IncidentHistory(rows, is_cut=len(rows) < len(entries))


def show_history(
    incident: Incident,
    user: User,
    attached: Attached,
    notes: Sequence[Note],
    durations: Sequence[tuple[str, str]],
) -> SectionHeading:
    """The section after a verdict, folded. `durations`: labels and texts, for its heading."""
    return SectionHeading(
        outcome="; ".join(f"{label}: {words}" for label, words in durations),
        build=lambda: PageSection("analysts/pages/_history.html", build_history(incident, user, attached, notes)),
    )


def note_entry(note: Note) -> TimelineEntry:
    """That a note was written; its text is in the list of notes."""
    details = [_("written when handing over")] if note.claim is not None else []
    return TimelineEntry(at=note.at, by=note.by, title=_("internal note"), details=details)


def gather_entries(incident: Incident, user: User, attached: Attached) -> Iterator[TimelineEntry]:
    if attached.assessments or attached.referrals:
        yield from assessment_entries(incident, user)
    if attached.entries:
        yield from entry_entries(incident, user)
    if attached.recorded:
        yield from recorded_entries(incident, user)
    if attached.messages:
        yield from message_entries(incident, user)
    if attached.alerts:
        yield from alert_entries(incident)
    if attached.holds:
        yield from retention.timeline_entries(incident)
    if attached.systemic_cases:
        yield from systemic_cases.timeline_entries(incident)
    # Incidents without an illegal verdict have no later entries but the letters of alerts.
    later = AFTER_VERDICT if incident.known_chases else (notices.timeline_entries,) if attached.alerts else ()
    for timeline_entries in later:
        yield from timeline_entries(incident)

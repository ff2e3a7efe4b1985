"""Time to assess and time to removal, as the field defines them.

Time to assess runs from receipt to decision. Report times are rounded down to the hour, so it is up to an hour too
long. Time to removal runs from the first notice sent to the first of the consecutive checks that found the content
removed. Content removed before any notice was sent is counted separately.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from analysts.incidents.counted_time import count_days, count_hours, count_minutes, count_whole_hours
from analysts.models import Assessment, Chase, Incident

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Removal:
    """Time to removal. `elapsed`: until removal, or until now if `is_over` is false; None if no notice was sent, or
    if work ended without a confirmed removal. `before`: removed before any notice."""

    elapsed: timedelta | None
    is_over: bool
    before: bool = False


def to_assess(incident: Incident, decided: Assessment) -> timedelta:
    """From the start of the round (the report, or the reopening) to `decided`, the assessment that settled it."""
    return max(decided.at - incident.waiting_since, timedelta(0))


def to_removal(chase: Chase, *, now: datetime) -> Removal:
    removed_at = chase.removed_at if chase.is_gone else None
    if chase.noticed_at is None or (removed_at and removed_at < chase.noticed_at):
        return Removal(elapsed=None, is_over=chase.ended_at is not None, before=removed_at is not None)
    if removed_at:
        return Removal(elapsed=removed_at - chase.noticed_at, is_over=True)
    if chase.ended_at:
        return Removal(elapsed=None, is_over=True)
    return Removal(elapsed=now - chase.noticed_at, is_over=False)


def in_words(duration: timedelta) -> str:
    """Two units at most: `3 minutes`, `5 hours`, `2 days 5 hours`."""
    minutes = int(duration / timedelta(minutes=1))
    hours, days = minutes // 60, minutes // (24 * 60)
    if hours < 1:
        return count_minutes(minutes)
    if days < 1:
        return count_hours(hours)
    if rest := hours % 24:
        return f"{count_days(days)} {count_hours(rest)}"
    return count_days(days)


def find_decided(incident: Incident) -> Assessment | None:
    """The assessment that settled the latest round; None while the incident waits for one."""
    if incident.is_open_to_review:
        return None
    return Assessment.objects.in_force().filter(incident=incident, round=incident.round).order_by("-at").first()


def duration_lines(incident: Incident, decided: Assessment | None, *, now: datetime) -> list[tuple[str, str]]:
    """Both durations of the latest round as (label, text) pairs for the incident's page.

    `decided`: as `find_decided` gives it.
    """
    lines = []
    if decided:
        duration = to_assess(incident, decided)
        lines.append((_("Time to assess"), in_words(duration) if duration >= HOUR else count_whole_hours(duration)))
    if incident.known_chases:
        lines.append((_("Time to removal"), _removal_text(to_removal(incident.known_chases[-1], now=now))))
    return lines


def _removal_text(removal: Removal) -> str:
    if removal.before:
        return _("removed before any notice was sent")
    if removal.elapsed is None:
        return _("removal not confirmed") if removal.is_over else _("no notice sent yet")
    words = in_words(removal.elapsed)
    return words if removal.is_over else _("%(time)s so far") % {"time": words}

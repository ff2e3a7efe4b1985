"""How long it took, by the field's two definitions.

Time to assess: received to decision. Times of reports are kept to the hour and rounded down, so it is at most an hour
too long. Time to removal: the first notice left to the first of the checks in a row that found it gone, which the later
ones confirmed; what was gone before any notice left is counted apart.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analysts.models import Assessment, Chase, Incident


@dataclass(frozen=True, slots=True)
class Removal:
    """`taken`: until it was gone, or so far; None where no notice has left, and where the work ended without its being
    found gone. `before`: gone before any notice."""

    taken: timedelta | None
    is_over: bool
    before: bool = False


def to_assess(incident: Incident, decided: Assessment) -> timedelta:
    """Of the round of `decided`, the assessment that settled it; a round begins with the report, or the reopening."""
    return max(decided.at - incident.waiting_since, timedelta(0))


def to_removal(chase: Chase, *, now: datetime) -> Removal:
    gone_at = chase.gone_at if chase.is_gone else None
    if chase.noticed_at is None or (gone_at and gone_at < chase.noticed_at):
        return Removal(taken=None, is_over=chase.ended_at is not None, before=gone_at is not None)
    if gone_at:
        return Removal(taken=gone_at - chase.noticed_at, is_over=True)
    if chase.ended_at:
        return Removal(taken=None, is_over=True)
    return Removal(taken=now - chase.noticed_at, is_over=False)


def in_words(taken: timedelta) -> str:
    """Two units at most: `3 minutes`, `5 hours`, `2 days 5 hours`."""
    minutes = int(taken / timedelta(minutes=1))
    hours, days = minutes // 60, minutes // (24 * 60)
    if hours < 1:
        return ngettext("%(minutes)d minute", "%(minutes)d minutes", minutes) % {"minutes": minutes}
    if days < 1:
        return ngettext("%(hours)d hour", "%(hours)d hours", hours) % {"hours": hours}
    in_days = ngettext("%(days)d day", "%(days)d days", days) % {"days": days}
    if rest := hours % 24:
        return f"{in_days} {ngettext('%(hours)d hour', '%(hours)d hours', rest) % {'hours': rest}}"
    return in_days


def duration_lines(incident: Incident, *, now: datetime) -> list[tuple[str, str]]:
    """What the incident's page says of both, as pairs of name and words; of the latest round."""
    lines = []
    if incident.is_open_to_looks:
        decided = None
    else:
        decided = incident.assessments.standing().filter(round=incident.round).order_by("-at").first()
    if decided:
        lines.append((_("Time to assess"), in_words(to_assess(incident, decided))))
    if incident.known_chases:
        lines.append((_("Time to removal"), _removal_text(to_removal(incident.known_chases[-1], now=now))))
    return lines


def _removal_text(removal: Removal) -> str:
    if removal.before:
        return _("gone before any notice left")
    if removal.taken is None:
        return _("not found gone") if removal.is_over else _("no notice has left yet")
    words = in_words(removal.taken)
    return words if removal.is_over else _("%(time)s so far") % {"time": words}

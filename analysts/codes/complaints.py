"""Complaints about a decision of a platform, which it hears for six months (Digital Services Act, Art. 20(1))."""

from calendar import monthrange
from datetime import datetime

from analysts.codes.recipient_kinds import kinds_that_are
from reports.notices import REMOVALS

HEARS_COMPLAINTS = kinds_that_are(lambda kind: kind.hears_complaints)
COMPLAINT_MONTHS = 6


def complaint_until(
    kind: str | None, action: str | None, decided_at: datetime | None, *, now: datetime
) -> datetime | None:
    """Until when a complaint about a recipient's latest decision is possible; None if it is not, or no longer.

    Args:
        kind: the recipient's.
        action: its `RecipientAction`; one that leaves the content online can be complained about.
    """
    if decided_at is None or kind not in HEARS_COMPLAINTS or action in REMOVALS:
        return None
    until = complaint_ends(decided_at)
    return until if now < until else None


def complaint_ends(decided_at: datetime) -> datetime:
    """Six calendar months after the decision; on a shorter month's last day."""
    years, month = divmod(decided_at.month - 1 + COMPLAINT_MONTHS, 12)
    year = decided_at.year + years
    return decided_at.replace(year=year, month=month + 1, day=min(decided_at.day, monthrange(year, month + 1)[1]))

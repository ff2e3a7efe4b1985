"""An analyst who claims and assesses until a file exists, and notes each verdict once it is acknowledged."""

import time
from pathlib import Path

from django.db import DatabaseError, InterfaceError, connection

from analysts.assessment import actions
from analysts.codes import Reason, Verdict
from analysts.models import Incident, User

PAUSE_SECONDS = 0.1


def keep_deciding(username: str, notes: str, end: str) -> None:
    """A line a verdict: the assessment's id, the incident's, the second. A lost connection is opened again."""
    with Path(notes).open("a", buffering=1) as file:
        while not Path(end).exists():
            try:
                by = User.objects.get(username=username)
                if incident := actions.claim_next(by=by):
                    fence = incident.fence
                    assessment = actions.assess(
                        by=by, incident=incident, fence=fence, verdict=Verdict.NOT_ILLEGAL, reason=Reason.NOT_SEXUALISED
                    )
                    file.write(f"{assessment.pk} {incident.pk} {time.monotonic()}\n")
            except (DatabaseError, InterfaceError):
                connection.close()
            time.sleep(PAUSE_SECONDS)


def decide(username: str, most: int) -> int:
    """Clear the first incidents of the queue by hand, at most so many; returns how many there were.

    *Next* would end after a few of one site.
    """
    by = User.objects.get(username=username)
    waiting = list(Incident.objects.waiting().visible_to(by).open_to(by).in_order()[:most])
    for waits in waiting:
        incident = actions.claim(by=by, incident=waits)
        actions.assess(
            by=by, incident=incident, fence=incident.fence, verdict=Verdict.NOT_ILLEGAL, reason=Reason.NOT_SEXUALISED
        )
    return len(waiting)

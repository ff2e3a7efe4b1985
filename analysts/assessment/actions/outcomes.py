"""What is done after the verdict, until an incident is closed or opened again."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.codes import Closing, ReviewStage
from analysts.incidents import permissions
from analysts.incidents.locking import lock_incident, record_act, save_incident, set_closed
from analysts.models import DropReason, Incident, User
from analysts.models.incident import LOWEST
from analysts.states import target
from analysts.takedown import chase_lifecycle as chases
from audit.permissions import Denied
from reports.models import the_hour


@transaction.atomic
def close(
    *, by: User, incident: Incident, closing: Closing = Closing.EXHAUSTED, now: datetime | None = None
) -> Incident:
    """End the work on an illegal incident: all that can be done was done. That it is gone, only looks can say."""
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    permissions.check_can_close(by, incident)
    if closing == Closing.NOT_ACTIONED:
        raise Denied(_("Only an assessment can say that there is nothing to act on."))
    if closing == Closing.MERGED:
        raise Denied(_("Say which incident it is merged into."))
    if closing == Closing.GONE:
        raise Denied(_("It is closed as gone by itself, once enough looks in a row have found it gone."))
    # Members go on blocking what nobody could have taken down.
    chases.end_chase(incident, reason=DropReason.ENDED, stays_listed=True, now=now)
    save_incident(incident, *set_closed(incident, closing, now))
    record_act("close", incident, by=by, now=now, details={"closing": str(closing)})
    return incident


@transaction.atomic
def reopen(*, by: User, incident: Incident, now: datetime | None = None) -> Incident:
    """Back into the queue, to be assessed again: it re-appeared, or the verdict needs another look."""
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    permissions.check_can_reopen(by, incident)
    return_to_queue(incident, now=now)
    record_act("reopen", incident, by=by, now=now)
    return incident


def return_to_queue(incident: Incident, *, now: datetime) -> None:
    """The change of rows behind every reopening; inside the caller's transaction. What was warned of stays."""
    incident.state = target("reopen")
    incident.round, incident.look, incident.severity = incident.round + 1, ReviewStage.FIRST, ""
    incident.merged_into = None
    incident.closing = ""
    incident.closed_on = None
    incident.waiting_since = the_hour(now)
    # Somebody has a reason to look at this one.
    incident.flood, incident.priority = b"", max(incident.priority, LOWEST + 1)
    again = ("round", "look", "severity", "merged_into", "waiting_since", "flood", "priority")
    save_incident(incident, "state", "closing", "closed_on", *again)

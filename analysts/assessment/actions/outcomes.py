"""Closing and reopening an incident after the verdict."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.assessment.flood import folding as floods
from analysts.assessment.intake.prioritising import set_priority
from analysts.codes import Closing, ReviewStage
from analysts.incidents import permissions
from analysts.incidents.locking import lock_incident, record_act, save_incident, set_closed
from analysts.incidents.priority import URGENT, priority_from
from analysts.models import DropReason, Incident, User
from analysts.models.incident_queries import LOWEST
from analysts.states import State, target
from analysts.takedown import chase_lifecycle as chases
from analysts.takedown.next_steps.actions import refresh_next_step
from audit.permissions import Denied
from reports.models import the_hour

# A run of `reopen_due` reopens at most this many incidents.
MOST_REOPENED = 200


@transaction.atomic
def close(
    *, by: User, incident: Incident, closing: Closing = Closing.EXHAUSTED, now: datetime | None = None
) -> Incident:
    """Close an illegal incident because no further action is possible. Only checks close it as removed."""
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    permissions.check_can_close(by, incident)
    if closing == Closing.NOT_ACTIONED:
        raise Denied(_("Only an assessment can close an incident without action."))
    if closing == Closing.MERGED:
        raise Denied(_("Choose the incident to merge into."))
    if closing == Closing.GONE:
        raise Denied(_("An incident is closed as removed after enough availability checks in a row found it removed."))
    # It stays on the URL list: members keep blocking content that could not be taken down.
    chases.end_chase(incident, reason=DropReason.ENDED, stays_listed=True, now=now)
    save_incident(incident, *set_closed(incident, closing, now))
    refresh_next_step(incident, now=now)
    record_act("close", incident, by=by, now=now, details={"closing": str(closing)})
    return incident


@transaction.atomic
def reopen(*, by: User, incident: Incident, now: datetime | None = None) -> Incident:
    """Return the incident to the queue for a new assessment: content is back, or the verdict is in doubt."""
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    permissions.check_can_reopen(by, incident)
    return_to_queue(incident, now=now)
    doubt_verdicts(incident)
    record_act("reopen", incident, by=by, now=now)
    return incident


def doubt_verdicts(incident: Incident) -> None:
    """Let receipts show none of the verdicts of earlier rounds any more. The caller has reopened the incident."""
    incident.answers_from = incident.round
    incident.save(update_fields=["answers_from"])


def reopen_due(*, now: datetime | None = None) -> int:
    """Reopen the closed incidents whose later reports have waited for `reopens_at`; returns how many.

    Run by the worker. Writes no audit event, as intake does not when a report reopens an incident.
    """
    now = now or timezone.now()
    due = Incident.objects.filter(state=State.CLOSED, reopens_at__lte=now)
    reopened = 0
    for pk in due.order_by("reopens_at", "pk").values_list("pk", flat=True)[:MOST_REOPENED]:
        with transaction.atomic():
            incident = due.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()
            if incident is None:
                continue
            flood = floods.flood_to_return_to(incident)
            return_to_queue(incident, now=now)
            incident.flood = flood
            set_priority(incident)
            incident.save(update_fields=["flood", "priority", "priority_reasons"])
            reopened += 1
    return reopened


def return_to_queue(incident: Incident, *, now: datetime) -> None:
    """Reopen and save the incident, within the caller's transaction. Content warnings stay."""
    incident.state = target("reopen")
    incident.round, incident.stage, incident.severity = incident.round + 1, ReviewStage.FIRST, ""
    incident.merged_into = None
    incident.closing = ""
    incident.closed_on = None
    incident.reopens_at = None
    incident.waiting_since = the_hour(now)
    # It needs an individual review, so it leaves its flood.
    incident.flood, incident.priority = b"", max(incident.priority, LOWEST + 1)
    if incident.priority == URGENT:
        # The decision has taken the words into account; a later sealed tick makes it urgent again.
        incident.priority = priority_from(incident.priority_reasons)
    fields = ("round", "stage", "severity", "merged_into", "reopens_at", "waiting_since", "flood", "priority")
    save_incident(incident, "state", "closing", "closed_on", *fields)
    refresh_next_step(incident, now=now)

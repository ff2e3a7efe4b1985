"""Questions about the next steps of all incidents."""

from django.db.models import Exists, OuterRef, Q

from analysts.models import Incident, IncidentQuerySet, NextStep
from analysts.states import State


def incidents_without_next_step() -> IncidentQuerySet:
    """Open illegal incidents without a next step, a date, or an owner or queue: never any.

    Incidents that wait for another verdict are in the queue, which is their next step. Each stored step has a date.
    """
    step = NextStep.objects.filter(incident=OuterRef("pk"))
    is_open = Incident.objects.filter(state__in=[State.ASSESSED, State.ACTING])
    # Without a portal there is no queue.
    return is_open.filter(~Exists(step) | Q(portals=[], next_step__owner=None))

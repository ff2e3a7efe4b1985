"""Who may set the next step of an incident, which steps are offered, and who may own one."""

from collections.abc import Collection

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from analysts.incidents.permissions import check_sees_content
from analysts.models import DESK_FIELDS, DESK_ORDER, Clearance, Incident, NextStep, NextStepKind, PoliceHold, User
from analysts.states import State
from audit.permissions import Denied, Late


def check_can_plan(user: User, incident: Incident) -> None:
    check_sees_content(user)
    if incident.state not in (State.ASSESSED, State.ACTING):
        raise Denied(_("Only open incidents with an illegal verdict have a next step."))


def offered_steps(hold: PoliceHold | None) -> list[NextStepKind]:
    """The steps that can be chosen; after a refusal of the police, its own come first.

    `hold`: the latest request for clearance.
    """
    is_refused = hold is not None and hold.answer == Clearance.REFUSED
    offered = [kind for kind in NextStepKind if kind.row.is_offered and (is_refused or not kind.row.is_after_refusal)]
    return sorted(offered, key=lambda kind: not kind.row.is_after_refusal)


def possible_owners(incident: Incident) -> QuerySet[User]:
    """The active analysts who work for a portal of the incident, with their names only."""
    return User.objects.analysts_of(incident.portals).order_by(*DESK_ORDER).only(*DESK_FIELDS)


def check_can_assign(
    user: User, incident: Incident, step: NextStep | None, owner: User | None, owner_portals: Collection[int]
) -> None:
    """Check whether the incident, with this next step, can be assigned to `owner`; None: to its queue.

    `owner_portals`: the ids of the portals that `owner` works for.
    """
    check_can_plan(user, incident)
    if step is None:
        raise Denied(_("Only open incidents with an illegal verdict have a next step."))
    if owner is not None and set(incident.portals).isdisjoint(owner_portals):
        raise Denied(_("This colleague does not work for any portal of the incident."))
    if step.owner == owner and (step.is_assigned or owner is None):
        raise Late(_("It is already assigned like this."))


def colleagues_of(user: User) -> QuerySet[User]:
    """The active analysts who work for one of the user's portals, the user included."""
    analysts = User.objects.analysts_of(user.portal_ids).values("pk")
    return User.objects.filter(Q(pk=user.pk, is_active=True) | Q(pk__in=analysts)).order_by(*DESK_ORDER)


def check_can_own(owner: User, incident: Incident) -> None:
    if not possible_owners(incident).filter(pk=owner.pk).exists():
        raise Denied(_("This colleague does not work for any portal of the incident."))

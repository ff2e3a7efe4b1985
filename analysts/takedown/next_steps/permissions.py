"""Who may set the next step of an incident, which steps are offered, and who may own one."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from analysts.accounts.permissions import CONTENT_ROLES
from analysts.incidents.permissions import check_sees_content
from analysts.models import Clearance, Incident, NextStepKind, User
from analysts.states import State
from audit.permissions import Denied


def check_can_plan(user: User, incident: Incident) -> None:
    check_sees_content(user)
    if incident.state not in (State.ASSESSED, State.ACTING):
        raise Denied(_("Only open incidents with an illegal verdict have a next step."))


def offered_steps(incident: Incident) -> list[NextStepKind]:
    """The steps that can be chosen for the incident; after a refusal of the police, its own come first."""
    latest = incident.police_holds.order_by("-at").values_list("answer", flat=True).first()
    is_refused = latest == Clearance.REFUSED
    offered = [kind for kind in NextStepKind if kind.row.is_offered and (is_refused or not kind.row.is_after_refusal)]
    return sorted(offered, key=lambda kind: not kind.row.is_after_refusal)


def possible_owners(incident: Incident) -> QuerySet[User]:
    """The active analysts who work for a portal of the incident."""
    found = User.objects.filter(is_active=True, role__in=CONTENT_ROLES, portals__in=incident.portals)
    return found.distinct().order_by("username")


def check_can_own(owner: User, incident: Incident) -> None:
    if not possible_owners(incident).filter(pk=owner.pk).exists():
        raise Denied(_("This colleague does not work for any portal of the incident."))

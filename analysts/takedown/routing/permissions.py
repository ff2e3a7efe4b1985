"""Permissions to route incidents and to see or change the routing rules, and checks of typed text."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import Who, restrict_to
from analysts.accounts.permissions import CONTENT_ROLES
from analysts.codes import Role
from analysts.incidents.permissions import check_can_refer, check_sees_content
from analysts.models import Chase, Incident, IncidentKind, PoliceHold, Referral, User
from analysts.takedown.tracing.actions import name_tells_an_address, names_network_address
from audit.permissions import Denied, Late
from reports.addresses import find_addresses


def chase_of(incident: Incident) -> Chase:
    """Return the open chase of the incident. Raises `Denied` if there is none."""
    chase = incident.known_open_chase
    if chase is None:
        raise Denied(_("Only open incidents with an illegal verdict can be referred."))
    return chase


def check_can_route(user: User, incident: Incident) -> None:
    check_sees_content(user)
    if not chase_of(incident).trace:
        raise Denied(_("Trace the hosting first: at least three methods have to agree."))
    check_can_route_once_traced(user, incident)


def check_can_route_once_traced(user: User, incident: Incident) -> None:
    """A moved incident can be routed even while it waits for a new verdict, because it is online elsewhere."""
    check_sees_content(user)
    if not chase_of(incident).has_moved:
        check_can_refer(user, incident)


def check_can_add_recipient(user: User, incident: Incident) -> None:
    """Check whether one more recipient may be added. Reports without a web address are referred in this way only.

    Refused after a move until the new route is confirmed, because confirming it would end the referral.
    """
    check_sees_content(user)
    if incident.kind != IncidentKind.WORDS and chase_of(incident).has_moved:
        raise Denied(_("The agreed hosting has changed. Approve the new route first."))
    check_can_refer(user, incident)


def open_referrals(incident: Incident) -> QuerySet[Referral]:
    """The open referrals to recipients, oldest first, then by name."""
    return Referral.objects.filter(incident=incident, ended_at=None, to__isnull=False).order_by("at", "recipient", "pk")


def check_can_withdraw(user: User, incident: Incident, referral: Referral, latest: PoliceHold | None) -> None:
    """Check whether the user, who may refer, may take the referral back. `latest`: the latest clearance request."""
    check_can_add_recipient(user, incident)
    if latest is not None and not latest.answer and latest.police_id == referral.to_id:
        raise Denied(_("This is the clearance request. Record the decision of the police instead."))
    if not open_referrals(incident).filter(pk=referral.pk).exists():
        raise Late(_("This referral has ended already."))


def check_can_ask_police(user: User, incident: Incident, latest: PoliceHold | None) -> None:
    """`latest`: the latest clearance request."""
    check_sees_content(user)
    if not chase_of(incident).trace:
        raise Denied(_("Trace the hosting first: at least three methods have to agree."))
    if latest is not None and not latest.answer:
        raise Denied(_("The police have been asked for clearance and have not decided yet."))


def require_unanswered_hold(user: User, latest: PoliceHold | None) -> PoliceHold:
    """Return the hold to record a decision for, even after the takedown has ended. Raises `Denied` if there is none."""
    check_sees_content(user)
    if latest is None:
        raise Denied(_("The police have not been asked for clearance."))
    if latest.answer:
        raise Denied(_("The decision of the police has already been recorded."))
    return latest


def check_names_no_address(text: str) -> None:
    """Refuse text with an address: it is stored unencrypted and must not identify reported material."""
    if find_addresses(text) or names_network_address(text):
        raise Denied(_("This text contains an address. Remove it."))


def check_recipient(name: str, incident: Incident) -> None:
    """Refuse a name that identifies the reported address. Other host names are valid names of recipients."""
    if name_tells_an_address(name, incident):
        raise Denied(_("This name contains an address or the reported site. Name the organisation."))


# The rules contain no report data: analysts apply them, operators maintain them, auditors review them.
RULE_READERS = Who(CONTENT_ROLES | {Role.AUDITOR})
RULE_KEEPERS, check_can_change_rules = restrict_to({Role.OPERATOR}, _("Only operators can change routing rules."))

"""May I say where an incident goes, in these words, and what the rules of that are?"""

from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import Who
from analysts.accounts.permissions import CONTENT_ROLES
from analysts.codes import Role
from analysts.incidents.permissions import check_can_refer, check_sees_content
from analysts.models import Chase, Incident, IncidentKind, PoliceHold, User
from analysts.takedown.tracing.actions import name_tells_an_address, names_network_address
from audit.permissions import Denied
from reports.addresses import find_addresses


def chase_of(incident: Incident) -> Chase:
    """The open one; `Denied` where there is none."""
    chase = next((chase for chase in incident.known_chases if chase.ended_at is None), None)
    if chase is None:
        raise Denied(_("Only what was found illegal, and is not over yet, goes to somebody."))
    return chase


def check_can_route(user: User, incident: Incident) -> None:
    """What moved while the incident waits for another verdict is decided at once: it is online somewhere else."""
    check_sees_content(user)
    chase = chase_of(incident)
    if not chase.trace:
        raise Denied(_("Say where it is hosted first: at least three methods have to agree."))
    if not chase.has_moved:
        check_can_refer(user, incident)


def check_can_tell(user: User, incident: Incident) -> None:
    """Whether one more recipient may be told of it. Of words without an address nobody is told but by this.

    Whoever were told after a move, the route of the new place would end.
    """
    check_sees_content(user)
    if incident.kind != IncidentKind.WORDS and chase_of(incident).has_moved:
        raise Denied(_("It is hosted elsewhere now. Approve where it goes first."))
    check_can_refer(user, incident)


def check_can_ask_police(user: User, incident: Incident, latest: PoliceHold | None) -> None:
    """`latest`: what was asked last."""
    check_sees_content(user)
    if not chase_of(incident).trace:
        raise Denied(_("Say where it is hosted first: at least three methods have to agree."))
    if latest is not None and not latest.answer:
        raise Denied(_("The police were asked and have not answered yet."))


def require_unanswered_hold(user: User, latest: PoliceHold | None) -> PoliceHold:
    """What the user may record an answer to, whenever that comes, after the end as well. `Denied` where nothing is."""
    check_sees_content(user)
    if latest is None:
        raise Denied(_("The police were not asked."))
    if latest.answer:
        raise Denied(_("The answer of the police is recorded already."))
    return latest


def check_names_no_address(text: str) -> None:
    """What people write about where an incident goes is kept in clear: it never names what was reported."""
    if find_addresses(text) or names_network_address(text):
        raise Denied(_("This names an address. Write it without any."))


def check_recipient(name: str, incident: Incident) -> None:
    """A recipient may be called like a host that was not reported, and nothing more may be told by its name."""
    if name_tells_an_address(name, incident):
        raise Denied(_("This names what was reported. Name the host, hotline, police force or list."))


def check_can_see_rules(user: User) -> None:
    """No content: for those who decide by the rules, keep them, or ask why something was done."""
    if not user.is_active or user.role not in CONTENT_ROLES | {Role.OPERATOR, Role.AUDITOR}:
        raise Denied(_("The routing rules are open to analysts, operators and auditors only."))


def check_can_change_rules(user: User) -> None:
    if not user.is_active or user.role != Role.OPERATOR:
        raise Denied(_("Only an operator changes where things go."))


RULE_READERS = Who(CONTENT_ROLES | {Role.OPERATOR, Role.AUDITOR}, check_can_see_rules)
RULE_KEEPERS = Who(frozenset({Role.OPERATOR}), check_can_change_rules)

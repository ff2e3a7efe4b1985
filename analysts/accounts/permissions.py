"""May I, about accounts: what one administrator may do, and what takes two."""

from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import Who
from analysts.codes import Role
from analysts.models import Proposal, ProposalKind, ProposalState, User
from audit.permissions import Denied, allowed, check_can_read_events
from countries.staff.permissions import check_is_operator

# Who may open reports.
CONTENT_ROLES = frozenset({Role.ANALYST, Role.SENIOR})

TWO_PERSON_ROLES = CONTENT_ROLES | {Role.ADMINISTRATOR}


def needs_two(role: str) -> bool:
    """Whether the role opens content or makes accounts: nobody can give it alone."""
    return role in TWO_PERSON_ROLES


def check_is_administrator(user: User) -> None:
    if not user.is_active or user.role != Role.ADMINISTRATOR:
        raise Denied(_("Accounts are open to administrators only."))


def check_can_propose_role(by: User, user: User, role: str) -> None:
    check_is_administrator(by)
    if by.pk == user.pk:
        raise Denied(_("You cannot give yourself a role that opens reports. Another administrator can."))


def check_can_propose_recovery(by: User, user: User) -> None:
    check_is_administrator(by)
    if by.pk == user.pk:
        raise Denied(_("You cannot ask for your own account. Change your password or your second factor yourself."))
    if user.unconfirmed:
        raise Denied(_("The account itself is not confirmed yet."))
    if not user.is_active:
        raise Denied(_("The account is switched off."))


def check_can_confirm(by: User, proposal: Proposal) -> None:
    check_is_administrator(by)
    if proposal.asked_by_id == by.pk:
        raise Denied(_("You asked for it yourself. Another administrator has to confirm."))
    if proposal.user_id == by.pk:
        raise Denied(_("It is about your own account. Another administrator has to confirm."))
    _check_waits(proposal)
    if not allowed(check_is_administrator, proposal.asked_by):
        raise Denied(_("Whoever asked for it is no administrator any more."))
    if proposal.kind == ProposalKind.RECOVERY and not proposal.user.is_active:
        raise Denied(_("The account is switched off."))


def check_can_refuse(by: User, proposal: Proposal) -> None:
    """Whoever asked may take it back; any other administrator may refuse it."""
    check_is_administrator(by)
    _check_waits(proposal)


def _check_waits(proposal: Proposal) -> None:
    if proposal.state != ProposalState.OPEN:
        raise Denied(_("It was decided already."))


ADMINISTRATORS = Who(frozenset({Role.ADMINISTRATOR}), check_is_administrator)
OPERATORS = Who(frozenset({Role.OPERATOR}), check_is_operator)
AUDITORS = Who(frozenset({Role.AUDITOR}), check_can_read_events)

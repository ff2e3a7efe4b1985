"""Permission checks about accounts, and the role that one administrator may give."""

from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import Who, restrict_to
from analysts.codes import Role
from analysts.models import User
from analysts.models.staff.user import CONTENT_ROLES as CONTENT_ROLES
from audit.permissions import Denied, check_can_read_events
from countries.staff.requests.approvals import check_is_operator
from countries.staff.translation.permissions import check_can_see_words


def needs_two(role: str) -> bool:
    """Whether giving the role needs two administrators. A partner decides nothing and opens no report or record."""
    return role != Role.PARTNER


ADMINISTRATORS, check_is_administrator = restrict_to(
    {Role.ADMINISTRATOR}, _("Only administrators may manage accounts.")
)


def check_can_request_role(by: User, user: User, role: str) -> None:
    check_is_administrator(by)
    if by.pk == user.pk:
        raise Denied(_("You cannot give yourself a role that needs approval. Another administrator can."))


def check_can_request_portals(by: User, user: User) -> None:
    check_is_administrator(by)
    if by.pk == user.pk:
        raise Denied(_("You cannot give yourself portals. Another administrator can."))


def check_can_request_recovery(by: User, user: User) -> None:
    check_is_administrator(by)
    if by.pk == user.pk:
        raise Denied(_("You cannot request a code for yourself. Change your password or second factor instead."))
    if user.unconfirmed:
        raise Denied(_("The account has not been approved yet."))
    if not user.is_active:
        raise Denied(_("The account is deactivated."))


OPERATORS = Who(frozenset({Role.OPERATOR}), check_is_operator)
AUDITORS = Who(frozenset({Role.AUDITOR}), check_can_read_events)
PORTAL_READERS = Who(OPERATORS.roles | {Role.PARTNER})
WORDS_READERS = Who(OPERATORS.roles | {Role.TRANSLATOR}, check_can_see_words)

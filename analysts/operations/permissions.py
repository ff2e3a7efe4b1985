"""Who may see and operate the operations page."""

from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import Who
from analysts.codes import Role
from audit.permissions import Denied
from countries.staff.requests.approvals import StaffMember


def check_can_operate(user: StaffMember) -> None:
    if not user.is_active or user.role != Role.ADMINISTRATOR:
        raise Denied(_("Only administrators may see the operations page."))


SERVER_OPERATORS = Who(frozenset({Role.ADMINISTRATOR}), check_can_operate)

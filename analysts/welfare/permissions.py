"""Permission checks of staff protection."""

from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import Who
from analysts.codes import Role
from analysts.models import User
from audit.permissions import Denied


def check_can_see_welfare(user: User) -> None:
    """Times and counts only, no content: for whoever looks after those who look."""
    if not user.is_active or user.role != Role.WELFARE:
        raise Denied(_("This is open to the welfare lead only."))


WELFARE_LEADS = Who(frozenset({Role.WELFARE}), check_can_see_welfare)
# Who decides which words stay masked.
TERM_KEEPERS = Who(frozenset({Role.SENIOR, Role.WELFARE}))

"""Permission checks of staff protection."""

from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import Who
from analysts.codes import Role
from analysts.models import User
from audit.permissions import Denied


def check_can_see_welfare(user: User) -> None:
    """Check access to the team's exposure, which consists of times and counts without content."""
    if not user.is_active or user.role != Role.WELFARE:
        raise Denied(_("Only the welfare lead can open this page."))


WELFARE_LEADS = Who(frozenset({Role.WELFARE}), check_can_see_welfare)
# The roles that maintain the list of masked words.
TERM_KEEPERS = Who(frozenset({Role.SENIOR, Role.WELFARE}))

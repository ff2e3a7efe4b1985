"""Permission checks of staff protection."""

from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import Who, restrict_to
from analysts.codes import Role

# The team's exposure consists of times and counts without content.
WELFARE_LEADS, check_can_see_welfare = restrict_to({Role.WELFARE}, _("Only the welfare lead can open this page."))
# The roles that maintain the list of masked words.
TERM_KEEPERS = Who(frozenset({Role.SENIOR, Role.WELFARE}))

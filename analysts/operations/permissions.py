"""Who may see and operate the operations page."""

from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import restrict_to
from analysts.codes import Role

SERVER_OPERATORS, check_can_operate = restrict_to(
    {Role.ADMINISTRATOR}, _("Only administrators may see the operations page.")
)

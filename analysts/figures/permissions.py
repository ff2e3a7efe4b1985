"""Permissions to see figures of the hotline's work, and to set their targets."""

from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import restrict_to
from analysts.codes import Role

FIGURE_READERS, check_can_see_figures = restrict_to({Role.SENIOR}, _("Only senior analysts can see these figures."))
TARGET_SETTERS, check_can_set_targets = restrict_to({Role.OPERATOR}, _("Only operators can set targets."))
PORTAL_FIGURE_READERS, check_can_see_portal_figures = restrict_to({Role.PARTNER}, _("Only partners have this page."))
INDEPENDENCE_WRITERS, check_can_set_independence = restrict_to(
    {Role.OPERATOR, Role.ADMINISTRATOR},
    _("Only operators and administrators can write the statement of independence."),
)
# Senior analysts see and release them; the others see what is released, protected.
SHEET_READERS, check_can_see_sheets = restrict_to(
    {Role.SENIOR, Role.OPERATOR, Role.AUDITOR},
    _("Only senior analysts, operators and auditors can see the sheets of providers."),
)

"""Permissions to see figures of the hotline's work, and to set their targets."""

from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import Who
from analysts.codes import Role
from analysts.models import User
from audit.permissions import Denied


def check_can_see_figures(user: User) -> None:
    if not user.is_active or user.role != Role.SENIOR:
        raise Denied(_("Only senior analysts can see these figures."))


def check_can_set_targets(user: User) -> None:
    if not user.is_active or user.role != Role.OPERATOR:
        raise Denied(_("Only operators can set targets."))


def check_can_see_portal_figures(user: User) -> None:
    if not user.is_active or user.role != Role.PARTNER:
        raise Denied(_("Only partners have this page."))


PORTAL_FIGURE_READERS = Who(frozenset({Role.PARTNER}), check_can_see_portal_figures)


def check_can_set_independence(user: User) -> None:
    if not user.is_active or user.role not in (Role.OPERATOR, Role.ADMINISTRATOR):
        raise Denied(_("Only operators and administrators can write the statement of independence."))


def check_can_see_sheets(user: User) -> None:
    """Senior analysts see and release them; the others see what is released, protected."""
    if not user.is_active or user.role not in (Role.SENIOR, Role.OPERATOR, Role.AUDITOR):
        raise Denied(_("Only senior analysts, operators and auditors can see the sheets of providers."))


FIGURE_READERS = Who(frozenset({Role.SENIOR}), check_can_see_figures)
TARGET_SETTERS = Who(frozenset({Role.OPERATOR}), check_can_set_targets)
INDEPENDENCE_WRITERS = Who(frozenset({Role.OPERATOR, Role.ADMINISTRATOR}), check_can_set_independence)
SHEET_READERS = Who(frozenset({Role.SENIOR, Role.OPERATOR, Role.AUDITOR}), check_can_see_sheets)

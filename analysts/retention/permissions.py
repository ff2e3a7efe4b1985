"""Permission checks of legal holds, keys and erasure."""

from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import Who
from analysts.codes import Role
from analysts.incidents.permissions import check_sees_content
from analysts.models import Incident, User
from audit.permissions import Denied


def check_may_hold(user: User) -> None:
    check_sees_content(user)
    if user.role != Role.SENIOR:
        raise Denied(_("Only senior analysts may place or release legal holds."))


def check_can_hold(user: User, incident: Incident) -> None:
    check_may_hold(user)
    if incident.open_hold is not None:
        raise Denied(_("The incident is already under legal hold."))


def check_can_release_hold(user: User, incident: Incident) -> None:
    check_may_hold(user)
    if incident.open_hold is None:
        raise Denied(_("The incident is not under legal hold."))


def check_can_see_keys(user: User) -> None:
    """Whether the user may see the keys page (counts only): administrators, and seniors, who decide on holds."""
    if not user.is_active or user.role not in (Role.ADMINISTRATOR, Role.SENIOR):
        raise Denied(_("Only administrators and senior analysts may view keys and erasure."))


SENIORS = Who(frozenset({Role.SENIOR}), check_may_hold)
KEY_READERS = Who(frozenset({Role.SENIOR, Role.ADMINISTRATOR}), check_can_see_keys)

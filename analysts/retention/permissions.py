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
        raise Denied(_("Only a senior analyst decides about legal holds."))


def check_can_hold(user: User, incident: Incident) -> None:
    check_may_hold(user)
    if incident.open_hold is not None:
        raise Denied(_("The incident is under legal hold already."))


def check_can_release_hold(user: User, incident: Incident) -> None:
    check_may_hold(user)
    if incident.open_hold is None:
        raise Denied(_("The incident is not under legal hold."))


def check_can_see_keys(user: User) -> None:
    """Counts only: for those who keep the keys running, and those who decide about holds."""
    if not user.is_active or user.role not in (Role.ADMINISTRATOR, Role.SENIOR):
        raise Denied(_("Keys and erasure are open to administrators and senior analysts only."))


SENIORS = Who(frozenset({Role.SENIOR}), check_may_hold)
KEY_READERS = Who(frozenset({Role.SENIOR, Role.ADMINISTRATOR}), check_can_see_keys)

"""Permission checks of legal holds, keys and erasure."""

from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import Who, restrict_to
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


SENIORS = Who(frozenset({Role.SENIOR}), check_may_hold)
# The keys page has counts only. Seniors decide on holds.
KEY_READERS, check_can_see_keys = restrict_to(
    {Role.SENIOR, Role.ADMINISTRATOR}, _("Only administrators and senior analysts may view keys and erasure.")
)

"""Permission checks that every room of the operators shares."""

from django.utils.translation import gettext_lazy as _

from audit.permissions import Denied, HasPermissions


def check_is_operator(user: HasPermissions) -> None:
    if not user.has_perm("countries.change_portal"):
        raise Denied(_("Only operators may change a portal."))

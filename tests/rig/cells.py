"""Expected answers from `portal_site.access_table`, for its test and for the proof on a whole stack."""

from typing import assert_never

from analysts.accounts.access import Scope
from analysts.codes import Role
from analysts.models.staff.role_permissions import MODEL_PERMISSIONS
from portal_site.access_table import TABLE
from tests.rig.routes import APP, RouteAnswer

# Signing out, and signing in once more, redirect to the sign-in page as well.
TO_SIGN_IN = ("accounts/", "admin/login/")


def answers_for(route: str, method: str, role: str, *, here: bool) -> set[RouteAnswer]:
    """The answers that the table allows for a route, filled in with rows of a portal.

    `role` is "" for a stranger; `here` says whether the rows are theirs: of a portal they work for, of their account.
    """
    rights = TABLE[route]
    if rights.members:
        # With a key: analysts/takedown/url_list/tests/test_url_list_feed.py.
        return {RouteAnswer.KEYED} if method in rights.methods else {RouteAnswer.NO_METHOD}
    if not role and not rights.strangers:
        return {RouteAnswer.SIGN_IN}
    if method not in rights.methods:
        return {RouteAnswer.NO_METHOD}
    opens = {RouteAnswer.OPENS, RouteAnswer.SIGN_IN} if route.startswith(TO_SIGN_IN) else {RouteAnswer.OPENS}
    if not role:
        return opens
    row = rights.row(role, method)
    if row is None:
        return {RouteAnswer.REFUSED}
    if not _can_reach(row.scope, Role(role), here=here):
        return {RouteAnswer.HIDDEN}
    # An act may not be possible in the state that its row is in: refused, with the reason.
    return opens | {RouteAnswer.REFUSED} if method == "POST" else opens


def _can_reach(scope: Scope, role: Role, *, here: bool) -> bool:
    match scope:
        case Scope.ALL | Scope.SELF:
            return True
        case Scope.INCIDENT | Scope.REPORT | Scope.NOTICE | Scope.PORTAL | Scope.INBOX | Scope.OWN:
            return here
        case Scope.APP:
            return any(permission.startswith(f"{APP}.") for permission in MODEL_PERMISSIONS[role])
        case Scope.APPROVAL:
            # The request that paths name is about a portal.
            return role is Role.OPERATOR
        case Scope.NOTHING:
            return False
        case _:
            assert_never(scope)

"""Types for the routes of the staff site and their access rules.

A route is one row: path, view, name, allowed roles, allowed methods, and the rows that its path may identify.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.http.response import HttpResponseBase
from django.utils.functional import Promise

from analysts.codes import Role
from analysts.models import User
from audit.permissions import Denied
from countries.staff.requests.approvals import StaffMember

Methods = frozenset[str]
GET: Methods = frozenset({"GET"})
READ: Methods = frozenset({"GET", "HEAD"})
SEND: Methods = frozenset({"POST"})
BOTH = READ | SEND


@dataclass(frozen=True, slots=True)
class Who:
    """A set of roles, and the check that lets exactly these roles pass and gives the reason for a refusal."""

    roles: frozenset[Role]
    check: Callable[[User], None] | None = None
    strangers: bool = False
    # Members' systems: requests with a valid key and no session (`analysts.takedown.url_list.members`).
    members: bool = False


def restrict_to(roles: Iterable[Role], refusal: str | Promise) -> tuple[Who, Callable[[StaffMember], None]]:
    """The roles as rows of the access table name them, and the check that refuses all other users with this reason."""
    allowed = frozenset(roles)

    def check(user: StaffMember) -> None:
        if not user.is_active or user.role not in allowed:
            raise Denied(refusal)

    return Who(allowed, check), check


STAFF = Who(frozenset(Role))
ANYBODY = Who(frozenset(Role), strangers=True)
NO_ROLE = Who(frozenset())
MEMBERS = Who(frozenset(), members=True)


class Scope(StrEnum):
    """The rows that a path may identify; any other row is a 404."""

    ALL = "every row"
    INCIDENT = "an incident sighted by one of the user's portals"
    REPORT = "a report to one of the user's portals, in such an incident"
    NOTICE = "a notice about such an incident"
    PORTAL = "one of the user's portals"
    INBOX = "a referral to the recipient whose inbox the user's account opens"
    APPROVAL = "an approval request of a kind that the user decides"
    OWN = "rows of the user's own account"
    SELF = "the user alone: the pages with numbers about one person"
    APP = "an app of which the user's role opens a page"
    NOTHING = "paths that no other route matches"


@dataclass(frozen=True, slots=True)
class AccessRow:
    """The roles that may call `route` (as the URL resolver joins it), and the methods they may use."""

    route: str
    who: Who
    methods: Methods
    scope: Scope = Scope.ALL


@dataclass(frozen=True, slots=True)
class StaffRoute:
    """A page or action of the staff site; `path` is below `admin/`. `others` are further roles with their methods."""

    path: str
    view: Callable[..., HttpResponseBase]
    name: str
    who: Who
    methods: Methods
    scope: Scope = Scope.ALL
    others: tuple[tuple[Who, Methods], ...] = ()

    def access_rows(self) -> tuple[AccessRow, ...]:
        pairs = ((self.who, self.methods), *self.others)
        return tuple(AccessRow(f"admin/{self.path}", who, methods, self.scope) for who, methods in pairs)

"""Who may call what on the staff surface: the types of which each room makes its routes.

A route is one row: its path, its view, its name, who may call it, by which methods, and which rows its path may name.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from django.http.response import HttpResponseBase

from analysts.codes import Role
from analysts.models import User

Methods = frozenset[str]
GET: Methods = frozenset({"GET"})
READ: Methods = frozenset({"GET", "HEAD"})
SEND: Methods = frozenset({"POST"})
BOTH = READ | SEND


@dataclass(frozen=True, slots=True)
class Who:
    """Roles, and the check that passes exactly these: a refusal shows its reason."""

    roles: frozenset[Role]
    check: Callable[[User], None] | None = None
    strangers: bool = False
    # Systems of members: requests with an open key and no session (`analysts.takedown.url_list.members`).
    members: bool = False


STAFF = Who(frozenset(Role))
ANYBODY = Who(frozenset(Role), strangers=True)
NOBODY = Who(frozenset())
MEMBERS = Who(frozenset(), members=True)


class Scope(StrEnum):
    """Which rows a path may name; any other is 404."""

    ALL = "every row there is"
    INCIDENT = "an incident that one of one's portals sighted"
    REPORT = "a report to one of one's portals, in such an incident"
    NOTICE = "a notice about such an incident"
    PORTAL = "one of one's portals"
    APPROVAL = "an approval request of a kind that one decides"
    OWN = "what belongs to one's own account"
    APP = "an app of which one's role opens a page"
    NOTHING = "what no other route knows"


@dataclass(frozen=True, slots=True)
class AccessRow:
    """Who may call `route`, written as the resolver joins it, by which methods."""

    route: str
    who: Who
    methods: Methods
    scope: Scope = Scope.ALL


@dataclass(frozen=True, slots=True)
class StaffRoute:
    """A page or an action of the staff site; `path` is below `admin/`. `others` may call it in another way."""

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

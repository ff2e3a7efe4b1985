"""Checks `portal_site.access_table` before every view of the staff surface and refuses routes without a row."""

import logging
from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from analysts.accounts.middleware import Answer
from analysts.accounts.staff_request import staff_user
from analysts.codes import Role
from analysts.models import User
from analysts.takedown.url_list import api, members
from audit.permissions import why_not
from countries.outgoing_effects import MEMBERS_FEED, is_held
from countries.staff.requests.staff_pages import refusal_page
from portal_site import access_table
from portal_site.staff_errors import staff_error_page

NOT_ALLOWED = 405
logger = logging.getLogger(__name__)


def is_public(view: Callable[..., object], route: str) -> bool:
    """Decided by view and not by path alone, so that a page mounted outside the staff's paths is covered too.

    The surface of sources has the table `SOURCE_TABLE`, and asks for its keys itself.
    """
    path = f"/{route}"
    is_staff = path.startswith(settings.STAFF_PATHS) and not path.startswith(settings.SOURCES_PATH)
    return not (getattr(view, "login_required", True) or is_staff)


class AskTheTable:
    """Runs after the sign-in and second-factor middleware, so strangers are redirected to sign in for every path."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """A person who opens the address of a form gets a page with a way back instead of an empty one."""
        response = self.get_response(request)
        if response.status_code == NOT_ALLOWED and request.method == "GET":
            page = staff_error_page(request, NOT_ALLOWED)
            if page is not None:
                page.headers["Allow"] = response.headers["Allow"]
                return page
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., object], args: object, kwargs: object
    ) -> HttpResponseBase | None:
        route, method = request.resolver_match.route if request.resolver_match else "", request.method or ""
        if is_public(view, route):
            return None
        rights = access_table.TABLE.get(route)
        if rights is None:
            logger.error("A route of the staff surface has no access row.")
            if request.path_info.startswith(settings.MEMBERS_PATH):
                return api.no_key()
            return refusal_page(request, _("This page has no access rule yet."))
        if method not in rights.methods:
            return HttpResponseNotAllowed(sorted(rights.methods))
        if rights.members:
            return ask_for_key(request)
        if rights.strangers:
            return None
        # Past sign-in: `analysts.accounts.sessions.RequireSignIn`.
        user = staff_user(request)
        return None if rights.row(user.role, method) else refusal_page(request, refusal_reason(user, rights, method))


def ask_for_key(request: HttpRequest) -> HttpResponseBase | None:
    """401 without a valid key of a member, 503 while a lockdown holds the list; otherwise None.

    The member is set on the request. An empty list, or 304 for "unchanged", would be a statement about the list.
    """
    member = members.key_of(request.headers.get("Authorization", ""), now=timezone.now())
    if member is None:
        return api.no_key()
    if is_held(MEMBERS_FEED):
        return api.list_held()
    cast(api.MemberRequest, request).member = member
    return None


def refusal_reason(user: User, rights: access_table.Rights, method: str) -> str:
    """Return the refusing check's own reason if there is one; nothing in it depends on the object the path names."""
    rows = [row for row in rights.rows if method in row.methods]
    for row in rows:
        if row.who.check and (reason := why_not(row.who.check, user)):
            return reason
    roles = [str(role.label) for role in Role if any(role in row.who.roles for row in rows)]
    if not roles:
        return _("This page is not open to any role.")
    return _("This page is open to other roles only: %(roles)s.") % {"roles": ", ".join(roles)}

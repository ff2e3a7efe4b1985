"""Middleware of the read-only mode: every POST of staff is refused but signing in and out, and ending a mode.

The public surface has no part in it, and neither has the worker: reports, details and alarms go on.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

from analysts.accounts.modes import running_mode
from analysts.accounts.staff_request import staff_user
from analysts.codes import Role
from countries.models import ModeKind
from countries.staff.requests.staff_pages import staff_page

# Being asked again who one is; afterwards the library repeats a request that was stored, past all middleware.
ASKED_AGAIN = frozenset(
    {"accounts/mfa/reauthenticate/", "accounts/mfa/webauthn/reauthenticate/", "accounts/reauthenticate/"}
)
# Not 503, which the web server or a balancer may answer in its own way.
LOCKED = 423
# Signing in and out, ending a mode, and hiding what was revealed, which protects the person.
STILL_TAKEN = ASKED_AGAIN | frozenset(
    {
        "accounts/login/",
        "accounts/logout/",
        "accounts/logout/everywhere/",
        "accounts/mfa/authenticate/",
        "accounts/mfa/webauthn/login/",
        "admin/incidents/<uuid:incident_id>/hide/",
        "admin/login/",
        "admin/logout/",
        "admin/modes/<int:mode_id>/end/",
    }
)
# Below it are the forms with passwords and codes, which are never written into a page.
ACCOUNTS = "accounts/"
LINE_LENGTH = 60


@dataclass(frozen=True, slots=True)
class RefusedField:
    """A field that was sent. `is_typed`: words that a person wrote, to show; others are sent again unseen."""

    name: str
    value: str
    is_typed: bool


class RefuseWhileReadOnly(MiddlewareMixin):
    """Runs after the access table, so that those who may not use a page learn nothing else."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., object], args: object, kwargs: object
    ) -> HttpResponseBase | None:
        if request.method != "POST" or not request.path_info.startswith(settings.STAFF_PATHS):
            return None
        route = request.resolver_match.route if request.resolver_match else ""
        if route in STILL_TAKEN and not _repeats_request(request, route):
            return None
        mode = running_mode(ModeKind.READ_ONLY, timezone.now())
        if mode is None:
            return None
        fields = [] if route.startswith(ACCOUNTS) else list(_sent_fields(request))
        by = mode.started_by
        # A country's partner sees no name of the hotline's staff.
        who = by.get_role_display() if staff_user(request).role == Role.PARTNER else by
        context = {"title": _("Not saved: read-only"), "mode": mode, "started_by": who, "fields": fields}
        return staff_page(request, "analysts/accounts/read_only.html", context, status=LOCKED)


def _repeats_request(request: HttpRequest, route: str) -> bool:
    """Whether the answer would repeat a stored request. Refused, so that it stays stored until the mode has ended."""
    return route in ASKED_AGAIN and "request" in (request.session.get(STATE_SESSION_KEY) or {})


def _sent_fields(request: HttpRequest) -> Iterator[RefusedField]:
    for name, values in request.POST.lists():
        if name != "csrfmiddlewaretoken":
            yield from (
                RefusedField(name, value, "\n" in value or len(value) > LINE_LENGTH or " " in value.strip())
                for value in values
            )

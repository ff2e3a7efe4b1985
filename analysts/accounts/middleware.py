"""Middleware of staff pages: language, refusal of NUL characters and of stray escapes, second factor."""

import json
from collections.abc import Callable

from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import translation
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

from analysts.accounts.staff_request import staff_user
from analysts.models import User
from analysts.models.staff.user import SECOND_FACTORS
from countries.words.language_memory import renew_if_old
from reports.raw_post import has_stray_escapes

Answer = Callable[[HttpRequest], HttpResponseBase]

ACCOUNT_PATH = "/accounts/"


def staff_language(get_response: Answer) -> Answer:
    """Show staff pages in the account's language. Public pages have no session; their language is in the path."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(settings.STAFF_PATHS):
            return get_response(request)
        # Languages of the page's portals may have been opened by another process.
        renew_if_old()
        chosen = getattr(request.user, "language", "")
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            response = get_response(request)
        response.headers["Content-Language"] = language
        return response

    return middleware


def refuse_stray_escapes(get_response: Answer) -> Answer:
    """Answer 400 to a staff form with more escapes than any browser writes, before it is decoded.

    Decoding half a megabyte of per cent signs takes longer than any page of the staff.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        is_form = request.method == "POST" and request.content_type == "application/x-www-form-urlencoded"
        if is_form and request.path_info.startswith(settings.STAFF_PATHS) and has_stray_escapes(request.body):
            raise BadRequest
        return get_response(request)

    return middleware


def refuse_nul(get_response: Answer) -> Answer:
    """Answer 400 to a staff request with a NUL character: PostgreSQL refuses it, so stock admin pages would answer 500.

    Reports may contain one, because they are sealed and never part of an SQL statement.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(settings.STAFF_PATHS):
            fields = [*request.GET.lists(), *(request.POST.lists() if request.method == "POST" else ())]
            if any("\0" in text for name, values in fields for text in (name, *values)):
                raise BadRequest
        return get_response(request)

    return middleware


# Headers needed to repeat a request; all others only identify the sender.
REPEATED_HEADERS = {"HTTP_HOST", "HTTP_X_FORWARDED_PROTO"}


def strip_stored_headers(get_response: Answer) -> Answer:
    """Strip the headers of a request that is stored in the session while its sender re-authenticates.

    The library would store the whole request, including cookies, in the database.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not request.path_info.startswith(settings.STAFF_PATHS):
            # Public pages have no session, and reading one would make responses vary by cookie.
            return response
        if "request" in (state := request.session.get(STATE_SESSION_KEY) or {}):
            waiting = json.loads(state["request"])
            headers = {name for name in waiting["META"] if name.startswith("HTTP_")} - REPEATED_HEADERS
            if headers:
                waiting["META"] = {name: value for name, value in waiting["META"].items() if name not in headers}
                request.session[STATE_SESSION_KEY] = {**state, "request": json.dumps(waiting)}
        return response

    return middleware


def has_second_factor(user: User) -> bool:
    """Whether the user has a passkey or an authenticator app: of `request.user`, at the start of the request."""
    if user.known_second_factor is None:
        return bool(is_mfa_enabled(user, SECOND_FACTORS))
    return user.known_second_factor


class RequireSecondFactor(MiddlewareMixin):
    """Restrict an account without a passkey or authenticator app to the pages that set one up.

    Every view that requires sign-in requires the second factor, so a view added later at any path is covered too.
    """

    def process_view(
        self, request: HttpRequest, view: Callable[..., object], args: object, kwargs: object
    ) -> HttpResponseBase | None:
        if not settings.REQUIRE_MFA or not getattr(view, "login_required", True):
            return None
        if request.path_info.startswith(ACCOUNT_PATH) or has_second_factor(staff_user(request)):
            return None
        messages.warning(request, _("Set up a passkey or an authenticator app first: it is your second factor."))
        return redirect("mfa_index")

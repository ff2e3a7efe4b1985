"""What every staff page needs before its view runs: a language, and a second factor."""

import json
from collections.abc import Callable
from typing import Any

from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _

Answer = Callable[[HttpRequest], HttpResponseBase]

ACCOUNT_PATH = "/accounts/"
# Recovery codes help where one of these is lost; they are none themselves.
SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def staff_language(get_response: Answer) -> Answer:
    """Staff pages in the language of the account. Public pages have theirs in the path, and no session."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(settings.STAFF_PATHS):
            return get_response(request)
        chosen = getattr(request.user, "language", "")
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            response = get_response(request)
        response.headers["Content-Language"] = language
        return response

    return middleware


def refuse_nul(get_response: Answer) -> Answer:
    """400 for a NUL in a staff request: PostgreSQL takes none, and stock admin pages would answer 500.

    What reporters type may hold one: it is sealed, and never part of a statement.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(settings.STAFF_PATHS):
            fields = [*request.GET.lists(), *(request.POST.lists() if request.method == "POST" else ())]
            if any("\0" in text for name, values in fields for text in (name, *values)):
                raise BadRequest
        return get_response(request)

    return middleware


# What a request needs to be made again; all other headers tell only who asked.
KEPT_OF_WHAT_WAITS = {"HTTP_HOST", "HTTP_X_FORWARDED_PROTO"}


def forget_headers_of_what_waits(get_response: Answer) -> Answer:
    """A request that waits in the session while its sender is asked for a password again waits without its headers.

    The library keeps the whole of it, cookies and all, in a row of the database.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not request.path_info.startswith(settings.STAFF_PATHS):
            # Public pages have no session, and their answers depend on no cookie.
            return response
        if "request" in (state := request.session.get(STATE_SESSION_KEY) or {}):
            waiting = json.loads(state["request"])
            headers = {name for name in waiting["META"] if name.startswith("HTTP_")} - KEPT_OF_WHAT_WAITS
            if headers:
                waiting["META"] = {name: value for name, value in waiting["META"].items() if name not in headers}
                request.session[STATE_SESSION_KEY] = {**state, "request": json.dumps(waiting)}
        return response

    return middleware


class RequireSecondFactor:
    """Without a passkey or an authenticator app an account reaches the pages that set one up, and no others.

    Decided by view, not by path, so that a page mounted anywhere later is covered too: whatever needs sign-in
    needs the second factor.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if not settings.REQUIRE_MFA or not getattr(view, "login_required", True):
            return None
        if request.path_info.startswith(ACCOUNT_PATH) or is_mfa_enabled(request.user, SECOND_FACTORS):
            return None
        messages.warning(request, _("Set up a passkey or an authenticator app first: it is your second factor."))
        return redirect("mfa_index")


require_second_factor = RequireSecondFactor

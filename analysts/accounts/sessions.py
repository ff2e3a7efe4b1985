"""How long a sign-in lasts: so many minutes without a request, so many hours in all, and until its account ends it.

Role, password and `User.session_round` are part of what a session must carry (`User._get_session_auth_hash`), so a
change of any of them ends every session of the account, for good.
"""

import inspect
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import HASH_SESSION_KEY, logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analysts.accounts.middleware import Answer
from analysts.models import User

BEGAN = "began"
SEEN = "seen"
# The session's row is not written on every request for the sake of SEEN, which so lags by up to a minute.
NOTED_EVERY = 60


def end_old_sessions(get_response: Answer) -> Answer:
    """Signs out whoever was away too long or is signed in too long, and says so on the page they get instead."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if (
            request.path_info.startswith(settings.STAFF_PATHS)
            and request.user.is_authenticated
            and (over := _end_reason(request))
        ):
            logout(request)
            lost = _("What you sent was not taken.") if request.method == "POST" else ""
            messages.warning(request, f"{over} {lost}".strip())
        return get_response(request)

    return middleware


def _end_reason(request: HttpRequest) -> str:
    """Why the session ends now; empty where it goes on, which is then noted."""
    now = int(timezone.now().timestamp())
    session = request.session
    if BEGAN not in session:
        session[BEGAN] = session[SEEN] = now
    if now - session[BEGAN] >= settings.SESSION_HOURS * 60 * 60:
        return ngettext(
            "You were signed out, as everybody is after %(number)d hour. Sign in to go on.",
            "You were signed out, as everybody is after %(number)d hours. Sign in to go on.",
            settings.SESSION_HOURS,
        ) % {"number": settings.SESSION_HOURS}
    if now - session[SEEN] >= settings.SESSION_IDLE_MINUTES * 60:
        return ngettext(
            "You were signed out after %(number)d minute without a request. Sign in to go on.",
            "You were signed out after %(number)d minutes without a request. Sign in to go on.",
            settings.SESSION_IDLE_MINUTES,
        ) % {"number": settings.SESSION_IDLE_MINUTES}
    if now - session[SEEN] >= NOTED_EVERY:
        session[SEEN] = now
    return ""


class RequireSignIn(LoginRequiredMiddleware):
    """Django's, but whoever sent a form without being signed in comes back to the page that the form stood on."""

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> HttpResponseRedirect:
        if request.method in ("GET", "HEAD"):
            return super().handle_no_permission(request, view_func)
        return redirect_to_login(page_of(request.path_info))


require_sign_in = RequireSignIn


def page_of(path: str) -> str:
    """The path itself if it can be opened, else the nearest page above it: acts answer to a POST only."""
    while path != "/":
        try:
            found = resolve(path)
        except Resolver404:
            found = None
        # Whatever the admin site does not know ends in a view without a name.
        if found and found.url_name and not _only_acts(found.func):
            return path
        path = path.rstrip("/").rpartition("/")[0] + "/"
    return reverse(settings.LOGIN_REDIRECT_URL)


def _only_acts(view: Callable[..., Any] | None) -> bool:
    """Whether one of the view's decorators is `require_POST`, which leaves no other trace."""
    while view is not None:
        methods = (
            inspect.getclosurevars(view).nonlocals.get("request_method_list") if inspect.isfunction(view) else None
        )
        if methods is not None and "GET" not in methods:
            return True
        view = getattr(view, "__wrapped__", None)
    return False


def end_all(user: User) -> None:
    """End every session of the account for good, even if it is switched off and on again. Refreshes `user`."""
    User.objects.filter(pk=user.pk).update(session_round=F("session_round") + 1)
    user.refresh_from_db(fields=["session_round"])


def check_goes_on(request: HttpRequest, user: User) -> None:
    """Lock the account until the transaction ends; PermissionDenied where its sessions were ended since the request
    began. So a credential given by a request under way does not outlive the decision that was to end them all.
    """
    now = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not constant_time_compare(request.session.get(HASH_SESSION_KEY, ""), now.get_session_auth_hash()):
        raise PermissionDenied

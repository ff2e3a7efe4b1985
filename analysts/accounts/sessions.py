"""Session lifetime: an idle limit in minutes, an absolute limit in hours, and ending all sessions of an account.

The session hash (`User._get_session_auth_hash`) covers role, password and `User.session_round`, so changing any of them
permanently ends every session of the account.
"""

import inspect
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import HASH_SESSION_KEY, logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.models import Session
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
from analysts.accounts.staff_request import staff_user
from analysts.models import EntryCode, User
from analysts.models.staff.user import SEEN_EVERY
from countries.decided_settings import number_in_force

BEGAN = "began"
SEEN = "seen"
# Seconds between updates of SEEN: writing the session on every request would cost too much.
SEEN_INTERVAL = 60


def end_old_sessions(get_response: Answer) -> Answer:
    """Sign out users whose session exceeds the idle or absolute limit, with a message on the next page."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if (
            request.path_info.startswith(settings.STAFF_PATHS)
            and request.user.is_authenticated
            and (reason := _end_reason(request))
        ):
            logout(request)
            note = _("What you sent was not saved.") if request.method == "POST" else ""
            messages.warning(request, f"{reason} {note}".strip())
        return get_response(request)

    return middleware


def _end_reason(request: HttpRequest) -> str:
    """The reason why the session ends now; "" if it continues, which updates SEEN."""
    now = int(timezone.now().timestamp())
    session = request.session
    if BEGAN not in session:
        session[BEGAN] = session[SEEN] = now
    if now - session[BEGAN] >= number_in_force("SESSION_HOURS") * 60 * 60:
        return ngettext(
            "You were signed out because sessions end after %(number)d hour. Sign in to continue.",
            "You were signed out because sessions end after %(number)d hours. Sign in to continue.",
            number_in_force("SESSION_HOURS"),
        ) % {"number": number_in_force("SESSION_HOURS")}
    if now - session[SEEN] >= number_in_force("SESSION_IDLE_MINUTES") * 60:
        return ngettext(
            "You were signed out after %(number)d minute of inactivity. Sign in to continue.",
            "You were signed out after %(number)d minutes of inactivity. Sign in to continue.",
            number_in_force("SESSION_IDLE_MINUTES"),
        ) % {"number": number_in_force("SESSION_IDLE_MINUTES")}
    if now - session[SEEN] >= SEEN_INTERVAL:
        session[SEEN] = now
        _note_seen(staff_user(request))
    return ""


def _note_seen(user: User) -> None:
    """Note that the user is at work: `analysts.incidents.danger_grants` asks whose analysts are away."""
    now = timezone.now()
    if user.seen_at is None or user.seen_at <= now - SEEN_EVERY:
        User.objects.filter(pk=user.pk).update(seen_at=now)


class RequireSignIn(LoginRequiredMiddleware):
    """Like Django's middleware, but after a POST without sign-in the user returns to the page with the form."""

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseRedirect:
        if request.method in ("GET", "HEAD"):
            return super().handle_no_permission(request, view_func)
        return redirect_to_login(page_of(request.path_info))


def page_of(path: str) -> str:
    """The path itself if it accepts GET, otherwise the nearest page above it."""
    while path != "/":
        try:
            match = resolve(path)
        except Resolver404:
            match = None
        # Paths unknown to the admin site resolve to its catch-all view, which has no name.
        if match and match.url_name and not _only_acts(match.func):
            return path
        path = path.rstrip("/").rpartition("/")[0] + "/"
    return reverse(settings.LOGIN_REDIRECT_URL)


def _only_acts(view: Callable[..., object] | None) -> bool:
    """Whether the view is decorated with `require_POST`, found in the closures of its decorators."""
    while view is not None:
        methods = (
            inspect.getclosurevars(view).nonlocals.get("request_method_list") if inspect.isfunction(view) else None
        )
        if methods is not None and "GET" not in methods:
            return True
        view = getattr(view, "__wrapped__", None)
    return False


def end_all(user: User) -> None:
    """Permanently end every session of the account, even if it is reactivated later. Refreshes `user`."""
    User.objects.filter(pk=user.pk).update(session_round=F("session_round") + 1)
    user.refresh_from_db(fields=["session_round"])


def end_all_accounts(*, skip_locked: bool = False) -> tuple[int, int]:
    """Permanently end every session of every account, sign-ins under way and unused one-time codes.

    Returns the number of sessions, including those of visitors who did not sign in; and of accounts and sessions that
    another transaction holds, if `skip_locked` leaves those out instead of waiting for them. A session ends if either
    its own row or that of its account is free.
    """
    if not skip_locked:
        User.objects.update(session_round=F("session_round") + 1)
        EntryCode.objects.all().delete()
        return Session.objects.all().delete()[0], 0
    accounts = list(User.objects.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True))
    User.objects.filter(pk__in=accounts).update(session_round=F("session_round") + 1)
    EntryCode.objects.filter(pk__in=EntryCode.objects.select_for_update(skip_locked=True).values("pk")).delete()
    rows = list(Session.objects.select_for_update(skip_locked=True).values_list("pk", flat=True))
    ended = Session.objects.filter(pk__in=rows).delete()[0]
    return ended, User.objects.count() - len(accounts) + Session.objects.count()


def check_session_continues(request: HttpRequest, user: User) -> None:
    """Lock the account until the transaction ends. Raises PermissionDenied if its sessions were ended since the request
    began, so that a request under way cannot add a credential after that decision.
    """
    account = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not constant_time_compare(request.session.get(HASH_SESSION_KEY, ""), account.get_session_auth_hash()):
        raise PermissionDenied

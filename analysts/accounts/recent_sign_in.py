"""Re-authentication before sensitive actions, unless the user signed in or re-authenticated recently.

An open, unattended session must not be enough to give roles or to export data. The request is stored in the session and
repeated after re-authentication, so nothing typed is lost.
"""

import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Concatenate

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.core.internal.httpkit import serialize_request
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.http import urlencode

from analysts.accounts.middleware import has_second_factor
from analysts.accounts.staff_request import StaffRequest, staff_user
from countries.decided_settings import number_in_force

# For actions that give power over accounts or export data.
MINUTES = 5
# How the library names a second factor in its records, and the beginning of its methods.
FACTOR_METHOD = "mfa"


def must_ask_again(request: HttpRequest) -> bool:
    """Whether this is a POST, and the user has not authenticated within the last MINUTES."""
    return request.method == "POST" and not is_recent(request, MINUTES)


def needs_recent_sign_in[**P, R](
    minutes: int | Callable[[], int] = MINUTES, *, keep: bool = True, second_factor: bool = False
) -> Callable[[Callable[Concatenate[StaffRequest, P], R]], Callable[..., R | HttpResponse]]:
    """Decorator: require that the user authenticated within the last `minutes`, or ask them to do so again.

    `keep` is False for forms with passwords, which must not be stored in the session. `second_factor`: by their second
    factor, where they have one.
    """

    def decorator(view: Callable[Concatenate[StaffRequest, P], R]) -> Callable[..., R | HttpResponse]:
        @wraps(view)
        def page(request: StaffRequest, *args: P.args, **kwargs: P.kwargs) -> R | HttpResponse:
            within = minutes if isinstance(minutes, int) else minutes()
            if is_recent(request, within, second_factor=second_factor):
                return view(request, *args, **kwargs)
            return ask_again(request, keep=keep, second_factor=second_factor)

        return page

    return decorator


def reveal_minutes() -> int:
    """Minutes after authentication in which content can be revealed.

    Longer than MINUTES, so that analysts are not asked all day, but limited: afterwards an unattended session reveals
    nothing new.
    """
    return number_in_force("REVEAL_HOURS") * 60


def is_recent(request: HttpRequest, minutes: int, *, second_factor: bool = False) -> bool:
    """Whether this session's user signed in or re-authenticated within the last `minutes`.

    `second_factor`: by a passkey, an app or a recovery code, if the user has any.
    """
    records = get_authentication_records(request, request.user)
    if second_factor and has_second_factor(staff_user(request)):
        records = [record for record in records if record["method"] == FACTOR_METHOD]
    return bool(records) and timezone.now().timestamp() - records[-1]["at"] < timedelta(minutes=minutes).total_seconds()


def ask_again(request: HttpRequest, *, keep: bool = True, second_factor: bool = False) -> HttpResponse:
    """Redirect to re-authentication, which afterwards repeats the stored POST or redirects to this path."""
    methods = get_adapter().get_reauthentication_methods(request.user)
    if second_factor:
        methods.sort(key=lambda method: not method["id"].startswith(FACTOR_METHOD))
    if not methods:
        raise PermissionDenied
    # Replaces a request stored earlier.
    request.session.pop(STATE_SESSION_KEY, None)
    onward = request.get_full_path()
    if request.method == "POST":
        # The library compares it with the path alone; the query string is stored with the request.
        onward = request.path
        if keep:
            waiting = json.loads(serialize_request(request))
            # Cookies are secrets and must not be stored in the database.
            waiting["META"].pop("HTTP_COOKIE", None)
            request.session[STATE_SESSION_KEY] = {"request": json.dumps(waiting)}
    return HttpResponseRedirect(f"{methods[0]['url']}?{urlencode({REDIRECT_FIELD_NAME: onward})}")

"""Some acts ask who is there once more, unless they signed in or were asked a short while ago.

An open, unattended session must not be enough to give roles or to take data away. After the answer the act goes on as
it was sent: what was typed waits in the session meanwhile.
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
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.http import urlencode

from analysts.accounts.staff_request import StaffRequest

# For what gives power over accounts or takes data away.
MINUTES = 5


def needs_recent_sign_in[**P, R](
    minutes: int | Callable[[], int] = MINUTES, *, keep: bool = True
) -> Callable[[Callable[Concatenate[StaffRequest, P], R]], Callable[..., R | HttpResponse]]:
    """A view that somebody reaches only within so many minutes of having proved who they are.

    `keep` is off where passwords are typed: they must not wait in the session.
    """

    def decorator(view: Callable[Concatenate[StaffRequest, P], R]) -> Callable[..., R | HttpResponse]:
        @wraps(view)
        def page(request: StaffRequest, *args: P.args, **kwargs: P.kwargs) -> R | HttpResponse:
            within = minutes if isinstance(minutes, int) else minutes()
            return view(request, *args, **kwargs) if is_recent(request, within) else ask_again(request, keep=keep)

        return page

    return decorator


def reveal_minutes() -> int:
    """Longer than MINUTES, or analysts would be asked all day: an open session that somebody else sits down at shows
    nothing new to them once this time is over.
    """
    return settings.REVEAL_HOURS * 60


def is_recent(request: HttpRequest, minutes: int) -> bool:
    """Whether this session's user signed in, or answered when asked again, within so many minutes."""
    records = get_authentication_records(request, request.user)
    return bool(records) and timezone.now().timestamp() - records[-1]["at"] < timedelta(minutes=minutes).total_seconds()


def ask_again(request: HttpRequest, *, keep: bool = True) -> HttpResponse:
    """To the page that asks; it goes on with this request afterwards. A GET, or what is not kept, is made again."""
    methods = get_adapter().get_reauthentication_methods(request.user)
    if not methods:
        raise PermissionDenied
    # Anything that waited for an answer before this does not wait any longer.
    request.session.pop(STATE_SESSION_KEY, None)
    onward = request.get_full_path()
    if request.method == "POST":
        # The library compares it with the path alone; the query waits with the rest.
        onward = request.path
        if keep:
            waiting = json.loads(serialize_request(request))
            # Its secrets have no business in the database.
            waiting["META"].pop("HTTP_COOKIE", None)
            request.session[STATE_SESSION_KEY] = {"request": json.dumps(waiting)}
    return HttpResponseRedirect(f"{methods[0]['url']}?{urlencode({REDIRECT_FIELD_NAME: onward})}")

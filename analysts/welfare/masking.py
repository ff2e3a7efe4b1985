"""What lies revealed before somebody: one incident at a time, and only until they turn to anything else.

Kept in the session, on the server: nothing in an address of the browser, and nothing that Back could bring again.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypedDict

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from analysts.accounts.middleware import Answer
from analysts.accounts.staff_request import StaffRequest
from analysts.models import Incident
from analysts.welfare import exposure

REVEALED = "revealed"
# The page's own request to veil it, which may come late: it decides by itself whether it is about what is shown now.
VEILS = "veil"
# A session is written as a whole: a draft that is kept while the veil falls must not lift it again. So the time of a
# request is noted only once this part of VEIL_MINUTES has passed, by which it lags at most.
NOTED_PART = 0.1


class Revealed(TypedDict):
    incident: str
    # When a page of it was last asked for, in seconds.
    at: float
    # How many of its pages were shown: a page that was left must not veil the one that followed.
    page: int
    # Blanked words are shown as well.
    unblanked: bool
    # The next page, and no other, shows the address to be copied.
    copies: bool


def reveal_incident(request: StaffRequest, incident: Incident) -> None:
    """Show this incident from now on, and no other."""
    _store_state(
        request,
        Revealed(incident=str(incident.pk), at=timezone.now().timestamp(), page=0, unblanked=False, copies=False),
    )


def hide_incident(request: StaffRequest) -> None:
    """Veil whatever is revealed, and stop counting."""
    if request.session.pop(REVEALED, None) is not None:
        exposure.end_reveal(request.user, now=timezone.now())


def is_lifted(request: StaffRequest, incident: Incident) -> bool:
    return reveal_state(request, incident) is not None


def reveal_state(request: StaffRequest, incident: Incident) -> Revealed | None:
    """What is known of the incident being revealed; None where it is not, or another is."""
    state: Revealed | None = request.session.get(REVEALED)
    return state if state is not None and state["incident"] == str(incident.pk) else None


def reveal_masked_words(request: StaffRequest, incident: Incident) -> None:
    """Show blanked words too, as long as the incident is revealed."""
    if state := reveal_state(request, incident):
        _store_state(request, {**state, "unblanked": True})


def let_copy(request: StaffRequest, incident: Incident) -> None:
    """Show the address to be copied on the next page."""
    if state := reveal_state(request, incident):
        _store_state(request, {**state, "copies": True})


def turn_page(request: StaffRequest, incident: Incident) -> Revealed | None:
    """What the page that is shown now may show; the page after it is another one, and shows nothing to be copied."""
    state = reveal_state(request, incident)
    if state is None:
        return None
    state = {**state, "page": state["page"] + 1, "at": timezone.now().timestamp()}
    _store_state(request, {**state, "copies": False})
    return state


def _store_state(request: HttpRequest, state: Revealed) -> None:
    request.session[REVEALED] = state


class VeilOnLeaving:
    """A request for anything but the revealed incident veils it, and so does a request that comes too late.

    Decided by view, once sign-in is certain. Signing out is such a request; a session that ended by itself is gone
    with what it knew.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: StaffRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> None:
        if not request.path_info.startswith(settings.STAFF_PATHS) or not request.user.is_authenticated:
            return
        state: Revealed | None = request.session.get(REVEALED)
        if state is None or (request.resolver_match and request.resolver_match.url_name == VEILS):
            return
        now = timezone.now()
        patience = timedelta(minutes=settings.VEIL_MINUTES).total_seconds()
        passed = now.timestamp() - state["at"]
        if passed >= patience or str(kwargs.get("incident_id")) != state["incident"]:
            hide_incident(request)
            return
        exposure.extend_reveal(request.user, now=now)
        if passed >= patience * NOTED_PART:
            _store_state(request, {**state, "at": now.timestamp()})


veil_on_leaving = VeilOnLeaving

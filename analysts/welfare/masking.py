"""Which incident is revealed to a user: one at a time, and only until they open any other page.

The state is stored in the server-side session, so that neither a URL nor the browser's Back button can reveal content.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import NotRequired, TypedDict

from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from analysts.accounts.middleware import Answer
from analysts.accounts.staff_request import StaffRequest
from analysts.models import Incident
from analysts.welfare import exposure
from countries.decided_settings import number_in_force

REVEALED = "revealed"
# The page's own request to hide it. It may arrive late, so the view checks which page sent it.
HIDE = "hide"
# A session is saved as a whole, so a concurrent draft request could restore a reveal that was just ended. To make this
# rare, the time of a request is stored only after this fraction of VEIL_MINUTES, and is out of date by at most that.
NOTED_PART = 0.1


class Revealed(TypedDict):
    # The incident's id; "" while a letter is shown, which belongs to one response.
    incident: str
    # Time of the last stored request for a page of it, as a Unix timestamp.
    at: float
    # Number of its pages shown so far, so that a late request from an earlier page does not hide the current one.
    page: int
    # Masked words are shown too.
    words_shown: bool
    # The reporters' words are shown too. Missing in sessions of the version before.
    reports_shown: NotRequired[bool]
    # The next page, and only that page, shows the full address.
    copies: bool
    # Content that its pages have shown, by the ids of the incident and of reports: the characters of each count once.
    read: NotRequired[list[str]]
    # The addresses of related incidents were asked for.
    related_shown: NotRequired[bool]
    # The ids of other incidents whose addresses its pages show, each on record as revealed.
    related: NotRequired[list[str]]


def reveal_incident(request: StaffRequest, incident: Incident, *, with_reports: bool) -> None:
    """Reveal this incident, and no other, from now on; `with_reports`: the reporters' words, too."""
    state = Revealed(incident=str(incident.pk), at=timezone.now().timestamp(), page=0, words_shown=False, copies=False)
    _store_state(request, {**state, "reports_shown": with_reports})


def reveal_reports(request: StaffRequest, incident: Incident) -> None:
    """Show the reporters' words too. Does nothing if the incident is not revealed."""
    if state := reveal_state(request, incident):
        _store_state(request, {**state, "reports_shown": True})


def are_reports_shown(request: StaffRequest, incident: Incident) -> bool:
    state = reveal_state(request, incident)
    return state is not None and state.get("reports_shown", False)


def reveal_letter(request: StaffRequest) -> None:
    """Note that this response shows a letter: the next request, of any page, ends its exposure."""
    _store_state(request, Revealed(incident="", at=timezone.now().timestamp(), page=0, words_shown=False, copies=False))


def hide_incident(request: StaffRequest) -> None:
    """Hide the revealed incident or letter, if any, and stop counting exposure."""
    if request.session.pop(REVEALED, None) is None:
        return
    # Saved first: once the counting has stopped, no other request shows the incident. Without the session, none can.
    with suppress(UpdateError):
        request.session.save()
        request.session.modified = False
    exposure.end_reveal(request.user, now=timezone.now())


def is_lifted(request: StaffRequest, incident: Incident) -> bool:
    return reveal_state(request, incident) is not None


def reveal_state(request: StaffRequest, incident: Incident) -> Revealed | None:
    """The reveal state of the incident; None if it is not the revealed one."""
    state: Revealed | None = request.session.get(REVEALED)
    return state if state is not None and state["incident"] == str(incident.pk) else None


def reveal_masked_words(request: StaffRequest, incident: Incident) -> None:
    """Show masked words too. Does nothing if the incident is not revealed."""
    if state := reveal_state(request, incident):
        _store_state(request, {**state, "words_shown": True})


def let_copy(request: StaffRequest, incident: Incident) -> None:
    """Show the full address on the next page. Does nothing if the incident is not revealed."""
    if state := reveal_state(request, incident):
        _store_state(request, {**state, "copies": True})


def ask_for_related(request: StaffRequest, incident: Incident) -> None:
    """Show the addresses of related incidents. Does nothing if the incident is not revealed."""
    if state := reveal_state(request, incident):
        _store_state(request, {**state, "related_shown": True})


def add_related(request: StaffRequest, incident: Incident, others: Iterable[Incident]) -> None:
    """Note that the addresses of others are shown beside it. Does nothing if the incident is not revealed."""
    if state := reveal_state(request, incident):
        related = [*state.get("related", []), *(str(other.pk) for other in others)]
        _store_state(request, {**state, "related": related})


def count_read(request: StaffRequest, incident: Incident, characters: Mapping[str, int]) -> set[str]:
    """Count the characters that a page shows, by the id of what they are from; returns the ids that no earlier page of
    this reveal has shown. Does nothing if the incident is not revealed."""
    state = reveal_state(request, incident)
    unread = characters.keys() - set(state.get("read", ())) if state else set[str]()
    if state and unread:
        _store_state(request, {**state, "read": [*state.get("read", ()), *sorted(unread)]})
        exposure.count_characters(request.user, sum(characters[name] for name in unread), now=timezone.now())
    return unread


def turn_page(request: StaffRequest, incident: Incident) -> Revealed | None:
    """The reveal state for the page being rendered; None if masked. Later pages do not show the full address again."""
    state = reveal_state(request, incident)
    if state is None:
        return None
    state = {**state, "page": state["page"] + 1, "at": timezone.now().timestamp()}
    _store_state(request, {**state, "copies": False})
    return state


def _store_state(request: HttpRequest, state: Revealed) -> None:
    request.session[REVEALED] = state


class HideOnLeaving:
    """Hides the revealed incident on a request for any other page, or after VEIL_MINUTES without a request.

    It runs per view, after authentication. Signing out is a request for another page; an expired session is deleted
    together with this state.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: StaffRequest, view: Callable[..., object], args: object, kwargs: Mapping[str, object]
    ) -> None:
        if not request.path_info.startswith(settings.STAFF_PATHS) or not request.user.is_authenticated:
            return
        state: Revealed | None = request.session.get(REVEALED)
        if state is None or (request.resolver_match and request.resolver_match.url_name == HIDE):
            return
        now = timezone.now()
        patience = timedelta(minutes=number_in_force("VEIL_MINUTES")).total_seconds()
        passed = now.timestamp() - state["at"]
        if passed >= patience or str(kwargs.get("incident_id")) != state["incident"]:
            hide_incident(request)
            return
        exposure.extend_reveal(request.user, now=now)
        if passed >= patience * NOTED_PART:
            _store_state(request, {**state, "at": now.timestamp()})


hide_on_leaving = HideOnLeaving

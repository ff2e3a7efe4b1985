"""Every form that the pages of a loaded demonstration lead to, sent with values that no browser would send.

Pages are found by their links and fields by their forms, so that a new one is tried as well. A form of a view is sent
again only where it has a field that the view's earlier ones lacked.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import parse_qs, urldefrag, urlencode, urljoin, urlsplit

from django.test import Client
from django.urls import Resolver404, resolve

from analysts.models import Incident, User
from analysts.states import State
from analysts.tests.factories import claimed
from tests.rig.fixtures import client_of
from tests.rig.page_forms import Form, read_page
from tests.rig.public_pages import roll_back_afterwards

PEOPLE = ("senior", "analyst", "operator", "administrator", "auditor", "welfare", "partner", "translator")
# Where people begin, and the beginning of all paths that they are led to.
STAFF_STARTS, STAFF_PATHS = ("/admin/", "/accounts/mfa/", "/accounts/password/change/"), ("/admin/", "/accounts/")
PUBLIC_STARTS, PUBLIC_PATHS = ("/", "/bz/en/", "/bz/en/report/", "/bz/en/status/", "/accounts/login/"), ("/",)
# Pages of one view that are looked at by all people together before each looks at one alone, and at none that filters
# are set on: an incident waiting for a verdict and one with a verdict differ.
MOST_OF_A_VIEW = 2
# In place of the values of these kinds of field; a field of another kind gets a long number alone.
LONG_NUMBER = "9" * 20
ODD = {
    "date": ("9999-12-31", "0001-01-01"),
    "datetime-local": ("9999-12-31T23:59", "0001-01-01T00:00"),
    "text": ("\0",),
    "textarea": ("\0",),
    "hidden": (),
}
# In place of all values of a form, hidden ones too.
EVERYWHERE = ("\0", b"\xed\xa0\x80", LONG_NUMBER, "9" * 5_000, "[" * 2_000)


class Tried:
    """The forms sent as all people together; each field of a view once, however many pages and people have it."""

    def __init__(self) -> None:
        self.fields: dict[tuple[str, str], set[str]] = {}
        self.forms: set[tuple[str, str, frozenset[str]]] = set()
        self.failed: list[str] = []
        # How many pages of a view all people together have looked at.
        self.views = Counter[tuple[str, str]]()

    def walk(self, client: Client, starts: Iterable[str], *, within: tuple[str, ...]) -> None:
        """`within`: the beginning of the paths that are followed."""
        waiting, queued, views = list(starts), set(starts), Counter[tuple[str, str]]()
        while waiting:
            path = waiting.pop(0)
            answer = self._ask(client, "GET", path)
            if answer is None or answer.streaming or "html" not in answer.headers.get("Content-Type", ""):
                continue
            links, forms = read_page(answer.content.decode())
            for address in [*links, *([answer["Location"]] if "Location" in answer else [])]:
                link = urldefrag(urljoin(path, address)).url
                view = _view_of(link, within)
                filters = " ".join(sorted(parse_qs(urlsplit(link).query)))
                kind = (view, filters)
                is_enough = self.views[kind] >= MOST_OF_A_VIEW and (views[kind] or filters)
                if view and link not in queued and not is_enough:
                    views[kind] += 1
                    self.views[kind] += 1
                    queued.add(link)
                    waiting.append(link)
            for form in forms:
                for action in (form.action, *form.other_actions):
                    self._send_odd(client, form, urljoin(path, action), within)

    def _send_odd(self, client: Client, form: Form, action: str, within: tuple[str, ...]) -> None:
        view = _view_of(action, within)
        # The hidden fields of a search are the filters of the page that it is on.
        hides_filters = form.method == "get"
        rows = _of_first_rows(form)
        names = frozenset(row for row, name in rows.items() if not (hides_filters and form.kinds[name] == "hidden"))
        key = (form.method, view, names)
        if not view or key in self.forms:
            return
        self.forms.add(key)
        # The first form of a view is sent even if it has no fields.
        is_first = (form.method, view) not in self.fields
        fields = self.fields.setdefault((form.method, view), set())
        new = names - fields
        if not new and not is_first:
            return
        fields |= new
        for values in _odd_ones(form, [name for row, name in rows.items() if row in new]):
            sent = urlencode(values)
            if form.method == "post":
                self._ask(client, "POST", action, sent)
            else:
                self._ask(client, "GET", f"{action.partition('?')[0]}?{sent}")

    def _ask(self, client: Client, method: str, path: str, sent: str = "") -> Any:
        try:
            with roll_back_afterwards():
                answer = client.generic(method, path, sent, "application/x-www-form-urlencoded")
        except Exception as failure:
            self.failed.append(f"{failure!r}: {method} {path} {sent[:200]}")
            return None
        if answer.status_code >= 500:
            self.failed.append(f"{answer.status_code}: {method} {path} {sent[:200]}")
        return answer


def _odd_ones(form: Form, names: Iterable[str]) -> Iterator[dict[str, str | bytes]]:
    """Odd values in these fields: texts and dates together, others one at a time, because an action may end at the
    first. A list reads all its filters: those are sent together. Then odd values in all fields.
    """
    together: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for name in names:
        for odd in ODD.get(form.kinds[name], ()):
            together[odd][name] = odd
        if form.kinds[name] in ODD:
            continue
        if form.method == "get":
            together[LONG_NUMBER][name] = LONG_NUMBER
        else:
            yield {**form.as_it_is(), name: LONG_NUMBER}
    for fields in together.values():
        yield {**form.as_it_is(), **fields}
    yield {}
    # A form without a field is sent once.
    for everywhere in EVERYWHERE if form.kinds else ():
        yield dict.fromkeys(form.kinds, everywhere)


def _of_first_rows(form: Form) -> dict[str, str]:
    """Names of fields; of the rows of a table one of each, by its name without the number of the row."""
    others = ("csrfmiddlewaretoken", "__prefix__")
    return {re.sub(r"\d+", "", name): name for name in form.kinds if not any(other in name for other in others)}


def _view_of(path: str, within: tuple[str, ...]) -> str:
    """The name of the view; "" for addresses elsewhere, and for what ends the session."""
    at = urlsplit(path)
    try:
        view = resolve(at.path).view_name if at.path.startswith(within) and not at.netloc else ""
    except Resolver404:
        return ""
    return "" if "logout" in view or "sign_out" in view else view


def try_odd_values() -> Tried:
    """All people, one after the other, then the public; the changes are rolled back."""
    tried = Tried()
    with roll_back_afterwards():
        for name in PEOPLE:
            user = User.objects.get(username=name)
            start = list(STAFF_STARTS)
            if name == "senior":
                waiting = Incident.objects.visible_to(user).filter(state=State.WAITING, flood=b"").order_by("-priority")
                start.insert(0, f"/admin/incidents/{claimed(waiting[0], user).pk}/")
            tried.walk(client_of(user), start, within=STAFF_PATHS)
        tried.walk(Client(), PUBLIC_STARTS, within=PUBLIC_PATHS)
    return tried

"""Every form of every staff page of a loaded demonstration, sent with values that no browser would send.

Each is answered: refused with a message, or taken. Pages are found by their links and fields by their forms, so that a
new one is tried as well.
"""

from collections import Counter
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import Resolver404, resolve

from analysts.demonstration.tests.loading import demonstration_to_load
from analysts.models import Incident, User
from analysts.states import State
from analysts.tests.factories import claimed
from tests.rig.fixtures import client_of
from tests.rig.page_forms import PageForm, PageForms
from tests.rig.public_pages import roll_back_afterwards

REPORTS = 60
PEOPLE = ("senior", "analyst", "operator", "administrator", "auditor", "welfare", "partner", "translator")
STARTS = ("/admin/", "/accounts/mfa/", "/accounts/password/change/")
# Pages of one view that are looked at: an incident waiting for a verdict and one with a verdict differ.
MOST_OF_A_VIEW = 2
# In place of one value at a time, by the kind of its field.
LONG, NOTHING, NO_TEXT = "9" * 20, "\0", b"\xed\xa0\x80"
ODD: dict[str, tuple[str | bytes, ...]] = {
    "date": ("9999-12-31", "0001-01-01"),
    "datetime-local": ("9999-12-31T23:59", "0001-01-01T00:00"),
    "number": (LONG, "-1"),
    "text": (NOTHING, NO_TEXT, LONG),
    "textarea": (NOTHING, NO_TEXT, LONG),
}
ODD_OTHERWISE = (NOTHING, LONG)
# In place of all values of a form.
EVERYWHERE = (NOTHING, "9" * 5_000, "[" * 2_000)


@pytest.fixture(scope="module", autouse=True)
def _loaded(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder: Path = tmp_path_factory.mktemp("demonstration")
    with django_db_blocker.unblock(), demonstration_to_load(folder):
        call_command("load_demo", reports=REPORTS, stdout=StringIO())
        yield


class Tried:
    """What was sent as all people together; each form once, however many pages and people have it."""

    def __init__(self) -> None:
        self.views: Counter[tuple[str, str, str]] = Counter()
        self.forms: set[tuple[str, str, frozenset[str]]] = set()
        self.sent = 0
        self.failed: list[str] = []

    def walk(self, user: User, client: Client, start: list[str]) -> None:
        waiting = start
        while waiting:
            path = waiting.pop(0)
            answer = self._ask(client, "GET", path)
            if answer is None or answer.status_code != 200 or "html" not in answer["Content-Type"]:
                continue
            page = PageForms(path, answer.content.decode())
            waiting += [link for link in page.links if self._is_new(user, link)]
            for form in page.forms:
                self._send_odd(client, form)

    def _is_new(self, user: User, link: str) -> bool:
        view = _view_of(link)
        if not view:
            return False
        key = (user.username, view, " ".join(sorted(parse_qs(urlsplit(link).query))))
        self.views[key] += 1
        return self.views[key] <= MOST_OF_A_VIEW

    def _send_odd(self, client: Client, form: PageForm) -> None:
        view = _view_of(form.action)
        key = (form.method, view, frozenset(form.values))
        if not view or key in self.forms:
            return
        self.forms.add(key)
        for values in _odd_ones(form):
            sent = urlencode(values)
            if form.method == "post":
                self._ask(client, "POST", form.action, sent)
            else:
                self._ask(client, "GET", f"{form.action.partition('?')[0]}?{sent}")
            self.sent += 1

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


def _odd_ones(form: PageForm) -> Iterator[dict[str, str | bytes]]:
    for name, kind in form.kinds.items():
        if name != "csrfmiddlewaretoken":
            for odd in ODD.get(kind, ODD_OTHERWISE):
                yield {**form.values, name: odd}
    yield {}
    for odd in EVERYWHERE:
        yield dict.fromkeys(form.values, odd)


def _view_of(path: str) -> str:
    """The name of a staff view; "" for other addresses, and for what ends the session."""
    at = urlsplit(path).path
    try:
        view = resolve(at).view_name
    except Resolver404:
        return ""
    return "" if "logout" in view or "sign_out" in view or not at.startswith(("/admin/", "/accounts/")) else view


def test_odd_values_are_answered() -> None:
    tried = Tried()
    for name in PEOPLE:
        user = User.objects.get(username=name)
        start = list(STARTS)
        if name == "senior":
            waiting = Incident.objects.visible_to(user).filter(state=State.WAITING, flood=b"").order_by("-priority")
            start.insert(0, f"/admin/incidents/{claimed(waiting[0], user).pk}/")
        tried.walk(user, client_of(user), start)
    assert tried.failed == []
    assert len(tried.forms) > 150

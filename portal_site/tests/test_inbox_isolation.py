"""Two recipients side by side: no route shows one of them a row, a count or a trace of the other.

Every route that the access table opens to the role is asked, by GET and by POST. What one officer is answered is the
same, byte by byte, before and after another recipient is sent letters, answers, and exports.
"""

import csv
import io
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import URLPattern

from analysts.accounts.access import BOTH
from analysts.codes import Role
from analysts.exports.writing import write_export
from analysts.models import Export, ExportState, Incident, NoticeItem, Recipient, Referral, Reply, User
from analysts.pages.list_exports import TABLES
from analysts.takedown.inbox.actions import answer_referral, open_address
from analysts.tests.factories import incident_of
from analysts.tests.inboxes import inbox_of, referred_to, unit
from audit.models import AuditEvent
from audit.permissions import Denied
from countries.models import Portal
from portal_site.access_table import TABLE
from reports.notices import NOTHING_DECIDED, AnswerKind
from tests.rig.fixtures import ClientResponse, client_of
from tests.rig.routes import fill_route, walk_routes

pytestmark = [pytest.mark.django_db, pytest.mark.urls("portal_site.urls_staff")]

ACKNOWLEDGED: dict[str, Any] = {"kind": AnswerKind.ACKNOWLEDGED, "text": "", "decision": NOTHING_DECIDED}
HOST = "placeholder-of-another.example.org"
# They end the session, or ask for it again.
ENDING = {"admin/logout/", "accounts/logout/", "accounts/logout/everywhere/"}
# Differences from one answer to the next: the token of each form, and the codes of a new app or passkey.
CHANGING = re.compile(
    rb'name="csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"|<svg class="qr".*?</svg>|"challenge":"[^"]*"', re.S
)

ROUTES = sorted(route for route, rights in TABLE.items() if rights.row(Role.RECIPIENT, "GET") and route not in ENDING)
ACTING = sorted(
    route for route, rights in TABLE.items() if rights.row(Role.RECIPIENT, "POST") and "referral_id" in route
)


class Side:
    """A recipient with an officer, a letter, an answer, an opened address and an export."""

    def __init__(self, name: str, portal: Portal, address: str, by: User) -> None:
        self.recipient: Recipient = unit(name, by=by)
        self.officer: User = inbox_of(self.recipient, by=by).user
        self.incident: Incident = incident_of(portal, address)
        self.referral, self.notice = referred_to(self.recipient, self.incident, by=by)

    def act(self) -> Export:
        """Answer, open the address, and order an export."""
        answer_referral(by=self.officer, referral_id=self.referral.pk, **ACKNOWLEDGED)
        assert open_address(by=self.officer, referral_id=self.referral.pk)
        assert self.client().post("/admin/inbox/export/").status_code == 302
        export = Export.objects.get(by=self.officer, state=ExportState.WAITING)
        write_export(export_id=export.pk, tables=TABLES)
        return export

    def client(self) -> Client:
        return client_of(User.objects.get(pk=self.officer.pk))

    def traces(self, export: Export) -> list[bytes]:
        """Texts that no answer to another recipient may contain."""
        words = [
            *(self.recipient.name, self.notice.reference, self.officer.username, HOST.split(".")[0]),
            *(str(row.pk) for row in (self.recipient, self.referral, self.notice, self.incident, export)),
            str(self.incident),
        ]
        return [word.encode() for word in words]


@pytest.fixture
def here(belize: Portal, ana: User) -> Side:
    return Side("Example Police", belize, "https://placeholder-of-one.example.org/gallery", ana)


def another(belize: Portal, ana: User) -> tuple[Side, Export]:
    """Another recipient, sent the same incidents' portal, that has acted."""
    side = Side("Foreign Police", belize, f"https://{HOST}/gallery", ana)
    return side, side.act()


def patterns() -> dict[str, URLPattern]:
    return dict(walk_routes())


def answers_to(side: Side, rows: dict[str, str]) -> dict[str, tuple[int, bytes]]:
    """Status and body of each page for the officer, without what differs each time."""
    client, answers, paths = side.client(), {}, patterns()
    for route in ROUTES:
        with transaction.atomic():
            page: Any = client.get(fill_route(route, paths[route], rows))
            body = b"".join(page.streaming_content) if page.streaming else page.content
            transaction.set_rollback(True)
        answers[route] = (page.status_code, CHANGING.sub(b"", body))
    return answers


def test_pages_of_an_officer_are_the_same_with_and_without_another_recipient(
    here: Side, belize: Portal, ana: User
) -> None:
    rows = {"referral_id": str(here.referral.pk)}
    before = answers_to(here, rows)
    assert answers_to(here, rows) == before
    assert before["admin/inbox/"][0] == before["admin/inbox/<uuid:referral_id>/"][0] == 200
    assert here.notice.reference.encode() in before["admin/inbox/"][1]
    another(belize, ana)
    after = answers_to(here, rows)
    assert [route for route in ROUTES if after[route] != before[route]] == []


def test_rows_of_another_recipient_are_as_if_they_did_not_exist(here: Side, belize: Portal, ana: User) -> None:
    other, export = another(belize, ana)
    traces, client, paths = other.traces(export), here.client(), patterns()
    theirs = {"referral_id": str(other.referral.pk), "export_id": str(export.pk)}
    ids = {"referral_id": "", "export_id": ""}
    # The control: its own officer finds the traces.
    control = other.client().get(f"/admin/inbox/{other.referral.pk}/").content
    assert sum(trace in control for trace in traces) >= 3
    requests = 0
    for route, rights in TABLE.items():
        for method in ("GET", "POST"):
            if route in ENDING or not rights.row(Role.RECIPIENT, method):
                continue
            counts = (Reply.objects.count(), AuditEvent.objects.count())
            with transaction.atomic():
                page: ClientResponse = getattr(client, method.lower())(fill_route(route, paths[route], theirs))
                body = b"" if page.streaming else page.content
                assert [trace for trace in traces if trace in body] == [], (method, route)
                if any(name in route for name in ids):
                    requests += 1
                    unknown = getattr(client, method.lower())(fill_route(route, paths[route], {}))
                    assert (page.status_code, unknown.status_code) == (404, 404), (method, route)
                    assert CHANGING.sub(b"", body) == CHANGING.sub(b"", unknown.content)
                    assert (Reply.objects.count(), AuditEvent.objects.count()) == counts
                transaction.set_rollback(True)
    assert requests >= 5


@pytest.mark.parametrize("verb", [open_address, partial(answer_referral, **ACKNOWLEDGED)])
def test_verbs_refuse_the_rows_of_another_recipient(
    verb: Callable[..., object], here: Side, belize: Portal, ana: User
) -> None:
    other, _export = another(belize, ana)
    with pytest.raises(Denied, match="not in your inbox"):
        verb(by=here.officer, referral_id=other.referral.pk)


def test_search_for_a_reference_of_another_recipient_is_a_search_for_an_unknown_one(
    here: Side, belize: Portal, ana: User
) -> None:
    other, _export = another(belize, ana)
    client = here.client()
    pages = [
        client.get("/admin/inbox/", {"q": typed}).content.replace(typed.encode(), b"")
        for typed in (other.notice.reference, "NONE-0000", other.recipient.name, str(other.incident))
    ]
    assert {CHANGING.sub(b"", page) for page in pages} == {CHANGING.sub(b"", pages[0])}
    page = client.get("/admin/inbox/", {"q": here.notice.reference.lower()}).content
    assert here.notice.reference.encode() in page


def test_exported_list_has_one_recipients_rows_and_no_address(here: Side, belize: Portal, ana: User) -> None:
    other, _export = another(belize, ana)
    export = here.act()
    answer: Any = here.client().post(f"/admin/exports/{export.pk}/fetch/")
    table = b"".join(answer.streaming_content).decode("utf-8-sig")
    headings, *lines = csv.reader(io.StringIO(table))
    assert headings == ["Our reference", "Sent on", "State", "Days open", "Your case number", "Your answer"]
    assert [line[0] for line in lines] == [here.notice.reference]
    assert "example.org" not in table
    assert other.notice.reference not in table
    [event] = AuditEvent.objects.filter(action="export.order", actor=here.officer.username)
    assert event.details["format"] == "csv"


def test_one_incident_referred_to_both_shows_each_only_its_own(here: Side, belize: Portal, ana: User) -> None:
    """The same address: neither learns that the other has it."""
    before = here.client().get(f"/admin/inbox/{here.referral.pk}/").content
    foreign = unit("Foreign Police", by=ana)
    officer = inbox_of(foreign, by=ana).user
    referral, notice = referred_to(foreign, here.incident, by=ana)
    answer_referral(by=officer, referral_id=referral.pk, **ACKNOWLEDGED)
    after = here.client().get(f"/admin/inbox/{here.referral.pk}/").content
    assert CHANGING.sub(b"", after) == CHANGING.sub(b"", before)
    assert notice.reference.encode() not in after
    assert set(Referral.objects.in_inbox_of(officer, notice.sent_at.date())) == {referral}  # type: ignore[union-attr]
    assert NoticeItem.objects.filter(incident=here.incident).count() == 2


def test_every_other_staff_route_is_refused(here: Side) -> None:
    """Beside the pages of one's own account, the inbox and its exports."""
    open_to = {route for route, rights in TABLE.items() for method in BOTH if rights.row(Role.RECIPIENT, method)}
    staff = {route for route in open_to if route.startswith("admin/")}
    expected = {
        *("admin/", "admin/login/", "admin/logout/", "admin/jsi18n/", "admin/my-settings/"),
        *("admin/password_change/", "admin/password_change/done/"),
        *("admin/(?P<app_label>audit|analysts|countries)/$", "admin/(?P<url>.*)$"),
        *("admin/exports/", "admin/exports/<uuid:export_id>/cancel/", "admin/exports/<uuid:export_id>/fetch/"),
    }
    assert {route for route in staff - expected if not route.startswith("admin/inbox/")} == set()
    assert settings.STAFF_PATHS

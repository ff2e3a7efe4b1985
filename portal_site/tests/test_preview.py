"""The preview of a portal before it is live: every page in every state, nothing written, nothing shown to others."""

import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import get_script_prefix, get_urlconf
from psycopg import sql

from analysts.models import User
from countries.models import ApprovalRequest, Portal, PortalState
from countries.public import published
from countries.public.published import PreviewNotice
from countries.staff.document.portal_document import document_of
from countries.staff.requests.approvals import decline_request
from countries.staff.workspace.portal_approvals import PORTAL_WORDS, request_words
from countries.tests.factories import ContactFactory, open_portal
from portal_site.preview import samples as preview_samples
from portal_site.preview import views as preview
from portal_site.preview.frames import page_names, preview_choices, preview_url
from reports import rate_limit
from tests.rig.fixtures import client_of

BAND = "Preview: nothing sent here is stored"
LINKS = re.compile(r'(?:href|src|action)="([^"]+)"')


@pytest.fixture
def draft(open_keys: Any) -> Portal:
    return open_portal("gy", "Guyana", "en", "ur", state=PortalState.DRAFT, access_phrase="")


def rows() -> dict[str, int]:
    """The number of rows of each table."""
    with connection.cursor() as cursor:
        counts = {}
        for table in connection.introspection.table_names():
            cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
            counts[table] = cursor.fetchone()[0]
    return counts


def keys() -> Iterator[str]:
    yield from (key for _title, group in preview_choices() for key, _label in group)


def status_of(key: str, state: PortalState) -> set[int]:
    """The status codes that the public would get."""
    kind, _, name = key.partition(":")
    if kind == "error":
        return {int(name)}
    if not state.visible and key != "network":
        return {404}
    return {200} if kind != "sample" else {200, 422, 429}


@pytest.mark.parametrize("error", ["1", "99", "600", "9" * 5_000, "²", ""])
def test_preview_of_no_error_page_is_the_page(draft: Portal, olga: User, error: str) -> None:
    path = f"/admin/countries/portal/{draft.pk}/preview/live/{draft.slug}/en/"
    assert client_of(olga).get(path, {"error": error}).status_code == 200


def test_preview_lists_every_page_that_a_portal_has_in_its_languages() -> None:
    assert {"portal_home", "report", "status", "portal_about", "portal_privacy"} <= set(page_names())
    assert len(preview_samples.SAMPLES) >= 20


@pytest.mark.parametrize("state", PortalState)
def test_preview_shows_every_page_in_every_language_and_state_and_writes_nothing(
    draft: Portal, olga: User, state: PortalState
) -> None:
    client = client_of(olga)
    client.get("/admin/")
    portal, before = published.as_stored(draft.pk), rows()
    published.clear_cache()

    wrong = []
    for language in portal.languages:
        for key in keys():
            answer = client.get(at := preview_url(portal, key, language, state.value))
            page = answer.content.decode()
            if key == "portal_leave" and state.visible:
                # The neutral page must not look like part of the site.
                assert (answer.status_code, page.count(BAND)) == (200, 0)
                continue
            if answer.status_code not in status_of(key, state) or page.count(BAND) != 1:
                wrong.append((at, answer.status_code))
            for link in LINKS.findall(page):
                inside = link.startswith(
                    (f"/admin/countries/portal/{draft.pk}/preview/{state}/", "#", "tel:", "/static/")
                )
                if not inside and not link.startswith("https://"):
                    wrong.append((at, link))
    assert wrong == []
    assert rows() == before
    assert published._reading is None
    assert rate_limit._buckets == {}


def test_preview_can_be_walked_from_page_to_page(draft: Portal, olga: User) -> None:
    client, portal = client_of(olga), published.as_stored(draft.pk)
    start = f"/admin/countries/portal/{draft.pk}/preview/live/"
    waiting, seen = [preview_url(portal, "portal_home", "en", "live")], set[str]()
    while waiting:
        at = waiting.pop()
        seen.add(at)
        answer = client.get(at, follow=True)
        assert answer.status_code == 200, at
        if answer.headers["Content-Type"].startswith("text/html"):
            found = set(LINKS.findall(answer.content.decode()))
            waiting += [link for link in found if link.startswith(start) and link not in {*seen, *waiting}]
    assert {f"{start}gy/{language}/{page}" for language in ("en", "ur") for page in ("", "about/", "status/")} <= seen


def test_leaving_a_preview_neither_leads_out_nor_has_the_staff_browser_forget(
    draft: Portal, olga: User, settings: Any
) -> None:
    settings.LEAVE_TO = ""
    client, portal = client_of(olga), published.as_stored(draft.pk)
    at = preview_url(portal, "portal_leave", "en", "live")
    assert client.get(at).headers["Refresh"] == "0; url=?on"
    left = client.get(at, {"on": ""}, follow=True)
    assert left.redirect_chain == [(f"/admin/countries/portal/{draft.pk}/preview/live/leave/en/", 303)]
    assert "Clear-Site-Data" not in left.headers
    assert "Clear-Site-Data" not in client.get(at).headers

    Portal.objects.filter(pk=draft.pk).update(leave_to="https://weather.example.org/")
    elsewhere = client.get(at, {"on": ""})
    assert (elsewhere.status_code, "Location" in elsewhere.headers) == (200, False)
    assert elsewhere.content.decode().endswith(" https://weather.example.org/")
    assert elsewhere.headers["Content-Type"].startswith("text/plain")
    assert "Clear-Site-Data" not in elsewhere.headers


def test_form_sent_in_a_preview_is_answered_and_not_stored(draft: Portal, olga: User) -> None:
    # As a browser's form, without a CSRF token of the staff surface.
    client = Client(enforce_csrf_checks=True)
    client.cookies = client_of(olga).cookies
    start, before = f"/admin/countries/portal/{draft.pk}/preview/live/gy/en/", rows()

    stored = client.post(f"{start}report/", {"addresses": "https://example.org/typed"})
    empty = client.post(f"{start}report/", {"addresses": " "})
    details = client.post(f"{start}details/", {"description": "typed"})
    looked_up = client.post(f"{start}status/", {"code": "typed"})

    assert [page.status_code for page in (stored, empty, details, looked_up)] == [200, 422, 200, 200]
    assert "Your report is stored" in stored.content.decode()
    assert "Please enter the web address" in empty.content.decode()
    assert "is waiting for an analyst" in looked_up.content.decode()
    assert not any(b"typed" in page.content for page in (stored, empty, details, looked_up))
    assert rows() == before


def test_preview_shows_what_the_public_would_see_and_no_unverified_contact(draft: Portal, olga: User) -> None:
    ContactFactory.create(portal=draft, name="Unverified line", verified_on=None, verified_by="")
    about = preview_url(published.as_stored(draft.pk), "portal_about", "en", "live")
    page = client_of(olga).get(about).content.decode()
    assert "Child helpline" in page
    assert "Unverified line" not in page


def test_preview_of_a_restricted_portal_asks_for_a_phrase_and_never_shows_it(belize: Portal, olga: User) -> None:
    Portal.objects.filter(pk=belize.pk).update(access_phrase="open sesame")
    client, portal = client_of(olga), published.as_stored(belize.pk)
    pages = [
        client.get(preview_url(portal, key, "en", "restricted")).content.decode() for key in ("report", "portal_home")
    ]
    assert 'name="phrase"' in pages[0]
    assert not any("open sesame" in page for page in pages)


def test_preview_is_no_page_of_another_portal_or_of_the_installation(draft: Portal, belize: Portal, olga: User) -> None:
    client, start = client_of(olga), f"/admin/countries/portal/{draft.pk}/preview/live/"
    for beyond in ("bz/en/", "health/live/", "health/ready/", "admin/", "gy/xx/", "static/public/public.css"):
        assert client.get(start + beyond).status_code == 404, beyond
    assert "Belize" not in client.get(start).content.decode()
    assert client.get(f"/admin/countries/portal/{draft.pk}/preview/nonsense/gy/en/").status_code == 404
    assert client.get(f"/admin/countries/portal/{draft.pk}/preview/live-change-99/gy/en/").status_code == 404
    assert client.get(f"/admin/countries/portal/{draft.pk}/preview/", {"change": "x"}).status_code == 404
    assert client.get(f"/admin/countries/portal/{draft.pk}/preview/", {"page": "x", "state": "x"}).status_code == 200


def test_preview_opens_with_the_state_that_a_draft_goes_to_and_says_what_is_hidden(draft: Portal, olga: User) -> None:
    client, start, hidden = client_of(olga), f"/admin/countries/portal/{draft.pk}/preview/", "not visible to the public"
    assert hidden not in (first := client.get(start).content.decode())
    assert f'src="{start}live/gy/en/"' in first
    assert hidden in client.get(start, {"state": "draft"}).content.decode()
    draft.texts.all().delete()
    assert "no text in any language" in client.get(start).content.decode()


@pytest.mark.parametrize("who", ["ana", "ben", "sena", "axel", "willa", "adam"])
def test_preview_is_forbidden_to_roles_without_portal_access(
    belize: Portal, who: str, request: pytest.FixtureRequest
) -> None:
    client, start = client_of(request.getfixturevalue(who)), f"/admin/countries/portal/{belize.pk}/preview/"
    assert client.get(start).status_code == 403
    assert client.get(f"{start}live/bz/en/").status_code == 403
    assert client.post(f"{start}live/bz/en/report/", {"addresses": "x"}).status_code == 403


def test_partner_previews_own_portals_only(belize: Portal, zambia: Portal, petra: User) -> None:
    client = client_of(petra)
    for portal, status in ((belize, 200), (zambia, 404)):
        start = f"/admin/countries/portal/{portal.pk}/preview/"
        assert client.get(start).status_code == status
        assert client.get(f"{start}live/{portal.slug}/en/").status_code == status
        assert client.get(f"{start}live/{portal.slug}/frame.svg").status_code == status


def test_draft_stays_hidden_from_the_public_during_and_after_a_preview(
    draft: Portal, olga: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    published.portals_by_slug()
    client, seen = client_of(olga), dict[str, Any]()
    real = preview._public_response

    def beside() -> None:
        seen["portal"] = published.portals_by_slug()["gy"].state
        seen["notice"], seen["urls"], seen["prefix"] = published.preview_notice(), get_urlconf(), get_script_prefix()

    def answer(*args: Any) -> Any:
        thread = threading.Thread(target=beside)
        thread.start()
        thread.join()
        return real(*args)

    monkeypatch.setattr(preview, "_public_response", answer)
    at = preview_url(published.as_stored(draft.pk), "portal_home", "en", "live")
    assert client.get(at).status_code == 200
    assert seen == {"portal": PortalState.DRAFT, "notice": None, "urls": None, "prefix": "/"}
    assert Client().get("/gy/en/").status_code == 404
    assert BAND not in Client().get("/gy/en/").content.decode()


def test_failing_page_leaves_nothing_of_the_preview_behind(
    draft: Portal, olga: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*args: Any) -> Any:
        raise RuntimeError("broken")

    monkeypatch.setattr(preview, "_public_response", fails)
    with pytest.raises(RuntimeError, match="broken"):
        client_of(olga).get(preview_url(published.as_stored(draft.pk), "portal_home", "en", "live"))
    assert (published.preview_notice(), get_script_prefix()) == (None, "/")
    assert Client().get("/gy/en/").status_code == 404


@pytest.mark.usefixtures("draft")
def test_nothing_that_comes_with_a_request_shows_a_draft() -> None:
    fields = {"preview": "1", "state": "live", "sample": "wait", "error": "500"}
    answer = Client().get("/gy/en/", fields, headers={"X-Preview": "live"})
    assert answer.status_code == 404
    assert BAND not in answer.content.decode()


def test_frames_may_be_framed_by_the_preview_alone(belize: Portal, olga: User) -> None:
    client, start = client_of(olga), f"/admin/countries/portal/{belize.pk}/preview/"
    outer, inner, other = client.get(start), client.get(f"{start}live/bz/en/"), client.get("/admin/")
    csp = "Content-Security-Policy"
    assert "frame-src 'self'" in outer.headers[csp]
    assert "frame-ancestors 'none'" in outer.headers[csp]
    assert outer.headers["X-Frame-Options"] == "DENY"
    assert "script-src 'none'" in inner.headers[csp]
    assert "<script" not in inner.content.decode()
    assert "<script" in Client().get("/bz/en/").content.decode()
    assert "default-src 'none'" in inner.headers[csp]
    assert "frame-ancestors 'self'" in inner.headers[csp]
    assert inner.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-src" not in other.headers[csp]
    assert other.headers["X-Frame-Options"] == "DENY"
    public = Client().get("/bz/en/")
    assert public.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in public.headers[csp]


def test_showing_ends_with_its_block(belize: Portal) -> None:
    portal = preview.in_state(published.as_stored(belize.pk), PortalState.CLOSED)
    with published.override_portal(portal, PreviewNotice("Preview", "en")):
        assert published.portals_by_slug() == published.in_memory() == {"bz": portal}
    assert published.in_memory() == {}
    assert published.portals_by_slug()["bz"].state is PortalState.LIVE


def test_preview_shows_an_open_change_and_leaves_the_portal_as_it_is(
    belize: Portal, zambia: Portal, olga: User, petra: User
) -> None:
    document = document_of(belize)
    document["texts"][0]["welcome"] = "Proposed words."
    document["brand_colour"] = "#123456"
    change = request_words(by=olga, portal=belize, document=document, reason="Plainer")
    client, start, before = client_of(olga), f"/admin/countries/portal/{belize.pk}/preview/", rows()

    frames = client.get(start, {"change": change.pk}).content.decode()
    inside = f"{start}live-change-{change.pk}/"
    assert f'src="{inside}bz/en/"' in frames
    assert "with the changes of the open approval request" in frames
    page = client.get(f"{inside}bz/en/").content.decode()
    assert "Proposed words." in page
    assert "--brand:#123456" in page

    assert "Proposed words." not in client.get(f"{start}live/bz/en/").content.decode()
    assert "Proposed words." not in Client().get("/bz/en/").content.decode()
    assert document_of(belize) != document
    assert rows() == before
    # A request of another portal, an unknown one, and a decided one.
    other = f"/admin/countries/portal/{zambia.pk}/preview/"
    assert client.get(other, {"change": "²"}).status_code == 404
    for number in (str(change.pk), "0", "9" * 30):
        assert client.get(other, {"change": number}).status_code == 404
        assert client.get(f"{other}live-change-{number}/zm/en/").status_code == 404
    # Only those who may decide about a request see its preview.
    partner = client_of(petra)
    assert partner.get(start).status_code == 200
    assert partner.get(start, {"change": change.pk}).status_code == 404
    assert partner.get(f"{inside}bz/en/").status_code == 404
    decline_request(PORTAL_WORDS, by=olga, request=change)
    assert client.get(start, {"change": change.pk}).status_code == 404
    assert client.get(f"{inside}bz/en/").status_code == 404


def test_change_that_the_rules_refuse_by_now_has_no_preview(belize: Portal, olga: User) -> None:
    document = document_of(belize)
    document["texts"][0]["welcome"] = "Proposed words."
    change = request_words(by=olga, portal=belize, document=document, reason="Plainer")
    ApprovalRequest.objects.update(payload={**change.payload, "document": {**document, "legal_age": 99}})
    client, start = client_of(olga), f"/admin/countries/portal/{belize.pk}/preview/"
    assert client.get(start, {"change": change.pk}).status_code == 404
    assert client.get(f"{start}live-change-{change.pk}/bz/en/").status_code == 404

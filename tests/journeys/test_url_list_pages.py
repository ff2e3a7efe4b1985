"""The URL list in a real browser: a key from its creation to a member's first download, and usable pages."""

import urllib.error
import urllib.request
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from analysts.models import FeedScope, Incident, MemberKey, UrlListEntry, User
from analysts.takedown.url_list import actions, members
from analysts.takedown.url_list.tests.test_url_list import ask_police, illegal, listed
from countries.models import Portal
from tests.journeys.test_journey import sign_in
from tests.rig.browser import DESK, PHONE, BrowserWatch, Window, open_page, page_faults
from tests.rig.installation import Installation

WINDOWS: dict[str, list[Window]] = {"": [(DESK, "dark"), (PHONE, "light")], "ar": [(PHONE, "dark")]}
MEMBER = "Example Search of the browser"


def test_key_is_made_by_the_keyboard_fetches_the_list_and_is_closed(
    chromium: Browser, staff_url: str, installation: Installation
) -> None:
    context = chromium.new_context(viewport=PHONE, base_url=staff_url)
    watch = BrowserWatch(context, staff_url)
    page = context.new_page()
    sign_in(page, installation, "operator")
    page.locator(".menu > summary").press("Enter")
    page.get_by_role("link", name="URL list", exact=True).press("Enter")
    page.get_by_role("link", name="Members and keys").press("Enter")
    page.get_by_label("Member", exact=True).focus()
    page.keyboard.type(MEMBER)
    page.keyboard.press("Enter")
    secret = page.locator("#member-key").inner_text()
    assert fetched(staff_url, secret) == 200
    page.get_by_role("link", name="Back to members").press("Enter")
    row = page.get_by_role("row").filter(has_text=MEMBER).filter(has_text=secret[:12])
    expect(row).to_contain_text("hashes only")
    assert secret not in page.content()
    row.get_by_role("button", name="Close key").press("Enter")
    expect(page.get_by_text(f"Closed the key that begins with {secret[:12]}.")).to_be_visible()
    assert fetched(staff_url, secret) == 401
    assert (watch.elsewhere(), watch.failures(), watch.complaints) == ([], [], [])
    context.close()
    written = [file for file in installation.folder.glob("*.log") if secret.encode() in file.read_bytes()]
    assert written == []


def fetched(url: str, secret: str) -> int:
    """The status of a member's request."""
    asked = urllib.request.Request(f"{url}/api/url-list/", headers={"Authorization": f"Bearer {secret}"})
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@pytest.mark.django_db(transaction=True)
def test_pages_are_fit_to_be_used(
    live_server: Any, chromium: Browser, belize: Portal, ana: User, sena: User, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]
    incidents = the_list(belize, ana)
    the_members(sena)
    pages = {"/admin/url-list/": ana, "/admin/url-list/members/": sena}
    pages |= {f"/admin/incidents/{incident.pk}/": ana for incident in incidents}
    wrong: list[str] = []

    def look(page: Page, name: str) -> None:
        wrong.extend(page_faults(page, name, *WINDOWS[language]))

    opened = {by: open_page(chromium, live_server.url, by) for by in dict.fromkeys(pages.values())}
    for language in WINDOWS:
        User.objects.update(language=language)
        for path, by in pages.items():
            page = opened[by]
            page.set_viewport_size(DESK)
            page.goto(path)
            look(page, path)
            if path.endswith("members/"):
                page.locator("#id_member").fill(f"https://example.org/{'long' * 20}")
                page.locator("form.act button").click()
                look(page, "refused")
                page.locator("#id_member").fill("A very long name of a member " * 4)
                page.locator("form.act button").click()
                expect(page.locator("#member-key")).to_be_visible()
                look(page, "made")
    for page in opened.values():
        page.context.close()
    assert wrong == []


def the_list(portal: Portal, by: User) -> list[Incident]:
    """One entry due for review, one that waits for the police."""
    due, waits = (illegal(portal, by, f"https://example.org/{number}") for number in range(2))
    listed(due, by)
    ask_police(waits, by)
    actions.list_address(by=by, incident=waits)
    UrlListEntry.objects.update(review_on=timezone.now().date())
    return [due, waits]


def the_members(by: User) -> None:
    """Members with an open, a closed and an expired key."""
    tomorrow = timezone.now().date() + timedelta(days=1)
    made = [
        members.make_key(by=by, member=name, scope=scope, expires_on=tomorrow)[0]
        for name, scope in (
            ("Example Search", FeedScope.HASHES),
            ("Example Filters of a very long name, second system", FeedScope.ADDRESSES),
            ("مثال", FeedScope.HASHES),
        )
    ]
    members.close_key(by=by, key=made[1])
    MemberKey.objects.filter(pk=made[2].pk).update(expires_on=timezone.now().date() - timedelta(days=1))

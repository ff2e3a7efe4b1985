"""Traces and batches in a real browser: by keyboard alone, and usable on a phone, in the dark and right to left."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, FilePayload, Page, expect

from analysts.models import BatchItem, BatchKind, HostingTrace, User
from analysts.takedown.tracing.tests.test_tracing import BGP, DNS, HEADERS, WHOIS, traced
from analysts.tests.batches import (
    drawn_by,
    illegal_incidents,
    opened,
    result,
    results_of,
    traces_of_three_methods,
    workstation_for_batches,
)
from analysts.tests.mmdb import HOSTED, NETWORK, mmdb
from countries.models import Portal
from tests.rig.browser import DESK, PHONE, Window, open_page, page_faults

pytestmark = pytest.mark.django_db(transaction=True)

WINDOWS: dict[str, list[Window]] = {"": [(DESK, "dark"), (PHONE, "light")], "ar": [(PHONE, "light")]}


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture(autouse=True)
def _file(settings: Any, tmp_path: Path) -> None:
    path = tmp_path / "networks.mmdb"
    path.write_bytes(mmdb({"192.0.2.0/24": {**HOSTED, **NETWORK}}, made=timezone.now()))
    settings.NETWORKS_FILE = [str(path)]
    settings.ALLOWED_HOSTS = ["localhost"]


def test_three_traces_are_entered_by_the_keyboard_alone(
    live_server: Any, chromium: Browser, belize: Portal, ana: User, now: datetime
) -> None:
    [incident] = illegal_incidents(belize, ana, now=now)
    page = open_page(chromium, live_server.url, ana)
    page.goto(f"/admin/incidents/{incident.pk}/")
    page.get_by_role("textbox", name="IP address", exact=True).focus()
    page.keyboard.type("192.0.2.7")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_text(": Netherlands, AS64496 Example Net.")).to_be_visible()
    page.get_by_label("Hosting provider").focus()
    # On a slow line the page is complete only now. The message leaves the focus in the field.
    page.evaluate("new Promise(done => { dispatchEvent(new Event('load')); requestAnimationFrame(done) })")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_text("1 of 3 methods name").first).to_be_visible()
    for name in ("DNS look-up", "routing tables (BGP)"):
        # The place is still filled in.
        page.get_by_label(name).focus()
        page.keyboard.press("Space")
    page.get_by_label("Network", exact=True).focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("#hosting summary").first).to_contain_text("3 methods agree")
    assert set(HostingTrace.objects.values_list("method", "country", "provider__name")) == {
        (method, "NL", "Example Net") for method in ("file", "dns", "bgp")
    }
    page.context.close()


def test_pages_are_fit_to_be_used(
    live_server: Any, chromium: Browser, belize: Portal, ana: User, adam: User, now: datetime
) -> None:
    room = workstation_for_batches()
    first, _second = illegal_incidents(belize, ana, now=now, number=2)
    traced(first, ana, now - timedelta(minutes=9), DNS, WHOIS, BGP, network="AS64496 Example Net", note="asked twice")
    traced(first, ana, now - timedelta(minutes=8), HEADERS, country="US", provider="A very long name " * 6)
    batch = opened(drawn_by(ana, room, now=now, kind=BatchKind.TRACES), now=now)
    results = [result(batch.incidents[0], traces=traces_of_three_methods(now)), result(batch.incidents[0])]
    content = results_of(batch, results, now=now) + b"x"
    pages = {"/admin/batches/": ana, f"/admin/incidents/{first.pk}/": ana, "/admin/workstations/": adam}
    wrong: list[str] = []

    def look(page: Page, name: str) -> None:
        wrong.extend(page_faults(page, name, *WINDOWS[language]))

    windows = {by: open_page(chromium, live_server.url, by) for by in dict.fromkeys(pages.values())}
    for language in WINDOWS:
        User.objects.update(language=language)
        for path, by in pages.items():
            page = windows[by]
            page.set_viewport_size(DESK)
            page.goto(path)
            look(page, path)
            if path == "/admin/batches/" and not language:
                file: FilePayload = {"name": "batch.results", "mimeType": "text/plain", "buffer": content}
                page.locator("input[type=file]").set_input_files(file)
                page.locator("#results button").click()
                look(page, "what came back")
    for page in windows.values():
        page.context.close()
    assert wrong == []
    assert HostingTrace.objects.filter(source=BatchItem.objects.get(answered_at__isnull=False).pk).count() == 3

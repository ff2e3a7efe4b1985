"""Traces and batches in a real browser: by keyboard alone, and usable on a phone, in the dark and right to left."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, FilePayload, Page, expect

from analysts.codes.appeals import Appellant
from analysts.models import AvailabilityCheck, BatchItem, BatchKind, HostingTrace, Recipient, RouteRule, RouteStep, User
from analysts.takedown.appeals.actions import file_appeal
from analysts.takedown.tracing.tests.test_host_traces import illegal_at
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
from analysts.tests.places import host, placed
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


@pytest.fixture
def known_place(belize: Portal, ana: User, sena: User, now: datetime) -> Recipient:
    """A verified provider at which another host is, and a rule whose steps need no choice."""
    provider = host("Alpha Hosting", verified_by=sena)
    RouteRule.objects.create(
        hosted="anywhere", steps=[RouteStep.NOTICE_HOST, RouteStep.URL_LIST], reason="A test.", is_active=True
    )
    incident = illegal_at(belize, ana, "1", now, host="elsewhere.example")
    placed(incident, "NL", provider, now=now - timedelta(minutes=5))
    return provider


def count_keys(page: Page, *steps: str) -> int:
    """Press the keys; each step but the last leads to another page. Returns how many."""
    keys = [step.split() for step in steps]
    for step in keys:
        *first, last = step
        for key in first:
            page.keyboard.press(key)
        with page.expect_navigation():
            page.keyboard.press(last)
        page.wait_for_load_state("load")
    return sum(map(len, keys))


@pytest.mark.usefixtures("known_place")
def test_fresh_trace_to_a_confirmed_route_takes_at_most_twelve_keys(
    live_server: Any, chromium: Browser, belize: Portal, ana: User, now: datetime
) -> None:
    """The provider is typed: its name is completed, marked, and so is its country."""
    incident = illegal_at(belize, ana, "2", now)
    page = open_page(chromium, live_server.url, ana)
    page.goto(f"/admin/incidents/{incident.pk}/")
    assert count_keys(page, "t a l p Tab 1 2 3 Enter", "o Enter") == 11 <= 12
    assert set(incident.traces.values_list("country", "provider__name")) == {("NL", "Alpha Hosting")}
    assert incident.routes.get().steps == ["notice_host", "url_list"]
    # Another name than the known one is kept: the rest of the known one is marked, and goes with the next letter.
    other = illegal_at(belize, ana, "3", now, host="other.example")
    page.goto(f"/admin/incidents/{other.pk}/")
    page.keyboard.press("t")
    page.keyboard.type("Alpine Hosting")
    expect(page.get_by_label("Hosting provider")).to_have_value("Alpine Hosting")
    page.get_by_label("Hosting provider").fill("")
    page.keyboard.type("Alpha")
    page.keyboard.press("Delete")
    expect(page.get_by_label("Hosting provider")).to_have_value("Alpha")
    page.context.close()


def test_traces_and_routes_of_a_host_are_one_preview_and_take_five_keys(
    live_server: Any, chromium: Browser, belize: Portal, ana: User, known_place: Recipient, now: datetime
) -> None:
    """On a page that the to-do list opened, where the focus is on the methods."""
    placed(illegal_at(belize, ana, "1", now), "NL", known_place, now=now - timedelta(minutes=4))
    incidents = [illegal_at(belize, ana, path, now) for path in ("2", "3", "4")]
    page = open_page(chromium, live_server.url, ana)
    page.goto("/admin/to-do/?what=trace")
    with page.expect_navigation():
        page.locator("[data-row]").first.click()
    # Its section may be fetched first.
    expect(page.locator("[name=methods]").first).to_be_focused()
    assert count_keys(page, "1 2 3 s", "g") == 5
    expect(page.locator(".messagelist")).to_contain_text("4 routes confirmed.")
    assert [incident.traces.count() for incident in incidents] == [3, 3, 3]
    assert [incident.routes.get().steps for incident in incidents] == [["notice_host", "url_list"]] * 3
    page.context.close()


def test_checks_in_a_row_take_one_key_each(
    live_server: Any, chromium: Browser, belize: Portal, ana: User, now: datetime
) -> None:
    """Opened from the to-do list; the message of the check before describes what has the focus."""
    earlier = now - timedelta(days=4)
    incidents = [illegal_at(belize, ana, "1", earlier, host=f"{name}.example") for name in ("first", "second", "third")]
    page = open_page(chromium, live_server.url, ana)
    page.goto("/admin/to-do/?what=check")
    assert count_keys(page, "j Enter") == 2
    for _incident in incidents:
        outcome = page.locator("button[name=outcome]").first
        expect(outcome).to_be_focused()
        assert count_keys(page, "1") == 1
    expect(page.locator(".messagelist")).to_contain_text("Nothing more of this kind is due.")
    assert AvailabilityCheck.objects.filter(outcome="online").count() == len(incidents)
    page.context.close()


def test_appeal_that_waits_is_what_its_key_leads_to(
    live_server: Any, chromium: Browser, belize: Portal, ana: User, sena: User, now: datetime
) -> None:
    incident = illegal_at(belize, ana, "1", now)
    file_appeal(by=ana, incident=incident, appellant=Appellant.OWNER, note="placeholder")
    page = open_page(chromium, live_server.url, sena)
    page.goto(f"/admin/incidents/{incident.pk}/")
    page.keyboard.press("A")
    expect(page.locator("#decide_appeal select").first).to_be_focused()
    incident.appeals.update(outcome="upheld", reason="illegal", reviewed_by=sena, reviewed_at=now)
    page.goto(f"/admin/incidents/{incident.pk}/")
    page.keyboard.press("A")
    expect(page.locator("#file_appeal select").first).to_be_focused()
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

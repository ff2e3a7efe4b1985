"""How much of the desk is in view: heights of the queue, the dashboard and the decision, and no scrolling sideways."""

from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page

from analysts.assessment.dashboard import MOST_LISTED
from analysts.incidents.page_kit import DashboardCard, PageSection
from analysts.models import Density, DisplayPreferences, PortalHour, User
from analysts.pages import dashboard
from analysts.takedown.chasing.lists import URGENT, ToDoCount
from analysts.takedown.chasing.page_section import DueCounts, show_due
from analysts.tests.factories import assessed_illegal, claimed, incident_of
from countries.models import Portal
from reports.models import the_hour
from tests.rig.browser import DESK, fits_width, open_page

pytestmark = pytest.mark.django_db(transaction=True)

type Visit = Callable[[User], Page]
ROWS = 30
# Sites that differ in a number alone are nearly alike, and folded.
SITES = ["".join(letters) for letters in product("aeiou", "kmnprt")]
QUEUE_HEIGHT, PHONE_HEIGHT, WINDOW_HEIGHT = 1_200, 2_500, 900


@pytest.fixture
def visit(live_server: Any, chromium: Browser, settings: Any) -> Visit:
    settings.ALLOWED_HOSTS = ["localhost"]
    return lambda user: open_page(chromium, live_server.url, user)


def height_of(page: Page) -> int:
    height: int = page.evaluate("document.documentElement.scrollHeight")
    return height


def test_compact_queue_of_thirty_rows_is_within_its_height_and_width(
    visit: Visit, belize: Portal, ana: User, tmp_path: Path
) -> None:
    for number in range(ROWS):
        path = f"a-rather-long-path/that-goes-on/{number}?page={number}"
        incident_of(belize, f"https://{SITES[number]}.example/{path}")
    DisplayPreferences.objects.create(user=ana, density=Density.COMPACT)
    page = visit(ana)
    page.goto("/admin/queue/")
    assert page.locator("[data-row]").count() >= ROWS
    assert height_of(page) <= QUEUE_HEIGHT
    page.screenshot(path=tmp_path / "queue.png", full_page=True)
    wrong = []
    for width in (DESK["width"], 1_280, 1_100, 1_024):
        page.set_viewport_size({"width": width, "height": 900})
        if not fits_width(page):
            wrong.append(width)
    assert wrong == []
    page.context.close()


def test_full_dashboard_on_a_phone_is_within_its_height(
    visit: Visit, belize: Portal, ana: User, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With a full list, a claim, the alert of many reports, the weekly note, and each kind of to-do that it counts."""
    now = timezone.now()
    for number in range(MOST_LISTED):
        assessed_illegal(incident_of(belize, f"https://{SITES[number]}.example/{number}"), ana)
    claimed(incident_of(belize, "https://example.org/claimed", details={"facts": ["child_in_danger"]}), ana)
    PortalHour.objects.update_or_create(portal=belize, hour=the_hour(now), defaults={"reports": 100})
    urgent = [ToDoCount(kind, "20") for kind in URGENT]
    due = PageSection("analysts/takedown/chasing/_dashboard.html", DueCounts(urgent, has_own=True, reviews="20"))
    others = [card for card in dashboard.CARDS if card.show != show_due]
    monkeypatch.setattr(dashboard, "CARDS", [*others, DashboardCard(lambda *_: due)])
    weekly = PageSection("analysts/welfare/_dashboard_weekly.html", 20)
    monkeypatch.setattr(dashboard, "NOTICES", [*dashboard.NOTICES, DashboardCard(lambda *_: weekly)])
    page = visit(ana)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/admin/")
    assert page.locator("[data-row]").count() == MOST_LISTED + 1
    assert page.locator(".card.unusual").is_visible()
    assert page.locator(".card dt", has_text="urgent").count() == len(URGENT)
    page.screenshot(path=tmp_path / "dashboard.png", full_page=True)
    assert height_of(page) <= PHONE_HEIGHT
    assert fits_width(page)
    page.context.close()


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("https://example.org/gallery", {}),
        ("https://example.org/profile?user=someone@example.org", {}),
        ("https://example.org/profile?user=someone@example.org", {"details": {"facts": ["child_in_danger"]}}),
    ],
    ids=["plain", "redaction", "danger"],
)
def test_address_options_and_record_are_in_one_window(
    visit: Visit, belize: Portal, ana: User, address: str, sent: dict[str, Any], tmp_path: Path
) -> None:
    """With severity, age and sex open."""
    incident = claimed(incident_of(belize, address, **sent), ana)
    page = visit(ana)
    page.set_viewport_size({"width": 1_440, "height": WINDOW_HEIGHT})
    page.goto(f"/admin/incidents/{incident.pk}/")
    with page.expect_navigation():
        page.keyboard.press("r")
    page.wait_for_load_state("load")
    # Illegal, category A: age and sex follow.
    page.keyboard.press("1")
    page.keyboard.press("1")
    for name in ("severity", "age_band", "sex"):
        assert page.locator(f"fieldset:has([name={name}])").is_visible()
    page.screenshot(path=tmp_path / "deciding.png", full_page=True)
    top, record = page.locator("#address").bounding_box(), page.locator("[data-record]").bounding_box()
    assert top
    assert record
    assert record["y"] + record["height"] - top["y"] <= WINDOW_HEIGHT
    page.context.close()

"""In a browser: what staff see when a portal has no analysts, the worker has stopped, or the police refuse."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from analysts.codes import Role
from analysts.models import (
    Clearance,
    Incident,
    NextStep,
    NextStepKind,
    RecipientKind,
    RouteStep,
    User,
    WorkerHeartbeat,
    WorkerKind,
)
from analysts.pages import tasks
from analysts.takedown.routing import catalogue
from analysts.takedown.routing.actions import confirm_route, record_clearance
from analysts.tests.factories import incident_of
from analysts.tests.places import found_in, recipient
from countries.models import Portal
from tests.journeys.test_routing_pages import pressed
from tests.rig.browser import DESK, PHONE, open_page, page_faults
from tests.rig.fixtures import create_person

pytestmark = pytest.mark.django_db(transaction=True)

type Visit = Callable[[User], Page]


@pytest.fixture
def visit(live_server: Any, chromium: Browser, settings: Any) -> Visit:
    settings.ALLOWED_HOSTS = ["localhost"]
    return lambda user: open_page(chromium, live_server.url, user)


def find_faults(page: Page) -> list[str]:
    return page_faults(page, page.url, (PHONE, "dark"), (DESK, "light"))


def test_portal_without_analysts_is_seen_and_a_group_covers_it(
    visit: Visit, belize: Portal, olga: User, adam: User
) -> None:
    other, analyst = create_person("adele", Role.ADMINISTRATOR), create_person("nora", Role.ANALYST)
    for kind in WorkerKind:
        WorkerHeartbeat.objects.update_or_create(pk=kind, defaults={"at": timezone.now() - timedelta(hours=5)})
    page = visit(olga)
    page.goto("/admin/")
    expect(page.locator(".late-line").first).to_contain_text("Worker last seen: 5 hours ago.")
    expect(page.locator(".late-line").last).to_contain_text("Intake last seen: 5 hours ago.")
    expect(page.locator("#uncovered")).to_contain_text("Ask an administrator to assign analysts.")
    wrong = find_faults(page)
    page.context.close()

    page = visit(adam)
    page.goto("/admin/")
    page.locator("#uncovered").get_by_role("link", name="Portal groups").click()
    page.get_by_label("Name").fill("Central America")
    pressed(page, "Add group")
    wrong += find_faults(page)
    page.get_by_label(analyst.username).check()
    page.get_by_label("Belize").check()
    # Two problems: what is wrong is listed, and what was ticked is kept.
    page.locator("#change-group").evaluate("form => { form.noValidate = true; }")
    with page.expect_navigation():
        page.get_by_role("button", name="Request approval").click()
    expect(page.get_by_label(analyst.username)).to_be_checked()
    wrong += find_faults(page)
    page.get_by_label("Reason").fill("Nora speaks the language.")
    with page.expect_navigation():
        page.get_by_role("button", name="Request approval").click()
    request = page.url
    page.goto("/admin/portal-groups/")
    wrong += find_faults(page)
    page.context.close()

    page = visit(other)
    page.goto(request)
    wrong += find_faults(page)
    page.get_by_role("button", name="Approve").click()
    page.goto("/admin/")
    expect(page.locator("#uncovered")).to_have_count(0)
    page.context.close()
    assert wrong == []


@pytest.fixture
def refused(belize: Portal, ana: User, sena: User) -> Incident:
    """An illegal incident for which the police refused clearance an hour ago."""
    catalogue.load_rules()
    tasks.note_heartbeat(timestamp=0)
    recipient(RecipientKind.POLICE, "Example Police", "GB", verified_by=sena)
    now = timezone.now() - timedelta(hours=1)
    incident = found_in(belize, ana, "GB", now=now)
    confirm_route(by=ana, incident=incident, steps=[RouteStep.POLICE_HOLD], reason="r", now=now)
    record_clearance(
        by=ana, incident=incident, answer=Clearance.REFUSED, answered_on=now.date(), reference="EX-1", now=now
    )
    return incident


def test_refusal_is_decided_from_the_to_do_list_by_keyboard(
    visit: Visit, refused: Incident, belize: Portal, ana: User
) -> None:
    incident_of(belize, "https://other.example/1")
    page = visit(ana)
    page.goto("/admin/to-do/")
    page.locator("table.due [data-row]").press("Enter")
    card = page.locator("#next-step")
    # Ready for the keyboard, although the browser scrolls to the part after the script has opened it.
    expect(card.locator(":focus")).to_have_count(1)
    expect(card).to_contain_text("The police refused clearance, so nothing is sent.")
    card.locator("form").evaluate("form => { form.noValidate = true; }")
    pressed(page, "Set the next step")
    expect(page.get_by_role("alert")).to_contain_text("Review on: This field is required.")
    wrong = find_faults(page)
    on = timezone.now().date() + timedelta(days=20)
    card.get_by_label("Next step").select_option(label="keep online for the investigation")
    card.get_by_label("Review on").fill(on.isoformat())
    pressed(page, "Set the next step")
    expect(card).to_contain_text("Keep online for the investigation")
    step = NextStep.objects.get()
    assert (step.step_kind, step.review_at.date()) == (NextStepKind.KEEP_ONLINE, on)
    wrong += find_faults(page)

    page.goto("/admin/to-do/")
    expect(page.locator("table.due", has_text=str(refused))).to_have_count(0)
    wrong += find_faults(page)
    page.get_by_role("link", name="Waiting for others").click()
    expect(page.get_by_role("table", name="Waiting for others")).to_contain_text(str(refused))
    wrong += find_faults(page)
    page.goto("/admin/queue/?view=acting&waits_for=police")
    expect(page.locator("tr", has_text=str(refused))).to_contain_text(
        f"Waiting for the police: keep online for the investigation, review {written(on)}"
    )
    wrong += find_faults(page)
    page.context.close()
    assert wrong == []


def written(day: date) -> str:
    return f"{day.day} {day:%b %Y}"

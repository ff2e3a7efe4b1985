"""Routing in a real browser: the rules as an operator edits them, and an analyst's decisions with them."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Literal

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from analysts.models import Incident, PoliceHold, RecipientKind, Route, RouteRule, User
from analysts.takedown.routing import catalogue
from analysts.tests.places import found_in, recipient
from countries.models import Portal
from tests.rig.browser import DESK, PHONE, axe_findings, fits_width, open_page
from tests.rig.looks import wrong_headings

pytestmark = pytest.mark.django_db(transaction=True)

type Look = Callable[[str], None]


@pytest.fixture(autouse=True)
def _rules(db: None, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]
    catalogue.load_rules()


@pytest.fixture
def police(sena: User) -> None:
    recipient(RecipientKind.POLICE, "Example Police", "GB", verified_by=sena)


def page_checker(page: Page) -> tuple[Look, list[str]]:
    """Checks the current page on a desktop and on a phone; and the list of findings."""
    wrong: list[str] = []

    def look(name: str) -> None:
        for size in (PHONE, DESK):
            page.set_viewport_size(size)
            wrong.extend([] if fits_width(page) else [f"{name} does not fit {size['width']}"])
            wrong.extend(f"{name}: {each}" for each in [*axe_findings(page), *wrong_headings(page)])

    return look, wrong


def in_language(user: User, language: str) -> Literal["light", "dark"]:
    """The scheme to look at it with: each is seen once."""
    User.objects.filter(pk=user.pk).update(language=language)
    return "light" if language else "dark"


def open_routing(page: Page) -> None:
    """Unfold the section, if it is not the next step's."""
    if not page.locator("#route-body").is_visible():
        page.locator("#route > details > summary").click()


def pressed(page: Page, name: str) -> None:
    """Reach the button by Tab alone, press it, and wait for the page that answers."""
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('button') && document.activeElement.innerText") == name:
            with page.expect_navigation():
                page.keyboard.press("Enter")
            return
    raise AssertionError(f"Tab does not come to {name!r}.")


# --- The operator -----------------------------------------------------------------------------------


def test_operator_reads_tries_and_changes_the_rules(live_server: Any, chromium: Browser, olga: User) -> None:
    page = open_page(chromium, live_server.url, olga)
    look, wrong = page_checker(page)
    page.goto("/admin/")
    page.locator(".menu > summary").click()
    page.get_by_role("link", name="Routing rules").first.click()
    rules = page.locator("#result_list tbody tr")
    expect(rules).to_have_count(4)
    expect(rules.nth(2)).to_contain_text("Notice to the hosting provider after 48 hours")
    page.locator("#id_country").select_option(label="Belize")
    page.get_by_role("button", name="Show steps").click()
    tried = page.locator("#try dl")
    expect(tried.locator("dt")).to_have_text(
        ["Referral to the national police", "Notice to the hosting provider after 48 hours", "Entry on the URL list"]
    )
    expect(tried).to_contain_text("Members block it for as long as it is online.")
    look("rules")

    page.get_by_role("link", name="Another country with a hotline").click()
    page.get_by_label("Referral to the national police").check()
    page.get_by_role("button", name="Save").click()
    broken = page.locator(".field-anyway .errorlist li")
    expect(broken).to_contain_text(["Nothing has been saved yet.", "Germany would fail.", "United States would fail."])
    assert RouteRule.objects.get(hosted="hotline").steps == ["hotline"]
    look("a rule that breaks examples")
    page.get_by_label("Save despite failing examples").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    assert RouteRule.objects.get(hosted="hotline").steps == ["hotline", "police"]

    page.get_by_role("link", name="Examples to check the rules").click()
    examples = page.locator("#result_list tbody tr")
    expect(examples.filter(has_text="Fails")).to_contain_text(["Germany", "United States"])
    look("examples that fail")
    page.get_by_role("link", name="United States").click()
    page.get_by_role("button", name="Delete").click()
    look("an example that is deleted")
    page.get_by_role("button", name="Yes, I’m sure").click()
    expect(examples.filter(has_text="Fails")).to_contain_text(["Germany"])
    page.get_by_role("link", name="Germany").click()
    page.get_by_label("Referral to the national police").check()
    look("an example that is changed")
    page.get_by_role("button", name="Save").click()
    expect(examples.filter(has_text="Fails")).to_have_count(0)
    expect(examples.filter(has_text="Passes")).to_contain_text(["Belize", "Germany", "United Kingdom"])
    assert wrong == []
    page.context.close()


@pytest.mark.parametrize("language", ["", "ar"])
def test_table_is_fit_to_be_used(live_server: Any, chromium: Browser, olga: User, language: str) -> None:
    page = open_page(chromium, live_server.url, olga, scheme=in_language(olga, language))
    look, wrong = page_checker(page)
    page.goto("/admin/analysts/routerule/?country=GB")
    look("rules")
    page.goto(f"/admin/analysts/routerule/{RouteRule.objects.all()[2].pk}/change/")
    look("a rule")
    for each in page.get_by_role("checkbox").all()[:8]:
        each.set_checked(False)
    page.locator("input[name=_save]").click()
    look("a refused rule")
    assert wrong == []
    page.context.close()


# --- The analyst ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("police")
def test_proposed_steps_are_confirmed_by_the_keyboard_alone(
    live_server: Any, chromium: Browser, belize: Portal, ana: User
) -> None:
    incident = found_in(belize, ana, "GB", now=timezone.now())
    page = open_page(chromium, live_server.url, ana)
    look, wrong = page_checker(page)
    page.goto(f"/admin/incidents/{incident.pk}/#route")
    proposed = page.locator("#confirm_route .steps > .step")
    expect(proposed).to_have_count(3)
    assert all(each.is_checked() for each in proposed.get_by_role("checkbox").all())
    expect(proposed.first).to_contain_text("the police decide first whether a notice could warn a suspect")
    look("proposed")
    pressed(page, "Confirm route")
    expect(page.locator("#confirmed")).to_contain_text("Confirmed by ana on")
    expect(page.locator("#police-hold")).to_contain_text("nothing else is sent until it is granted")
    route = Route.objects.get()
    assert (route.steps, route.reason) == (["police_hold", "notice_host", "url_list"], "")
    assert wrong == []
    page.context.close()


def test_other_steps_are_taken_with_a_reason(
    live_server: Any, chromium: Browser, belize: Portal, ana: User, sena: User
) -> None:
    recipient(RecipientKind.HOTLINE, "Example Hotline", "DE", verified_by=sena)
    incident = found_in(belize, ana, "DE", now=timezone.now())
    page = open_page(chromium, live_server.url, ana)
    look, wrong = page_checker(page)
    page.goto(f"/admin/incidents/{incident.pk}/")
    open_routing(page)
    form = page.locator("#confirm_route")
    form.get_by_text("Other steps, and the reason for a change", exact=True).click()
    form.get_by_label("Notice to the hosting provider", exact=True).check()
    form.get_by_role("button", name="Confirm route").click()
    expect(form).to_contain_text("Give a reason for choosing steps other than those proposed.")
    # As it was left: the step is ticked, and to be seen.
    expect(form.get_by_label("Notice to the hosting provider", exact=True)).to_be_checked()
    look("refused")
    form.get_by_label("Reason for changing the proposed steps").fill("The hotline is closed this week.")
    page.keyboard.press("Enter")
    confirmed = "Referral to the country’s hotline; entry on the URL list; notice to the hosting provider"
    expect(page.locator("#confirmed")).to_contain_text(confirmed, ignore_case=True)
    expect(page.locator("#confirmed")).to_contain_text("(The hotline is closed this week.)")
    open_routing(page)
    recipients = page.get_by_role("list", name="Recipients").get_by_role("listitem")
    expect(recipients.get_by_role("link")).to_have_text(["Example Hosting", "Example Hotline"])
    assert wrong == []
    page.context.close()


def answer_of_the_police(page: Page, answer: str, on: date, reference: str) -> None:
    open_routing(page)
    page.get_by_label("Police decision", exact=True).select_option(answer)
    page.get_by_label("Date of the police decision").fill(on.isoformat())
    page.get_by_label("Police reference").fill(reference)
    page.get_by_role("button", name="Record the decision").click()


@pytest.mark.usefixtures("police")
@pytest.mark.parametrize("language", ["", "ar"])
def test_police_are_asked_refuse_are_asked_again_and_grant_it(
    live_server: Any, chromium: Browser, belize: Portal, ana: User, language: str
) -> None:
    incident = found_in(belize, ana, "GB", now=timezone.now())
    page = open_page(chromium, live_server.url, ana)
    look, wrong = page_checker(page)
    page.goto(f"/admin/incidents/{incident.pk}/")
    open_routing(page)
    page.get_by_role("button", name="Confirm route").click()
    hold = page.locator("#police-hold")
    expect(hold).to_contain_text("Waiting for police clearance: nothing else is sent until it is granted.")
    asked_at = timezone.now() - timedelta(hours=50, minutes=1)
    PoliceHold.objects.update(at=asked_at, sent_at=asked_at)
    page.reload()
    open_routing(page)
    expect(hold).to_contain_text("Requested from Example Police by ana")
    expect(hold).to_contain_text("Sent 2 days 2 hours ago")
    expect(page.get_by_role("list", name="Recipients")).to_contain_text("on hold: police clearance is missing")

    # The browser refuses a decision dated before the request.
    answer_of_the_police(page, "refused", asked_at.date() - timedelta(days=1), "OP 11/26")
    expect(page.get_by_label("Date of the police decision")).to_be_focused()
    expect(hold).to_contain_text("Waiting for police clearance")
    answer_of_the_police(page, "refused", asked_at.date(), "OP 11/26")
    expect(hold).to_contain_text("Police clearance refused: nothing is sent.")
    expect(hold).to_contain_text("OP 11/26")
    page.emulate_media(color_scheme=in_language(ana, language))
    page.reload()
    look("refused")
    in_language(ana, "")
    page.reload()
    open_routing(page)
    hold.get_by_role("button", name="Request clearance again").click()
    expect(hold).to_contain_text("Waiting for police clearance")
    page.emulate_media(color_scheme=in_language(ana, language))
    page.reload()
    look("waiting")
    in_language(ana, "")
    page.reload()
    answer_of_the_police(page, "granted", timezone.now().date(), "OP 12/26")
    expect(hold).to_contain_text("Call them back first: until they confirm it, a grant is a claim.")
    page.get_by_label("I called them back").check()
    hold.get_by_role("button", name="Record the decision").click()
    expect(hold).to_contain_text("Police clearance granted.")
    expect(hold).to_contain_text("OP 12/26")
    open_routing(page)
    expect(page.get_by_role("list", name="Recipients")).not_to_contain_text("on hold: police clearance")
    look("granted")
    assert list(PoliceHold.objects.order_by("at").values_list("answer", "reference")) == [
        ("refused", "OP 11/26"),
        ("granted", "OP 12/26"),
    ]
    assert Incident.objects.get().state == "acting"
    assert wrong == []
    page.context.close()

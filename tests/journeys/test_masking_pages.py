"""Masking in a real browser: revealed material leaves no trace, and the pages around it are usable."""

import json
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.test_journey import sign_in
from tests.rig.browser import DESK, PHONE, BrowserWatch, Window, page_faults
from tests.rig.installation import Installation
from tests.rig.looks import wait_for_document

MASK = "•••"
# Elements with which a browser fetches, or looks up, a host without a click.
AHEAD = "link[rel~=prefetch], link[rel~=preload], link[rel~=preconnect], link[rel~=dns-prefetch], link[rel~=prerender]"


SET_UP = """
from datetime import timedelta
from django.utils import timezone
from analysts.models import Exposure, Incident, User, MaskedTerm
from analysts.states import State
from analysts.welfare import exposure
now = timezone.now()
senior = User.objects.get(username="senior")
User.objects.filter(username__in=["senior", "welfare"]).update(language={language})
MaskedTerm.objects.all().delete()
for word in ("gallery", "album", "view", "post", "picture"):
    MaskedTerm.objects.create(text=word, by=senior, at=now)
# Other tests move the clock: only the latest two days are closed when a page is left.
Exposure.objects.filter(user=senior, day__gt=exposure.work_day(now)).delete()
unused = {{"open_since": None, "continued_until": None, "break_until": None}}
Exposure.objects.filter(user=senior).update(since_break={minutes} * 60, **unused)
found = Incident.objects.filter(kind="address", merged_into=None).order_by("first_sighted").first()
held = {{"state": State.CLAIMED, "claimed_by": senior, "claimed_until": now + timedelta(minutes=30)}}
opened = {{"closing": "", "closed_on": None, "notices": ["severe", "young"]}}
Incident.objects.filter(pk=found.pk).update(**held, **opened)
print(f"/admin/incidents/{{found.pk}}/")
"""


def set_up(installation: Installation, *, language: str = "en", minutes: int = 0) -> str:
    """The path of an incident claimed by the senior, with a content warning and words to mask."""
    code = SET_UP.format(language=json.dumps(language), minutes=minutes)
    return installation.run(code, role="portals_staff").split()[-1]


AS_THEY_WERE = """
    UPDATE analysts_incident SET (state, closing, closed_on, notices, claimed_by_id, claimed_until)
        = (old.state, old.closing, old.closed_on, old.notices, old.claimed_by_id, old.claimed_until)
    FROM old WHERE old.id = analysts_incident.id
"""


@pytest.fixture(autouse=True)
def _nothing_left(installation: Installation) -> Iterator[None]:
    """The installation is shared: blanked words, a language and a claimed incident would affect the tests
    that follow."""
    with installation.connect() as connection:
        connection.execute("CREATE TEMP TABLE old AS TABLE analysts_incident")
        yield
        connection.execute(AS_THEY_WERE)
        connection.execute("DELETE FROM analysts_maskedterm")
        connection.execute("UPDATE analysts_user SET language = '' WHERE username IN ('senior', 'welfare')")


@pytest.fixture
def desk(chromium: Browser, staff_url: str, installation: Installation) -> Iterator[tuple[Page, BrowserWatch]]:
    """The senior's browser, on the page of their incident."""
    context = chromium.new_context(viewport=DESK, base_url=staff_url)
    # Before any page is opened: the test moves its clock.
    context.clock.install()
    watch = BrowserWatch(context, staff_url)
    page = context.new_page()
    sign_in(page, installation, "senior")
    page.goto(set_up(installation))
    yield page, watch
    context.close()


def reveal(page: Page) -> str:
    """Reveal by keyboard alone; returns the address as it is shown. Keys work once the page is loaded."""
    wait_for_document(page)
    page.keyboard.press("r")
    expect(page.locator("#hide")).to_be_visible()
    wait_for_document(page)
    address = page.locator("#address").inner_text()
    assert MASK not in address
    return address


def is_masked(page: Page, address: str) -> bool:
    return MASK in page.locator("#address").inner_text() and address not in page.content()


def await_masked(installation: Installation) -> None:
    """Wait until nothing is revealed to the senior."""
    query = """
        SELECT FROM analysts_exposure JOIN analysts_user ON analysts_user.id = user_id
        WHERE open_since IS NOT NULL AND username = 'senior'
    """
    with installation.connect() as connection:
        for _ in range(100):
            if connection.execute(query).fetchone() is None:
                return
            time.sleep(0.1)
    raise AssertionError("the browser did not say that the page was left")


def test_what_was_revealed_is_left_nowhere(desk: tuple[Page, BrowserWatch], installation: Installation) -> None:
    page, watch = desk
    seen: list[str] = []
    page.on("domcontentloaded", lambda loaded: seen.append(f"{loaded.url} {loaded.title()}"))
    incident = page.url
    address = reveal(page)
    secret = address.split("/")[-1]

    # Nothing links there, and nothing is prefetched.
    assert page.locator(AHEAD).count() == 0
    links = page.locator("a").evaluate_all("all => all.map(each => each.href + ' ' + each.textContent)")
    assert [link for link in links if secret in link] == []

    page.keyboard.press("v")
    expect(page.locator("#content-notice")).to_be_visible()
    assert is_masked(page, address)

    # To another page, and Back.
    assert reveal(page) == address
    page.locator(".main-links a[href='/admin/queue/']").click()
    expect(page.locator("#count")).to_be_visible()
    page.go_back()
    expect(page.locator("#content-notice")).to_be_visible()
    assert (page.url, is_masked(page, address)) == (incident, True)

    # Leaving without any request but the browser's own.
    assert reveal(page) == address
    page.reload()
    assert page.locator("#address").inner_text() == address
    page.goto("about:blank")
    await_masked(installation)
    page.goto(incident)
    assert is_masked(page, address)

    # The whole address: once, in a field.
    assert reveal(page) == address
    page.locator("summary").filter(has_text="Copy the full address").click()
    page.get_by_label("I will open it on the isolated workstation only").check()
    page.get_by_role("button", name="Show the address once").click()
    whole = page.locator("#whole-address").input_value()
    assert whole.replace("http", "hxxp").replace(".", "[.]").split("//")[1].split("/")[0] in address
    assert page.locator("#address").inner_text() == address
    page.reload()
    expect(page.locator("#hide")).to_be_visible()
    assert whole not in page.content()
    assert page.locator("#whole-address").count() == 0

    assert len(seen) > 10
    assert [each for each in seen if secret in each or whole in each] == []
    assert [each.url for each in watch.requests if secret in each.url] == []
    assert (watch.elsewhere(), watch.failures(), watch.complaints) == ([], [], [])


def test_page_that_is_forgotten_or_hidden_is_covered(
    desk: tuple[Page, BrowserWatch], installation: Installation
) -> None:
    page, _watch = desk
    address = reveal(page)

    hide = """hidden => {
        Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
    }"""
    page.evaluate(hide, True)
    expect(page.locator("#address")).not_to_be_visible()
    page.evaluate(hide, False)
    expect(page.locator("#address")).to_be_visible()

    note = page.locator("textarea").first
    page.locator("details:has(textarea)").evaluate_all("all => all.forEach(each => each.open = true)")
    note.fill("half a sentence")
    # A draft that is still being stored counts as a request for the page, and would go on with the counting.
    with page.expect_response("**/draft/*/"):
        page.clock.fast_forward(14 * 60 * 1000)
    expect(page.locator("#address")).to_be_visible()
    with page.expect_request("**/hide/"):
        page.clock.fast_forward(2 * 60 * 1000)
    expect(page.locator("#masked-again")).to_be_visible()
    expect(page.locator("#address")).to_be_hidden()
    assert address not in page.content()
    assert note.input_value() == "half a sentence"
    await_masked(installation)
    page.locator("#masked-again a").click()
    expect(page.locator("#content-notice")).to_be_visible()


@pytest.mark.parametrize(
    ("language", "windows"),
    [("en", [(DESK, "light"), (PHONE, "dark")]), ("ar", [(PHONE, "light"), (DESK, "dark")])],
)
def test_pages_with_masking_are_accessible_and_fit(
    chromium: Browser, staff_url: str, installation: Installation, language: str, windows: list[Window]
) -> None:
    context = chromium.new_context(base_url=staff_url, bypass_csp=True)
    page = context.new_page()
    sign_in(page, installation, "senior")
    incident = set_up(installation, language=language)
    wrong: list[str] = []

    def look(name: str) -> None:
        wrong.extend(page_faults(page, name, *windows))

    page.goto(incident)
    look("masked")
    page.locator("#reveal button").click()
    look("revealed")
    page.locator("#show-masked-words button").click()
    expect(page.locator("#show-masked-words")).to_have_count(0)
    page.locator("details:has(#copy) summary").click()
    page.locator("#copy button").click()
    look("refused")
    page.locator("[name=isolated]").check()
    page.locator("#copy button").click()
    look("copied")
    page.goto("/admin/my-settings/")
    look("my settings")
    set_up(installation, language=language, minutes=600)
    page.goto("/admin/queue/")
    page.locator("#next button").click()
    look("pause")
    context.clear_cookies()
    set_up(installation, language="en")
    sign_in(page, installation, "welfare")
    set_up(installation, language=language)
    page.goto("/admin/welfare/")
    look("welfare")
    page.goto("/admin/analysts/maskedterm/")
    look("masked words")
    set_up(installation, language="en")
    context.close()
    assert wrong == []

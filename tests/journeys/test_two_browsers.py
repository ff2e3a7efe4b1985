"""Two administrators and the person they let in, each in a browser of their own."""

import secrets

from playwright.sync_api import Browser, expect

from tests.journeys.test_journey import sign_in
from tests.rig.browser import DESK, BrowserWatch, axe_findings
from tests.rig.installation import Installation


def test_new_analyst_enters_with_a_half_from_each(
    chromium: Browser, installation: Installation, staff_url: str
) -> None:
    watches, pages = [], []
    for _ in range(3):
        context = chromium.new_context(viewport=DESK, base_url=staff_url)
        watches.append(BrowserWatch(context, staff_url))
        pages.append(context.new_page())
    adam, adele, nora = pages
    sign_in(adam, installation, "administrator")
    sign_in(adele, installation, "administrator2")
    # The installation is shared: an account of its own for each run.
    name = f"nora{secrets.randbelow(10**6)}"

    adam.goto("/admin/analysts/user/add/")
    assert axe_findings(adam) == []
    adam.get_by_label("User name").fill(name)
    adam.get_by_label("Role").select_option("analyst")
    adam.get_by_role("button", name="Save", exact=True).click()
    first = adam.locator("#first-half").inner_text()
    assert axe_findings(adam) == []

    adele.goto("/admin/")
    adele.get_by_role("banner").get_by_role("link", name="1 approval request").click()
    assert axe_findings(adele) == []
    adele.get_by_role("link", name=name).click()
    assert axe_findings(adele) == []
    # With the keyboard alone.
    adele.get_by_role("button", name="Approve").focus()
    adele.keyboard.press("Enter")
    second = adele.locator("#second-half").inner_text()
    assert axe_findings(adele) == []

    nora.goto("/accounts/login/")
    assert axe_findings(nora) == []
    nora.get_by_role("link", name="I have a code").click()
    assert axe_findings(nora) == []
    nora.get_by_label("User name").fill(name)
    nora.get_by_label("First half of the code").fill(second)
    nora.get_by_label("Second half of the code").fill(first)
    nora.get_by_label("New password", exact=True).fill("entirely new horse")
    nora.get_by_label("New password (again)").fill("entirely new horse")
    nora.get_by_role("button", name="Set password").click()
    # The halves in the wrong fields: an error is shown, and what was typed stays.
    expect(nora.get_by_role("alert")).to_be_visible()
    assert axe_findings(nora) == []
    expect(nora.get_by_label("User name")).to_have_value(name)
    nora.get_by_label("First half of the code").fill(first)
    nora.get_by_label("Second half of the code").fill(second)
    nora.get_by_label("New password", exact=True).fill("entirely new horse")
    nora.get_by_label("New password (again)").fill("entirely new horse")
    nora.get_by_role("button", name="Set password").click()
    expect(nora.get_by_text("Your password is set.")).to_be_visible()
    nora.get_by_label("Username").fill(name)
    nora.get_by_label("Password", exact=True).fill("entirely new horse")
    nora.get_by_role("button", name="Sign in", exact=True).click()
    expect(nora.get_by_role("link", name="Queue")).to_be_visible()

    # One guess too many: the page says so, and for how long to wait.
    stranger = adam
    stranger.goto("/admin/")
    stranger.get_by_role("button", name="Sign out", exact=True).click()
    stranger.goto("/accounts/login/")
    for _ in range(4):
        stranger.get_by_label("Username").fill("nobody")
        stranger.get_by_label("Password", exact=True).fill("wrong horse battery")
        stranger.get_by_role("button", name="Sign in", exact=True).click()
    expect(stranger.get_by_text("Too many failed attempts")).to_be_visible()
    expect(stranger.get_by_label("Username")).to_have_value("nobody")
    assert axe_findings(stranger) == []

    complaints = [text for watch in watches for text in watch.complaints if "status of 4" not in text]
    assert (complaints, [watch.failures() for watch in watches]) == ([], [[], [], []])
    for page in pages:
        page.context.close()

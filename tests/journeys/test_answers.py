"""A host answers a letter of two addresses, differently about each: the desk acts on it, and letters go back."""

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from portal_site.database import roles
from tests.journeys.test_until_gone import Case, World, found_illegal, links, reported, text_of, traced, well_made
from tests.proofs import certificates
from tests.proofs.mail import MailServer
from tests.rig.installation import Installation

HOST = "abuse@answering.example"
KNOW_HOST = f"""
from analysts.takedown.recipients.actions import add_recipient, verify
from analysts.models import User
by, other = User.objects.filter(role="operator").order_by("username")[:2]
details = {{"kind": "host", "name": "Answering Hosting", "country": "NL", "email": "{HOST}", "languages": ["en"]}}
recipient = add_recipient(by=by, details=details)
verify(by=other, recipient=recipient, digest_on_page=recipient.value_digest())
"""
ROUTE = """
from analysts.models import Incident, RouteStep, User
from analysts.takedown.routing.actions import confirm_route
by = User.objects.get(username="analyst")
for pk in {incidents!r}:
    incident = Incident.objects.get(pk=pk)
    confirm_route(by=by, incident=incident, steps=[RouteStep.NOTICE_HOST], reason="As agreed.")
"""
CASES = {name: Case(f"{name}-country.example", "NL", "Answering Hosting") for name in ("first", "second")}


@pytest.fixture
def world(chromium: Browser, installation: Installation, tmp_path: Path) -> Iterator[World]:
    """The installation that journeys share, with a mail server of its own; its clock stays as it is."""
    certificates.make_certificates(tmp_path / "tls", [])
    (tmp_path / "mail").mkdir()
    mail = MailServer(tmp_path / "mail", tmp_path / "tls")
    mail.start()
    environment = {
        **mail.environment(),
        "SSL_CERT_FILE": str(certificates.authority_path(tmp_path / "tls")),
        "MAIL_FROM": "portals@hotline.example",
        "PUBLIC_URL": "https://report.hotline.example",
        "NOTICE_GROUP_MINUTES": "0",
    }
    installation.run(KNOW_HOST)
    with (
        installation.serving("staff", role=roles.STAFF, **environment) as staff_url,
        installation.serving("public", role=roles.PUBLIC) as public_url,
    ):
        yield World(installation, chromium, mail, environment, staff_url, public_url)
    mail.stop()


def letters_to_host(world: World) -> list[EmailMessage]:
    """The letters to the host that arrived since the last call."""
    world.work()
    return [letter for letter in world.letters(about="") if letter["To"] == HOST]


def answer(world: World, letter: EmailMessage, kind: str, numbers: str = "", words: str = "") -> str:
    """The words of the page after the host has sent this form."""
    [link] = links(letter)
    with world.visitor() as page:
        page.goto(urlsplit(link).path)
        assert "gallery" not in page.content()
        if page.locator("[name=numbers]").count():
            page.locator("[name=numbers]").fill(numbers)
        page.locator(f"input[value={kind}]").check()
        page.locator("[name=text]").fill(words)
        page.locator("main form button").click()
        if page.locator(".error").count():
            assert page.locator("[name=text]").input_value() == words
            assert page.locator("[name=numbers]").input_value() == numbers
        return str(page.locator("main").inner_text())


def read_replies(page: Page, case: Case) -> None:
    page.goto(case.incident)
    page.locator("#reveal select").select_option("acting")
    page.locator("#reveal button").click()
    page.locator("#read_replies button").click()
    expect(page.locator("#replies")).to_contain_text("Read by")


def next_step(page: Page, case: Case) -> str:
    page.goto(case.incident)
    return str(page.locator("#next-step").inner_text())


def test_host_answers_differently_about_two_addresses(world: World, tmp_path: Path) -> None:
    cases = reported(world, CASES)
    with world.desk() as page:
        for case in cases.values():
            found_illegal(page, case)
            traced(page, case)
    incidents = [case.incident.rsplit("/", 2)[1] for case in cases.values()]
    world.installation.run(ROUTE.format(incidents=incidents), **world.environment)
    [letter] = letters_to_host(world)
    assert text_of(letter).index("1. hxxps") < text_of(letter).index("2. hxxps")
    first, second = cases["first"], cases["second"]

    # No number, or one that the letter has not: what was written stays.
    assert "Please write the numbers" in answer(world, letter, "contested", "", "Our customer is an adult.")
    assert "no address with the number" in answer(world, letter, "contested", "7", "Our customer is an adult.")
    assert "is stored" in answer(world, letter, "not_ours", "1", "Claimed Networks")
    assert "For the other addresses" in answer(world, letter, "contested", "2", "Our customer is an adult.")
    world.work()
    with world.desk() as page:
        read_replies(page, first)
        expect(page.locator("#replies")).to_contain_text("unverified")
        assert "They contest it" not in page.locator("#replies").inner_text()
        page.screenshot(path=tmp_path / "not-ours.png", full_page=True)
        # Reading it has not ended its step.
        assert "Trace the hosting again" in next_step(page, first)
        assert "Read a reply" in next_step(page, second)
        page.goto(first.incident)
        page.keyboard.press("t")
        with page.expect_navigation():
            traced(page, first)
        assert "Escalate after a reply" in next_step(page, first)
        well_made(page)

    # Not ours once more: it was traced, so it is escalated again. Then they need more, and get a letter.
    answer(world, letter, "not_ours", "1", "Not with us.")
    world.work()
    with world.desk() as page:
        read_replies(page, first)
        assert "Escalate after a reply" in next_step(page, first)
    answer(world, letter, "need_more", "1", "Please send a screenshot.")
    world.work()
    with world.desk() as page:
        read_replies(page, first)
        form = page.locator("#answer_reply")
        form.locator("[name=topic]").select_option("no_copies")
        page.screenshot(path=tmp_path / "need-more.png", full_page=True)
        form.get_by_role("button", name="Send the answer").click()
        expect(page.locator(".messagelist, [role=status]").first).to_be_visible()
    [back] = letters_to_host(world)
    assert ("We do not send pictures" in text_of(back), [*back.iter_attachments()]) == (True, [])
    assert "gallery" not in text_of(back)

    # The appeal is decided after revealing and reading; its outcome goes to the same mailbox.
    with world.desk("senior") as page:
        page.goto(second.incident)
        decision = page.locator("#decide_appeal")
        decision.locator("[name=reason]").select_option("no_grounds")
        decision.get_by_role("button", name="Record the decision").click()
        expect(page.locator("main")).to_contain_text("Reveal the incident and read the grounds first")
    with world.desk("senior") as page:
        read_replies(page, second)
        assert "review an appeal" in next_step(page, second)
        decision = page.locator("#decide_appeal")
        decision.locator("[name=reason]").select_option("no_grounds")
        page.screenshot(path=tmp_path / "appeal.png", full_page=True)
        decision.get_by_role("button", name="Record the decision").click()
        expect(page.locator("#appeals")).to_contain_text("Verdict upheld")
        well_made(page)
    [outcome] = letters_to_host(world)
    assert ("gives no grounds that were not considered" in text_of(outcome), outcome["To"]) == (True, HOST)
    assert "Numbers of the addresses in its attached file: 2" in text_of(outcome).splitlines()

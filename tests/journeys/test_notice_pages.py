"""Notices in a real browser: sent by hand with the keyboard alone; usable on a phone, in the dark and right to left."""

from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from analysts.models import Channel, DeadReason, Incident, Notice, NoticeItem, NoticeState, Redaction, User
from analysts.takedown.notices import texts
from analysts.takedown.notices.tests.test_redaction_pages import PERSONAL
from analysts.tests.factories import assessed_illegal, incident_of
from analysts.tests.notices import gathering_for
from countries.models import Portal
from tests.rig.browser import DESK, PHONE, Window, open_page, page_faults
from tests.rig.looks import wrong_focus

pytestmark = pytest.mark.django_db(transaction=True)

WINDOWS: dict[str, list[Window]] = {"": [(DESK, "dark"), (PHONE, "light")], "ar": [(PHONE, "light")]}
TEXT = "/admin/notice-texts/host/first/en/"


@pytest.fixture(autouse=True)
def _words(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]
    settings.PUBLIC_URL = "https://report.hotline.example"
    texts.load_shipped_texts()


@pytest.fixture
def by_hand(belize: Portal, ana: User) -> NoticeItem:
    """A notice to a host that is notified by its own form."""
    item = gathering_for(incident_of(belize, "https://example.org/placeholderpath"), ana, name="Form Hosting")
    recipient = item.notice.recipient
    recipient.channel, recipient.form_address = Channel.LINK, "example.net/abuse"
    recipient.mark_verified()
    recipient.save()
    Notice.objects.filter(pk=item.notice_id).update(state=NoticeState.READY)
    return item


@pytest.fixture
def personal(belize: Portal, ana: User) -> Incident:
    """A notice whose address may identify a person."""
    return assessed_illegal(incident_of(belize, PERSONAL), ana).incident


def press(page: Page, name: str, key: str = "Enter") -> None:
    page.get_by_role("button", name=name).press(key)
    page.wait_for_load_state()


def test_notice_is_sent_by_hand_with_the_keyboard_alone(
    live_server: Any, chromium: Browser, ana: User, by_hand: NoticeItem
) -> None:
    page = open_page(chromium, live_server.url, ana)
    page.goto("/admin/notices/")
    page.get_by_role("link", name="To send by hand").press("Enter")
    page.get_by_role("link", name=by_hand.notice.reference).press("Enter")
    press(page, "Show the text")
    assert by_hand.notice.reference in page.get_by_label("Text", exact=True).input_value()
    page.get_by_label("I have sent this text to the recipient").press("Space")
    press(page, "Record as sent")
    expect(page.get_by_text("Recorded as sent by you.")).to_be_visible()
    notice = Notice.objects.get(pk=by_hand.notice_id)
    assert (notice.state, notice.sent_by) == (NoticeState.SENT, ana)
    page.context.close()


def test_what_may_leave_is_said_with_the_keyboard_alone(
    live_server: Any, chromium: Browser, ana: User, personal: Incident
) -> None:
    page = open_page(chromium, live_server.url, ana)
    reveal(page, personal)
    expect(page.locator("#redaction mark")).to_have_count(3)
    # The trace is the next step, so the redaction is folded.
    page.keyboard.press("d")
    press(page, "Send without the ticked parts")
    expect(page.locator("#redaction")).to_contain_text("The address is sent redacted: some parts are left out.")
    assert Redaction.objects.get().is_shortened
    page.context.close()


def reveal(page: Page, incident: Incident) -> None:
    page.goto(f"/admin/incidents/{incident.pk}/")
    reason = page.locator("#reveal [name=reason]")
    reason.first.select_option("advice")
    page.locator("#reveal button").first.press("Enter")
    page.wait_for_load_state()


def test_every_part_is_reached_by_the_keyboard(
    live_server: Any, chromium: Browser, ana: User, olga: User, by_hand: NoticeItem
) -> None:
    for path, by in (("/admin/notices/?box=by_hand", ana), (f"/admin/notices/{by_hand.notice_id}/", ana), (TEXT, olga)):
        page = open_page(chromium, live_server.url, by)
        page.goto(path)
        assert wrong_focus(page) == []
        page.context.close()


def test_pages_are_fit_to_be_used(
    live_server: Any,
    chromium: Browser,
    belize: Portal,
    ana: User,
    olga: User,
    by_hand: NoticeItem,
    personal: Incident,
) -> None:
    gathers = gathering_for(incident_of(belize, "https://example.org/" + "long/" * 30), ana)
    gathering_for(incident_of(belize, "https://example.org/second"), ana)
    dead = gathering_for(incident_of(belize, "https://example.org/dead"), ana, name="A very long name " * 6)
    Notice.objects.filter(pk=dead.notice_id).update(
        state=NoticeState.DEAD, dead_reason=DeadReason.REFUSED, dead_code=550, tried_at=timezone.now()
    )
    one = "/admin/notices/{}/"
    pages = {
        "/admin/notices/": ana,
        "/admin/notices/?box=by_hand": ana,
        "/admin/notices/?box=dead": ana,
        "/admin/notices/?box=sent": ana,
        one.format(gathers.notice_id): ana,
        one.format(dead.notice_id): ana,
        one.format(by_hand.notice_id): ana,
        f"/admin/incidents/{gathers.incident_id}/": ana,
        f"/admin/incidents/{personal.pk}/": ana,
        "/admin/notice-texts/": olga,
        TEXT: olga,
    }
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
            if path == one.format(by_hand.notice_id):
                page.locator("#read button").click()
                look(page, "its text")
            if path == f"/admin/incidents/{personal.pk}/":
                reveal(page, personal)
                look(page, "revealed")
            if path == TEXT:
                page.locator("textarea[name=body]").fill("{nobody} {reference}")
                page.locator("button[name=preview]").click()
                look(page, "refused")
    for page in opened.values():
        page.context.close()
    assert wrong == []

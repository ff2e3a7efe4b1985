"""In a browser: a report says that a child is in danger; the police are written to before a verdict, and corrected."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from analysts.models import Incident, Notice, NoticeState, Purpose, User
from analysts.takedown.alerts.tests.test_alert_letters import body_of
from analysts.takedown.notices import sending
from analysts.takedown.notices.case_facts.facts import case_words
from analysts.takedown.notices.tests.test_sending import server as server
from analysts.takedown.notices.texts import load_shipped_texts
from analysts.tests.factories import assessed_cleared, incident_of
from analysts.tests.moody_mail import MoodyServer
from analysts.tests.notices import host
from countries.models import ContactKind, Portal
from countries.tests.factories import ContactFactory
from tests.rig.browser import DESK, PHONE, open_page, page_faults

pytestmark = pytest.mark.django_db(transaction=True)

type Visit = Callable[[User], Page]
MOST_KEYS = 6


@pytest.fixture
def visit(live_server: Any, chromium: Browser, settings: Any) -> Visit:
    settings.ALLOWED_HOSTS = ["localhost"]
    return lambda user: open_page(chromium, live_server.url, user)


def send_all() -> None:
    for pk in Notice.objects.exclude(state=NoticeState.SENT).values_list("pk", flat=True):
        Notice.objects.filter(pk=pk, state=NoticeState.GATHERING).update(scheduled_at=timezone.now())
        sending.attempt_delivery(notice_id=pk)


def test_police_are_written_to_in_six_keys_and_corrected(
    visit: Visit, belize: Portal, ana: User, server: MoodyServer, tmp_path: Path
) -> None:
    load_shipped_texts()
    ContactFactory.create(portal=belize, kind=ContactKind.POLICE, name="Example Police", phone="911")
    host("Example Police", by=ana, kind="police", country="BZ")
    host("Example Child Office", by=ana, kind="protection", country="BZ")
    incident = incident_of(belize, details={"description": "placeholder words", "facts": ["child_in_danger"]})
    page = visit(ana)
    page.goto(f"/admin/incidents/{incident.pk}/")
    reason = page.locator("#reveal [name=reason]")
    if reason.count():
        reason.first.select_option("advice")
    page.locator("#reveal button").first.click()
    expect(page.locator("body")).to_contain_text("placeholder words")

    # The recipients of letters are the last of the choices.
    keys = ("D", "ArrowUp", "ArrowUp", "Tab", "Space", "Enter")
    assert len(keys) <= MOST_KEYS
    for key in keys[:-1]:
        page.keyboard.press(key)
    expect(page.locator("#tell_police_now input[name=to]:checked")).to_have_count(1)
    faults = page_faults(page, "alert", (PHONE, "dark"), (DESK, "light"))
    page.screenshot(path=tmp_path / "alert.png", full_page=True)
    with page.expect_navigation():
        page.keyboard.press(keys[-1])
    expect(page.locator("body")).to_contain_text("Alert recorded")
    letter = Notice.objects.get(purpose=Purpose.ALERT)
    assert letter.recipient.name == "Example Police"
    send_all()
    page.reload()
    expect(page.locator("#notices")).to_contain_text("Example Police")
    page.screenshot(path=tmp_path / "sent.png", full_page=True)
    faults += page_faults(page, "sent", (PHONE, "dark"), (DESK, "light"))

    assessed_cleared(Incident.objects.get(), ana)
    send_all()
    page.goto(f"/admin/incidents/{incident.pk}/?open=history")
    expect(page.locator("#history")).to_contain_text("correction sent")
    page.context.close()
    alert, correction = map(body_of, server.taken)
    assert alert.startswith(case_words("en")["call_script"])
    assert letter.reference in correction
    assert faults == []

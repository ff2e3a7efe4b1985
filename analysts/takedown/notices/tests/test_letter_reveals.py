"""Reading a letter is a reveal: counted, on record page by page, and without the recipient's reply link."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from analysts.models import Exposure, Notice, NoticeItem, NoticeState, NoticeTemplate, User
from analysts.takedown.notices import rendering, texts
from analysts.takedown.notices.replies import intake, links
from analysts.tests.factories import incident_of
from analysts.tests.notices import gathering_for
from analysts.tests.replies import answered
from analysts.welfare.meter import MOST_AN_EVENT
from audit.models import AuditEvent
from countries.models import Portal
from tests.rig.fixtures import client_of

pytestmark = pytest.mark.urls("portal_site.urls_staff")


@pytest.fixture(autouse=True)
def _words(db: None, settings: Any) -> None:
    settings.PUBLIC_URL = "https://report.hotline.example"
    texts.load_shipped_texts()


@pytest.fixture
def client(ana: User) -> Client:
    return client_of(ana)


def notice_about(portal: Portal, by: User, number: int) -> Notice:
    """A notice about `number` addresses, in their order."""
    items = [gathering_for(incident_of(portal, f"https://example.org/page{place:02}"), by) for place in range(number)]
    return Notice.objects.get(pk=items[0].notice_id)


def sent(notice: Notice) -> Notice:
    template = NoticeTemplate.objects.get(kind="host", purpose=notice.purpose, language="en")
    Notice.objects.filter(pk=notice.pk).update(state=NoticeState.SENT, sent_at=timezone.now(), template=template)
    return Notice.objects.get(pk=notice.pk)


def read(client: Client, notice: Notice, page: int = 1) -> str:
    query = {"letter": page} if page > 1 else None
    answer = client.post(reverse("admin:read_notice", args=[notice.pk], query=query))
    assert answer.status_code == 200
    return answer.content.decode()


def reading_events(by: User) -> list[dict[str, Any]]:
    events = AuditEvent.objects.filter(action="notice.read", actor=by.log_id.pk).order_by("number")
    return [event.details for event in events]


def test_each_letter_counts_as_reveal_of_its_incidents(
    belize: Portal, ana: User, client: Client, settings: Any
) -> None:
    settings.FILE_ADDRESSES = 1
    items = [
        gathering_for(incident_of(belize, f"https://example.org/{name}"), ana, name=f"Host {name}") for name in "abcd"
    ]
    for item in items:
        assert item.incident_id
        assert "example.org" in read(client, sent(item.notice))

    day = Exposure.objects.get(user=ana)
    assert (day.reveals, day.addresses_read, day.open_since is None) == (4, 4, False)
    assert [details["incidents"] for details in reading_events(ana)] == [[str(item.incident_id)] for item in items]


def test_long_letter_is_revealed_page_by_page(belize: Portal, ana: User, client: Client) -> None:
    assert rendering.MOST_LISTED <= MOST_AN_EVENT
    notice = sent(notice_about(belize, ana, 45))
    assert "example.org/page" not in client.get(reverse("admin:notice", args=[notice.pk])).content.decode()
    addresses = [f"https://example.org/page{place:02}" for place in range(45)]

    for number, of_page in ((1, addresses[:20]), (2, addresses[20:40]), (3, addresses[40:])):
        page = read(client, notice, number)
        assert sorted(set(re.findall(r"https://example\.org/page\d\d", page))) == of_page
        assert ("letter-body" in page) == (number == 1)
        labels = {1: "Show 1 to 20", 2: "Show 21 to 40", 3: "Show 41 to 45"}
        neighbours = {other for other, label in labels.items() if label in page}
        assert neighbours == {other for other in labels if abs(other - number) == 1}

    events = reading_events(ana)
    assert [(details["page"], details["items"], len(details["incidents"])) for details in events] == [
        (1, 45, 20),
        (2, 45, 20),
        (3, 45, 5),
    ]
    assert {incident for details in events for incident in details["incidents"]} == {
        str(pk) for pk in NoticeItem.objects.values_list("incident", flat=True)
    }
    assert Exposure.objects.get(user=ana).reveals == 45
    # A page that is not there is the last one.
    assert "page44" in read(client, notice, 99)


def test_exposure_of_a_letter_ends_with_the_next_request(belize: Portal, ana: User, client: Client) -> None:
    notice, start = sent(notice_about(belize, ana, 1)), timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        read(client, notice)
        clock.shift(timedelta(seconds=70))
        client.get("/admin/notices/")
        clock.shift(timedelta(seconds=200))
        client.get("/admin/notices/")
    day = Exposure.objects.get(user=ana)
    assert (day.seconds, day.open_since) == (70, None)
    assert day.characters_read > len("https://example.org/page00")


@pytest.mark.parametrize("state", [NoticeState.GATHERING, NoticeState.SENT, NoticeState.DEAD])
def test_reply_link_is_in_no_letter_that_leaves_by_mail(
    belize: Portal, ana: User, client: Client, state: NoticeState
) -> None:
    notice = notice_about(belize, ana, 1)
    if state == NoticeState.SENT:
        notice = sent(notice)
    elif state == NoticeState.DEAD:
        Notice.objects.update(state=state, dead_reason="refused")
    secret = links.reply_url(notice).rsplit("/", 2)[1]

    page = read(client, notice)

    assert secret not in page
    assert "[reply link, which only the recipient gets]" in page
    assert reading_events(ana)[0]["link"] is False
    assert Notice.objects.get().link_read_at is None


def test_reply_through_a_link_that_staff_saw_is_marked(belize: Portal, ana: User, client: Client) -> None:
    incident = incident_of(belize, "https://example.org/placeholderpath")
    notice = Notice.objects.get(pk=gathering_for(incident, ana).notice_id)
    url = links.reply_url(notice)
    Notice.objects.update(state=NoticeState.READY, next_try_at=None)
    assert url in read(client, notice)
    assert reading_events(ana)[0]["link"] is True
    first_shown = Notice.objects.get().link_read_at
    assert first_shown
    read(client, notice)
    notice = sent(notice)
    assert notice.link_read_at == first_shown
    assert url not in read(client, notice)

    mark = "It came through a reply link that staff have seen"
    pages = [reverse("admin:notice", args=[notice.pk]), reverse("admin:incident", args=[incident.pk]) + "?open=replies"]
    answered(notice)
    intake.take_in()
    assert [mark in client.get(page).content.decode() for page in pages] == [True, True]
    # A reply from before the link was shown, and one through a link that was never shown.
    for shown_at in (first_shown + timedelta(hours=2), None):
        Notice.objects.update(link_read_at=shown_at)
        assert [mark in client.get(page).content.decode() for page in pages] == [False, False]

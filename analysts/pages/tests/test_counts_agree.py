"""Each number on the dashboard and in the bar is the number of rows on the page that it links to."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from analysts.accounts.approvals import request_recovery
from analysts.assessment.flood import folding as floods
from analysts.assessment.tests.test_floods import flood
from analysts.models import RecipientKind, UrlListEntry, User
from analysts.takedown.url_list.actions import list_address
from analysts.tests.chases import office, routed
from analysts.tests.factories import assessed_illegal, incident_of, report_of
from countries.models import Portal
from tests.rig.fixtures import client_of

DAY = timedelta(days=1)
LINK = re.compile(r'<a href="(/admin/[^"]+)"[^>]*>(.*?)</a>', re.DOTALL)
# Rows lead to an incident, a recipient or an approval request.
ROW = re.compile(r'<a [^>]*data-row|<a href="/admin/approvals/\d+/"')
INCIDENT = re.compile(r"/admin/incidents/[0-9a-f]{8}-")
NUMBER = re.compile(r"(?<![\w.])\d+(?![\w.])")


@pytest.fixture
def busy(belize: Portal, ana: User, ben: User, sena: User, adam: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several rows, and different numbers of them, for what the dashboard counts."""
    monkeypatch.setattr(floods, "ALIKE", 3)
    now = timezone.now()
    for letter in "ab":
        report_of(belize, f"https://danger{letter}.example/", details={"facts": ["child_in_danger"]})
    for letter in "abc":
        report_of(belize, f"https://high{letter}.example/", details={"facts": ["child_known", "live_stream"]})
    flood(belize, 8)
    for _number in range(2):
        report_of(belize, "no address at all")
    for letter in "abcdef":
        incident = incident_of(belize, f"https://illegal{letter}.example/", now=now - 11 * DAY)
        verdict = assessed_illegal(incident, ana, now=now - 10 * DAY)
        if letter in "ab":
            routed(verdict, [office(RecipientKind.HOST, None, name=f"Example {letter}")])
        if letter in "abc":
            list_address(by=ana, incident=incident)
    UrlListEntry.objects.update(review_on=now.date())
    for user in (ana, ben):
        request_recovery(by=adam, user=user)


def linked_numbers(page: str) -> set[tuple[str, int]]:
    """The address of each link to a list with a number in its words, and that number."""
    words = [(path.replace("&amp;", "&"), strip_tags(text)) for path, text in LINK.findall(page)]
    numbers = [(path, NUMBER.search(text)) for path, text in words if not INCIDENT.match(path)]
    return {(path, int(number[0])) for path, number in numbers if number}


def count_listed(client: Client, path: str) -> int:
    page = client.get(path).content.decode()
    return len(ROW.findall(page[page.index('id="content"') :]))


@pytest.mark.usefixtures("busy")
def test_each_number_is_that_of_the_rows_it_links_to(sena: User, adam: User) -> None:
    found: dict[str, int] = {}
    for user in (sena, adam):
        client = client_of(user)
        numbers = linked_numbers(client.get("/admin/").content.decode())
        assert {(path, count_listed(client, path)) for path, _number in numbers} == numbers
        found |= dict(numbers)

    assert found == {
        # The bar and the card.
        "/admin/queue/?view=danger": 2,
        "/admin/queue/?priority=5-9": 3,
        "/admin/queue/?priority=1-4": 5,
        # A lane as well.
        "/admin/queue/?view=alike": 5,
        "/admin/incidents/?lane=language:en": 10,
        "/admin/incidents/?lane=words": 2,
        "/admin/url-list/": 3,
        "/admin/recipients/?state=wanted": 2,
        "/admin/approvals/": 2,
    }

"""The page of all incidents: filters, orders, pages, and saved views."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from analysts.assessment import actions
from analysts.codes import Reason, Verdict
from analysts.incidents import facet_search
from analysts.models import RecipientKind, SavedView, User
from analysts.pages import incident_list
from analysts.pages.incident_list_form import FILTERS
from analysts.tests.chases import office, routed
from analysts.tests.factories import assessed_illegal, claimed, incident_of
from audit.models import AuditEvent
from countries.models import Portal
from tests.rig.fixtures import client_of

LIST = "/admin/incidents/"
VIEWS = f"{LIST}views/"


def listed(client: Client, query: str = "") -> list[str]:
    """The short ids of the rows, in order."""
    return re.findall(r"data-row>([0-9a-f]{8})<", client.get(f"{LIST}?{query}").content.decode())


def test_list_finds_closed_incidents_by_each_filter(belize: Portal, zambia: Portal, ana: User, sena: User) -> None:
    now = timezone.now()
    waiting = incident_of(belize, "no address at all", now=now, language="es")
    closed = claimed(incident_of(belize, "https://closed.example/secret", now=now - timedelta(days=3)), ana)
    actions.assess(
        by=ana, incident=closed, fence=closed.fence, verdict=Verdict.NOT_ASSESSED, reason=Reason.CONTENT_NOT_FOUND
    )
    illegal = incident_of(zambia, "https://illegal.example/1", now=now - timedelta(days=2))
    verdict = assessed_illegal(illegal, sena, now=now - timedelta(days=1))
    routed(verdict, [office(RecipientKind.HOST, None, name="Example Hosting")])
    illegal.refresh_from_db()
    client = client_of(sena)

    assert listed(client) == [str(waiting), str(illegal), str(closed)]
    to = illegal.referrals.get().to
    provider = illegal.chases.get().provider
    assert to
    assert provider
    found = {
        "state": ("closed", closed), "category": (illegal.severity, illegal), "language": ("es", waiting),
        "lane": ("words", waiting),
        "verdict": ("not_assessed", closed), "analyst": (str(ana.pk), closed), "country": ("NL", illegal),
        "provider": (provider.name.upper(), illegal), "recipient": (to.name, illegal),
        "waits_for": (illegal.next_step.waits_for.value, illegal), "portal": ("zm", illegal),
        "until": (f"{now - timedelta(days=3):%Y-%m-%d}", closed),
    }  # fmt: skip
    assert set(found) >= {row.name for row in FILTERS} - {"flag"}
    for name, (value, incident) in found.items():
        assert (name, listed(client, urlencode({name: value}))) == (name, [str(incident)])
    assert listed(client, "flag=drawn") == []
    assert listed(client, "sort=oldest") == [str(closed), str(illegal), str(waiting)]
    assert listed(client, "sort=review") == [str(illegal)]
    # Only incidents of her portals, masked.
    page = client_of(ana).get(LIST).content.decode()
    assert listed(client_of(ana)) == [str(waiting), str(closed)]
    assert "secret" not in page
    assert "hxxps://cl•••[.]example/•••" in page
    assert AuditEvent.objects.latest("number").action == "incident_list.view"


def test_list_has_pages_in_each_order(belize: Portal, ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also in lists that are longer than what is counted."""
    now, rows = timezone.now(), []
    for hours, letter in enumerate("abcde"):
        incident = incident_of(belize, f"https://{letter}.example/1", now=now - timedelta(hours=hours))
        assessed_illegal(incident, ana, now=now)
        rows.append(str(incident))
    monkeypatch.setattr(incident_list, "ROWS_PER_PAGE", 2)
    client = client_of(ana)
    for most in (1000, 3):
        for module in (facet_search, incident_list):
            monkeypatch.setattr(module, "MOST_EXACT", most)
        for sort, expected in (("", rows), ("oldest", rows[::-1]), ("priority", rows), ("review", None)):
            query, pages = f"sort={sort}", list[list[str]]()
            for _page in range(3):
                page = client.get(f"{LIST}?{query}").content.decode()
                pages.append(re.findall(r"data-row>([0-9a-f]{8})<", page))
                following = re.search(r'href="\?([^"]*after=[^"]+)" rel="next"', page)
                query = following[1].replace("&amp;", "&") if following else ""
            assert ([len(each) for each in pages], query) == ([2, 2, 1], ""), (sort, most)
            found = [row for each in pages for row in each]
            assert sorted(found) == sorted(rows)
            assert expected is None or found == expected, (sort, most)
            assert ("3+ incidents" in page) is (most == 3)


def test_list_keeps_wrong_values_and_says_what_is_wrong(belize: Portal, zambia: Portal, ana: User) -> None:
    incident_of(belize)
    client = client_of(ana)
    for query, said in (
        ("provider=Nowhere+Hosting", "There is no recipient of this name."),
        ("until=2026-02-31", "Enter a valid date."),
        ("since=2026-03-02&until=2026-03-01", "This day is before the first one."),
        ("portal=zm", "zm is not one of the available choices."),
        ("lane=senior", "senior is not one of the available choices."),
    ):
        page = client.get(f"{LIST}?{query}")
        assert (page.status_code, said in page.content.decode()) == (200, True), query
        assert "data-row" not in page.content.decode()
    assert 'value="Nowhere Hosting"' in client.get(f"{LIST}?provider=Nowhere+Hosting").content.decode()
    assert len(listed(client, "after=nonsense")) == 1


def test_list_is_named_for_its_lane(belize: Portal, ana: User) -> None:
    client = client_of(ana)
    named = {query: client.get(f"{LIST}?{query}").context["title"] for query in ("", "lane=second", "lane=language:es")}
    assert named == {
        "": "All incidents",
        "lane=second": "To review a second time",
        "lane=language:es": "To review: Español",
    }
    # With another filter it is not the lane.
    assert client.get(f"{LIST}?lane=second&state=waiting").context["title"] == "All incidents"


def test_saved_view_has_no_web_address_as_its_name(belize: Portal, ana: User) -> None:
    """The audit log, and colleagues of other portals if the view is shared, would have it for good."""
    client = client_of(ana)
    client.post(VIEWS, {"query": "state=waiting", "name": "Mine"})
    view, number = SavedView.objects.get(), AuditEvent.objects.filter(action__startswith="saved_view").count()

    for url in (VIEWS, f"{VIEWS}{view.pk}/"):
        answer = client.post(url, {"query": "state=closed", "name": "https://site.example.org/secret-path"})
        assert answer.status_code == 422
        assert "reads as a web address" in answer.content.decode()
        assert 'value="https://site.example.org/secret-path"' in answer.content.decode()

    assert [view.name for view in SavedView.objects.all()] == ["Mine"]
    assert AuditEvent.objects.filter(action__startswith="saved_view").count() == number


def test_saved_view_is_shared_renamed_and_deleted(belize: Portal, zambia: Portal, ana: User, ben: User) -> None:
    hers, his = incident_of(belize), incident_of(zambia, "https://b.example/1")
    ana_s, ben_s = client_of(ana), client_of(ben)
    saved = ana_s.post(VIEWS, {"query": "state=waiting&after=x", "name": "Mine to do", "is_shared": "on"})
    assert saved["Location"] == f"{LIST}?state=waiting"
    view = SavedView.objects.get()
    for client, incident in ((ana_s, hers), (ben_s, his)):
        assert f'<a href="?{view.query}">' in client.get(LIST).content.decode()
        assert listed(client, view.query) == [str(incident)]
        assert client.get(f"{LIST}?{view.query}").context["title"] == "Mine to do"
    again = ana_s.post(VIEWS, {"query": "state=closed", "name": "Mine to do"})
    assert (again.status_code, "You already have a view of this name." in again.content.decode()) == (422, True)
    assert ana_s.post(VIEWS, {"query": "state=x", "name": "Wrong"}).status_code == 422
    assert ben_s.post(f"{VIEWS}{view.pk}/", {"name": "His"}).status_code == 404
    assert ben_s.post(f"{VIEWS}{view.pk}/delete/").status_code == 404
    ana_s.post(f"{VIEWS}{view.pk}/", {"name": "Hers alone"})
    assert "Hers alone" in ana_s.get(LIST).content.decode()
    assert "Hers alone" not in ben_s.get(LIST).content.decode()
    ana_s.post(f"{VIEWS}{view.pk}/delete/")
    assert not SavedView.objects.exists()
    recorded = AuditEvent.objects.filter(action__startswith="saved_view").order_by("number")
    assert [event.action.split(".")[1] for event in recorded] == ["add", "change", "delete"]
    assert recorded[0].details == {"name": "Mine to do", "filters": "state=waiting", "shared": True}


@pytest.mark.parametrize("path", [LIST, "/admin/queue/"])
def test_filters_are_loaded_when_they_are_opened(path: str, belize: Portal, ana: User) -> None:
    """With a link that works without a script; a script asks for them alone, which is no view of a list."""
    incident = incident_of(belize, "https://a.example/1")
    client, chosen = client_of(ana), {"portal": "bz"}
    folded = client.get(path, chosen).content.decode()
    [link] = re.findall(r'<a href="([^"]*)"\s+data-loads>', folded)
    assert {'id="filters"' not in folded, "Portal: Belize" in folded, str(incident) in folded} == {True}
    views = AuditEvent.objects.count()

    page = client.get(unescape(link)).content.decode()
    alone = client.get(path, {**chosen, "filters": "alone"}).content.decode()
    for form in (page, alone):
        assert '<option value="bz" selected>Belize</option>' in form
    assert str(incident) in page
    assert str(incident) not in alone
    assert AuditEvent.objects.count() == views + 1

"""Work from a to-do list, on one incident or on several, leads back to it: its kind, whose it is, and the place."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from analysts.codes.next_steps import AssignReason
from analysts.models import Chase, Incident, NextStep, Recipient, RouteRule, RouteStep, User
from analysts.takedown.chasing import due_page
from analysts.takedown.chasing.lists import TO_DO
from analysts.takedown.next_steps.actions import assign_incident, refresh_next_step
from analysts.takedown.tracing.tests.test_host_traces import illegal_at, values
from analysts.tests.places import host, placed
from analysts.tests.sections import ALL_OPEN
from countries.models import Portal
from tests.rig.fixtures import client_of

NOW = timezone.now()
MINE = {"todo": "trace", "todo_whose": "mine"}
METHODS = {"methods": ["dns", "whois_address", "bgp"], "country": "NL", "provider": "Alpha Hosting"}


@pytest.fixture
def provider(sena: User) -> Recipient:
    steps = [RouteStep.NOTICE_HOST, RouteStep.URL_LIST]
    RouteRule.objects.create(hosted="anywhere", steps=steps, reason="A test.", is_active=True)
    return host("Alpha Hosting", verified_by=sena)


@pytest.fixture
def incidents(belize: Portal, ana: User, sena: User) -> list[Incident]:
    """Two of one host, then three of other hosts; ana follows up all but the third."""
    hosts = ("one.example", "one.example", "other.example", "third.example", "fourth.example")
    rows = [illegal_at(belize, ana, str(at), NOW + timedelta(minutes=at), host=name) for at, name in enumerate(hosts)]
    for row in rows:
        refresh_next_step(row, now=NOW)
    for row in (*rows[:2], *rows[3:]):
        assign_incident(by=sena, incident=row, owner=ana, reason=AssignReason.WORKLOAD)
        NextStep.objects.filter(pk=row.pk).update(owner=ana)
    return rows


def url(incident: Incident, act: str = "") -> str:
    return f"/admin/incidents/{incident.pk}/{act}"


def query_of(location: str) -> dict[str, str]:
    return {name: text for name, [text] in parse_qs(urlsplit(location).query).items()}


def carried_by(page: Any) -> dict[str, str]:
    return dict(page.context["to_do"].query)


def test_rows_lead_on_among_those_that_one_follows_up(incidents: list[Incident], ana: User) -> None:
    client = client_of(ana)
    page = client.get("/admin/to-do/", {"what": "trace", "whose": "mine"})
    assert [line.incident for line in page.context["lines"]] == [incidents[at].pk for at in (0, 1, 3, 4)]
    seen = [page.context["lines"][0].url]
    for _ in range(4):
        page = client.get(seen[-1])
        seen.append(client.get(page.context["to_do"].next_url).headers["Location"])
    assert [urlsplit(each).path for each in seen] == [url(incidents[at]) for at in (0, 1, 3, 4, 0)]
    assert all(query_of(each)["todo_whose"] == "mine" for each in seen)
    # Of all portals, the third is among them.
    everything = client.get("/admin/to-do/", {"what": "trace", "whose": "all"})
    assert [line.incident for line in everything.context["lines"]] == [row.pk for row in incidents]
    page = client.get(url(incidents[1]), {"todo": "trace"})
    assert urlsplit(client.get(page.context["to_do"].next_url).headers["Location"]).path == url(incidents[2])
    assert 'href="/admin/to-do/?what=trace&amp;after=' in page.content.decode()


def test_last_one_leads_to_the_list_of_what_one_follows_up(incidents: list[Incident], ana: User) -> None:
    client = client_of(ana)
    page = client.get(url(incidents[0]), MINE)
    Chase.objects.exclude(incident=incidents[2]).update(trace=1, traced_at=NOW, routed_trace=1)
    answer = client.get(page.context["to_do"].next_url)
    assert query_of(answer.headers["Location"]) == {"what": "trace", "whose": "mine"}


def test_one_trace_keeps_the_list(incidents: list[Incident], ana: User) -> None:
    client = client_of(ana)
    page = client.get(url(incidents[0]), {**MINE, **ALL_OPEN})
    form = page.content.decode().partition('id="trace"')[2].partition("</form>")[0]
    carried = carried_by(page)
    assert set(carried) == {"todo", "todo_after", "todo_whose"}
    for name, text in carried.items():
        assert f'name="{name}" value="{text}"' in form
    answer = client.post(url(incidents[0], "trace/"), METHODS | carried)
    assert query_of(answer.headers["Location"]) == carried


@pytest.mark.usefixtures("provider")
def test_traces_of_a_host_return_to_the_list_at_its_place(
    incidents: list[Incident], ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due_page, "ROWS_PER_PAGE", 1)
    client = client_of(ana)
    carried = carried_by(client.get(url(incidents[1]), MINE))
    preview = client.post(url(incidents[1], "trace-host/"), METHODS | carried)
    hidden = dict(preview.context["hidden_fields"])
    assert {name: hidden.get(name) for name in carried} == carried
    assert query_of(preview.context["back"]) == carried
    steps = {"steps": preview.context["route"].mark}
    sent = METHODS | carried | {"confirmed": "1", "incident": values(preview), "at": ""} | steps
    answer = client.post(url(incidents[1], "trace-host/"), sent)
    assert query_of(answer.headers["Location"]) == {"what": "trace", "whose": "mine", "after": carried["todo_after"]}
    listed = client.get(answer.headers["Location"])
    # The first one that comes after the place has the focus, on the page that it is on.
    assert [line.incident for line in listed.context["lines"]] == [incidents[3].pk]
    assert listed.context["is_mine"]
    assert listed.content.decode().count("autofocus") == 1
    assert f'autofocus href="{url(incidents[3])}' in " ".join(listed.content.decode().split())


NO_PLACES = ("", "nonsense", "2020-01-01T00:00:00+00:00~x", "2999-01-01T00:00:00+00:00~")


@pytest.mark.parametrize("place", NO_PLACES)
def test_place_that_is_no_place_is_the_beginning(incidents: list[Incident], ana: User, place: str) -> None:
    after = f"{place}{incidents[0].pk}" if place.endswith("~") else place
    # All lists read it in one way: each has one of them in turn.
    for kind in [*TO_DO][NO_PLACES.index(place) :: len(NO_PLACES)]:
        assert client_of(ana).get("/admin/to-do/", {"what": kind.name, "after": after}).status_code == 200
    page = client_of(ana).get("/admin/to-do/", {"what": "trace", "whose": "all", "after": after})
    assert page.context["page"].number == 1
    assert page.content.decode().count("autofocus") == 1


@pytest.mark.usefixtures("provider")
def test_traces_without_a_rule_lead_to_like_routes_and_then_to_the_list(incidents: list[Incident], ana: User) -> None:
    client = client_of(ana)
    carried = carried_by(client.get(url(incidents[0]), MINE))
    preview = client.post(url(incidents[0], "trace-host/"), METHODS | carried)
    # The tick that confirms the routes too was taken away.
    sent = METHODS | carried | {"confirmed": "1", "incident": values(preview), "at": ""}
    answer = client.post(url(incidents[0], "trace-host/"), sent)
    assert urlsplit(answer.headers["Location"]).path == "/admin/to-do/routes/"
    assert query_of(answer.headers["Location"]).items() > carried.items()
    routes = client.get(answer.headers["Location"])
    hidden = dict(routes.context["hidden_fields"])
    answer = client.post("/admin/to-do/routes/", hidden | {"confirmed": "1", "incident": values(routes)})
    assert query_of(answer.headers["Location"]) == {"what": "trace", "whose": "mine", "after": carried["todo_after"]}


def test_like_routes_lead_on_until_none_is_left(
    incidents: list[Incident], ana: User, sena: User, provider: Recipient
) -> None:
    for row, at in ((incidents[0], provider), (incidents[3], host("Beta Hosting", verified_by=sena))):
        placed(row, "NL", at, now=NOW)
    client = client_of(ana)
    listed = client.get("/admin/to-do/", {"what": "route", "whose": "mine"})
    groups = client.get(listed.context["like_routes_url"])
    carried = {"todo": "route", "todo_whose": "mine"}
    places = []
    for _ in range(2):
        links = [part.partition('"')[0] for part in groups.content.decode().split('href="')]
        link = next(each for each in links if "provider=" in each).replace("&amp;", "&")
        routes = client.get(link)
        hidden = dict(routes.context["hidden_fields"])
        assert hidden.items() > carried.items()
        answer = client.post("/admin/to-do/routes/", hidden | {"confirmed": "1", "incident": values(routes)})
        places.append(answer.headers["Location"])
        groups = client.get(answer.headers["Location"])
    assert [urlsplit(place).path for place in places] == ["/admin/to-do/routes/", "/admin/to-do/"]
    assert [query_of(place) for place in places] == [carried, {"what": "route", "whose": "mine"}]


def test_handing_over_returns_to_the_page_of_the_list(
    incidents: list[Incident], ana: User, sena: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due_page, "ROWS_PER_PAGE", 1)
    client, back = client_of(ana), {"what": "trace", "whose": "mine", "page": "2"}
    listed = client.get("/admin/to-do/", back).content.decode()
    form = listed.partition('id="hand_over"')[2]
    for name, text in back.items():
        assert f'name="{name}" value="{text}"' in form
    sent = back | {"incident": str(incidents[1].pk), "owner": sena.pk, "reason": AssignReason.WORKLOAD}
    for wrong in ({}, {"owner": ""}):
        preview = client.post("/admin/to-do/hand-over/", sent | wrong)
        assert query_of(preview.context["back"]) == back
        for name, text in back.items():
            assert f'name="{name}" value="{text}"' in preview.content.decode()
    answer = client.post("/admin/to-do/hand-over/", sent | {"confirmed": "1", "incident": values(preview)})
    assert query_of(answer.headers["Location"]) == back

"""The queue page: visible incidents, filters, and the staff page frame."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from analysts.codes import Role
from analysts.models import Incident, User
from analysts.states import State
from analysts.tests.factories import assessed_illegal, assessed_not_found, claimed, incident_of, report_of
from audit.models import AuditEvent
from countries.models import Portal
from tests.rig.fixtures import client_of

ADDRESS = "https://example.org/gallery/secret-name"
QUEUE, NEXT = "/admin/queue/", "/admin/queue/next/"
DANGER = {"facts": ["child_in_danger"]}


def listed(client: Client, **filters: str) -> list[str]:
    """The short ids of the rows, in order."""
    page = client.get(QUEUE, filters).content.decode()
    return re.findall(r"data-row>([0-9a-f]{8})<", page)


def text_of(client: Client, url: str) -> str:
    """The text of the page, without markup and with single spaces."""
    page = client.get(url).content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_queue_shows_ana_her_portals_incident_masked(belize: Portal, zambia: Portal, ana: User, open_keys: Any) -> None:
    hers = incident_of(belize, ADDRESS)
    other = incident_of(zambia, "https://example.net/other")
    page = client_of(ana).get(QUEUE)

    assert page.status_code == 200
    assert listed(client_of(ana)) == [str(hers)]
    assert str(other) not in page.content.decode()
    for secret in (ADDRESS, "gallery", "secret-name", "example.org", "example[.]org"):
        assert secret not in page.content.decode()
    assert "hxxps://ex•••[.]org/•••" in page.content.decode()


def test_queue_shows_only_own_portals_reports_of_shared_incident(
    belize: Portal, zambia: Portal, ana: User, sena: User
) -> None:
    incident_of(belize, ADDRESS)
    report_of(zambia, ADDRESS)
    report_of(zambia, ADDRESS, language="en")

    hers, seniors = text_of(client_of(ana), QUEUE), text_of(client_of(sena), QUEUE)
    assert re.findall(r"Belize English Reports: (\d+)", hers) == ["1"]
    assert "Zambia" not in hers
    assert re.findall(r"Belize, Zambia English Reports: (\d+)", seniors) == ["3"]


@pytest.mark.parametrize("username", ["olga", "petra", "axel", "willa", "adam"])
def test_queue_is_closed_to_roles_without_content(
    username: str, belize: Portal, request: pytest.FixtureRequest
) -> None:
    incident = incident_of(belize, ADDRESS, details=DANGER)
    client = client_of(request.getfixturevalue(username))

    for url in (QUEUE, f"/admin/incidents/{incident.pk}/"):
        page = client.get(url)
        assert page.status_code == 403
        assert "Only analysts can open reports." in page.content.decode()
        assert str(incident) not in page.content.decode()
        assert "Child in danger" not in page.content.decode()
    assert client.post("/admin/queue/next/").status_code == 403
    incident.refresh_from_db()
    assert incident.state == State.WAITING


def test_queue_sends_a_stranger_to_sign_in(client: Client, belize: Portal) -> None:
    incident = incident_of(belize, ADDRESS)

    for url in ("/admin/", QUEUE, f"/admin/incidents/{incident.pk}/"):
        answer = client.get(url, follow=True)
        assert answer.request["PATH_INFO"] == "/accounts/login/"
        assert f'name="next" value="{url}"' in answer.content.decode()
        assert "hxxps" not in answer.content.decode()
    assert client.post("/admin/queue/next/").status_code == 302
    assert AuditEvent.objects.filter(action__startswith="queue").count() == 0


def test_queue_is_ordered_by_priority_then_age(belize: Portal, ana: User) -> None:
    now = timezone.now()
    young = incident_of(belize, "https://a.example/1", now=now - timedelta(hours=2))
    old = incident_of(belize, "https://b.example/1", now=now - timedelta(hours=9))
    urgent = report_of(belize, "https://c.example/1", now=now, details=DANGER)
    urgent_one = Incident.objects.get(sightings__report=urgent)

    assert listed(client_of(ana)) == [str(urgent_one), str(old), str(young)]


def test_queue_filters_narrow_it_down(belize: Portal, zambia: Portal, sena: User) -> None:
    now = timezone.now()
    words = incident_of(belize, "no address at all", now=now)
    old = incident_of(belize, "https://a.example/1", now=now - timedelta(days=2), language="es")
    onion = incident_of(zambia, f"http://{'a' * 56}.onion/1", now=now - timedelta(hours=3))
    urgent = incident_of(zambia, "https://b.example/1", now=now, details=DANGER)
    client = client_of(sena)

    assert set(listed(client)) == {str(words), str(old), str(onion), str(urgent)}
    assert set(listed(client, portal="bz")) == {str(words), str(old)}
    assert listed(client, language="es") == [str(old)]
    assert listed(client, priority="10") == [str(urgent)]
    assert listed(client, age="24") == [str(old)]
    assert set(listed(client, age="1")) == {str(old), str(onion)}
    assert listed(client, kind="words") == [str(words)]
    assert listed(client, kind="onion") == [str(onion)]
    assert listed(client, view="danger") == [str(urgent)]
    assert listed(client, portal="bz", kind="onion") == []
    # Invalid filters are ignored.
    assert len(listed(client, portal="pk", priority="99", age="x", kind="x", view="x", page="x")) == 4


def test_queue_filters_do_not_tell_what_other_portals_received(belize: Portal, zambia: Portal, ana: User) -> None:
    incident = incident_of(belize, ADDRESS, language="en")
    report_of(zambia, ADDRESS, language="es")

    assert listed(client_of(ana), language="en") == [str(incident)]
    assert listed(client_of(ana), language="es") == []
    assert listed(client_of(ana), portal="zm") == [str(incident)]  # not her portal, so the filter is ignored


def test_queue_shows_what_is_claimed_and_what_is_acted_on(belize: Portal, ana: User, sena: User) -> None:
    waiting = incident_of(belize, "https://a.example/1")
    taken = claimed(incident_of(belize, "https://b.example/1"), sena)
    illegal = incident_of(belize, "https://c.example/1")
    assessed_illegal(illegal, sena)

    assert listed(client_of(ana)) == [str(waiting)]
    assert listed(client_of(ana), view="claimed") == [str(taken)]
    assert listed(client_of(ana), view="acting") == [str(illegal)]


def test_queue_asks_as_many_queries_for_30_rows_as_for_one(
    belize: Portal, ana: User, django_assert_num_queries: Any
) -> None:
    client = client_of(ana)
    report_of(belize, "https://first.example/1")
    queries = 13
    with django_assert_num_queries(queries):
        assert len(listed(client)) == 1
    report_of(belize, "\n".join(f"https://site{number}.example/{number}" for number in range(29)))
    with django_assert_num_queries(queries):
        assert len(listed(client)) == 30


def test_queue_has_pages(belize: Portal, ana: User) -> None:
    report_of(belize, "\n".join(f"https://site{number}.example/{number}" for number in range(31)))
    client = client_of(ana)

    first, second = listed(client), listed(client, page="2")
    assert (len(first), len(second), len({*first, *second})) == (30, 1, 31)
    assert "31 incidents" in text_of(client, QUEUE)
    assert "Page 2 of 2" in text_of(client, f"{QUEUE}?page=2&priority=1")
    assert 'href="?page=1&amp;priority=1"' in client.get(f"{QUEUE}?page=2&priority=1").content.decode()


def test_queue_view_is_on_record_with_its_filters(belize: Portal, ana: User) -> None:
    client_of(ana).get(QUEUE, {"portal": "bz", "priority": "3", "kind": "nonsense<script>"})

    event = AuditEvent.objects.latest("number")
    assert (event.action, event.actor, event.details) == ("queue.view", "ana", {"portal": "bz", "priority": "3"})


def test_next_claims_the_best_of_the_filtered_portal(belize: Portal, zambia: Portal, sena: User) -> None:
    urgent = incident_of(zambia, "https://a.example/1", details={"facts": ["live_stream"]})
    calm = incident_of(belize, "https://b.example/1")
    client = client_of(sena)

    assert 'name="portal" value="bz"' in client.get(QUEUE, {"portal": "bz"}).content.decode()
    assert client.post("/admin/queue/next/", {"portal": "bz"})["Location"] == f"/admin/incidents/{calm.pk}/"
    assert client.post("/admin/queue/next/")["Location"] == f"/admin/incidents/{urgent.pk}/"
    answer = client.post("/admin/queue/next/", follow=True)
    assert answer.redirect_chain == [(QUEUE, 302)]
    assert "No more incidents are waiting for you." in answer.content.decode()


def test_next_says_that_others_wait_which_are_not_offered(belize: Portal, settings: Any, ana: User) -> None:
    settings.MOST_OF_A_SITE_IN_A_ROW = 1
    assessed_not_found(incident_of(belize, "https://one.example/1"), ana)
    assert "No more incidents are waiting for you." in client_of(ana).post(NEXT, follow=True).content.decode()
    incident_of(belize, "https://one.example/2")
    answer = client_of(ana).post(NEXT, {"portal": "bz"}, follow=True).content.decode()
    assert "No more incidents are waiting for you." not in answer
    assert "You can claim them from the list." in answer


def test_next_does_not_take_from_a_portal_that_is_not_hers(belize: Portal, zambia: Portal, ana: User) -> None:
    incident = incident_of(zambia)
    client = client_of(ana)

    assert client.post("/admin/queue/next/", {"portal": "zm"}).status_code == 404
    assert client.post("/admin/queue/next/")["Location"] == QUEUE
    assert client.get("/admin/queue/next/").status_code == 405
    incident.refresh_from_db()
    assert incident.state == State.WAITING


def test_danger_line_appears_on_every_page_for_affected_analysts(
    belize: Portal, zambia: Portal, ana: User, ben: User, olga: User
) -> None:
    incident = incident_of(belize, ADDRESS, details=DANGER)
    report_of(belize, "https://second.example/1", details=DANGER)
    line = "Child in danger now, according to reports: 2 incidents"
    pages = ("/admin/", QUEUE, f"/admin/incidents/{incident.pk}/", "/accounts/mfa/", "/accounts/password/change/")

    assert [line in text_of(client_of(ana), page) for page in pages] == [True] * len(pages)
    assert "Child in danger" not in text_of(client_of(ben), QUEUE)
    assert "Child in danger" not in text_of(client_of(olga), "/admin/countries/portal/")
    # The assessment clears the flag.
    assessed_illegal(incident, ana)
    assert "Child in danger now, according to a report: 1 incident" in text_of(client_of(ana), "/admin/")


@pytest.mark.parametrize("demo", [True, False])
def test_demo_banner_appears_on_every_page_of_a_demonstration(
    demo: bool, settings: Any, client: Client, belize: Portal, ana: User, adam: User
) -> None:
    settings.DEMO = demo
    incident = incident_of(belize)
    banner = "Demonstration: reports made here are not read"
    pages = [
        (client, "/accounts/login/"),
        (client_of(ana), "/admin/"),
        (client_of(ana), QUEUE),
        (client_of(ana), f"/admin/incidents/{incident.pk}/"),
        (client_of(ana), "/accounts/mfa/"),
        (client_of(adam), QUEUE),
        (client_of(adam), "/admin/analysts/user/"),
        (client_of(adam), f"/admin/analysts/user/{ana.pk}/change/?_popup=1"),
    ]
    assert [text_of(who, url).count(banner) for who, url in pages] == [int(demo)] * len(pages)


def test_staff_pages_speak_the_language_of_the_account(belize: Portal, ana: User) -> None:
    for chosen, tag in (("", "en"), ("ur", "ur"), ("xx", "en")):
        ana.language = chosen
        ana.save()
        page = client_of(ana).get(QUEUE)
        assert page["Content-Language"] == tag
        assert f'<html lang="{tag}" dir="{"rtl" if tag == "ur" else "ltr"}">' in page.content.decode()


def test_public_pages_have_nothing_of_the_session(belize: Portal, ana: User) -> None:
    ana.language = "ur"
    ana.save()
    incident_of(belize, ADDRESS, details=DANGER)
    page = client_of(ana).get("/bz/en/")

    assert page.status_code == 200
    assert "ana" not in re.findall(r"\w+", page.content.decode())
    assert "Child in danger now" not in page.content.decode()
    assert 'lang="en"' in page.content.decode()


@pytest.mark.parametrize("role", Role.values)
def test_every_role_reaches_its_dashboard(role: str, belize: Portal) -> None:
    user = User.objects.create_user("reader", role=Role(role), password="correct horse battery")
    page = client_of(user).get("/admin/")
    # A recipient has its inbox instead.
    assert (page.status_code, page.headers.get("Location")) == (
        (302, "/admin/inbox/") if role == Role.RECIPIENT else (200, None)
    )


def test_folded_filters_say_which_of_them_are_set(belize: Portal, ana: User) -> None:
    client = client_of(ana)
    chosen = client.get(QUEUE, {"portal": belize.slug, "age": "24", "priority": "nonsense"})
    assert chosen.context["filters_set"] == ["Portal: Belize", "Waiting longer than: a day"]
    assert ">Portal: Belize</span>" in chosen.content.decode()
    everything = client.get(QUEUE)
    assert (everything.context["filters_set"], "filter-set" in everything.content.decode()) == ([], False)
    closed = client.get("/admin/incidents/", {"state": "closed", "since": "2026-01-02", "until": "2026-01-01"})
    assert closed.context["filters_set"] == ["State: closed", "Received from: 2026-01-02"]

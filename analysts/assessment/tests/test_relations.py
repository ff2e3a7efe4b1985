"""Related incidents: visible to the user's portals only, and no verdict before it is decided."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analysts.accounts.sign_in.adapters import Backend
from analysts.assessment.actions import merge
from analysts.assessment.intake import run as intake
from analysts.assessment.intake.spellings import sightings_of
from analysts.assessment.related import relations
from analysts.assessment.related.relations import Relation, find_related
from analysts.codes import Verdict
from analysts.models import Incident, Sighting, User
from analysts.tests.alike import add_alike
from analysts.tests.factories import assessed_illegal, assessed_not_found, incident_of, report_of
from countries.models import Portal
from reports.models import the_hour
from reports.tests.codes import code_of
from tests.rig.fixtures import client_of

PAGE = "https://site.example.org/gallery"


def found(incident: Incident, user: User) -> dict[str, set[Incident]]:
    return {
        relation.value: set(others)
        for relation, others in find_related(incident, user, sightings_of(incident, user)).items()
    }


def test_same_host_and_same_site_are_listed_separately(belize: Portal, ana: User) -> None:
    incident = incident_of(belize, PAGE)
    host = incident_of(belize, "http://SITE.example.org/other")
    site = incident_of(belize, "https://another.example.org/")
    incident_of(belize, "https://site.example.net/gallery")

    assert found(incident, ana) == {"host": {host}, "site": {site}}


def test_what_one_report_names_belongs_together(belize: Portal, ana: User) -> None:
    report = report_of(belize, f"{PAGE}\nhttps://example.net/a")
    first, second = (sighting.incident for sighting in report.sightings.all())

    assert found(first, ana) == {"report": {second}}
    assert found(second, ana) == {"report": {first}}


def test_what_was_found_through_the_same_address_belongs_together(belize: Portal, ana: User) -> None:
    started = {"found_on": "on example.com/start, yesterday"}
    first = incident_of(belize, PAGE, details=started)
    second = incident_of(belize, "https://example.net/a", details={"found_on": "https://example.com/start#top"})
    start = incident_of(belize, "https://example.com/start")
    incident_of(belize, "https://example.net/b", details={"found_on": "a forum"})

    assert found(first, ana) == {"referrer": {second}, "led_there": {start}}
    assert found(start, ana) == {"led_on": {first, second}}


def test_where_a_report_was_found_counts_however_it_came(belize: Portal, ana: User) -> None:
    report = report_of(belize, PAGE, details={"found_on": "example.com/start"})
    more = report_of(belize, "https://example.net/a", code=code_of(report.pk))

    assert more == report
    assert Sighting.objects.exclude(referrer_fingerprint=b"").filter(report=report).count() == 2


def test_relations_end_where_the_portals_of_the_user_end(
    belize: Portal, zambia: Portal, ana: User, ben: User, sena: User
) -> None:
    start = {"found_on": "https://example.com/start"}
    incident = incident_of(belize, PAGE, details=start)
    report_of(zambia, PAGE)
    hers = incident_of(belize, "https://site.example.org/hers", details=start)
    his = incident_of(zambia, "https://site.example.org/his", details=start)
    his_start = incident_of(zambia, "https://example.com/start")

    assert found(incident, ana) == {"host": {hers}, "referrer": {hers}}
    # He sees the incident, because his portal received a report of it, but not the referrer from her report.
    assert found(incident, ben) == {"host": {his}}
    assert found(incident, sena) == {"host": {hers, his}, "referrer": {hers, his}, "led_there": {his_start}}


def test_newer_incidents_of_other_portals_change_no_relation(belize: Portal, zambia: Portal, ana: User) -> None:
    now = the_hour(timezone.now())
    start = {"found_on": "https://example.com/start"}
    incident = incident_of(belize, PAGE)
    report_of(belize, f"{PAGE}\nhttps://example.net/beside", details=start)
    incident_of(belize, "https://example.com/start")
    incident_of(belize, "https://another.example.org/next", details={"found_on": PAGE})
    add_alike(incident, belize, 3, received=now - timedelta(days=2))
    answers = []
    for number in (0, 30, 230):
        add_alike(incident, zambia, number, received=now - timedelta(hours=1))
        related = find_related(incident, ana, sightings_of(incident, ana))
        answers.append({relation: [other.pk for other in others] for relation, others in related.items()})
    assert answers[0].keys() == set(Relation)
    assert answers[1:] == answers[:1] * 2


@pytest.mark.parametrize("relation", [Relation.HOST, Relation.SITE])
def test_relations_are_the_latest_of_own_portals(belize: Portal, zambia: Portal, ana: User, relation: Relation) -> None:
    """Also where the address is erased, and of older ones none that was merged."""
    now = the_hour(timezone.now())
    incident = incident_of(belize, PAGE)
    address = "https://site.example.org/" if relation == Relation.HOST else "https://another.example.org/"
    similar = [
        incident_of(belize, f"{address}{number}", now=now - timedelta(days=number))
        for number in range(1, relations.MOST_SHOWN + 3)
    ]
    Incident.objects.filter(pk=similar[2].pk).update(sealed_address=b"", sealed_mask=b"")
    merge(by=ana, incident=similar[0], into=incident_of(belize, "https://example.net/"))
    add_alike(similar[3], zambia, 30, received=now)

    related = find_related(incident, ana, sightings_of(incident, ana))
    assert related[relation] == similar[1 : relations.MOST_SHOWN + 1]


def test_verdict_shows_only_where_it_is_decided(belize: Portal, ana: User, settings: Any) -> None:
    incident = incident_of(belize, PAGE)
    settings.SECOND_REVIEW_VERDICTS = [Verdict.ILLEGAL]
    looked_at_once = incident_of(belize, "https://site.example.org/once")
    assessed_illegal(looked_at_once, ana)
    settings.SECOND_REVIEW_VERDICTS = []
    decided = incident_of(belize, "https://site.example.org/decided")
    assessed_illegal(decided, ana)
    closed = incident_of(belize, "https://site.example.org/closed")
    assessed_not_found(closed, ana)

    related = find_related(incident, ana, sightings_of(incident, ana))
    verdicts = {other: other.verdict for other in related[Relation.HOST]}  # type: ignore[attr-defined] # annotated
    assert verdicts == {looked_at_once: None, decided: Verdict.ILLEGAL, closed: Verdict.NOT_ASSESSED}


def test_relations_are_bounded(belize: Portal, ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relations, "MOST_SHOWN", 2)
    incident = incident_of(belize, PAGE)
    report_of(belize, "\n".join(f"https://site.example.org/{number}" for number in range(5)))
    report_of(belize, "\n".join(f"https://other.example.org/{number}" for number in range(5)))

    assert {name: len(others) for name, others in found(incident, ana).items()} == {"host": 2, "site": 2}


def test_host_of_an_older_incident_is_noted_when_it_is_reported_again(belize: Portal, ana: User) -> None:
    incident = incident_of(belize, PAGE)
    other = incident_of(belize, "https://site.example.org/other")
    Incident.objects.update(host_fingerprint=b"")
    assert found(Incident.objects.get(pk=incident.pk), ana) == {"site": {other}}
    for address in (PAGE, "https://site.example.org/other"):
        report_of(belize, address)

    assert found(Incident.objects.get(pk=incident.pk), ana) == {"host": {other}}


def test_blind_indexes_of_host_and_address_differ(belize: Portal) -> None:
    incident = incident_of(belize, "https://site.example/")

    assert len({bytes(incident.fingerprint), bytes(incident.host_fingerprint), bytes(incident.site_fingerprint)}) == 3


def _queries(action: Any) -> int:
    with CaptureQueriesContext(connection) as context:
        action()
    return len(context)


def test_relations_cost_the_same_for_one_and_for_many(belize: Portal, ana: User) -> None:
    start = {"found_on": "https://example.com/start"}
    incident = incident_of(belize, PAGE, details=start)
    # Loaded as in a request, with the user's portals.
    reader = Backend().get_user(ana.pk)
    assert reader
    # The sightings, and the related incidents; then also their rows.
    assert _queries(lambda: find_related(incident, reader, sightings_of(incident, reader))) == 2
    report_of(belize, "https://site.example.org/other")
    assert _queries(lambda: find_related(incident, reader, sightings_of(incident, reader))) == 3
    for number in range(12):
        report_of(belize, f"https://site.example.org/{number}\nhttps://other.example.org/{number}", details=start)

    assert _queries(lambda: find_related(incident, reader, sightings_of(incident, reader))) == 3


def test_relations_are_shown_masked(belize: Portal, ana: User) -> None:
    incident = incident_of(belize, PAGE)
    incident_of(belize, "https://site.example.org/secret-name")
    assessed_not_found(incident_of(belize, "https://sub.example.org/secret-name"), ana)
    intake.take_in()
    client, path = client_of(ana), f"/admin/incidents/{incident.pk}/"
    counted, page = (client.get(path, query).content.decode() for query in ({}, {"open": "relations"}))

    for listing in (counted, page):
        assert "Same host" in listing
        assert "Same site" in listing
    assert "data-row" not in counted
    assert "could not assess" in page
    assert "hxxps://si•••[.]org/•••" in page
    assert "secret-name" not in page

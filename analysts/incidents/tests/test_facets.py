"""The values that incidents are listed by: kept by triggers, searched in bounded steps."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analysts.assessment import actions
from analysts.codes import Reason, ReviewStage, UndoReason, Verdict
from analysts.incidents import facet_parts, facet_search
from analysts.incidents.facet_parts import FacetChoice, FacetSearch
from analysts.incidents.facet_search import ERASED, count_matches, find_by_received, write_fingerprint
from analysts.models import Incident, IncidentFacet, NextStep, NextStepKind, RecipientKind, User
from analysts.tests.chases import office, routed
from analysts.tests.factories import assessed_illegal, claimed, incident_of, report_of
from countries.models import Portal
from reports.models import the_hour

WRONG = """
    (SELECT 'missing', f.portal_id, f.name, f.value, f.received, f.incident_id
     FROM analysts_incident AS i CROSS JOIN LATERAL analysts_facets_of(i.id) AS f
     EXCEPT SELECT 'missing', portal_id, name, value, received, incident_id FROM analysts_incidentfacet)
    UNION ALL
    (SELECT 'left over', portal_id, name, value, received, incident_id FROM analysts_incidentfacet
     EXCEPT SELECT 'left over', f.portal_id, f.name, f.value, f.received, f.incident_id
     FROM analysts_incident AS i CROSS JOIN LATERAL analysts_facets_of(i.id) AS f)
"""


def wrong_rows() -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(WRONG)
        return list(cursor.fetchall())


def values_of(incident: Incident, portal: Portal) -> set[str]:
    """The values at one portal, without those of other tests: "state=closed"."""
    return {str(each) for each in IncidentFacet.objects.filter(incident=incident, portal=portal)}


def found(search: FacetSearch, **how: object) -> list[object]:
    return [place.incident for place in find_by_received(search, most=50, **how)]  # type: ignore[arg-type]


def test_values_follow_each_act(belize: Portal, zambia: Portal, ana: User, sena: User) -> None:
    now = timezone.now()
    incident = incident_of(belize, "https://a.example/1", now=now - timedelta(days=9))
    places = {"host": incident.host_fingerprint, "site": incident.site_fingerprint}
    common = {
        *("language=en", f"priority={incident.priority}"),
        *(f"{name}={write_fingerprint(bytes(value))}" for name, value in places.items()),
    }
    assert values_of(incident, belize) == {*common, "state=waiting", "lane=language:en"}
    # A claim changes nothing; another portal's report has its own language.
    actions.release(by=ana, incident=(held := claimed(incident, ana)), fence=held.fence)
    assert values_of(incident, belize) == {*common, "state=waiting", "lane=language:en"}
    verdict = assessed_illegal(incident, ana, now=now - timedelta(days=8))
    routed(verdict, [office(RecipientKind.HOST, None, name="Example Hosting")])
    report_of(zambia, "https://a.example/1", language="es")
    incident.refresh_from_db()
    host = verdict.incident.chases.get().provider_id
    step = NextStep.objects.get(incident=incident).waits_for
    shared = {
        f"priority={incident.priority}", f"state={incident.state}", f"severity={incident.severity}", "verdict=illegal",
        f"analyst={ana.pk}", f"waits_for={step}", "country=NL", f"provider={host}",
    }  # fmt: skip
    recipients = {f"recipient={each}" for each in incident.referrals.values_list("to_id", flat=True)}
    assert values_of(incident, belize) >= {*shared, *recipients, "language=en"}
    assert values_of(incident, zambia) - values_of(incident, belize) == {"language=es"}
    assert wrong_rows() == []


def places_of(incident: Incident) -> set[tuple[str, int]]:
    rows = IncidentFacet.objects.filter(incident=incident, name__in=["host", "site"])
    return {(f"{row.name}: {row.value[: len(ERASED)] == ERASED}", row.portal_id) for row in rows}


def test_host_and_site_follow_erasure_and_merging(belize: Portal, zambia: Portal, ana: User) -> None:
    incident, other = (incident_of(belize, f"https://a.example/{number}") for number in (1, 2))
    both = report_of(belize, "https://a.example/1\nhttps://a.example/2")
    readable, erased = (
        {(f"{name}: {is_erased}", belize.pk) for name in ("host", "site")} for is_erased in (False, True)
    )
    assert (both.sightings.count(), places_of(incident)) == (2, readable)
    sealed = bytes(incident.sealed_address)
    Incident.objects.filter(pk=incident.pk).update(sealed_address=b"", sealed_mask=b"")
    assert (places_of(incident), wrong_rows()) == (erased, [])
    Incident.objects.filter(pk=incident.pk).update(sealed_address=sealed, host_fingerprint=b"")
    assert (places_of(incident), wrong_rows()) == ({("site: False", belize.pk)}, [])
    # The report that names both keeps both, so that a merged incident still has its portal.
    actions.merge(by=ana, incident=incident, into=other)
    report_of(zambia, "https://a.example/1")
    assert (places_of(incident), wrong_rows()) == (set(), [])
    assert places_of(other) == {*readable, *((name, zambia.pk) for name, _portal in readable)}
    words = incident_of(belize, "Someone in a game wrote to me.")
    assert places_of(words) == set()


def test_undecided_round_is_not_listed_by_its_first_review(
    belize: Portal, ana: User, sena: User, settings: object
) -> None:
    incident = claimed(incident_of(belize), ana)
    settings.SECOND_REVIEW_PERCENT = 100  # type: ignore[attr-defined] # pytest-django's
    made = actions.assess(
        by=ana,
        incident=incident,
        fence=incident.fence,
        verdict=Verdict.NOT_ASSESSED,
        reason=Reason.CONTENT_NOT_FOUND,
    )
    incident.refresh_from_db()
    assert incident.stage == ReviewStage.SECOND
    assert values_of(incident, belize) & {f"analyst={ana.pk}", "verdict=not_assessed", "lane=second"} == {"lane=second"}
    actions.undo(by=ana, incident=incident, assessment=made, reason=UndoReason.SLIP)
    assert "lane=second" not in values_of(incident, belize)
    assert wrong_rows() == []


@pytest.mark.parametrize(("stage", "lane"), [("first", "lane=words"), ("second", "lane=second")])
def test_folded_incident_is_in_no_lane_of_what_waits(belize: Portal, stage: str, lane: str) -> None:
    incident = incident_of(belize, "Someone in a game wrote to me.")
    Incident.objects.filter(pk=incident.pk).update(stage=stage, shape=incident.pk.bytes)
    assert lane in values_of(incident, belize)
    Incident.objects.filter(pk=incident.pk).update(flood=F("shape"), priority=0)
    assert {lane, "lane=words"}.isdisjoint(values_of(incident, belize))
    assert wrong_rows() == []


def test_next_step_is_listed_by_whom_it_waits_for(belize: Portal) -> None:
    incident, now = incident_of(belize), timezone.now()
    step = NextStep.objects.create(incident=incident, kind=NextStepKind.TRACE, since=now, review_at=now)
    for kind in NextStepKind:
        step.kind = kind
        step.save()
        listed = IncidentFacet.objects.filter(incident=incident, name="waits_for").values_list("value", flat=True)
        assert (kind, list(listed)) == (kind, [kind.row.waits_for])
    step.delete()
    assert not listed.all().exists()


def test_search_joins_filters_and_pages_by_key(belize: Portal, zambia: Portal) -> None:
    now = timezone.now()
    ids = [
        incident_of(belize, f"https://{letter}.example/1", now=now - timedelta(hours=hours)).pk
        for hours, letter in enumerate("abcd")
    ]
    report_of(zambia, "https://a.example/1")
    incident_of(belize, "no address at all", now=now, language="es")
    both, words = (belize.pk, zambia.pk), FacetChoice("lane", ("words",))
    english = FacetSearch(both, (FacetChoice("state", ("waiting", "closed")), FacetChoice("language", ("en",))))

    assert (found(english), count_matches(english)) == (ids, 4)
    assert found(english, oldest_first=True) == ids[::-1]
    second = find_by_received(english, most=2)[1]
    assert found(english, after=second) == ids[2:]
    assert found(FacetSearch(both, (*english.choices, words))) == []
    assert found(FacetSearch((zambia.pk,), english.choices)) == ids[:1]
    assert found(FacetSearch((), english.choices)) == []
    limited = FacetSearch(both, english.choices, since=now - timedelta(hours=2, minutes=59), until=now)
    assert set(found(limited)) <= set(ids[:4])
    assert ids[3] not in found(limited)


def nodes_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes_of(part)


def fill_facets(portal: Portal, hours_of: Mapping[tuple[str, str], Iterable[int]]) -> FacetSearch:
    """Rows of the values, by name and value, of one incident an hour: those in so many hours before now.

    Returns the search for incidents with all values.
    """
    now = the_hour(timezone.now())
    IncidentFacet.objects.bulk_create(
        IncidentFacet(
            portal=portal, name=name, value=value, received=now - timedelta(hours=hour), incident_id=UUID(int=hour)
        )
        for (name, value), hours in hours_of.items()
        for hour in hours
    )
    return FacetSearch((portal.pk,), tuple(FacetChoice(name, (value,)) for name, value in hours_of))


def rows_read(search: FacetSearch) -> list[int]:
    """How many rows of each table the last statement of a search reads, as in a large table: first to tell which filter
    is the sparsest, if it is the only statement.
    """
    with CaptureQueriesContext(connection) as asked:
        find_by_received(search, most=50)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {asked.captured_queries[-1]['sql']}")
        [[explained]] = cursor.fetchall()
    [plan] = json.loads(explained) if isinstance(explained, str) else explained
    # One row for each edge of the hours of each value comes before.
    of_tables = [node for node in nodes_of(plan["Plan"]) if node.get("Relation Name") == IncidentFacet._meta.db_table]
    return [node["Actual Rows"] * node["Actual Loops"] for node in of_tables[4:]]


def look_up(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    for name in ("_LOOK_UPS", "_LEAST_LOOK_UPS"):
        monkeypatch.setattr(facet_parts, name, most)


def test_two_filters_are_read_where_their_hours_meet(belize: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    both = fill_facets(belize, {("state", "waiting"): range(101), ("verdict", "illegal"): range(100, 201)})
    assert (found(both), rows_read(both)) == ([UUID(int=100)], [1, 1, 1, 1, 0, 0])
    # Side by side, as if there were many.
    look_up(monkeypatch, 1)
    assert (found(both), rows_read(both)) == ([UUID(int=100)], [1, 1])


def test_few_rows_are_looked_up_among_many(belize: Portal, zambia: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    hours_of = {("state", "waiting"): range(1, 200, 2), ("analyst", "9"): (1, 90, 99, 199)}
    both = fill_facets(belize, hours_of)
    fill_facets(zambia, {("state", "waiting"): range(90, 91), ("analyst", "9"): range(91, 92)})
    expected = [UUID(int=hour) for hour in (1, 99, 199)]
    # Three of the four are there.
    assert (found(both), count_matches(both), rows_read(both)) == (expected, 3, [100, 4, 0, 0, 4, 3])
    of_both_portals = FacetSearch((belize.pk, zambia.pk), both.choices)
    assert found(of_both_portals) == expected
    turned = FacetSearch(both.portals, both.choices[::-1])
    assert (found(turned), found(turned, oldest_first=True)) == (expected, expected[::-1])
    for most in range(1, 6):
        # Too few to find all, and just enough.
        look_up(monkeypatch, most)
        assert (most, found(both), found(of_both_portals)) == (most, expected, expected)
        assert (found(turned, oldest_first=True), count_matches(turned)) == (expected[::-1], 3)


def test_count_is_exact_up_to_its_limit(belize: Portal, zambia: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    for letter in "abc":
        incident_of(belize, f"https://{letter}.example/1")
        report_of(zambia, f"https://{letter}.example/1")
    search = FacetSearch((belize.pk, zambia.pk), (FacetChoice("state", ("waiting",)),))
    counts = []
    for most in (2, 3, 4):
        monkeypatch.setattr(facet_search, "MOST_EXACT", most)
        # So few that rows of two portals fill them.
        monkeypatch.setattr(facet_search, "_READ_TO_COUNT", most)
        number = count_matches(search)
        counts.append((number, facet_search.exact_label(number)))
    assert counts == [(3, "2+"), (3, "3"), (3, "3")]

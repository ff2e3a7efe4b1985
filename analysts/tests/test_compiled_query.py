"""Compiled queries: the same results as the queryset's, with one text for all values, or a refusal to compile."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import connection
from django.db.models import Count, Model, QuerySet
from django.test.utils import CaptureQueriesContext
from psycopg.errors import DivisionByZero

from analysts.accounts.sign_in import Backend
from analysts.models import Incident, Report, Sighting, User, known_statement
from analysts.models.compiled_arguments import Fixed, NotCompilable, pad_list
from analysts.models.compiled_query import CompiledCounts, CompiledQuery, PreparedCounts, PreparedQuery
from analysts.models.known_statement import FOR_BOUNDS, planned_for_bounds
from analysts.tests.factories import claimed, incident_of, report_of
from countries.models import Portal
from reports.models import the_hour

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def of_request(user: User) -> User:
    found = Backend().get_user(user.pk)
    assert found
    return found


@CompiledQuery
def mine(user: User, ids: list[UUID]) -> QuerySet[Incident]:
    found = Incident.objects.visible_to(user).filter(pk__in=ids).select_related("key", "claimed_by")
    return found.annotate(reports=Count("sightings")).order_by("first_sighted", "pk")


def test_instances_are_those_of_the_queryset(belize: Portal, zambia: Portal, ana: User, sena: User) -> None:
    hers, theirs = incident_of(belize, "https://a.example/1"), incident_of(zambia, "https://b.example/1")
    claimed(hers, ana)
    ids = [hers.pk, theirs.pk, uuid4()]
    for user in map(of_request, (ana, sena)):
        expected = list(mine.build(user, ids))
        assert [vars(each)["id"] for each in mine(user, ids)] == [each.pk for each in expected]
        with CaptureQueriesContext(connection) as asked:
            [first, *_] = mine(user, [hers.pk])
            assert (first.claimed_by, first.reports) == (ana, 1)  # type: ignore[attr-defined] # annotated
            assert first.key is not None
            assert first.key.pk == hers.key_id
        assert len(asked) == 1
        for field in Incident._meta.concrete_fields:
            assert getattr(first, field.attname) == getattr(mine.build(user, [hers.pk]).get(), field.attname)


def test_text_is_written_once_for_lists_of_about_the_same_length(belize: Portal, ana: User) -> None:
    user = of_request(ana)
    texts = []
    for number in (3, 4):
        with CaptureQueriesContext(connection) as asked:
            mine(user, [uuid4() for _ in range(number)])
        texts += [query["sql"].count("::uuid") for query in asked.captured_queries]
    assert [len(pad_list(list(range(number)))) for number in (0, 1, 2, 3, 4, 5)] == [0, 1, 2, 4, 4, 8]
    assert len(set(texts)) == 1
    assert mine(user, []) == []


@CompiledQuery
def recent(now: datetime, day: date, language: str, *, portal: int | None) -> QuerySet[Report, tuple[UUID, str]]:
    found = Report.objects.filter(received_hour__gt=now - timedelta(days=3), receipt__changed_on__gte=now.date())
    found = found.filter(language=language).exclude(receipt__changed_on=day)
    return (found if portal is None else found.filter(portal=portal)).values_list("pk", "language")


def test_moments_and_days_at_a_fixed_distance_follow_the_argument(belize: Portal) -> None:
    report = report_of(belize, "https://a.example/1", language="es")
    moment, day = report.received_hour, date(2020, 1, 1)
    found = [(report.pk, "es")]
    for portal in (None, belize.pk):
        assert recent(moment, day, "es", portal=portal) == found
        assert recent(moment, day, "en", portal=portal) == []
        assert recent(moment + timedelta(days=3), day, "es", portal=portal) == []
        assert recent(moment, moment.date(), "es", portal=portal) == []


@CompiledQuery
def by_index(fingerprint: bytes, referrers: list[bytes]) -> QuerySet[Sighting, UUID]:
    found = Sighting.objects.filter(incident__fingerprint=fingerprint).exclude(referrer_fingerprint__in=referrers)
    return found.values_list("incident", flat=True)


def test_bytes_are_compared_as_bytes(belize: Portal) -> None:
    incident = incident_of(belize, "https://a.example/1")
    assert by_index(bytes(incident.fingerprint), [b"none"]) == [incident.pk]
    assert by_index(b"another", [b"none"]) == []


@CompiledCounts
def counted(user: User, now: datetime) -> Mapping[str, QuerySet[Model, object]]:
    waiting = Incident.objects.visible_to(user).waiting()
    return {"waiting": waiting, "one": waiting.values("pk")[:1], "none": Incident.objects.none()}


def test_counts_of_several_querysets_are_one_query(belize: Portal, ana: User) -> None:
    report_of(belize, "https://a.example/1\nhttps://b.example/1")
    user = of_request(ana)
    counted(user, NOW)
    with CaptureQueriesContext(connection) as asked:
        assert counted(user, NOW) == {"waiting": 2, "one": 1, "none": 0}
    assert len(asked) == 1
    assert CompiledCounts[[]](dict)() == {}


@PreparedCounts
def few(user: User) -> Mapping[str, QuerySet[Model, object]]:
    return {"waiting": Incident.objects.visible_to(user).waiting().values("pk")[:3]}


def plan_settings(asked: psycopg.Connection) -> list[str]:
    return [row[0] for name in FOR_BOUNDS for row in asked.execute(f"SHOW {name}")]


def test_bounded_counts_are_planned_once_and_by_indexes(belize: Portal, ana: User) -> None:
    report_of(belize, "https://a.example/1")
    seen = []

    def watch(execute: Callable[..., Any], *given: object) -> Any:
        seen.append(plan_settings(connection.connection))
        return execute(*given)

    user, before = of_request(ana), plan_settings(connection.connection)
    with connection.execute_wrapper(watch):
        assert few(user) == {"waiting": 1}
    assert seen == [list(FOR_BOUNDS.values())]
    # In a transaction as well.
    assert plan_settings(connection.connection) == before


def test_settings_of_a_count_end_with_it(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    # Not in a transaction, as a page.
    given = connection.get_connection_params()
    with psycopg.connect(**{**given, "autocommit": True}) as asked:
        monkeypatch.setattr(known_statement, "connection", SimpleNamespace(connection=asked, in_atomic_block=False))
        before = plan_settings(asked)
        with planned_for_bounds():
            assert plan_settings(asked) == list(FOR_BOUNDS.values()) != before
        assert plan_settings(asked) == before
        with pytest.raises(DivisionByZero), planned_for_bounds():
            asked.execute("SELECT 1 / 0")
        assert plan_settings(asked) == before


@PreparedQuery
def waiting_of(user: User, language: str) -> QuerySet[Incident]:
    found = Incident.objects.visible_to(user).waiting().exclude(address_kind__in=["it's", "100%"])
    return found.filter(sightings__report__language=language).order_by("pk")


def test_plan_is_kept_for_the_portals_of_a_person(
    belize: Portal, zambia: Portal, ana: User, ben: User, sena: User
) -> None:
    hers, theirs = incident_of(belize, "https://a.example/1"), incident_of(zambia, "https://b.example/1")
    sena.portals.add(zambia)
    found = {user.username: waiting_of(of_request(user), "en") for user in (ana, ben, sena)}
    assert found == {"ana": [hers], "ben": [theirs], "sena": sorted([hers, theirs], key=lambda each: each.pk)}

    def text_for(portals: list[int]) -> tuple[str, list[Any]]:
        user = of_request(sena)
        user.known_portal_ids = portals
        call = waiting_of.call(user, "en")
        statement = call.find_statement()
        assert statement is not None
        return statement.fill(call.values, is_prepared=True)

    text, params = text_for([belize.pk, zambia.pk])
    # All that is the same for everybody with these portals, in any order, is known to the planner.
    assert params == ["en"]
    assert text_for([zambia.pk, belize.pk]) == (text, params)
    assert text_for([zambia.pk])[0] != text
    ordered = sorted([belize.pk, zambia.pk])
    assert f"ARRAY[{', '.join(map(str, ordered))}]" in text
    assert "'it''s'" in text
    assert "100%%" in text
    assert "= 'waiting'" in text


@CompiledQuery
def first_of(most: Fixed) -> QuerySet[Incident]:
    return Incident.objects.order_by("pk")[: most.value]


def test_what_is_fixed_has_a_text_of_its_own(belize: Portal) -> None:
    report_of(belize, "https://a.example/1\nhttps://b.example/1")
    assert [len(first_of(Fixed(most))) for most in (1, 2, 1)] == [1, 2, 1]


BAD: dict[str, tuple[Any, Any]] = {
    "computed text": (lambda text: Incident.objects.filter(kind=text.upper()), "x"),
    "computed number": (lambda number: Incident.objects.filter(fence=number + 1), 3),
    "rounded moment": (lambda now: Incident.objects.filter(first_sighted=the_hour(now)), NOW),
    "clock": (lambda _day: Incident.objects.filter(first_sighted__lt=datetime.now(UTC)), NOW.date()),
    "pattern": (lambda text: Incident.objects.filter(kind__contains=text), "x"),
}


@pytest.mark.parametrize("name", BAD)
def test_computed_values_are_refused(db: None, name: str) -> None:
    build, argument = BAD[name]
    with pytest.raises(NotCompilable):
        CompiledQuery(build)(argument)


def test_rows_that_are_not_made_are_refused(db: None) -> None:
    with pytest.raises(NotCompilable):
        CompiledQuery[[], object](lambda: Incident.objects.values("pk"))()
    with pytest.raises(NotCompilable):
        CompiledQuery[[], object](lambda: Incident.objects.prefetch_related("sightings"))()
    with pytest.raises(TypeError):
        CompiledQuery[[object], object](lambda _any: Incident.objects.all())(Incident())

"""Compiled queries asked together: the results of each alone, with one statement."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.test.utils import CaptureQueriesContext

from analysts.models import Assessment, Incident, Report, Sighting, User
from analysts.models.compiled_query import CompiledQuery, StatementCall
from analysts.models.compiled_together import asked_together
from analysts.tests.factories import assessed_illegal, incident_of, report_of
from countries.models import Portal

ADDRESS = "https://a.example/1"


@CompiledQuery
def incidents(pk: UUID) -> QuerySet[Incident]:
    """Bytes, arrays, moments, days, and rows beside the row."""
    found = Incident.objects.filter(pk=pk).select_related("key", "claimed_by")
    return found.annotate(number=Count("sightings"), known=Exists(Assessment.objects.filter(incident=OuterRef("pk"))))


@CompiledQuery
def reports(pk: UUID) -> QuerySet[Report]:
    """JSON, of the report and its receipt."""
    return Report.objects.filter(sightings__incident=pk).select_related("receipt", "portal").order_by("-pk")


@CompiledQuery
def values(pk: UUID) -> QuerySet[Sighting, tuple[Any, ...]]:
    return Sighting.objects.filter(incident=pk).values_list("incident__notices", "portal__slug", "referrer_fingerprint")


@CompiledQuery
def nothing() -> QuerySet[Incident]:
    return Incident.objects.none()


def calls(pk: UUID) -> list[StatementCall[Any]]:
    return [incidents.call(pk), reports.call(pk), values.call(pk), nothing.call(), reports.call(pk)]


def in_full(rows: list[Any]) -> list[object]:
    """All that a row holds, with its types, and the rows beside it."""
    return [(fields_of(row), *map(fields_of, rows_beside(row))) if hasattr(row, "_meta") else row for row in rows]


def fields_of(row: object) -> str:
    return repr({name: value for name, value in vars(row).items() if name != "_state"})


def rows_beside(row: object) -> list[object]:
    return [each for each in vars(row)["_state"].fields_cache.values() if each is not None]


def test_results_are_those_of_each_alone(belize: Portal, ana: User) -> None:
    incident = incident_of(belize, ADDRESS)
    assessed_illegal(incident, ana)
    report_of(belize, ADDRESS, language="es", details={"facts": ["child_in_danger"]})
    pk = incident.pk
    alone = [in_full(each(pk)) for each in (incidents, reports, values)]
    with CaptureQueriesContext(connection) as asked, asked_together(calls(pk)):
        together = [in_full(each(pk)) for each in (incidents, reports, values)]
        assert nothing() == []
    assert len(asked) == 1
    assert together == alone
    assert len(reports(pk)) == 2


def test_other_arguments_and_later_calls_are_asked(belize: Portal, django_assert_num_queries: Any) -> None:
    pk = incident_of(belize, ADDRESS).pk
    with asked_together(calls(pk)):
        with django_assert_num_queries(1):
            assert reports(uuid4()) == []
        with django_assert_num_queries(1), asked_together([incidents.call(uuid4())]):
            # The blocks around it are still known.
            assert reports(pk) is reports(pk)
    with django_assert_num_queries(1):
        reports(pk)


def test_nothing_is_asked_for_nothing(db: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0), asked_together([nothing.call()]):
        assert nothing() == []


@pytest.mark.parametrize("prepare", [None, 5])
def test_other_statements_are_prepared_as_before(belize: Portal, prepare: int | None) -> None:
    pk = incident_of(belize, ADDRESS).pk
    raw = connection.connection
    assert raw is not None
    before, raw.prepare_threshold = raw.prepare_threshold, prepare
    try:
        with asked_together(calls(pk)):
            assert raw.prepare_threshold == prepare
    finally:
        raw.prepare_threshold = before

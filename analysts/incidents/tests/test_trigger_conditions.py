"""When the triggers of the database act, by the change that is made; and the values that they list of an incident."""

import json
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from analysts.codes import Verdict
from analysts.incidents.tests.test_facets import values_of, wrong_rows
from analysts.models import Assessment, Chase, Incident, User
from analysts.tests.factories import assessed_illegal, incident_of
from analysts.tests.places import host, placed
from countries.models import Portal
from reports.models import the_hour

WAITING = "state = 'waiting', claimed_by_id = NULL, claimed_until = NULL, closing = '', closed_on = NULL"
CLAIMED = f"{WAITING}, state = 'claimed', claimed_by_id = {{ana}}, claimed_until = now()"
ASSESSED = f"{WAITING}, state = 'assessed'"
CLOSED = f"{WAITING}, state = 'closed', closing = 'gone', closed_on = now()"
FACETS, PLACES, WAITS = "incident_facets_changed", "incident_places_changed", "incident_waits_again"
# The first state of an incident, the change, and the triggers that act.
CHANGES: list[tuple[str, str, set[str]]] = [
    (WAITING, WAITING, set()),
    (WAITING, CLAIMED, set()),
    (CLAIMED, WAITING, {WAITS}),
    (CLAIMED, ASSESSED, {FACETS}),
    (WAITING, CLOSED, {FACETS}),
    (ASSESSED, CLOSED, {FACETS}),
    (CLOSED, WAITING, {FACETS, WAITS}),
    ("priority = 4", "priority = 5", {FACETS, WAITS}),
    ("priority = 4", "priority = 4", set()),
    (f"{CLAIMED}, priority = 4", "priority = 5", {FACETS}),
    ("stage = 'first'", "stage = 'second'", {FACETS, WAITS}),
    ("stage = 'first'", "stage = 'first'", set()),
    ("severity = ''", "severity = 'a'", {FACETS}),
    ("round = 1", "round = 2", {FACETS}),
    ("first_sighted = first_sighted", "first_sighted = first_sighted - interval '1 hour'", {FACETS}),
    ("waiting_since = waiting_since", "waiting_since = waiting_since - interval '1 hour'", {WAITS}),
    (f"{CLAIMED}, round = 1", "waiting_since = waiting_since - interval '1 hour'", set()),
    ("host_fingerprint = 'a'", "host_fingerprint = 'b'", {PLACES}),
    ("site_fingerprint = 'a'", "site_fingerprint = 'b'", {PLACES}),
    ("host_fingerprint = 'a'", "host_fingerprint = 'a', site_fingerprint = site_fingerprint", set()),
    ("sealed_address = 's'", "sealed_address = 't'", set()),
    ("sealed_address = 's'", "sealed_address = '', sealed_mask = ''", {PLACES}),
    ("sealed_address = '', sealed_mask = ''", "sealed_address = 's'", {PLACES}),
    (CLOSED, "closing = 'merged', merged_into_id = '{other}'", {PLACES}),
    ("last_sighted = last_sighted", "last_sighted = last_sighted + interval '1 hour'", set()),
]


def triggers_of(table: str, change: str, where: str) -> set[str]:
    """The triggers that act when the rows are changed; those of foreign keys left out."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) UPDATE {table} SET {change} WHERE {where}")
        [[explained]] = cursor.fetchall()
    [plan] = json.loads(explained) if isinstance(explained, str) else explained
    names = {trigger["Trigger Name"] for trigger in plan["Triggers"] if trigger["Calls"]}
    return {name for name in names if not name.startswith("RI_")}


def test_trigger_of_an_incident_acts_on_the_changes_that_it_is_about(belize: Portal, ana: User) -> None:
    incident, other = (incident_of(belize, f"https://{name}.example/1") for name in "ab")
    wrong = []
    for first, change, expected in CHANGES:
        with transaction.atomic():
            where = f"id = '{incident.pk}'"
            # One column twice in a SET is refused: the last one counts.
            before, after = (
                ", ".join(_last_values(text.format(ana=ana.pk, other=other.pk))) for text in (first, change)
            )
            with connection.cursor() as cursor:
                cursor.execute(f"UPDATE analysts_incident SET {before} WHERE {where}")
            acting = triggers_of("analysts_incident", after, where)
            if acting != expected or wrong_rows():
                wrong.append((first, change, acting, wrong_rows()))
            transaction.set_rollback(True)
    assert wrong == []


def _last_values(text: str) -> list[str]:
    values = dict(part.split(" = ", 1) for part in text.split(", "))
    return [f"{column} = {value}" for column, value in values.items()]


@pytest.mark.parametrize(
    ("trace", "change", "is_numbered"),
    [
        (1, "country = 'DE'", True),
        (1, "provider_id = {other}", True),
        (1, "country = 'NL', provider_id = provider_id", False),
        (1, "network = 'AS64497'", False),
        (1, "country = 'DE', trace = 5", False),
        (0, "country = 'DE', traced_at = now()", False),
    ],
)
def test_changed_hosting_is_numbered_unless_the_change_numbers_it(
    belize: Portal, ana: User, trace: int, change: str, is_numbered: bool
) -> None:
    now = timezone.now()
    chase = assessed_illegal(incident_of(belize), ana, now=now).incident.chases.get()
    if trace:
        placed(chase.incident, "NL", host(), now=now)
    change = change.format(other=f"'{host('Other Hosting').pk}'")
    if not trace:
        change = change.replace("country = 'DE', traced_at = now()", "since = since")
    acting = triggers_of("analysts_chase", change, f"id = '{chase.pk}'")
    assert ("chase_numbers_hosting" in acting) is is_numbered
    numbers = {"country = 'DE', trace = 5": 5}
    assert Chase.objects.get(pk=chase.pk).trace == numbers.get(change, trace + is_numbered)


def facets_of(incident: Incident, portal: Portal, *names: str) -> set[str]:
    return {value for value in values_of(incident, portal) if value.startswith(tuple(f"{name}=" for name in names))}


def test_lanes_are_of_incidents_that_wait_or_are_in_review_and_in_no_flood(belize: Portal, ana: User) -> None:
    incident = incident_of(belize, "Someone in a game wrote to me.")
    Incident.objects.filter(pk=incident.pk).update(shape=incident.pk.bytes)
    states = {"waiting": WAITING, "claimed": CLAIMED.format(ana=ana.pk), "assessed": ASSESSED, "closed": CLOSED}
    for (state, change), stage, priority in product(states.items(), ("first", "second", "senior"), (0, 1)):
        flood = "flood = shape" if priority == 0 else "flood = ''"
        with transaction.atomic(), connection.cursor() as cursor:
            columns = ", ".join(_last_values(f"{change}, stage = '{stage}', priority = {priority}, {flood}"))
            cursor.execute(f"UPDATE analysts_incident SET {columns} WHERE id = %s", [incident.pk])
            is_open = state in ("waiting", "claimed") and priority > 0
            lanes = {"lane=words", "lane=language:en"} | ({f"lane={stage}"} if stage != "first" else set())
            listed = facets_of(incident, belize, "lane", "state")
            assert listed == {f"state={'waiting' if state == 'claimed' else state}"} | (lanes if is_open else set())
            transaction.set_rollback(True)


def test_verdict_is_listed_unless_it_is_undone_or_of_a_round_that_others_review(belize: Portal, ana: User) -> None:
    now = timezone.now()
    verdict = assessed_illegal(incident_of(belize, now=now - timedelta(days=2)), ana, now=now)
    incident, listed = verdict.incident, {f"analyst={ana.pk}", "verdict=illegal"}

    def listed_as(**values: Any) -> set[str]:
        Incident.objects.filter(pk=incident.pk).update(**values)
        return facets_of(incident, belize, "analyst", "verdict", "flag")

    waiting = {"state": "waiting"}
    assert listed_as(stage="second") == listed
    assert listed_as(**waiting, stage="second") == set()
    assert listed_as(**waiting, stage="first") == listed
    assert listed_as(**waiting, stage="second", round=2) == listed
    with transaction.atomic():
        Assessment.objects.update(undone_at=now, undone_by=ana, undo_reason="slip")
        assert listed_as(stage="first") == set()
        transaction.set_rollback(True)


def test_latest_verdict_and_hosting_are_listed(belize: Portal, ana: User, sena: User) -> None:
    now = the_hour(timezone.now())
    verdict = assessed_illegal(incident_of(belize, now=now - timedelta(days=2)), ana, now=now - timedelta(hours=2))
    incident = verdict.incident
    placed(incident, "NL", host(), now=now)
    for hours, word in ((1, Verdict.OUTSIDE_REMIT), (3, Verdict.NOT_ILLEGAL)):
        Assessment.objects.create(
            incident=incident, by=sena, at=now - timedelta(hours=hours), round=1 + hours, verdict=word, reason="adult"
        )
    Incident.objects.filter(pk=incident.pk).update(round=9)
    assert facets_of(incident, belize, "verdict", "analyst") == {
        "verdict=outside_remit", f"analyst={ana.pk}", f"analyst={sena.pk}"
    }  # fmt: skip
    chase, hosting = incident.chases.get(), {"country=NL", f"provider={host().pk}"}
    Chase.objects.create(incident=incident, round=2, since=chase.since - timedelta(hours=1), due_at=now, ended_at=now)
    assert facets_of(incident, belize, "country", "provider") == hosting
    Chase.objects.filter(pk=chase.pk).update(ended_at=now)
    Chase.objects.create(incident=incident, round=3, since=chase.since + timedelta(hours=1), due_at=now)
    assert facets_of(incident, belize, "country", "provider") == set()


def test_hosting_that_moves_to_another_incident_is_listed_there_alone(belize: Portal, ana: User) -> None:
    now, other = timezone.now(), incident_of(belize, "https://b.example/1")
    incident = assessed_illegal(incident_of(belize, "https://a.example/1"), ana, now=now).incident
    placed(incident, "NL", host(), now=now)
    Chase.objects.update(incident=other)
    assert [facets_of(row, belize, "country") for row in (incident, other)] == [set(), {"country=NL"}]
    assert wrong_rows() == []

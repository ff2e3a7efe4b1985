"""Recording events: inside the action's transaction, in one order, and stored unchanged."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit import actions, chain
from audit.actions import record_event, record_past
from audit.models import AuditEvent
from audit.tests.people import create_actor

NOON = datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=UTC)

# What PostgreSQL can hold: neither NUL nor half a surrogate pair.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(1 - 2**63, 2**63 - 1) | st.floats(-(2**62), 2**62).map(round) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def stored(event: AuditEvent) -> AuditEvent:
    return AuditEvent.objects.get(pk=event.pk)


@pytest.mark.django_db
def test_record_keeps_who_did_what_to_which_object(ana: Any) -> None:
    first = record_event(by=None, action="intake.run")

    event = record_event(by=ana, action="event.read", on=first, portal="bz", details={"reason": "second look"}, at=NOON)

    assert {name: getattr(stored(event), name) for name in ("number", "at", "actor", "role", "action")} == {
        "number": 2,
        "at": NOON,
        "actor": "ana",
        "role": "analyst",
        "action": "event.read",
    }
    assert stored(event).actor_id is None
    assert (stored(event).object_type, stored(event).object_id) == ("audit.auditevent", "1")
    assert (stored(event).portal, stored(event).details) == ("bz", {"reason": "second look"})
    assert stored(event).previous_hash == first.hash


@pytest.mark.django_db
def test_record_without_anybody_is_the_systems() -> None:
    event = stored(record_event(by=None, action="intake.run"))

    assert (event.actor_id, event.actor, event.role, event.object_type, event.object_id) == (None, "", "", "", "")
    assert (event.portal, event.details) == ("", {})


@pytest.mark.django_db
def test_record_starts_the_chain_at_one_with_zeros() -> None:
    event = record_event(by=None, action="intake.run")

    assert (event.number, event.previous_hash) == (1, "0" * 64)


@pytest.mark.django_db(transaction=True)
def test_record_outside_a_transaction_is_refused(ana: Any) -> None:
    with pytest.raises(RuntimeError, match="inside the transaction"):
        record_event(by=ana, action="incident.claim")

    assert AuditEvent.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_record_is_undone_with_its_act_and_leaves_no_gap(ana: Any) -> None:
    with transaction.atomic():
        record_event(by=ana, action="incident.claim")
    with transaction.atomic():
        record_event(by=ana, action="incident.release")
        transaction.set_rollback(True)
    with transaction.atomic():
        record_event(by=ana, action="incident.assess")

    assert list(AuditEvent.objects.order_by("number").values_list("number", "action")) == [
        (1, "incident.claim"),
        (2, "incident.assess"),
    ]
    assert chain.verify_chain().faults == []


@pytest.mark.django_db(transaction=True)
def test_record_in_parallel_keeps_one_chain() -> None:
    people = [create_actor(name) for name in ("ana", "ben", "sena", "olga")]

    def work(person: Any) -> None:
        try:
            for step in range(50):
                with transaction.atomic():
                    record_event(by=person, action="incident.claim", details={"step": step})
        finally:
            connection.close()

    with ThreadPoolExecutor(len(people)) as threads:
        list(threads.map(work, people))

    verdict = chain.verify_chain()
    assert (verdict.events, verdict.last_number, verdict.faults) == (200, 200, [])
    for person in people:
        steps = AuditEvent.objects.filter(actor=person.username).order_by("number")
        assert [event.details["step"] for event in steps] == list(range(50))


@pytest.mark.django_db
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    details=st.dictionaries(texts, json_values, max_size=4),
    portal=texts.map(lambda text: text[:50]),
    at=st.datetimes(
        NOON.replace(year=1900, tzinfo=None), NOON.replace(year=2200, tzinfo=None), timezones=st.timezones()
    ),
)
def test_record_hash_is_made_again_from_what_the_database_returns(
    ana: Any, monkeypatch: pytest.MonkeyPatch, details: dict[str, Any], portal: str, at: datetime
) -> None:
    # The hash is of any text, also of one that events do not contain.
    monkeypatch.setattr(actions, "replace_unlisted_text", dict)

    event = stored(record_event(by=ana, action="incident.claim", portal=portal, details=details, at=at))

    assert chain.event_digest(event) == event.hash
    assert event.details == details
    # In UTC, because in Python an ambiguous local time (at a change of clocks) equals no other time.
    assert (event.portal, event.actor, event.at) == (portal, "ana", at.astimezone(UTC))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given_value", "kept"),
    [
        (1e16, "10000000000000000"),
        (9e18, "9000000000000000000"),
        (2.0, "2"),
        (-0.0, "0"),
        (True, "True"),
        ((1, 2), "[1, 2]"),
    ],
)
def test_record_keeps_numbers_as_postgresql_returns_them(given_value: Any, kept: str) -> None:
    event = stored(record_event(by=None, action="intake.run", details={"value": given_value}))

    assert repr(event.details["value"]) == kept
    assert chain.event_digest(event) == event.hash


@pytest.mark.django_db
def test_record_hash_does_not_depend_on_the_order_of_keys() -> None:
    event = record_event(by=None, action="intake.run", details={"b": 1, "aa": 2, "a": 3})
    expected = event.hash
    event.details = {"a": 3, "aa": 2, "b": 1}

    assert chain.event_digest(event) == expected


@pytest.mark.django_db
def test_audit_event_stores_its_time_in_utc() -> None:
    local = NOON.astimezone(timezone(timedelta(hours=-6)))

    event = stored(record_event(by=None, action="intake.run", at=local))

    assert (event.at, event.at.utcoffset()) == (NOON, timedelta(0))
    assert chain.event_digest(event) == event.hash


@pytest.mark.django_db
@pytest.mark.parametrize("value", [float("nan"), float("inf"), NOON, b"bytes", {1, 2}, object(), 0.1, 1.5e-9])
def test_record_of_details_that_are_not_json_or_not_whole_is_refused(value: Any) -> None:
    with pytest.raises((TypeError, ValueError, IntegrityError)), transaction.atomic():
        record_event(by=None, action="intake.run", details={"value": value})

    assert AuditEvent.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(("text", "error"), [("\x00", DataError), ("\ud800", UnicodeEncodeError)])
def test_record_of_text_the_database_cannot_hold_is_refused(text: str, error: type[Exception]) -> None:
    with pytest.raises(error), transaction.atomic():
        record_event(by=None, action="intake.run", details={"reason": text})

    assert AuditEvent.objects.count() == 0


@pytest.mark.django_db
def test_record_with_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        record_event(by=None, action="intake.run", at=NOON.replace(tzinfo=None))


@pytest.mark.django_db
def test_record_of_an_object_without_key_is_refused() -> None:
    with pytest.raises(ValueError, match="no key"):
        record_event(by=None, action="event.read", on=AuditEvent())


@pytest.mark.django_db
def test_record_takes_one_query_however_long_the_chain(
    chain_of: Callable[[int], list[AuditEvent]], django_assert_num_queries: Any
) -> None:
    for length in (0, 30):
        chain_of(length)
        with django_assert_num_queries(1):
            record_event(by=None, action="intake.run")


@pytest.mark.django_db
def test_made_up_past_is_chained_in_its_order(
    chain_of: Callable[[int], list[AuditEvent]], settings: Any, django_assert_num_queries: Any
) -> None:
    settings.DEMO = True
    for length in (1, 30):
        chain_of(length)
        past = [AuditEvent(at=NOON + timedelta(days=day), action=f"day.{day}") for day in range(length)]
        with django_assert_num_queries(1):
            record_past(past)
        chain_of(1)

    checked = chain.verify_chain()
    assert (checked.events, checked.faults) == (1 + 1 + 1 + 30 + 30 + 1, [])
    added = AuditEvent.objects.filter(number__range=(34, 63)).order_by("number")
    assert [(event.at, event.action) for event in added] == [(event.at, event.action) for event in past]


@pytest.mark.django_db
def test_made_up_past_is_refused_where_nothing_is_a_demonstration(settings: Any) -> None:
    settings.DEMO = False
    with pytest.raises(RuntimeError, match="Only a demonstration"):
        record_past([AuditEvent(at=NOON, action="incident.claim")])


@pytest.mark.django_db(transaction=True)
def test_made_up_past_outside_a_transaction_is_refused(settings: Any) -> None:
    settings.DEMO = True
    with pytest.raises(RuntimeError, match="inside a transaction"):
        record_past([AuditEvent(at=NOON, action="incident.claim")])

    assert AuditEvent.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditevent SET action = 'incident.release' WHERE number = 1",
        "UPDATE audit_auditevent SET action = action WHERE number = 99",
        "DELETE FROM audit_auditevent WHERE number = 1",
        "DELETE FROM audit_auditevent WHERE number = 99",
        "INSERT INTO audit_auditevent SELECT * FROM audit_auditevent"
        " ON CONFLICT (number) DO UPDATE SET action = 'incident.release'",
    ],
)
def test_database_refuses_to_change_an_event(chain_of: Callable[[int], list[AuditEvent]], statement: str) -> None:
    chain_of(2)

    with (
        pytest.raises(IntegrityError, match="audit events are append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert [event.action for event in AuditEvent.objects.all()] == ["incident.claim"] * 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"number": 0}, "audit_event_number_from_one|audit_auditevent_number_check"),
        ({"previous_hash": "0" * 64}, "audit_event_one_successor"),
        ({"previous_hash": "0" * 63}, "audit_event_previous_hash_format"),
        ({"hash": "F" * 64}, "audit_event_hash_format"),
        ({"number": 1}, "audit_auditevent_pkey"),
    ],
)
def test_database_refuses_an_event_that_cannot_be_a_link(
    chain_of: Callable[[int], list[AuditEvent]], changes: dict[str, Any], constraint: str
) -> None:
    (first,) = chain_of(1)
    link = {"number": 2, "at": NOON, "action": "forged", "previous_hash": first.hash, "hash": "f" * 64}

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        AuditEvent.objects.create(**link | changes)

    assert AuditEvent.objects.count() == 1


@pytest.mark.django_db
def test_values_in_use_lists_each_value_once() -> None:
    for portal in ("zm", "", "bz", "zm", "bz"):
        record_event(by=None, action="intake.run", portal=portal)

    assert AuditEvent.objects.values_in_use("portal") == ["", "bz", "zm"]
    assert AuditEvent.objects.values_in_use("action") == ["intake.run"]


@pytest.mark.django_db
def test_values_in_use_of_an_empty_table_are_none() -> None:
    assert AuditEvent.objects.values_in_use("portal") == []

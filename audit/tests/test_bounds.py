"""Bounds of events that the database accepts, and how readers treat those appended before it had any."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from analysts.assessment.recorded_acts import recorded_entries
from analysts.models import User
from analysts.retention.anchoring import find_trouble, run_check
from analysts.tests.factories import incident_of
from audit import chain, exports
from audit.actions import record_event
from audit.anchors import ANCHORED, anchor_in, last_check, last_full_check_on, read_anchors
from audit.models import ON_INCIDENT_TIMELINE, AuditEvent
from audit.stream import compare_stream, send_new_events
from countries.models import Portal
from portal_site.database import roles
from tests.rig.fixtures import client_of

NOON = datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=UTC)
APPEND = "SELECT number, at FROM audit_append(NULL::bigint, 'intake.run', '', '', '', %s::jsonb, %s::timestamptz)"


@contextmanager
def as_staff_role() -> Iterator[None]:
    """A connection that signed in as the staff's role, which SET ROLE would not be."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET SESSION AUTHORIZATION {roles.STAFF}")
        try:
            yield
        finally:
            cursor.execute("RESET SESSION AUTHORIZATION")


def append(details: str, at: str) -> tuple[int, datetime]:
    with connection.cursor() as cursor:
        cursor.execute(APPEND, [details, at])
        row: tuple[int, datetime] = cursor.fetchone()
        return row


@pytest.mark.django_db
@pytest.mark.parametrize("at", ["infinity", "-infinity", "20000-01-01", "0044-03-15 BC", "2026-11-24", "2999-01-01"])
def test_staff_role_does_not_choose_the_time_of_an_event(at: str) -> None:
    with as_staff_role():
        [_number, stored] = append("{}", at)
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            [clock] = cursor.fetchone()

    assert timedelta() <= clock - stored < timedelta(minutes=1)
    assert chain.verify_chain().faults == []


@pytest.mark.django_db
def test_events_of_the_staff_role_are_in_the_order_of_their_numbers() -> None:
    with as_staff_role():
        times = [append("{}", at)[1] for at in ("2030-01-01", "2020-01-01", "2025-01-01")]

    assert times == sorted(times)


@pytest.mark.django_db
@pytest.mark.parametrize("at", ["infinity", "-infinity", "20000-01-01", "0044-03-15 BC"])
def test_owner_gives_an_event_no_time_that_readers_do_not_know(at: str) -> None:
    """The owner's own times are for a demonstration's past."""
    assert append("{}", "2026-11-24 12:00:00.123456+00")[1] == NOON
    with pytest.raises(IntegrityError, match="between the years 1 and 9999"), transaction.atomic():
        append("{}", at)


@pytest.mark.django_db
def test_database_refuses_an_actor_without_an_account() -> None:
    with pytest.raises(IntegrityError, match="has an account"), transaction.atomic():
        connection.cursor().execute(APPEND.replace("NULL", "-1"), ["{}", "now"])


def nest(depth: int, kind: str) -> str:
    """Details with `depth` levels, of objects or of lists."""
    if kind == "object":
        return '{"a":' * depth + "1" + "}" * depth
    return '{"a":' + "[" * (depth - 1) + "]" * (depth - 1) + "}"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fits", "beyond", "reason"),
    [
        (f'{{"value": {2**63 - 1}}}', f'{{"value": {2**63}}}', "19 digits"),
        (f'{{"value": {1 - 2**63}}}', f'{{"value": {-(2**63)}}}', "19 digits"),
        ('{"value": 1e18}', '{"value": 1e5000}', "19 digits"),
        ('{"value": [{"inner": 7}]}', '{"value": [{"inner": 1e131071}]}', "19 digits"),
        ('{"value": 1.0e1}', '{"value": 1.5}', "whole"),
        (nest(16, "object"), nest(17, "object"), "levels"),
        (nest(16, "list"), nest(17, "list"), "levels"),
        (nest(16, "object"), nest(2000, "object"), "levels"),
        # With the name and the quotation marks, 524,288 bytes.
        (f'{{"value": "{"x" * 524_275}"}}', f'{{"value": "{"x" * 524_276}"}}', "bytes"),
        (f'{{"value": "{"é" * 262_137}"}}', f'{{"value": "{"é" * 262_138}"}}', "bytes"),
        ("{}", "[]", "an object"),
        ("{}", "null", "an object"),
        ("{}", "7", "an object"),
        ("{}", '"words"', "an object"),
    ],
)
def test_database_refuses_details_that_readers_cannot_hold(fits: str, beyond: str, reason: str) -> None:
    with as_staff_role():
        append(fits, "now")
        with pytest.raises(IntegrityError, match=reason), transaction.atomic():
            append(beyond, "now")

    assert AuditEvent.objects.count() == 1
    assert chain.verify_chain().faults == []


# --- Events from before the bounds ----------------------------------------------------------------------

READ_FUNCTION = "SELECT pg_get_functiondef('audit_append'::regproc)"
# From its first line on, what the function refuses, and the line that sets the time within bounds.
REFUSALS = re.compile(r"IF octet_length.*?PERFORM public\.audit_check_details\(with_details, 1\);", re.DOTALL)
TIMES = re.compile(r"event\.at := clock_timestamp\(\);.*?END IF;.*?END IF;", re.DOTALL)
NUMBER = "1" * 5000
# Details, time, and what readers show of either, if it is a value that they cannot read.
STANDING = {
    "infinity": ("{}", "infinity", "infinity", ""),
    "before all time": ("{}", "-infinity", "-infinity", ""),
    "year 20000": ("{}", "20000-01-01", "20000-01-01 00:00:00+00", ""),
    "before Christ": ("{}", "0044-03-15 BC", "0044-03-15 00:00:00+00 BC", ""),
    "many digits": ('{"value": 1e5000}', "2026-11-24", "", f'{{"value": 1{"0" * 5000}}}'),
    "digits of two kinds": (f'{{"b": [{NUMBER}, -{NUMBER}], "aa": 7}}', "2026-11-24", "", NUMBER),
    "many levels": (nest(600, "object"), "2026-11-24", "", '{"a": {"a": {"a"'),
    "a list": ("[7]", "2026-11-24", "", "[7]"),
    "nothing": ("null", "2026-11-24", "", "null"),
    "both": ('{"value": 1e5000}', "infinity", "infinity", "0000"),
}


def append_before_bounds(details: str, at: str, *, action: str = "intake.run", on: tuple[str, str] = ("", "")) -> int:
    """An event as it was appended while the database function refused nothing."""
    statement = "SELECT number FROM audit_append(NULL::bigint, %s, %s, %s, '', %s::jsonb, %s::timestamptz)"
    with connection.cursor() as cursor:
        cursor.execute(READ_FUNCTION)
        [function] = cursor.fetchone()
        unbound, refusals = REFUSALS.subn("", function)
        unbound, times = TIMES.subn("event.at := done_at;", unbound)
        assert (refusals, times) == (1, 1)
        cursor.execute(unbound)
        cursor.execute(statement, [action, *on, details, at])
        [number] = cursor.fetchone()
        cursor.execute(function)
    return int(number)


@pytest.fixture(params=STANDING)
def standing(request: Any, db: None) -> tuple[int, str, str]:
    """The event's number, and the texts that stand for its time and its details."""
    record_event(by=None, action="intake.run", at=NOON)
    details, at, time_text, details_text = STANDING[request.param]
    number = append_before_bounds(details, at)
    record_event(by=None, action="intake.run", at=NOON)
    return number, time_text, details_text


def test_verify_audit_names_an_event_that_cannot_be_read(standing: tuple[int, str, str]) -> None:
    number, _time, _details = standing
    out = StringIO()

    call_command("verify_audit", anchor=chain.newest_anchor(), stdout=out)

    assert out.getvalue().splitlines() == [
        "3 audit events read, the last one is number 3.",
        f"Event {number} has a value that cannot be read, only shown as it is stored.",
        "No fault; the anchor matches.",
    ]


@pytest.mark.django_db
def test_verify_names_no_more_events_than_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "MOST_FAULTS", 2)
    numbers = [append_before_bounds("[7]", "2026-11-24") for _ in range(3)]
    assert chain.verify_chain().unreadable == numbers[:2]


def test_verify_finds_an_edit_of_an_event_that_cannot_be_read(standing: tuple[int, str, str], tamper: Any) -> None:
    number, _time, _details = standing
    for change in ("at = at + interval '1 microsecond'", "details = details || '{\"value\": 1e5001}'", "actor = 'ben'"):
        with transaction.atomic():
            tamper(f"UPDATE audit_auditevent SET {change} WHERE number = {number}")
            is_same_time = "interval" in change and "infinity" in standing[1]
            assert bool(chain.verify_chain().faults) is not is_same_time
            transaction.set_rollback(True)


def test_pages_show_an_event_that_cannot_be_read(standing: tuple[int, str, str], axel: User) -> None:
    number, time_text, details_text = standing
    client = client_of(axel)
    listed = reverse("admin:audit_auditevent_changelist")
    for query in ("", "?period=1", "?since=2020-01-01", "?until=9999-12-31", "?action=intake.run"):
        assert client.get(listed + query).status_code == 200
    page = client.get(reverse("admin:audit_auditevent_change", args=[number])).content.decode()

    assert f"Event {number} has a value that cannot be read" in page
    assert time_text in page
    assert details_text[:500].replace('"', "&quot;") in page


def test_export_contains_an_event_that_cannot_be_read(standing: tuple[int, str, str]) -> None:
    number, time_text, details_text = standing
    for by_time in (False, True):
        rows = [row for batch in exports.event_batches(AuditEvent.objects.all(), by_time=by_time) for row in batch]
        [row] = [row for row in rows if row[0] == str(number)]
        assert len(rows) == 3
        assert time_text in row[1]
        assert details_text in row[-3]


def test_stream_contains_an_event_that_cannot_be_read(
    standing: tuple[int, str, str], tmp_path: Path, settings: Any
) -> None:
    number, time_text, details_text = standing
    path = tmp_path / "stream"
    settings.AUDIT_STREAM = f"file:{path}"

    assert send_new_events() == 3

    texts = json.loads(path.read_text().splitlines()[number - 1])["portals"]["unreadable"]
    assert (texts.get("at", ""), details_text in texts.get("details", "")) == (time_text, True)
    assert compare_stream(path).is_whole


@pytest.mark.django_db
def test_batches_by_time_end_where_times_cannot_be_read() -> None:
    for _details, at, _time, _text in [*STANDING.values(), *STANDING.values()]:
        append_before_bounds("{}", at)

    numbers = [event.number for event in AuditEvent.objects.all().in_batches(1, by_time=True)]

    assert sorted(numbers) == list(range(1, 2 * len(STANDING) + 1))


@pytest.mark.django_db
def test_timeline_shows_events_with_unexpected_details(belize: Portal, ana: User) -> None:
    incident = incident_of(belize, "https://a.example/1")
    odd = ("{}", '{"into": 7, "to_id": [], "closing": {}}', '{"from": "x", "to": {}}', "[]")
    for action, details in product(ON_INCIDENT_TIMELINE, odd):
        append_before_bounds(details, "infinity", action=action, on=("analysts.incident", str(incident.pk)))

    assert len(list(recorded_entries(incident, ana))) == len(ON_INCIDENT_TIMELINE) * len(odd)


@pytest.mark.django_db
def test_history_of_a_portal_shows_events_with_unexpected_details(belize: Portal, olga: User) -> None:
    for details in (
        '{"changes": 7}',
        '{"changes": {"contacts": []}}',
        '{"changes": [[]]}',
        '{"opens_on": 7}',
        '{"opens_on": "soon"}',
        '{"from": [], "to": {}}',
        '{"request": -1}',
        '{"request": "x", "verb": []}',
        "[]",
    ):
        for action in ("portal.change", "approval.request", "portal.suspend"):
            append_before_bounds(details, "infinity", action=action, on=("countries.portal", str(belize.pk)))
    client = client_of(olga)

    assert client.get(reverse("admin:countries_portal_history", args=[belize.pk])).status_code == 200
    assert client.get(reverse("admin:countries_portal_change", args=[belize.pk]), follow=True).status_code == 200


@pytest.mark.django_db
def test_check_of_the_log_goes_on_after_one_dated_in_the_future(tmp_path: Path, settings: Any) -> None:
    settings.ANCHOR_FILE = str(tmp_path / "anchors")
    for details in ('{"full": true}', '{"full": true, "number": 1, "hash": []}'):
        append_before_bounds(details, "infinity", action=ANCHORED)
        assert find_trouble(NOON)
        run_check(now=NOON)
        assert len(read_anchors(tmp_path / "anchors")) == 1
        last = last_check()
        assert last is not None
        assert anchor_in(last) == read_anchors(tmp_path / "anchors")[-1].anchor
    assert last_full_check_on(NOON.date() + timedelta(days=1)) is None

"""Export of the audit log: access, recent sign-in, reason, its own audit event, completeness and CSV safety.

Rules of every export are in `analysts.exports.tests`.
"""

import csv
import io
import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analysts.codes import Role
from analysts.exports.writing import write_export
from analysts.models import Export, ExportSubject, User
from analysts.pages.list_exports import TABLES
from audit import chain, exports
from audit.actions import record_event
from audit.forms import EventFilters
from audit.models import AuditEvent
from countries.csv_files import FORMULAS
from tests.rig.fixtures import client_of, create_person

# Files are sealed.
pytestmark = pytest.mark.usefixtures("open_keys")
EXPORT = "/admin/audit/auditevent/export/"
REASON = "Yearly review of reveals"


def exported(client: Client, **filters: str) -> list[list[str]]:
    answer = client.post(EXPORT, {"reason": REASON, "format": "csv", **filters})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/exports/")
    return fetched(client)


def fetched(client: Client) -> list[list[str]]:
    export = Export.objects.latest("at")
    write_export(export_id=export.pk, tables=TABLES)
    answer: Any = client.post(f"/admin/exports/{export.pk}/fetch/")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="events-20')
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def numbers(rows: list[list[str]]) -> list[int]:
    return [int(row[0]) for row in rows[1:]]


def test_export_holds_all_that_match_oldest_first(axel: User, ana: User) -> None:
    record_event(by=ana, action="incident.reveal", portal="bz")
    record_event(by=ana, action="incident.claim", portal="bz")
    record_event(by=ana, action="incident.reveal", portal="zm")

    rows = exported(client_of(axel), action="incident.reveal")

    assert rows[0][:4] == ["number", "time (UTC)", "account number", "id in the log, or user name"]
    assert [[*row[:1], *row[3:10]] for row in rows[1:]] == [
        ["1", "ana", "analyst", "incident.reveal", "Incident revealed", "", "", "bz"],
        ["3", "ana", "analyst", "incident.reveal", "Incident revealed", "", "", "zm"],
    ]


def test_export_is_on_record_with_reason_filters_and_newest_event_and_ends_before_itself(axel: User, ana: User) -> None:
    record_event(by=ana, action="incident.reveal")
    record_event(by=ana, action="incident.claim")

    rows = exported(client_of(axel))

    assert numbers(rows) == [1, 2]
    event = AuditEvent.objects.get(action="audit.export")
    assert (event.number, event.actor, event.role) == (3, "axel", "auditor")
    expected = {"reason": REASON, "format": "csv", "columns": []}
    assert event.details == expected | {"filters": {}, "number": 2}
    exported(client_of(axel), action="incident.claim", period="7")
    assert AuditEvent.objects.filter(action="audit.export").latest("number").details == expected | {
        "filters": {"action": "incident.claim", "period": "7"},
        "number": 4,
    }


@pytest.mark.parametrize("way", ["fetch", "cancel"])
def test_rows_of_one_person_are_counted_nowhere(axel: User, ana: User, way: str) -> None:
    """Rows of an export of incidents are counted."""
    client = client_of(axel)
    for _ in range(417):
        record_event(by=ana, action="incident.reveal")
    record_event(by=axel, action="audit.view")
    assert client.post(EXPORT, {"reason": REASON, "format": "csv", "actor": ana.log_id.pk}).status_code == 302
    export = Export.objects.get()
    write_export(export_id=export.pk, tables=TABLES)
    for state in ("ready", "running"):
        Export.objects.update(state=state, total=417)
        page = client.get("/admin/exports/").content.decode()
        assert not re.search(r"\b417\b", page)
    Export.objects.update(state="ready")
    answer: Any = client.post(f"/admin/exports/{export.pk}/{way}/")
    assert answer.status_code in (200, 302)
    details = AuditEvent.objects.get(action=f"export.{way}").details
    assert details == ({"addresses": 0} if way == "fetch" else {})
    export.subject = ExportSubject.INCIDENTS
    assert (export.shows_count, Export.objects.get().written) == (True, 417)


def test_export_row_reproduces_its_event_digest(axel: User, ana: User) -> None:
    record_event(by=ana, action="incident.reveal", portal="bz", details={"next": True, "words": "ünï", "number": 3})
    [_headings, row] = exported(client_of(axel))
    (
        number,
        at,
        actor_id,
        actor,
        role,
        action,
        _label,
        object_type,
        object_id,
        portal,
        details,
        previous_hash,
        of_event,
    ) = row
    event = AuditEvent(
        number=int(number),
        at=datetime.fromisoformat(at),
        actor_id=int(actor_id) if actor_id else None,
        actor=actor,
        role=role,
        action=action,
        object_type=object_type,
        object_id=object_id,
        portal=portal,
        details=json.loads(details),
        previous_hash=previous_hash,
    )
    assert chain.event_digest(event) == of_event


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＠"])
def test_export_runs_nothing_in_a_spreadsheet(axel: User, sign: str) -> None:
    typed = f'{sign}HYPERLINK("x")'
    actor = create_person(typed, Role.ANALYST)
    record_event(by=actor, action=typed, portal=typed, details={"reason": typed})

    [row] = exported(client_of(axel))[1:]

    assert [cell for cell in row if cell.startswith(FORMULAS)] == []
    assert (row[3], row[5], row[9]) == (f"'{typed}",) * 3
    assert json.loads(row[10]) == {"reason": typed}


@pytest.mark.parametrize("filters", [{}, {"period": "30"}])
def test_export_reads_in_batches_each_a_query_of_its_own(
    axel: User, filters: dict[str, str], ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "BATCH", 2)
    now = timezone.now()
    # Times in the opposite order of the numbers, and one shared by several events.
    for step in range(7):
        record_event(by=ana, action="incident.claim", at=now - timedelta(minutes=step // 2))
    form = EventFilters(filters)
    assert form.is_valid()

    events = form.apply(AuditEvent.objects.all())
    with CaptureQueriesContext(connection) as queries:
        rows = [row for rows in exports.event_batches(events, by_time=form.by_time()) for row in rows]

    assert sorted(int(row[0]) for row in rows) == [1, 2, 3, 4, 5, 6, 7]
    # Three full batches, a partial one, and the one that returns nothing.
    assert len(queries) == 5
    assert [query["sql"] for query in queries.captured_queries if "LIMIT 2" not in query["sql"]] == []


def test_export_wants_a_reason_and_keeps_the_filters(axel: User, ana: User) -> None:
    record_event(by=ana, action="incident.reveal")
    client = client_of(axel)
    asked = client.get(EXPORT, {"action": "incident.reveal"})
    assert (asked.status_code, "Incident revealed" in asked.text) == (200, True)

    refused = client.post(EXPORT, {"reason": "  ", "format": "csv", "action": "incident.reveal"})

    assert refused.status_code == 422
    assert "This field is required." in refused.text
    assert '<input type="hidden" name="action" value="incident.reveal"' in refused.text
    assert not AuditEvent.objects.filter(action="audit.export").exists()


def test_export_of_filters_that_cannot_be_understood_is_refused(axel: User) -> None:
    answer = client_of(axel).post(EXPORT, {"reason": REASON, "format": "csv", "since": "yesterday"})

    assert (answer.status_code, "The filters are not valid." in answer.text) == (422, True)
    assert not AuditEvent.objects.filter(action="audit.export").exists()


def test_export_asks_again_who_is_there_and_goes_on_with_the_reason(axel: User, ana: User) -> None:
    record_event(by=ana, action="incident.reveal")
    client = client_of(axel)
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        asked = client.post(EXPORT, {"reason": REASON, "format": "csv", "action": "incident.reveal"})
        assert asked.status_code == 302
        assert asked.headers["Location"].startswith("/accounts/reauthenticate/")
        assert not AuditEvent.objects.filter(action="audit.export").exists()
        client.post(asked.headers["Location"], {"password": "correct horse battery"}, follow=True)
        # Up to the order: its own event, and those of the sign-in and of the page of exports, are none of it.
        assert 1 in numbers(fetched(client))
    assert AuditEvent.objects.get(action="audit.export").details["reason"] == REASON


@pytest.mark.parametrize("who", ["ana", "sena", "olga", "petra", "willa", "adam"])
def test_only_auditors_can_export_the_audit_log(who: str, request: pytest.FixtureRequest, ana: User) -> None:
    client = client_of(request.getfixturevalue(who))
    record_event(by=ana, action="incident.reveal")

    for answer in (client.get(EXPORT), client.post(EXPORT, {"reason": REASON})):
        assert answer.status_code == 403
        assert "Only auditors may read the audit log." in answer.text
    assert not AuditEvent.objects.filter(action="audit.export").exists()

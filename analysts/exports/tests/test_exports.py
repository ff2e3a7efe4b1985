"""Exports of incidents: what the file holds, for whom, how often, how long, and within which limits."""

import csv
import io
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from analysts.exports import files, incident_table, writing
from analysts.exports.actions import cancel_export, fetch_export, order_export
from analysts.exports.incident_table import COLUMNS
from analysts.models import (
    DisplayPreferences,
    Export,
    ExportFormat,
    ExportPart,
    ExportProblem,
    ExportState,
    ExportSubject,
    Exposure,
    Incident,
    Recipient,
    RecipientKind,
    User,
)
from analysts.pages.list_exports import TABLES
from analysts.tests.chases import office, routed
from analysts.tests.factories import assessed_illegal, incident_of
from analysts.welfare.meter import addresses_used
from audit.models import AuditEvent
from audit.permissions import Denied, Late
from countries.models import Portal
from countries.tests.factories import open_portal
from reports import sealing
from tests.rig.fixtures import client_of

ORDER, EXPORTS = "/admin/incidents/export/", "/admin/exports/"
ALL_COLUMNS = list(COLUMNS)


def ordered(client: Client, query: str = "", **chosen: object) -> Export:
    fields = {"query": query, "columns": ALL_COLUMNS, "format": "csv", "addresses": "none", **chosen}
    answer = client.post(ORDER, fields)
    assert (answer.status_code, answer.headers.get("Location")) == (302, EXPORTS)
    return Export.objects.latest("at")


def written(export: Export) -> Export:
    writing.write_export(export_id=export.pk, tables=TABLES)
    export.refresh_from_db()
    return export


def fetched(client: Client, export: Export) -> bytes:
    answer: Any = client.post(f"{EXPORTS}{export.pk}/fetch/")
    content = b"".join(answer.streaming_content)
    assert int(answer.headers["Content-Length"]) == len(content)
    return content


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.fixture
def incidents(belize: Portal, zambia: Portal, sena: User) -> list[Incident]:
    """One waits in both portals, one in Zambia is illegal and hosted by a provider with a dangerous name."""
    now = timezone.now()
    both = incident_of(belize, "https://both.example/1", now=now, language="es")
    incident_of(zambia, "https://both.example/1", now=now)
    illegal = incident_of(zambia, "https://illegal.example/2", now=now - timedelta(days=40))
    verdict = assessed_illegal(illegal, sena, now=now - timedelta(days=1))
    routed(verdict, [office(RecipientKind.HOST, None, name="=HYPERLINK(1)")])
    return [Incident.objects.get(pk=each.pk) for each in (both, illegal)]


def test_file_says_what_the_list_says(incidents: list[Incident], sena: User, ana: User) -> None:
    both, illegal = incidents
    rows = rows_of(fetched(client_of(sena), written(ordered(client_of(sena)))))

    assert rows[0] == [str(column.heading) for column in COLUMNS.values()]
    first, second = (dict(zip(ALL_COLUMNS, row, strict=True)) for row in rows[1:])
    assert first == {
        "incident": str(both), "state": "waiting", "verdict": "", "priority": str(both.priority), "danger": "no",
        "portals": "Belize, Zambia", "languages": "English, Español",
        "received": f"{both.first_sighted:%Y-%m-%d %H:00}", "last_received": f"{both.last_sighted:%Y-%m-%d %H:00}",
        "country": "", "provider": "", "next_step": "", "review": "", "closed": "",
    }  # fmt: skip
    hosted = [second[name] for name in ("incident", "country", "provider")]
    assert hosted == [str(illegal), "Netherlands", "'=HYPERLINK(1)"]
    assert second["next_step"] == str(illegal.next_step.step_kind.label)
    assert second["verdict"]
    # An analyst of one portal learns nothing of the other.
    [_headings, row] = rows_of(fetched(client_of(ana), written(ordered(client_of(ana)))))
    assert row[5:7] == ["Belize", "Español"]


def test_cells_are_quoted_and_empty_ones_are_lines(
    incidents: list[Incident], belize: Portal, zambia: Portal, sena: User
) -> None:
    """Names with signs of CSV, of one portal and of three. An incident of two is in the test above."""
    ghana = open_portal("gh", "Ghana", "en", country="GH")
    sena.portals.add(ghana)
    incident_of(ghana, "https://both.example/1", language="en")
    Portal.objects.filter(pk=zambia.pk).update(name='=Zambia, "the" north')
    Recipient.objects.update(name='A "b", c')
    client = client_of(sena)

    rows = rows_of(fetched(client, written(ordered(client, columns=["portals", "languages", "provider"]))))[1:]

    assert rows == [
        ['\'=Zambia, "the" north, Belize, Ghana', "English, Español", ""],
        ['\'=Zambia, "the" north', "English", 'A "b", c'],
    ]
    rows = rows_of(fetched(client, written(ordered(client, columns=["verdict"]))))
    assert [len(row) for row in rows] == [1, 1, 1]
    assert rows[1] == [""]


def test_times_are_of_the_persons_zone(incidents: list[Incident], sena: User) -> None:
    DisplayPreferences.objects.update_or_create(user=sena, defaults={"time_zone": "Asia/Kathmandu"})
    export = written(ordered(client_of(sena), columns=["incident", "received"]))
    received = incidents[0].first_sighted
    there = received.astimezone(ZoneInfo("Asia/Kathmandu"))
    assert rows_of(fetched(client_of(sena), export))[1] == [str(incidents[0]), f"{there:%Y-%m-%d %H:%M}"]
    # Rows read afterwards are not shifted.
    assert Incident.objects.get(pk=incidents[0].pk).first_sighted == received


def test_filters_are_those_of_the_list(incidents: list[Incident], sena: User) -> None:
    client = client_of(sena)
    page = client.get(f"{ORDER}?state=acting&portal=zm").content.decode()
    assert "Zambia" in page
    export = ordered(client, "portal=zm&state=waiting&sort=review")
    assert export.query == "state=waiting&portal=zm&sort=review"
    # Only open illegal incidents have a date of review.
    assert rows_of(fetched(client, written(export)))[1:] == []
    assert len(rows_of(fetched(client, written(ordered(client, "portal=zm&state=waiting"))))) == 2
    assert client.post(ORDER, {"query": "state=none-such", "format": "csv"}).status_code == 422


def test_slices_hold_each_row_once(
    incidents: list[Incident], belize: Portal, sena: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of hours with very many, and where files are longer than a part."""
    for number in range(4):
        incident_of(belize, f"https://more.example/{number}")
    monkeypatch.setattr(incident_table, "BATCH", 2)
    monkeypatch.setattr(writing, "PART_BYTES", 50)
    client = client_of(sena)
    export = written(ordered(client, columns=["incident", "received"]))

    assert (export.total, export.written) == (6, 6)
    assert ExportPart.objects.filter(export=export).count() > 2
    rows = rows_of(fetched(client, export))[1:]
    assert sorted(row[0] for row in rows) == sorted(str(each) for each in Incident.objects.all())
    assert [row[1] for row in rows] == sorted((row[1] for row in rows), reverse=True)


def test_sheet_has_text_only_and_an_end(incidents: list[Incident], sena: User, monkeypatch: pytest.MonkeyPatch) -> None:
    client = client_of(sena)
    export = written(ordered(client, format="xlsx"))
    content = fetched(client, export)
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    # It may be longer than 4 GB, which is known only at its end.
    assert b"sheet1.xml\x01\x00\x10\x00" in content
    found = [[cell.value for cell in row] for row in sheet.iter_rows()]

    assert found[0] == [str(column.heading) for column in COLUMNS.values()]
    assert found[2][ALL_COLUMNS.index("provider")] == "'=HYPERLINK(1)"
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} == {"s"}
    monkeypatch.setattr(writing, "MOST_SHEET_ROWS", 1)
    stopped = written(ordered(client, format="xlsx"))
    assert (stopped.state, stopped.problem) == (ExportState.STOPPED, ExportProblem.TOO_LONG)
    assert "Order it as CSV." in client.get(EXPORTS).content.decode()


def test_sheet_cells_are_well_formed() -> None:
    assert files.sheet_row(["<a>&\x00\ud800", ""]) == (
        '<row><c t="inlineStr"><is><t xml:space="preserve">&lt;a&gt;&amp;\ufffd\ufffd</t></is></c>'
        '<c t="inlineStr"><is><t/></is></c></row>'
    )


def test_addresses_are_defanged_counted_and_on_record(incidents: list[Incident], sena: User) -> None:
    client, now = client_of(sena), timezone.now()
    assert client.post(ORDER, {"columns": ["incident"], "format": "csv", "addresses": "defanged"}).status_code == 422
    export = ordered(client, columns=["incident"], addresses="defanged", purpose="quality")
    assert addresses_used(sena, now=now) == 2

    rows = rows_of(fetched(client, written(export)))

    assert rows[1:] == [
        [str(incidents[0]), "hxxps://both[.]example/1"],
        [str(incidents[1]), "hxxps://illegal[.]example/2"],
    ]
    assert addresses_used(sena, now=now) == 2
    assert Exposure.objects.latest("day").reveals == 2
    reveals = AuditEvent.objects.filter(action="incident.reveal", details__export=str(export.pk))
    assert {event.object_id for event in reveals} == {str(each.pk) for each in incidents}
    event = AuditEvent.objects.get(action="export.order")
    assert (event.details["reason"], event.details["addresses"]) == ("quality", 2)


def test_addresses_need_a_senior_a_reason_and_a_recent_sign_in(
    incidents: list[Incident], ana: User, sena: User
) -> None:
    with pytest.raises(Denied, match="Only a senior analyst"):
        order_export(by=ana, subject=ExportSubject.INCIDENTS, format=ExportFormat.CSV, matches=1, purpose="quality")
    with pytest.raises(Denied, match="Give the reason"):
        order_export(by=sena, subject=ExportSubject.INCIDENTS, format=ExportFormat.CSV, matches=1)
    assert 'name="addresses"' not in client_of(ana).get(ORDER).content.decode()
    client = client_of(sena)
    chosen = {"columns": ["incident"], "format": "csv", "addresses": "defanged", "purpose": "quality"}
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        asked = client.post(ORDER, chosen)
        assert asked.headers["Location"].startswith("/accounts/reauthenticate/")
    assert not Export.objects.exists()


def test_limit_of_a_day_is_checked_before_and_in_the_job(
    incidents: list[Incident], belize: Portal, sena: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(sena)
    chosen: dict[str, Any] = {"columns": ["incident"], "addresses": "defanged", "purpose": "quality"}
    monkeypatch.setattr("analysts.welfare.meter.number_in_force", lambda name: 1)
    refused = client.post(ORDER, {"format": "csv", **chosen})
    assert (refused.status_code, Export.objects.exists()) == (422, False)
    assert "You may put 1 more addresses into files today" in refused.content.decode()
    monkeypatch.setattr("analysts.welfare.meter.number_in_force", lambda name: 2)
    export = ordered(client, **chosen)
    # One more matches when it is written.
    incident_of(belize, "https://third.example/3")

    stopped = written(export)

    assert (stopped.state, stopped.problem, stopped.addresses) == (ExportState.STOPPED, ExportProblem.LIMIT, 0)
    assert not AuditEvent.objects.filter(action="incident.reveal").exists()


def test_file_is_sealed_and_goes_when_fetched(incidents: list[Incident], sena: User, ana: User) -> None:
    client = client_of(sena)
    export = written(ordered(client, columns=["incident", "provider"]))
    part = ExportPart.objects.get()
    assert b"HYPERLINK" not in bytes(part.sealed)
    assert str(export) in client.get(EXPORTS).content.decode()
    # It belongs to one person only: no other can see, fetch or cancel it, and the part opens nowhere else.
    other = client_of(ana)
    assert str(export) not in other.get(EXPORTS).content.decode()
    for act in ("fetch", "cancel"):
        assert other.post(f"{EXPORTS}{export.pk}/{act}/").status_code == 404
    for refused in (fetch_export, cancel_export):
        with pytest.raises(Denied, match="Another person"):
            refused(by=ana, export=export)
    moved = Export(pk=export.pk, by=ana)
    with pytest.raises(sealing.UnsealError):
        files.open_part(moved, part)

    assert b"HYPERLINK" in fetched(client, export)

    assert not ExportPart.objects.exists()
    again = client.post(f"{EXPORTS}{export.pk}/fetch/")
    assert (again.status_code, "was erased here" in again.content.decode()) == (422, True)
    assert AuditEvent.objects.get(action="export.fetch").object_id == str(export.pk)


def test_broken_download_leaves_nothing(incidents: list[Incident], sena: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "PART_BYTES", 50)
    other, export = (written(ordered(client_of(sena))) for _ in range(2))
    pieces = fetch_export(by=sena, export=export)
    next(pieces)
    assert ExportPart.objects.filter(export=export).exists()
    pieces.close()  # type: ignore[attr-defined] # a generator
    assert {part.export for part in ExportPart.objects.all()} == {other}
    assert ExportPart.objects.count() > 2


def test_file_goes_after_a_day_and_its_row_after_a_week(incidents: list[Incident], sena: User) -> None:
    export = written(ordered(client_of(sena)))
    writing.tend_exports(now=export.until - timedelta(minutes=1))
    assert ExportPart.objects.exists()
    with pytest.raises(Late):
        fetch_export(by=sena, export=export, now=export.until)

    writing.tend_exports(now=export.until)

    export.refresh_from_db()
    assert (export.state, ExportPart.objects.exists()) == (ExportState.EXPIRED, False)
    writing.tend_exports(now=export.until + timedelta(days=7))
    assert not Export.objects.exists()


def test_cancelled_export_is_not_written(incidents: list[Incident], sena: User) -> None:
    client = client_of(sena)
    export = ordered(client, columns=["incident"], addresses="defanged", purpose="quality")
    assert client.post(f"{EXPORTS}{export.pk}/cancel/").status_code == 302
    written(export)

    assert (export.state, export.addresses, ExportPart.objects.exists()) == (ExportState.CANCELLED, 0, False)
    # While it is written: the next write of the run finds out.
    running = ordered(client)
    begun = writing._begin_run(running.pk, now=timezone.now())
    assert begun
    cancel_export(by=sena, export=running)
    with pytest.raises(writing.RunEnded):
        writing._save_part(begun, 0, b"1", now=None)
    assert not ExportPart.objects.exists()


def test_lost_run_is_taken_up_and_one_that_fails_says_so(
    incidents: list[Incident], sena: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = ordered(client_of(sena))
    for run in range(1, writing.MOST_RUNS + 1):
        begun = writing._begin_run(export.pk, now=timezone.now())
        assert begun
        assert begun.run == run
        later = timezone.now() + writing.LOST_AFTER + timedelta(seconds=1)
        writing.tend_exports(now=later)
        export.refresh_from_db()
    assert (export.state, export.problem) == (ExportState.STOPPED, ExportProblem.FAILED)

    failing = ordered(client_of(sena))
    monkeypatch.setattr(writing, "seal_part", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        written(failing)
    failing.refresh_from_db()
    assert (failing.state, failing.problem) == (ExportState.STOPPED, ExportProblem.FAILED)


def test_one_at_a_time_and_three_in_all(incidents: list[Incident], sena: User) -> None:
    client = client_of(sena)
    for _number in range(3):
        export = ordered(client)
        refused = client.post(ORDER, {"columns": ["incident"], "format": "csv", "addresses": "none"})
        assert "still being written" in refused.content.decode()
        written(export)
    refused = client.post(ORDER, {"columns": ["incident"], "format": "csv", "addresses": "none"})
    assert (refused.status_code, "three exports here" in refused.content.decode()) == (422, True)


def test_person_who_may_no_more_gets_nothing(incidents: list[Incident], sena: User) -> None:
    export = ordered(client_of(sena))
    User.objects.filter(pk=sena.pk).update(is_active=False)
    assert (written(export).state, export.problem) == (ExportState.STOPPED, ExportProblem.REFUSED)


@pytest.mark.parametrize("addresses", ["none", "defanged"])
@pytest.mark.parametrize("slugs", [["bz"], ["zm"], ["bz", "zm"]])
def test_file_needs_the_portals_it_was_written_for(
    incidents: list[Incident], sena: User, addresses: str, slugs: list[str]
) -> None:
    client = client_of(sena)
    export = written(ordered(client, addresses=addresses, purpose="quality" if addresses == "defanged" else ""))
    before = list(sena.portals.all())
    sena.portals.remove(*Portal.objects.filter(slug__in=slugs))

    refused = client.post(f"{EXPORTS}{export.pk}/fetch/")

    assert (refused.status_code, refused.streaming) == (422, False)
    assert "portals that you do not work for now" in refused.content.decode()
    assert not AuditEvent.objects.filter(action="export.fetch").exists()
    # It is theirs again with the portals.
    sena.portals.set(before)
    assert str(incidents[0]) in fetched(client, export).decode()


def test_file_with_addresses_needs_the_role_that_ordered_it(incidents: list[Incident], sena: User) -> None:
    export = written(ordered(client_of(sena), addresses="defanged", purpose="quality"))
    User.objects.filter(pk=sena.pk).update(role="analyst")
    sena.refresh_from_db()
    with pytest.raises(Denied, match="Only a senior analyst"):
        fetch_export(by=sena, export=export)


def test_file_written_before_its_portals_were_noted_is_refused(incidents: list[Incident], sena: User) -> None:
    export = written(ordered(client_of(sena)))
    Export.objects.update(portals=[])
    with pytest.raises(Denied, match="portals"):
        fetch_export(by=sena, export=export)

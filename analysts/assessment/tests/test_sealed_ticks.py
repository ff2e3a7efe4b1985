"""The sealed ticks: a report comes first after danger, and nothing but its envelope says which of them was set."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from analysts.assessment import actions
from analysts.assessment.flood import folding as floods
from analysts.assessment.intake import run as intake
from analysts.assessment.reports_section import TICK_TEXTS
from analysts.exports import writing
from analysts.exports.incident_table import COLUMNS
from analysts.incidents.priority import HIGHEST, URGENT
from analysts.models import Export, Incident, IncidentFacet, Report, User
from analysts.pages.list_exports import TABLES
from analysts.states import State
from analysts.tests.batches import drawn_by, opened, workstation_for_batches
from analysts.tests.factories import assessed_cleared, assessed_illegal, claimed, incident_of, report_of
from countries.models import Portal
from reports.report_text import SealedTick
from tests.rig.fixtures import client_of, send_report

# The doors through which a tick comes: with the report, or with its details.
DOORS = ("app", "details")
HIGH = {"facts": ["child_known", "live_stream"]}
# Differ from row to row of their own: names, seals, keys of content.
OF_EACH = {"id", "fingerprint", "sealed_address", "sealed_mask", "record_key", "shape", "receipt_id"}


def ticked(tick: str, door: str = "app") -> dict[str, Any]:
    return {door: {"facts": [tick]}}


def tables_naming(text: str) -> set[str]:
    """The tables with a row that holds the text, as characters or as their bytes."""
    tables = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            name = connection.ops.quote_name(table)
            cursor.execute(
                f"SELECT EXISTS (SELECT FROM {name} AS r WHERE r::text ILIKE %s OR r::text ILIKE %s)",
                [f"%{text}%", f"%{text.encode().hex()}%"],
            )
            if cursor.fetchone() == (True,):
                tables.add(table)
    return tables


def shown(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("tick", SealedTick.values)
def test_report_with_a_sealed_tick_is_first_after_danger(belize: Portal, ana: User, tick: str, door: str) -> None:
    assessed_illegal(incident_of(belize, "https://known.example/1"), ana)
    high = incident_of(belize, "https://known.example/2", details=HIGH)
    urgent = incident_of(belize, "https://quiet.example/1", **ticked(tick, door))
    danger = incident_of(belize, "https://danger.example/1", details={"facts": ["child_in_danger", tick]})
    high.refresh_from_db()

    assert (danger.priority, urgent.priority, high.priority) == (HIGHEST, URGENT, URGENT - 1)
    assert urgent.priority_reasons == ["open_web"]
    assert list(Incident.objects.waiting().in_order()[:2]) == [danger, urgent]
    assert (urgent.child_in_danger, urgent.sightings.get().report.facts) == (False, [])
    # It stays so while it waits, also after further reports.
    urgent = incident_of(belize, "https://quiet.example/1")
    assert urgent.priority == URGENT


def test_rows_of_the_two_ticks_are_the_same(belize: Portal) -> None:
    hour = timezone.now()
    rows = []
    for tick in SealedTick.values:
        incident = incident_of(belize, f"https://twin.example/{tick}", now=hour, app={"facts": [tick]})
        facets = IncidentFacet.objects.filter(incident=incident.pk)
        records = [Incident.objects.filter(pk=incident.pk), Report.objects.filter(sightings__incident=incident)]
        rows.append(
            [
                *(
                    {key: value for key, value in row.items() if key not in OF_EACH}
                    for [row] in (record.values() for record in records)
                ),
                sorted(facets.values_list("name", "value")),
            ]
        )
    assert rows[0] == rows[1]
    # A flood's pattern does not hold them: it outlives the words.
    with_tick, without = (
        bytes(incident_of(belize, f"https://page.example/{number}", details=details).shape)
        for number, details in ((17, {"found_on": "x", "facts": ["about_me"]}), (18, {"found_on": "x", "facts": []}))
    )
    assert with_tick == without


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("tick", SealedTick.values)
def test_nothing_but_a_reveal_names_the_tick(
    belize: Portal, ana: User, sena: User, tick: str, door: str, caplog: pytest.LogCaptureFixture
) -> None:
    now = timezone.now()
    incident = incident_of(belize, "https://quiet.example/1", now=now - timedelta(hours=2), **ticked(tick, door))
    texts = {tick, str(TICK_TEXTS[SealedTick(tick)])}
    client, page = client_of(sena), f"/admin/incidents/{incident.pk}/"
    outside = [shown(client.get(address)) for address in (page, "/admin/", "/admin/queue/", "/admin/incidents/")]
    # An export of all columns, and the file of the workstation.
    columns = {"query": "", "columns": list(COLUMNS), "format": "csv", "addresses": "none"}
    assert client.post("/admin/incidents/export/", columns).status_code == 302
    export = Export.objects.latest("at")
    writing.write_export(export_id=export.pk, tables=TABLES)
    outside.append(b"".join(client.post(f"/admin/exports/{export.pk}/fetch/").streaming_content).decode())  # type: ignore[attr-defined]
    batch = drawn_by(ana, workstation_for_batches(), now=now)
    outside.append(json.dumps(opened(batch, now=now).incidents))
    assert str(incident) in outside[-1]
    assert not [page for page in outside if any(text in page for text in texts)]

    revealed = shown(client.post(f"{page}reveal/", {"reason": "advice"}, follow=True))
    assert f"Ticked {TICK_TEXTS[SealedTick(tick)]}" in revealed
    assert not [table for text in texts for table in tables_naming(text)]
    assert not [text for text in texts if text in caplog.text]
    # The search would have seen it.
    report_of(belize, "https://danger.example/1", details={"facts": ["child_in_danger"]})
    assert {"analysts_report", "analysts_incident"} <= tables_naming("child_in_danger")


def test_two_modules_of_staff_read_sealed_ticks() -> None:
    """Letters, exports, figures and interfaces for machines cannot name what they never read."""
    root = Path(settings.BASE_DIR)
    apps = ("analysts", "audit", "countries", "portal_site", "workstation")
    modules = [path for app in apps for path in (root / app).rglob("*.py") if "tests" not in path.parts]
    readers = {str(path.relative_to(root)) for path in modules if re.search("SealedTick|sealed_tick", path.read_text())}
    assert readers == {
        "analysts/assessment/intake/envelope_reading.py",
        "analysts/assessment/reports_section.py",
        # Leaves them out of a flood's pattern.
        "analysts/incidents/near_duplicates.py",
    }


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("tick", SealedTick.values)
def test_decided_incident_returns_for_a_tick_and_is_ordinary_after_its_decision(
    belize: Portal, ana: User, sena: User, tick: str, door: str
) -> None:
    address = "https://quiet.example/1"
    incident = incident_of(belize, address, **ticked(tick))
    assessed_cleared(incident, ana)
    code = send_report(belize, address, **ticked(tick, door))
    intake.take_in()
    incident.refresh_from_db()
    assert (incident.state, incident.priority, incident.round) == (State.WAITING, URGENT, 2)
    assessed_cleared(incident, ana)
    # An answer and words without a tick do not say it again.
    send_report(belize, address, code=code, details={"description": "More."})
    intake.take_in()
    incident.refresh_from_db()
    if incident.state != State.WAITING:
        incident = actions.reopen(by=sena, incident=incident)
    assert (incident.state, incident.priority) == (State.WAITING, 4)


def test_merged_and_split_incidents_keep_their_place(belize: Portal, ana: User) -> None:
    urgent = incident_of(belize, "https://one.example/1", app={"facts": ["about_me"]})
    into = incident_of(belize, "https://two.example/1")
    held = claimed(urgent, ana)
    into = actions.merge(by=ana, incident=held, into=into, fence=held.fence)
    assert into.priority == URGENT
    back = actions.split(by=ana, incident=into, report=Report.objects.get(sightings__merged_from=urgent))
    # Which of the two reports has the tick is not known.
    assert (back.pk, back.priority, Incident.objects.get(pk=into.pk).priority) == (urgent.pk, URGENT, URGENT)


def test_ticks_of_a_flood_raise_only_the_first_few(belize: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(floods, "ALIKE", 3)
    monkeypatch.setattr(floods, "IN_DANGER", 2)
    for number in range(12):
        send_report(belize, f"https://flood.example/{number}", app={"facts": ["grooming"]} if number > 5 else {})
    while intake.take_in():
        pass
    urgent = Incident.objects.filter(priority=URGENT)
    # Receipts are taken in random order: up to three before there is a flood.
    assert 2 <= urgent.count() <= 3
    assert Incident.objects.alike().count() >= 6
    # With very many urgent incidents, the folded stay folded.
    monkeypatch.setattr(floods, "MOST_URGENT", urgent.count())
    assert not floods.is_believed_urgent(Incident.objects.alike()[0])

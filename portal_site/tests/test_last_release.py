"""The last release, as docs/last-release.json describes it: this one takes nothing from it that it reads."""

import json
from datetime import timedelta
from uuid import uuid4

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from analysts.models import Batch, BatchItem, Exposure, Sighting, User, Workstation
from analysts.tests.factories import report_of
from countries.models import Portal
from portal_site.database import way_back
from portal_site.environment import PROJECT
from portal_site.release_description import parse_description
from supply import release_record

RECORDED = json.loads((PROJECT / "docs" / "last-release.json").read_text())
LAST_RELEASE = parse_description(RECORDED)
# Tables and columns that are lost on the way back to it, with the new feature that alone fills them: a way back is
# refused once it was used. Values of daily work belong in an `AddLastingField` or a `CreateLastingModel`.
OF_NEW_FEATURES = {
    "analysts_report.source_id": "partners' systems",
    "countries_approvalrequest.source_id": "partners' systems",
    "countries_source": "partners' systems",
    "countries_sourcekey": "partners' systems",
    "reports_sourceday": "partners' systems",
    "reports_sourceitem": "partners' systems",
    "reports_sourcerequest": "partners' systems",
    "analysts_historyimport": "the history of a former system",
    "analysts_historypart": "the history of a former system",
    "analysts_historyrow": "the history of a former system",
    "analysts_systemiccase": "systemic cases",
    "countries_approvalrequest.log_id_id": "requests for the name behind an id of the audit log",
    # Until it is done, within minutes of an installation's first upgrade.
    "analysts_figureprogress.first_count_at": "the first count of figures",
}
# Of the release before: how it adds rows, without the columns that it does not know.
OLD_BATCH = """
    INSERT INTO analysts_batch (id, by_id, workstation_id, kind, state, at, until)
    VALUES (%s, %s, %s, 'traces', 'drawn', now(), now() + interval '1 hour')
"""
OLD_ITEM = """
    INSERT INTO analysts_batchitem (id, batch_id, incident_id, number, round, fence, answer, seconds, refusal)
    VALUES (gen_random_uuid(), %s, %s, 1, 1, 1, '', 0, '')
"""


def test_last_release_is_described() -> None:
    assert RECORDED["version"] == list(release_record.read_rows(PROJECT))[-1]


def test_this_release_takes_nothing_away_from_the_last_one(db: None) -> None:
    """Everything that the last release reads is there, or is filled again on the way back; no daily work is lost."""
    way = way_back.find_way_back(LAST_RELEASE, {})
    assert way.obstacles == ()
    assert {*way.contents} == {*OF_NEW_FEATURES}


def test_daily_work_outlasts_the_way_back_and_the_next_upgrade(db: None, belize: Portal, ana: User) -> None:
    """Incidents of two kinds in one batch, two open batches, a report spelt as its incident, characters read."""
    incident, second, third = (
        report_of(belize, f"https://example.org/{number}").sightings.get().incident for number in range(3)
    )
    Sighting.objects.update(has_incident_spelling=True, sealed_address=b"")
    Exposure.objects.create(user=ana, day=timezone.localdate(), characters_read=70)
    now = timezone.now()
    workstation = Workstation.objects.create(name="Attic", public_key=b"w" * 32, by=ana, at=now)
    for items in ([(incident, "checks"), (second, "first")], [(third, "second")]):
        batch = Batch.objects.create(by=ana, workstation=workstation, at=now, until=now + timedelta(hours=1))
        for number, (item, kind) in enumerate(items, start=1):
            BatchItem.objects.create(batch=batch, incident=item, number=number, kind=kind, round=1, fence=1)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        way_back.take_way_back(LAST_RELEASE, {})
        cursor.execute("SELECT kind FROM analysts_batch ORDER BY 1")
        assert cursor.fetchall() == [("checks",), ("second",)]
        old_batch = uuid4()
        cursor.execute(OLD_BATCH, [old_batch, ana.pk, workstation.pk])
        cursor.execute(OLD_ITEM, [old_batch, incident.pk])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        call_command("migrate", verbosity=0)
    assert sorted(BatchItem.objects.values_list("kind", flat=True)) == ["checks", "first", "second", "traces"]
    assert Sighting.objects.filter(has_incident_spelling=True).exists()
    assert Exposure.objects.get().characters_read == 70

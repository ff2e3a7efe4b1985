"""Runs the incidents benchmark at its smallest size, so that it still works when it is needed."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from analysts.models import Assessment, Incident, Referral, Report, Sighting
from audit import chain
from tests.benchmarks.incidents import pages, size, table

INCIDENTS = 200


@pytest.mark.django_db(transaction=True)
def test_benchmark_of_incidents_runs(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.KEYRING, settings.CLAIM_MINUTES, settings.CUT_OFF = tmp_path / "keyring", 480, ""
    settings.ALLOWED_HOSTS = ["testserver"]
    for module, name, value in (
        (pages, "RUNS", 2),
        (pages, "WARM_UP", 0),
        (size, "CLAIMERS", (8,)),
        # To start one takes longer than all its claims.
        (size, "CLAIMERS_BESIDE", 2),
        (size, "VERB_SECONDS", 0.2),
        (size, "LOOK_UPS", 100),
    ):
        monkeypatch.setattr(module, name, value)
    measured = size.measure_size(INCIDENTS, waiting=0.4, folder=tmp_path, hold=1, tell=lambda line: None)
    sizes = json.loads(
        json.dumps({str(INCIDENTS): {**measured, "at": "", "commit": "", "machine": "", "load_before": 0}})
    )

    assert Incident.objects.count() == INCIDENTS
    assert 60 < Incident.objects.waiting().count() < 100
    _holds_together()
    assert all(page["queries"] > 0 for page in measured["pages"])
    assert {(claim["how"], claim["claimers"]) for claim in measured["claims"]} >= {("statement", 8), ("verb", 8)}
    assert sum(claim["doubles"] for claim in measured["claims"]) == 0
    assert "| claimed twice | 0 | 0 | met |" in table.as_markdown(sizes)


def _holds_together() -> None:
    """The constraints that triggers and foreign keys did not check while the rows were made."""
    for model in (Report, Incident, Sighting, Assessment, Referral):
        for field in model._meta.fields:
            if field.is_relation and field.related_model:
                known = field.related_model._base_manager.values("pk")
                lost = model.objects.exclude(**{field.name: None}).exclude(**{f"{field.name}__in": known})
                assert not lost.exists(), field
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM analysts_incident WHERE portals <> analysts_portals_of(id)")
        assert cursor.fetchone() == (0,)
        kept = "analysts_portal_languages_of(id)::varchar[]"
        cursor.execute(f"SELECT count(*) FROM analysts_incident WHERE portal_languages <> {kept}")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT count(*) FROM pg_indexes WHERE indexname = 'incident_queue'")
        assert cursor.fetchone() == (1,)
    verdict = chain.verify_chain()
    assert verdict.events >= INCIDENTS / 5
    assert verdict.faults == []

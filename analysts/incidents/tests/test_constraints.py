"""Database constraints of this app: for each named constraint, rows that violate it and must be refused.

A constraint without a case here fails `test_every_constraint_has_a_case`.
"""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.test import override_settings
from pytest_django.plugin import DjangoDbBlocker

from analysts.codes import Flag, Reason, Role, Severity, UndoReason, Verdict
from analysts.models import (
    Assessment,
    AvailabilityCheck,
    Batch,
    FloodFolding,
    FloodSample,
    FloodSampleItem,
    HistoryImport,
    HostingTrace,
    Incident,
    Notice,
    NoticeTemplate,
    PeriodClose,
    Recipient,
    Referral,
    Report,
    Route,
    Sighting,
    User,
    Workstation,
)
from analysts.tests.cases import after_verdict, assessing, exporting, finding, history, police
from analysts.tests.cases.there import HOUR, SENA, There
from analysts.tests.factories import report_of
from countries.models import Portal
from countries.public import published
from countries.tests.factories import open_portal
from reports.models import NoticeAnswer, NoticeLink, Receipt
from tests.rig.fixtures import create_person, record_keys
from tests.rig.public_pages import roll_back_afterwards

CASES = (assessing, after_verdict, police, finding, exporting, history)
POSSIBLE = {model: values for each in CASES for model, values in each.POSSIBLE.items()}
IMPOSSIBLE = [case for each in CASES for case in each.IMPOSSIBLE]

# What PostgreSQL, which checks in the order of the names, says first of a row that breaks two rules.
SAID_FIRST = {"assessment_verdict_known": "assessment_reason_of_verdict"}


# For the rows that `there` leaves for all cases of this file.
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def there(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, keyring: tuple[Path, list[str]]
) -> Iterator[There]:
    """Created once; each case stores its own rows beside them, and they are rolled back."""
    folder, ids = keyring
    with django_db_blocker.unblock(), override_settings(KEYRING=folder), roll_back_afterwards():
        record_keys(ids)
        # Left from an earlier test's portals.
        published.clear_cache()
        belize = open_portal("bz", "Belize", "en")
        yield _create_rows(
            belize, create_person("ana", Role.ANALYST, belize), create_person("sena", Role.SENIOR, belize)
        )


def _create_rows(belize: Portal, ana: User, sena: User) -> There:
    report = report_of(belize)
    incident = report.sightings.get().incident
    assert incident.key is not None
    assessment = Assessment.objects.create(
        **_made(POSSIBLE[Assessment] | {"round": 1, "incident": incident, "by": ana})
    )
    key = incident.key
    host = Recipient.objects.create(kind="host", name="Example Hosting")
    referral = Referral.objects.create(
        incident=incident, assessment=assessment, kind="takedown", recipient="Example Hosting", to=host, by=ana, at=HOUR
    )
    links = [NoticeLink.objects.create(id=uuid.uuid4(), expires_on=HOUR, sealed=b"s") for _ in range(3)]
    gathers = {"recipient": host, "made_at": HOUR, "scheduled_at": HOUR}
    notice = Notice.objects.create(reference="RP-1", message_id="<11>", link=links[0], **gathers)
    again = Notice.objects.create(reference="RP-2", message_id="<12>", link=links[1], state="ready", **gathers)
    sampled: dict[str, Any] = {"flood": b"f" * 32, "at": HOUR, "seed": b"s" * 32, "population": [incident.pk]}
    asked: dict[str, Any] = {"asked_at": HOUR, "verdict": Verdict.OUTSIDE_REMIT, "reason": Reason.ADULT}
    sample = FloodSample.objects.create(by=ana, **sampled, **asked)
    sample.items.create(incident=incident, opened_at=HOUR)
    workstation = Workstation.objects.create(name="Attic", public_key=b"w" * 32, by=ana, at=HOUR)
    until = HOUR + timedelta(hours=8)
    return There(
        belize,
        ana,
        sena,
        report,
        incident,
        assessment,
        key,
        host=host,
        referral=referral,
        link=links[2],
        notice=notice,
        other_notice=again,
        other_incident=report_of(belize, "https://example.org/other").sightings.get().incident,
        template=NoticeTemplate.objects.create(kind="host", language="en", subject="s", body="b", at=HOUR),
        answer=NoticeAnswer.objects.create(link=links[0], received_at=HOUR, key=key, digest=b"d", sealed=b"s"),
        workstation=workstation,
        batch=Batch.objects.create(by=ana, workstation=workstation, at=HOUR, until=until),
        sample=sample,
        empty_sample=FloodSample.objects.create(by=sena, **sampled),
        close=PeriodClose.objects.create(period="2020", figures={}, digest="0", closed_by=sena, closed_at=HOUR),
        history=HistoryImport.objects.create(source="older", format="csv", rows=1, prepared_at=HOUR),
    )


def _made(values: dict[str, Any], there: There | None = None) -> dict[str, Any]:
    return {name: value(there) if isinstance(value, attrgetter) else value for name, value in values.items()}


def store(model: type[models.Model], values: dict[str, Any], there: There) -> models.Model:
    """Save in a transaction of its own, so that deferred constraints are checked too."""
    values = _made(POSSIBLE[model] | values, there)
    if model is Incident:
        values = {"fingerprint": uuid.uuid4().bytes} | values
    if model is Report:
        values["receipt"] = Receipt.objects.create(id=uuid.uuid4(), changed_on=HOUR.date(), mailbox_key=b"m")
    with transaction.atomic():
        return model._default_manager.create(**values)


def test_every_constraint_has_a_case() -> None:
    named = {
        (model, constraint.name)
        for model in apps.get_app_config("analysts").get_models()
        for constraint in model._meta.constraints
    }
    assert {(model, name) for model, name, _rows in IMPOSSIBLE} == named


@pytest.mark.parametrize(
    "model", [model for model in POSSIBLE if model is not Sighting], ids=lambda model: model.__name__
)
def test_database_takes_what_is_possible(there: There, model: type[models.Model]) -> None:
    assert model._default_manager.filter(pk=store(model, {}, there).pk).exists()


@pytest.mark.parametrize(
    ("model", "name", "rows"), IMPOSSIBLE, ids=[f"{name}-{at}" for at, (_model, name, _rows) in enumerate(IMPOSSIBLE)]
)
def test_database_refuses_what_is_impossible(
    there: There, model: type[models.Model], name: str, rows: list[dict[str, Any]]
) -> None:
    *possible, impossible = rows
    for row in possible:
        store(model, row, there)
    with pytest.raises(IntegrityError, match=f'"{SAID_FIRST.get(name, name)}"'):
        store(model, impossible, there)


TAKEN_BACK = {"undone_at": HOUR, "undone_by": SENA, "undo_reason": UndoReason.SLIP}


@pytest.mark.parametrize(
    "change",
    [
        {"severity": Severity.A},
        {"flags": [Flag.DRAWN]},
        {"by": SENA},
        {"at": HOUR},
        {"round": 2},
        # Undoing changes no other field.
        TAKEN_BACK | {"severity": Severity.C},
    ],
)
def test_an_assessment_is_never_changed(there: There, change: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
        Assessment.objects.filter(pk=there.assessment.pk).update(**_made(change, there))


# Rows that are added to and kept, and for each a change that nothing makes.
KEPT: dict[type[models.Model], str] = {
    **dict.fromkeys((AvailabilityCheck, FloodFolding, HostingTrace, NoticeTemplate, Route), "id = id"),
    Assessment: "round = 8",
    FloodSample: "seed = ''",
    FloodSampleItem: "incident_id = gen_random_uuid()",
}


@pytest.mark.parametrize("model", KEPT)
def test_what_is_added_to_is_never_changed_or_deleted(there: There, model: type[models.Model]) -> None:
    row, table = store(model, {}, there), model._meta.db_table
    for statement in (f"UPDATE {table} SET {KEPT[model]}", f"DELETE FROM {table}"):
        with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
            connection.cursor().execute(f"{statement} WHERE id = %s", [row.pk])


def test_sample_ends_once_and_its_incidents_are_opened_once(there: There) -> None:
    """The one change of each, and no other after it."""
    ends = [(FloodSample, "ended_at"), (FloodSampleItem, "opened_at")]
    for model, field in ends:
        row = model._default_manager.filter(pk=store(model, {}, there).pk)
        assert row.update(**{field: HOUR}) == 1
        with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
            row.update(**{field: HOUR + timedelta(hours=1)})


def test_an_assessment_is_taken_back_once_and_makes_room_for_another(there: There) -> None:
    mine = Assessment.objects.filter(pk=there.assessment.pk)
    assert mine.update(**_made(TAKEN_BACK, there)) == 1
    for again in ({"undo_reason": UndoReason.ADVICE}, {"undone_at": None, "undone_by": None, "undo_reason": ""}):
        with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
            mine.update(**again)
    store(Assessment, {"round": 1, "severity": Severity.A}, there)
    assert there.incident.assessments.count() == 2

"""Actions around the isolated workstation."""

from datetime import UTC, datetime

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from analysts.codes import Role
from analysts.handoff import allowances, drawing, signing
from analysts.models import AddressAllowance, Batch, BatchKind, Incident
from analysts.tests.batches import ILLEGAL, SECRET, opened, result, results_of, sealing_public, workstation_for_batches
from tests.acts.act import Act, Fields, Stage, with_pk


def _put_first(stage: Stage) -> None:
    """Others may wait whose addresses cannot be read."""
    first = {"priority": 10, "waiting_since": datetime(2000, 1, 1, tzinfo=UTC)}
    Incident.objects.filter(pk=stage.incident.pk).update(**first)


def _draw(stage: Stage) -> Batch:
    _put_first(stage)
    room, now = workstation_for_batches(), timezone.now()
    return drawing.draw_batch(by=stage.analyst, workstation=room, kinds=[BatchKind.FIRST], count=1, now=now)


def _results(_stage: Stage, batch: Batch) -> Fields:
    now = timezone.now()
    file = opened(batch, now=now)
    results = [result(incident, decision=ILLEGAL) for incident in file.incidents]
    return {"file": SimpleUploadedFile("results.sealed", results_of(file, results, now=now))}


def _ask_allowance(stage: Stage) -> AddressAllowance:
    return allowances.ask_allowance(by=stage.analyst, number=10)


def _first_batch(_stage: Stage, _subject: None) -> Fields:
    return {"kinds": "first", "workstation": workstation_for_batches().pk, "count": "1"}


def _new_workstation(_stage: Stage, _subject: None) -> Fields:
    keys = {"public_key": signing.public_half(SECRET), "sealing_key": sealing_public(SECRET)}
    return {"name": "Room 2", **{name: signing.as_text(key) for name, key in keys.items()}}


BATCH, ALLOWANCE = with_pk("batch"), with_pk("allowance")
ACTS = (
    Act("admin/batches/draw/", "batch.draw", prepare=_put_first, fields=_first_batch),
    Act("admin/batches/file/", "batch.download", prepare=_draw, fields=BATCH),
    Act("admin/batches/return/", "batch.returned", prepare=_draw, fields=BATCH),
    Act("admin/batches/revoke/", "batch.revoked", prepare=_draw, fields=BATCH),
    Act("admin/batches/results/", "batch.import", prepare=_draw, fields=_results),
    Act("admin/batches/ask/", "allowance.ask", fields={"number": "10"}),
    Act("admin/batches/grant/", "allowance.grant", Role.SENIOR, _ask_allowance, ALLOWANCE),
    Act("admin/batches/decline/", "allowance.decline", Role.SENIOR, _ask_allowance, ALLOWANCE),
    Act("admin/workstations/", "workstation.register", Role.ADMINISTRATOR, fields=_new_workstation),
    Act(
        "admin/workstations/<uuid:workstation_id>/close/",
        "workstation.close",
        Role.ADMINISTRATOR,
        lambda _: workstation_for_batches(),
    ),
)

"""Actions around the isolated workstation, done once each: see `tests.rig.acts`."""

from datetime import UTC, datetime
from functools import partial

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from analysts.codes import Role
from analysts.handoff import allowances, drawing, signing
from analysts.models import Batch, BatchKind, Incident
from analysts.tests.batches import ILLEGAL, SECRET, opened, result, results_of, sealing_public, workstation_for_batches
from tests.rig.acts import Act, Stage
from tests.rig.fixtures import ClientResponse


def draw_batch(stage: Stage) -> ClientResponse:
    _put_first(stage.incident)
    sent = {"kind": "first", "workstation": str(workstation_for_batches().pk), "count": "1", "isolated": "on"}
    return stage.client(Role.ANALYST).post("/admin/batches/draw/", sent)


def _put_first(incident: Incident) -> None:
    """Others may wait whose addresses cannot be read."""
    Incident.objects.filter(pk=incident.pk).update(priority=10, waiting_since=datetime(2000, 1, 1, tzinfo=UTC))


def _drawn(stage: Stage) -> Batch:
    _put_first(stage.incident)
    room, now = workstation_for_batches(), timezone.now()
    return drawing.draw_batch(by=stage.people[Role.ANALYST], workstation=room, kind=BatchKind.FIRST, count=1, now=now)


def _post_drawn(stage: Stage, path: str) -> ClientResponse:
    return stage.client(Role.ANALYST).post(f"/admin/batches/{path}/", {"batch": str(_drawn(stage).pk)})


def import_batch(stage: Stage) -> ClientResponse:
    now = timezone.now()
    file = opened(_drawn(stage), now=now)
    said = [result(each, decision=ILLEGAL) for each in file.incidents]
    sent = SimpleUploadedFile("results.sealed", results_of(file, said, now=now))
    return stage.client(Role.ANALYST).post("/admin/batches/results/", {"file": sent})


def ask_allowance(stage: Stage) -> ClientResponse:
    return stage.client(Role.ANALYST).post("/admin/batches/ask/", {"number": "10"})


def _post_asked(stage: Stage, path: str) -> ClientResponse:
    asked = allowances.ask_allowance(by=stage.people[Role.ANALYST], number=10)
    return stage.client(Role.SENIOR).post(f"/admin/batches/{path}/", {"allowance": str(asked.pk)})


def register_workstation(stage: Stage) -> ClientResponse:
    keys = {"public_key": signing.public_half(SECRET), "sealing_key": sealing_public(SECRET)}
    sent = {"name": "Room 2"} | {name: signing.as_text(key) for name, key in keys.items()}
    return stage.client(Role.ADMINISTRATOR).post("/admin/workstations/", sent)


def close_workstation(stage: Stage) -> ClientResponse:
    return stage.client(Role.ADMINISTRATOR).post(f"/admin/workstations/{workstation_for_batches().pk}/close/")


ACTS: dict[str, tuple[Act, str]] = {
    "admin/batches/draw/": (draw_batch, "batch.draw"),
    "admin/batches/file/": (partial(_post_drawn, path="file"), "batch.download"),
    "admin/batches/return/": (partial(_post_drawn, path="return"), "batch.returned"),
    "admin/batches/revoke/": (partial(_post_drawn, path="revoke"), "batch.revoked"),
    "admin/batches/results/": (import_batch, "batch.import"),
    "admin/batches/ask/": (ask_allowance, "allowance.ask"),
    "admin/batches/grant/": (partial(_post_asked, path="grant"), "allowance.grant"),
    "admin/batches/decline/": (partial(_post_asked, path="decline"), "allowance.decline"),
    "admin/workstations/": (register_workstation, "workstation.register"),
    "admin/workstations/<uuid:workstation_id>/close/": (close_workstation, "workstation.close"),
}

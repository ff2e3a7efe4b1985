"""Actions around the isolated workstation, done once each: see `tests.rig.acts`."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from analysts.codes import Role
from analysts.handoff import signing
from analysts.tests.factories import assessed_illegal
from analysts.tests.handing_off import SECRET, answer, asked_of, registered, signed
from tests.rig.acts import Act, Stage
from tests.rig.fixtures import ClientResponse


def export_handoff(stage: Stage) -> ClientResponse:
    assessed_illegal(stage.incident, stage.people[Role.ANALYST])
    return stage.client(Role.ANALYST).post("/admin/handoff/export/", {"isolated": "on"})


def import_handoff(stage: Stage) -> ClientResponse:
    analyst, now = stage.people[Role.ANALYST], timezone.now()
    assessed_illegal(stage.incident, analyst)
    registered()
    content = signed(answer(asked_of(stage.incident, analyst, now=now), now=now))
    file = SimpleUploadedFile("answers.jsonl", content)
    return stage.client(Role.ANALYST).post("/admin/handoff/import/", {"file": file})


def register_workstation(stage: Stage) -> ClientResponse:
    sent = {"name": "Room 2", "public_key": signing.as_text(signing.public_half(SECRET))}
    return stage.client(Role.ADMINISTRATOR).post("/admin/workstations/", sent)


def close_workstation(stage: Stage) -> ClientResponse:
    return stage.client(Role.ADMINISTRATOR).post(f"/admin/workstations/{registered().pk}/close/")


ACTS: dict[str, tuple[Act, str]] = {
    "admin/handoff/export/": (export_handoff, "handoff.export"),
    "admin/handoff/import/": (import_handoff, "handoff.import"),
    "admin/workstations/": (register_workstation, "workstation.register"),
    "admin/workstations/<uuid:workstation_id>/close/": (close_workstation, "workstation.close"),
}

"""The acts of those who keep the addressees, done once each: see `tests.rig.acts`."""

from typing import Any

from analysts.codes import Role
from analysts.models import Addressee
from analysts.takedown.recipients import actions, sheet
from tests.rig.acts import Act, Stage

DETAILS = {"kind": "host", "name": "Example Hosting", "channel": "email", "email": "abuse@hosting.example.org"}


def _create_recipient() -> Addressee:
    return Addressee.objects.create(**DETAILS)


def _post_to_recipient(stage: Stage, act: str, **sent: Any) -> Any:
    addressee = _create_recipient()
    if act == "reopen":
        actions.close_down(by=stage.people[Role.OPERATOR], addressee=addressee)
    return stage.client(Role.OPERATOR).post(f"/admin/addressees/{addressee.pk}/{act}/", sent)


def add_recipient(stage: Stage) -> Any:
    return stage.client(Role.OPERATOR).post("/admin/addressees/add/", DETAILS | {"time_zone": "UTC"})


def change_recipient(stage: Stage) -> Any:
    return _post_to_recipient(stage, "change", **DETAILS | {"time_zone": "UTC", "email": "desk@hosting.example.org"})


def verify_recipient(stage: Stage) -> Any:
    addressee = _create_recipient()
    sent = {"seen": actions.reach_digest(addressee)}
    return stage.client(Role.SENIOR).post(f"/admin/addressees/{addressee.pk}/verify/", sent)


def close_down(stage: Stage) -> Any:
    return _post_to_recipient(stage, "close-down")


def reopen_recipient(stage: Stage) -> Any:
    return _post_to_recipient(stage, "reopen")


def take_in(stage: Stage) -> Any:
    client, page = stage.client(Role.OPERATOR), "/admin/addressees/import/"
    seen = client.post(page, {"text": sheet.EXAMPLE}).context["seen"]
    return client.post(page, {"text": sheet.EXAMPLE, "seen": seen})


ADDRESSEE = "admin/addressees/<uuid:addressee_id>/"
ACTS: dict[str, tuple[Act, str]] = {
    "admin/addressees/add/": (add_recipient, "addressee.add"),
    "admin/addressees/import/": (take_in, "addressee.add"),
    f"{ADDRESSEE}change/": (change_recipient, "addressee.change"),
    f"{ADDRESSEE}verify/": (verify_recipient, "addressee.verify"),
    f"{ADDRESSEE}close-down/": (close_down, "addressee.close_down"),
    f"{ADDRESSEE}reopen/": (reopen_recipient, "addressee.reopen"),
}

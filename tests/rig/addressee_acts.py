"""The acts of those who keep the addressees, done once each: see `tests.rig.acts`."""

from typing import Any

from analysts.codes import Role
from analysts.models import Addressee
from analysts.takedown.recipients import actions, sheet
from tests.rig.acts import Act, Stage

DETAILS = {"kind": "host", "name": "Example Hosting", "channel": "email", "email": "abuse@hosting.example.org"}


def _known() -> Addressee:
    return Addressee.objects.create(**DETAILS)


def _act(stage: Stage, act: str, **sent: Any) -> Any:
    addressee = _known()
    if act == "reopen":
        actions.close_down(by=stage.people[Role.OPERATOR], addressee=addressee)
    return stage.client(Role.OPERATOR).post(f"/admin/addressees/{addressee.pk}/{act}/", sent)


def add(stage: Stage) -> Any:
    return stage.client(Role.OPERATOR).post("/admin/addressees/add/", DETAILS | {"time_zone": "UTC"})


def change(stage: Stage) -> Any:
    return _act(stage, "change", **DETAILS | {"time_zone": "UTC", "email": "desk@hosting.example.org"})


def verify(stage: Stage) -> Any:
    addressee = _known()
    sent = {"seen": actions.reach(addressee)}
    return stage.client(Role.SENIOR).post(f"/admin/addressees/{addressee.pk}/verify/", sent)


def close_down(stage: Stage) -> Any:
    return _act(stage, "close-down")


def reopen(stage: Stage) -> Any:
    return _act(stage, "reopen")


def take_in(stage: Stage) -> Any:
    client, page = stage.client(Role.OPERATOR), "/admin/addressees/import/"
    seen = client.post(page, {"text": sheet.EXAMPLE}).context["seen"]
    return client.post(page, {"text": sheet.EXAMPLE, "seen": seen})


ADDRESSEE = "admin/addressees/<uuid:addressee_id>/"
ACTS: dict[str, tuple[Act, str]] = {
    "admin/addressees/add/": (add, "addressee.add"),
    "admin/addressees/import/": (take_in, "addressee.add"),
    f"{ADDRESSEE}change/": (change, "addressee.change"),
    f"{ADDRESSEE}verify/": (verify, "addressee.verify"),
    f"{ADDRESSEE}close-down/": (close_down, "addressee.close_down"),
    f"{ADDRESSEE}reopen/": (reopen, "addressee.reopen"),
}

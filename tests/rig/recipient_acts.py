"""The actions on recipients, done once each: see `tests.rig.acts`."""

from analysts.codes import Role
from analysts.models import Recipient
from analysts.takedown.recipients import actions, sheet
from tests.rig.acts import Act, Stage
from tests.rig.fixtures import ClientResponse

DETAILS = {"kind": "host", "name": "Example Hosting", "channel": "email", "email": "abuse@hosting.example.org"}


def _create_recipient() -> Recipient:
    return Recipient.objects.create(**DETAILS)


def _post_to_recipient(stage: Stage, act: str, **sent: object) -> ClientResponse:
    recipient = _create_recipient()
    if act == "reopen":
        actions.close_down(by=stage.people[Role.OPERATOR], recipient=recipient)
    return stage.client(Role.OPERATOR).post(f"/admin/recipients/{recipient.pk}/{act}/", sent)


def add_recipient(stage: Stage) -> ClientResponse:
    return stage.client(Role.OPERATOR).post("/admin/recipients/add/", DETAILS | {"time_zone": "UTC"})


def change_recipient(stage: Stage) -> ClientResponse:
    return _post_to_recipient(stage, "change", **DETAILS | {"time_zone": "UTC", "email": "desk@hosting.example.org"})


def verify_recipient(stage: Stage) -> ClientResponse:
    recipient = _create_recipient()
    sent = {"seen": actions.reach_digest(recipient)}
    return stage.client(Role.SENIOR).post(f"/admin/recipients/{recipient.pk}/verify/", sent)


def close_down(stage: Stage) -> ClientResponse:
    return _post_to_recipient(stage, "close-down")


def reopen_recipient(stage: Stage) -> ClientResponse:
    return _post_to_recipient(stage, "reopen")


def take_in(stage: Stage) -> ClientResponse:
    client, page = stage.client(Role.OPERATOR), "/admin/recipients/import/"
    seen = client.post(page, {"text": sheet.EXAMPLE}).context["seen"]
    return client.post(page, {"text": sheet.EXAMPLE, "seen": seen})


RECIPIENT = "admin/recipients/<uuid:recipient_id>/"
ACTS: dict[str, tuple[Act, str]] = {
    "admin/recipients/add/": (add_recipient, "recipient.add"),
    "admin/recipients/import/": (take_in, "recipient.add"),
    f"{RECIPIENT}change/": (change_recipient, "recipient.change"),
    f"{RECIPIENT}verify/": (verify_recipient, "recipient.verify"),
    f"{RECIPIENT}close-down/": (close_down, "recipient.close_down"),
    f"{RECIPIENT}reopen/": (reopen_recipient, "recipient.reopen"),
}

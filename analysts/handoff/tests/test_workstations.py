"""Isolated workstations: registered and closed by administrators, and their keys."""

from base64 import b64encode
from datetime import datetime

import pytest
from django.utils import timezone

from analysts.handoff import signing
from analysts.handoff.actions import close_workstation, register_workstation
from analysts.handoff.sealed_lines import parse_sealing_key
from analysts.handoff.signing import BadSignature, NoLine, Typ
from analysts.handoff.tests.test_batch_pages import page_text
from analysts.models import User, Workstation
from analysts.tests.batches import SECRET, sealing_public, secret_of_a_stranger, workstation_for_batches
from audit.models import AuditEvent
from audit.permissions import Denied
from reports import sealing
from tests.rig.fixtures import client_of

KEY = signing.as_text(signing.public_half(SECRET))
KEYS = {"public_key": KEY, "sealing_key": signing.as_text(sealing_public(SECRET))}


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def test_workstation_is_registered_and_closed_on_record(adam: User, now: datetime) -> None:
    public, sealing = signing.public_half(SECRET), sealing_public(SECRET)
    room = register_workstation(by=adam, name="Room 2", public_key=public, sealing_key=sealing, now=now)
    close_workstation(by=adam, workstation=room, now=now)
    room.refresh_from_db()
    assert (room.closed_on, bytes(room.public_key), room.by) == (now.date(), public, adam)
    details = {"name": "Room 2", "key": signing.public_key_id(public)}
    registered = details | {"sealing_key": signing.public_key_id(sealing)}
    events = AuditEvent.objects.order_by("number").values_list("action", "actor", "details")
    assert list(events) == [("workstation.register", "adam", registered), ("workstation.close", "adam", details)]
    with pytest.raises(Denied, match="already closed"):
        close_workstation(by=adam, workstation=room)


@pytest.mark.parametrize("role", ["ana", "sena", "olga", "petra", "axel", "willa"])
def test_only_administrators_can_register_or_close_workstations(role: str, request: pytest.FixtureRequest) -> None:
    user = request.getfixturevalue(role)
    with pytest.raises(Denied):
        register_workstation(by=user, name="Room 2", public_key=signing.public_half(SECRET), sealing_key=b"")
    room = workstation_for_batches()
    with pytest.raises(Denied):
        close_workstation(by=user, workstation=room)


def test_name_and_key_are_used_once_even_after_closing(adam: User) -> None:
    close_workstation(by=adam, workstation=workstation_for_batches("Room 2"))
    for name, secret in (("Room 2", secret_of_a_stranger()), ("Room 3", SECRET)):
        with pytest.raises(Denied, match="has this name or key"):
            register_workstation(by=adam, name=name, public_key=signing.public_half(secret), sealing_key=b"")


def test_administrator_registers_and_closes(adam: User) -> None:
    client = client_of(adam)
    assert "No workstation is registered yet." in page_text(client.get("/admin/workstations/"))
    page = client.post("/admin/workstations/", {"name": " Room 2 ", **KEYS, "public_key": f" {KEY} "}, follow=True)
    room = Workstation.objects.get()
    assert f"Room 2 {signing.public_key_id(bytes(room.public_key))}" in page_text(page)
    assert "Registered: Room 2. Its results are accepted from now on." in page_text(page)
    page = client.post(f"/admin/workstations/{room.pk}/close/", follow=True)
    assert "closed since" in page_text(page)
    assert "Close Room 2 permanently" not in page_text(page)
    assert client.post(f"/admin/workstations/{room.pk}/close/").status_code == 403


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"name": ""}, "This field is required."),
        ({"public_key": "no key"}, "This is not the public key of a workstation."),
        ({"sealing_key": ""}, "This field is required."),
        ({}, "Another workstation (open or closed) has this name or key."),
    ],
)
def test_what_is_no_workstation_is_refused_as_typed(adam: User, sent: dict[str, str], message: str) -> None:
    workstation_for_batches("Room 2")
    typed = {"name": "Room 3", **KEYS} | sent
    page = client_of(adam).post("/admin/workstations/", typed)
    assert page.status_code == 422
    assert message in page_text(page)
    assert f'value="{typed["public_key"]}"' in page.content.decode()


# --- Keys ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "AAAA", "not base64!", "A" * 44, "ü" * 44, "AA==" * 11])
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no base64|not 32 bytes"):
        signing.from_text(text)


SEALING_KEY = sealing.generate_key("k").public().raw


@pytest.mark.parametrize(
    "text",
    [
        "",
        b64encode(SEALING_KEY).decode() + "!",
        b64encode(SEALING_KEY[:-1]).decode(),
        b64encode(SEALING_KEY[:-32] + bytes(32)).decode(),
    ],
    ids=["none", "more than base64", "too short", "nothing can be sealed to it"],
)
def test_what_is_no_sealing_key_is_refused(text: str) -> None:
    assert parse_sealing_key(b64encode(SEALING_KEY).decode()) == SEALING_KEY
    with pytest.raises(ValueError, match=r"."):
        parse_sealing_key(text)


def test_public_key_is_read_as_it_is_shown() -> None:
    public = signing.public_half(SECRET)
    text = signing.as_text(public)
    assert signing.from_text(f" {text[:20]} {text[20:]}\n") == public


def test_signature_of_one_kind_of_file_is_none_of_the_other() -> None:
    line = signing.sign_line(b"{}", secret=SECRET, typ=Typ.BATCH)
    with pytest.raises(NoLine):
        signing.open_line(line, public=signing.public_half(SECRET), typ=Typ.RESULTS)
    with pytest.raises(BadSignature):
        signing.open_line(line, public=signing.public_half(bytes(32)), typ=Typ.BATCH)

"""Factories for the isolated workstation: its key, workstation files, and signed results."""

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from analysts.codes import Role
from analysts.handoff import actions
from analysts.handoff.actions import ImportResult
from analysts.handoff.signing import Typ, open_line, public_half, sign_line
from analysts.models import HandoffItem, Incident, User, Workstation
from reports import keys
from tests.rig.fixtures import create_person

SECRET = bytes(range(32))


def registered(name: str = "Room 2", secret: bytes = SECRET) -> Workstation:
    adam = User.objects.filter(role=Role.ADMINISTRATOR).first() or create_person("adam-keeps", Role.ADMINISTRATOR)
    return actions.register_workstation(by=adam, name=name, public_key=public_half(secret))


def asked_of(incident: Incident, by: User, *, now: datetime, again: bool = False) -> HandoffItem:
    """Export a new workstation file and return the item of the incident."""
    exported = actions.export_questions(by=by, again=again, now=now)
    return exported.handoff.items.get(incident=incident)


def questions(content: bytes) -> list[dict[str, Any]]:
    """The lines of a workstation file, after checking their signatures."""
    public = public_half(keys.handoff_key())
    return [
        json.loads(open_line(line, public=public, typ=Typ.EXPORT).payload) for line in content.decode().splitlines()
    ]


def signed(*said: dict[str, Any], secret: bytes = SECRET, typ: Typ = Typ.ANSWERS) -> bytes:
    lines = [sign_line(json.dumps(each).encode(), secret=secret, typ=typ) for each in said]
    return "".join(f"{line}\n" for line in lines).encode()


def head(count: int, *, now: datetime) -> dict[str, Any]:
    return {"kind": "answers", "format": 1, "made_at": moment(now), "count": count}


def moment(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}Z"


def answer(item: HandoffItem | uuid.UUID, *, now: datetime, gone: bool = False, **more: Any) -> dict[str, Any]:
    """An unsigned result with three agreeing hosting traces and, if `gone`, a check that found the content removed."""
    at = moment(now - timedelta(minutes=5))
    place = {"country": "NL", "provider": "Alpha Hosting", "network": "AS64496 Example Net", "at": at}
    result: dict[str, Any] = {
        "kind": "answer",
        "item": str(item.pk if isinstance(item, HandoffItem) else item),
        "traces": [{"method": method, **place} for method in ("dns", "whois_address", "bgp")],
    }
    if gone:
        result["available"] = {"outcome": "gone", "at": at}
    return result | more


def import_file(by: User, content: bytes, *, now: datetime) -> ImportResult:
    return actions.import_answers(by=by, content=content, now=now)


def result_lines(imported: ImportResult) -> list[tuple[str, str]]:
    """The outcome of each line and its reason."""
    return [(line.outcome.value, line.reason) for line in imported.lines]


def secret_of_a_stranger() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes_raw()

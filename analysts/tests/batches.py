"""Factories for batches: a workstation that takes them, its file opened, and signed results."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from analysts.codes import Role
from analysts.handoff import actions, drawing
from analysts.handoff.signing import public_half
from analysts.models import Batch, BatchKind, User, Workstation
from analysts.tests.handing_off import SECRET, moment
from reports import keys
from tests.rig.fixtures import create_person
from workstation.sealed_file import OpenBatch, WorkstationKeys, open_batch, write_results

ILLEGAL: dict[str, Any] = {"verdict": "illegal", "severity": "C", "age_band": "11-13", "sex": "girls"}
NOT_FOUND: dict[str, Any] = {"verdict": "not_assessed", "reason": "content_not_found"}


def workstation_keys(secret: bytes = SECRET) -> WorkstationKeys:
    return WorkstationKeys(secret, secret * 3, public_half(keys.handoff_key()))


@cache
def sealing_public(secret: bytes) -> bytes:
    return WorkstationKeys(secret, secret * 3).sealing_public


def workstation_for_batches(name: str = "Room 3", secret: bytes = SECRET) -> Workstation:
    adam = User.objects.filter(role=Role.ADMINISTRATOR).first() or create_person("adam-keeps", Role.ADMINISTRATOR)
    return actions.register_workstation(
        by=adam, name=name, public_key=public_half(secret), sealing_key=sealing_public(secret)
    )


def drawn_by(by: User, workstation: Workstation, *, now: datetime, kind: BatchKind = BatchKind.FIRST) -> Batch:
    return drawing.draw_batch(by=by, workstation=workstation, kind=kind, now=now)


def opened(batch: Batch, *, now: datetime, secret: bytes = SECRET) -> OpenBatch:
    """The batch as its workstation opens it."""
    content = drawing.download_batch(by=batch.by, batch=batch, now=now)
    return open_batch(content.decode(), workstation_keys(secret))


def result(incident: dict[str, Any], **said: Any) -> dict[str, Any]:
    """A result for an incident of an opened batch."""
    return {"item": incident["item"], "seconds": 40, **said}


def results_of(batch: OpenBatch, results: Sequence[dict[str, Any]], *, now: datetime, secret: bytes = SECRET) -> bytes:
    return write_results(batch, results, workstation_keys(secret), made_at=moment(now)).encode()

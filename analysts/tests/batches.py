"""Factories for batches: a workstation, the file that it opens, and signed results."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from analysts.codes import Role
from analysts.handoff import actions, drawing
from analysts.handoff.results import ImportResult
from analysts.handoff.signing import public_half
from analysts.models import Batch, BatchKind, Incident, User, Workstation
from analysts.tests.factories import assessed_illegal, incident_of
from countries.models import Portal
from reports import installation_keys
from tests.rig.fixtures import create_person
from workstation.sealed_file import OpenBatch, WorkstationKeys, open_batch, write_results

SECRET = bytes(range(32))
ILLEGAL: dict[str, Any] = {"verdict": "illegal", "severity": "C", "age_band": "11-13", "sex": "girls"}
NOT_FOUND: dict[str, Any] = {"verdict": "not_assessed", "reason": "content_not_found"}


def moment(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}Z"


def secret_of_a_stranger() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes_raw()


def workstation_keys(secret: bytes = SECRET) -> WorkstationKeys:
    return WorkstationKeys(secret, secret * 3, public_half(installation_keys.handoff_key()))


@cache
def sealing_public(secret: bytes) -> bytes:
    return WorkstationKeys(secret, secret * 3).sealing_public


def workstation_for_batches(name: str = "Room 3", secret: bytes = SECRET) -> Workstation:
    adam = User.objects.filter(role=Role.ADMINISTRATOR).first() or create_person("adam-keeps", Role.ADMINISTRATOR)
    return actions.register_workstation(
        by=adam, name=name, public_key=public_half(secret), sealing_key=sealing_public(secret)
    )


def drawn_by(by: User, workstation: Workstation, *, now: datetime, kind: BatchKind = BatchKind.FIRST) -> Batch:
    """A batch of one kind of work."""
    return drawing.draw_batch(by=by, workstation=workstation, kinds=[kind], now=now)


def opened(batch: Batch, *, now: datetime, secret: bytes = SECRET) -> OpenBatch:
    """The batch as its workstation opens it."""
    content = drawing.download_batch(by=batch.by, batch=batch, now=now)
    return open_batch(content.decode(), workstation_keys(secret))


def illegal_incidents(portal: Portal, by: User, *, now: datetime, number: int = 1) -> list[Incident]:
    """Create `number` incidents that were found illegal an hour ago and that have no trace."""
    count = Incident.objects.count()
    incidents = [
        incident_of(portal, f"https://example.com/{count + place}", now=now - timedelta(hours=2))
        for place in range(number)
    ]
    for incident in incidents:
        assessed_illegal(incident, by, now=now - timedelta(hours=1))
    return incidents


def result(incident: dict[str, Any], **said: Any) -> dict[str, Any]:
    """A result for an incident of an opened batch."""
    return {"item": incident["item"], "seconds": 40, **said}


def traces_of_three_methods(now: datetime) -> list[dict[str, str]]:
    """Three hosting traces that agree, made five minutes ago."""
    at = moment(now - timedelta(minutes=5))
    place = {"country": "NL", "provider": "Alpha Hosting", "network": "AS64496 Example Net", "at": at}
    return [{"method": method, **place} for method in ("dns", "whois_address", "bgp")]


def check_that_found_it_gone(now: datetime) -> dict[str, str]:
    return {"outcome": "gone", "at": moment(now - timedelta(minutes=5))}


def result_lines(imported: ImportResult) -> list[tuple[str, str]]:
    """The outcome of each line and its reason."""
    return [(line.outcome.value, line.reason) for line in imported.lines]


def results_of(batch: OpenBatch, results: Sequence[dict[str, Any]], *, now: datetime, secret: bytes = SECRET) -> bytes:
    return write_results(batch, results, workstation_keys(secret), made_at=moment(now)).encode()

"""Creates claimers, and claims incidents."""

import json
import random
import time
import uuid
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from unittest import mock

from django.db import connection
from django.utils import timezone

from analysts.assessment import actions
from analysts.codes import Role
from analysts.models import Incident, IncidentKind, IncidentQuerySet, Report, Sighting, User
from countries.models import Portal
from reports.models import Receipt, the_hour
from tests.proofs.inside import GATE


def queue_up(incidents: int, claimers: int) -> None:
    """Create waiting incidents, half of each of two portals, and claimers, some of them for one portal only."""
    portals = list(Portal.objects.filter(slug__in=["bz", "zm"]).order_by("slug"))
    for number in range(claimers):
        user, _ = User.objects.get_or_create(username=f"claimer-{number}", defaults={"role": Role.ANALYST})
        user.portals.set([portals, portals, portals[:1], portals[1:]][number % 4])
    _create_incidents(incidents, portals)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _create_incidents(number: int, portals: list[Portal]) -> None:
    """Waiting incidents with a receipt and a report each; of any priority but a flood's, up to 30 days old."""
    chance, now = random.Random(1), the_hour(timezone.now())
    receipts = [Receipt(id=uuid.uuid4(), changed_on=now.date(), mailbox_key=b"") for _ in range(number)]
    reports = [
        Report(receipt=receipt, portal=portals[place % len(portals)], language="en", received_hour=now)
        for place, receipt in enumerate(receipts)
    ]
    incidents = []
    for receipt in receipts:
        hour = now - timedelta(hours=chance.randrange(720))
        seen = {"first_sighted": hour, "last_sighted": hour, "waiting_since": hour}
        words = Incident(
            kind=IncidentKind.WORDS, fingerprint=receipt.id.bytes, priority=chance.randrange(1, 11), **seen
        )
        incidents.append(words)
    Receipt.objects.bulk_create(receipts, batch_size=1000)
    Report.objects.bulk_create(reports, batch_size=1000)
    Incident.objects.bulk_create(incidents, batch_size=1000)
    sightings = [
        Sighting(incident=incident, report=report, portal=report.portal)
        for incident, report in zip(incidents, reports, strict=True)
    ]
    Sighting.objects.bulk_create(sightings, batch_size=1000)


def claim_all(number: int, folder: str, locked: bool) -> int:
    """Claim until nothing waits, from the moment the gate opens; how many, their ids in a file of the folder.

    Without `locked` the verb reads the row without locking it: the control that must claim twice.
    """
    by = User.objects.get(username=f"claimer-{number}")
    unlocked = mock.patch.object(IncidentQuerySet, "select_for_update", lambda rows, **how: rows)
    with nullcontext() if locked else unlocked:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock_shared(%s)", [GATE])
        began, claimed = time.time(), []
        while incident := actions.claim_next(by=by):
            claimed.append(str(incident.pk))
        result = {"claimed": claimed, "began": began, "ended": time.time()}
    Path(folder, f"claimer-{number}.json").write_text(json.dumps(result))
    return len(claimed)

"""Fixtures and factories for tests of keys and erasure, with a separate keyring that begins in March 2026."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from analysts.incidents.contents import opening
from analysts.models import Incident, Report, User
from analysts.tests.chases import found_gone
from analysts.tests.factories import assessed_illegal, assessed_not_found, incident_of
from audit.models import AuditEvent
from countries.models import Portal
from reports import installation_keys, keymaking
from reports.models import KeyClass, SealingKey

MARCH = datetime(2026, 3, 10, 12, tzinfo=UTC)
# The key of March closes after three days of grace.
MARCH_CLOSES = datetime(2026, 4, 4, 3, tzinfo=UTC)
REST = timedelta(days=2)
# Thirty days after 11 March, and after a backup was made.
EMPTIED = datetime(2026, 4, 10, 3, tzinfo=UTC)
DESTROYED = EMPTIED + REST


@pytest.fixture
def open_keys(db: None, settings: Any, tmp_path: Path) -> Path:
    """A temporary keyring instead of the shared one, which tests must not destroy."""
    settings.KEYRING = tmp_path / "keyring"
    keymaking.make_missing(now=MARCH)
    installation_keys.create_missing_keys()
    folder: Path = settings.KEYRING
    return folder


def key_of(month: int, key_class: KeyClass = KeyClass.WORDS) -> SealingKey:
    return SealingKey.objects.filter(key_class=key_class, month__month=month, month__year=2026).latest("pk")


def nothing_found(portal: Portal, by: User, address: str, *, now: datetime = MARCH, **sent: Any) -> Incident:
    """An incident reported at `now` and closed a day later as not found."""
    incident = incident_of(portal, address, now=now, **sent)
    assessed_not_found(incident, by, now=now + timedelta(days=1))
    incident.refresh_from_db()
    return incident


def create_removed_incident(portal: Portal, by: User, address: str, *, now: datetime = MARCH) -> Incident:
    """An incident reported at `now`, assessed as illegal a day later and then removed."""
    incident = incident_of(portal, address, now=now)
    assessed_illegal(incident, by, now=now + timedelta(days=1))
    return found_gone(incident, by, now=now + timedelta(days=1))


def said(incident: Incident) -> list[str]:
    """The texts of the incident's reports, as far as they can be decrypted."""
    reports = Report.objects.filter(sightings__incident=incident)
    return [
        str(envelope.payload.get("description") or envelope.payload.get("addresses", ""))
        for report in reports
        for envelope in opening.unseal_envelopes(report)
    ]


def address(incident: Incident) -> str | None:
    opened = opening.unseal_address(Incident.objects.get(pk=incident.pk))
    return opened.normalised if opened else None


def events(action: str) -> list[dict[str, Any]]:
    return list(AuditEvent.objects.filter(action=action).order_by("number").values_list("details", flat=True))

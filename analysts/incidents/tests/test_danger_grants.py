"""A danger report whose analysts are away opens to senior analysts, for some hours and on record."""

from datetime import timedelta

import pytest
from django.utils import timezone

from analysts.accounts import sessions
from analysts.codes import Role
from analysts.incidents.danger_grants import GRANTED, grant_unattended_danger
from analysts.models import Incident, PortalGrant, User
from analysts.tests.factories import assessed_not_found, claimed, incident_of
from audit.models import AuditEvent
from countries.models import Portal
from tests.rig.fixtures import client_of, create_person

NOW = timezone.now()
HOUR = timedelta(hours=1)
IN_DANGER = {"facts": ["child_in_danger"]}


@pytest.fixture
def ines(zambia: Portal) -> User:
    """Senior analyst for Zambia only."""
    return create_person("ines", Role.SENIOR, zambia)


def see(user: User, before: timedelta) -> None:
    User.objects.filter(pk=user.pk).update(seen_at=NOW - before)


def test_unattended_danger_goes_to_every_senior_for_some_hours_on_record(
    belize: Portal, zambia: Portal, ana: User, ben: User, ines: User
) -> None:
    see(ana, 2 * HOUR)
    incident = incident_of(belize, details=IN_DANGER)
    incident_of(zambia, "https://other.example/1")
    assert not Incident.objects.visible_to(ines).filter(pk=incident.pk).exists()

    assert grant_unattended_danger(now=NOW) == 1
    assert Incident.objects.visible_to(ines).filter(pk=incident.pk).exists()
    assert not Incident.objects.visible_to(ben).filter(pk=incident.pk).exists()
    page = client_of(ines).get("/admin/").content.decode()
    assert "Child in danger, analysts away" in page
    assert client_of(ines).get(f"/admin/incidents/{incident.pk}/").status_code == 200
    event = AuditEvent.objects.get(action="coverage.grant")
    until = (NOW + GRANTED).isoformat(timespec="minutes")
    assert (event.actor, event.portal, event.details) == (
        "",
        "bz",
        {"members": ["ines"], "until": until},
    )

    # Given once; it expires, and then follows again while nothing has changed.
    assert grant_unattended_danger(now=NOW + HOUR) == 0
    PortalGrant.objects.update(at=NOW - 13 * HOUR, until=NOW - HOUR)
    assert not Incident.objects.visible_to(ines).filter(pk=incident.pk).exists()
    assert client_of(ines).get(f"/admin/incidents/{incident.pk}/").status_code == 404
    assert grant_unattended_danger(now=NOW + HOUR) == 1


@pytest.mark.parametrize("minutes", [0, 59])
def test_no_grant_while_one_analyst_was_at_work_within_the_hour(
    belize: Portal, ana: User, ines: User, minutes: int
) -> None:
    see(create_person("away", Role.ANALYST, belize), 5 * HOUR)
    see(ana, timedelta(minutes=minutes))
    incident_of(belize, details=IN_DANGER)
    assert grant_unattended_danger(now=NOW) == 0
    see(ana, timedelta(minutes=61))
    assert grant_unattended_danger(now=NOW) == 1


def test_no_grant_for_other_reports_or_those_in_hand(belize: Portal, ana: User, ines: User) -> None:
    see(ana, 2 * HOUR)
    incident_of(belize, "https://calm.example/1")
    claimed(incident_of(belize, "https://claimed.example/1", details=IN_DANGER), ana)
    assessed_not_found(incident_of(belize, "https://done.example/1", details=IN_DANGER), ana)
    assert grant_unattended_danger(now=NOW) == 0


def test_portal_without_analysts_is_unattended(belize: Portal, ines: User) -> None:
    incident_of(belize, details=IN_DANGER)
    assert grant_unattended_danger(now=NOW) == 1


def test_requests_note_when_an_analyst_was_last_seen(
    belize: Portal, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "SEEN_INTERVAL", 0)
    client = client_of(ana)
    client.get("/admin/")
    first = User.objects.get(pk=ana.pk).seen_at
    assert first is not None
    # Not on every request.
    client.get("/admin/")
    assert User.objects.get(pk=ana.pk).seen_at == first

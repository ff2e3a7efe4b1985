"""Folded sections of the incident page: a heading until one is opened, on the page or alone."""

from datetime import datetime

import pytest
from django.utils import timezone

from analysts.models import Incident, User
from analysts.pages.incident_sections import AFTER_VERDICT, SECTIONS
from analysts.pages.tests.test_status_strip import LEGIBLE, ONE, OTHER, opened, revealed, reveals_of, url
from analysts.takedown.next_steps.actions import refresh_next_step
from analysts.tests.factories import incident_of
from analysts.tests.replies import replied
from audit.models import AuditEvent
from countries.models import Portal
from reports.notices import AnswerKind
from tests.rig.fixtures import client_of

NAMES = [section.name for section in SECTIONS]


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def acting(belize: Portal, ana: User, now: datetime) -> Incident:
    """An incident that waits for its recipient, who has replied, with another of its host."""
    incident_of(belize, OTHER, now=now)
    incident = incident_of(belize, ONE, now=now)
    reply = replied(incident, ana, AnswerKind.ACKNOWLEDGED, "A reply.", now=now)
    reply.read_by, reply.read_at = ana, now
    reply.save()
    incident.refresh_from_db()
    refresh_next_step(incident, now=now)
    return Incident.objects.get(pk=incident.pk)


@pytest.mark.parametrize("name", NAMES)
def test_section_is_built_when_it_is_opened(acting: Incident, ana: User, name: str) -> None:
    client = client_of(ana)
    page = client.get(url(acting))
    alone = client.get(url(acting), {"open": name, "alone": "1"}).content.decode()
    link = f'href="{url(acting)}?open={name}#{name}"'
    assert f'id="{name}-title"' in page.content.decode()
    assert opened(page) == []
    # Redaction to be confirmed before the address is sent is on the page, which looks for it.
    assert (link in page.content.decode()) == (name != "redaction")

    page = client.get(url(acting), {"open": name})
    assert opened(page) == [name]
    assert link not in page.content.decode()
    [line, *_] = [line for line in alone.splitlines() if line.strip() and "csrf" not in line]
    assert line in page.content.decode()
    assert "<html" not in alone


@pytest.mark.parametrize("name", ["plan_next_step", "hold", "systemic_case"])
def test_folded_form_is_built_when_it_is_opened(acting: Incident, sena: User, name: str) -> None:
    client, form = client_of(sena), f'<form class="act"\n      id="{name}"'
    page = client.get(url(acting)).content.decode()
    assert page.count(f'href="{url(acting)}?open={name}#{name}"') == page.count(f'id="{name}"') == 1
    assert form not in page
    assert form in client.get(url(acting), {"open": name}).content.decode()
    alone = client.get(url(acting), {"open": name, "alone": "1"}).content.decode()
    assert alone.count(form) == alone.count("<form") == 1


def test_folded_form_of_an_action_that_is_not_possible_does_not_exist(acting: Incident, ana: User) -> None:
    for name in ("hold", "hand_over"):
        assert client_of(ana).get(url(acting), {"open": name, "alone": "1"}).status_code == 404, name


def test_section_alone_is_on_record_as_a_view(acting: Incident, ana: User) -> None:
    client_of(ana).get(url(acting), {"open": "status", "alone": "1"})
    event = AuditEvent.objects.filter(action="incident.view", object_id=str(acting.pk)).latest("number")
    assert (event.actor, event.portal, event.details) == ("ana", "bz", {"revealed": False})


@pytest.mark.parametrize("name", NAMES)
def test_section_of_another_portal_does_not_exist(acting: Incident, ben: User, name: str) -> None:
    assert client_of(ben).get(url(acting), {"open": name, "alone": "1"}).status_code == 404


def test_section_that_an_incident_has_not_does_not_exist(belize: Portal, ana: User) -> None:
    incident, client = incident_of(belize, ONE), client_of(ana)
    for name in ["", "unknown", *(section.name for section in AFTER_VERDICT)]:
        assert client.get(url(incident), {"open": name, "alone": "1"}).status_code == 404, name


def test_section_alone_shows_nothing_that_is_revealed(acting: Incident, ana: User) -> None:
    """The page of a revealed incident has these sections, and their reveals are on record with it."""
    client = revealed(ana, acting)
    for name in ("relations", "replies", "redaction"):
        alone = client.get(url(acting), {"open": name, "alone": "1"}).content.decode()
        assert LEGIBLE not in alone
        assert "A reply." not in alone
    assert reveals_of(Incident.objects.exclude(pk=acting.pk).get()) == []
    # And the page that follows is still the first.
    page = client.get(url(acting))
    assert page.context["masking"].page == 1
    assert LEGIBLE in page.content.decode()
    assert "A reply." in page.content.decode()

"""Legal holds: permissions, audit events and the incident page."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from analysts.codes import HoldReason
from analysts.models import Hold, Incident, User
from analysts.retention import actions as retention_actions
from analysts.tests.factories import assessed_not_found, incident_of
from analysts.tests.sections import ALL_OPEN
from audit.models import AuditEvent
from audit.permissions import Denied
from countries.models import Portal
from tests.rig.fixtures import client_of

NEVER = date(2999, 1, 1)


def put(incident: Incident, by: User, **more: Any) -> Hold:
    return retention_actions.place_hold(
        by=by, incident=incident, **{"reason": HoldReason.POLICE, "review_on": NEVER, **more}
    )


def shown(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())


def url(incident: Incident, act: str = "") -> str:
    return f"/admin/incidents/{incident.pk}/{act}"


def test_senior_holds_and_releases_on_record(belize: Portal, sena: User) -> None:
    incident = incident_of(belize)
    now = timezone.now()
    held = put(incident, sena, note="File 12/26", now=now)
    released = retention_actions.release_hold(by=sena, incident=incident, now=now)

    assert (held.by, held.at, held.note, held.released_at) == (sena, now, "File 12/26", None)
    assert (released.pk, released.released_by, released.released_at) == (held.pk, sena, now)
    events = AuditEvent.objects.filter(object_id=str(incident.pk)).order_by("number")
    assert [(event.action, event.actor, event.portal, event.details) for event in events] == [
        # The note is not part of the event.
        ("incident.hold", "sena", "bz", {"reason": "police", "review_on": "2999-01-01"}),
        ("incident.release_hold", "sena", "bz", {"reason": "police"}),
    ]


@pytest.mark.parametrize("act", ["hold", "release_hold"])
def test_analyst_may_neither_hold_nor_release(belize: Portal, ana: User, sena: User, act: str) -> None:
    incident = incident_of(belize)
    if act == "release_hold":
        put(incident, sena)
    with pytest.raises(Denied) as denied:
        put(incident, ana) if act == "hold" else retention_actions.release_hold(by=ana, incident=incident)
    assert str(denied.value.reason) == "Only senior analysts may place or release legal holds."


def test_second_hold_and_second_release_are_refused(belize: Portal, sena: User) -> None:
    incident = incident_of(belize)
    put(incident, sena)
    with pytest.raises(Denied, match="already"):
        put(incident, sena)
    retention_actions.release_hold(by=sena, incident=incident)
    with pytest.raises(Denied, match="not under"):
        retention_actions.release_hold(by=sena, incident=incident)
    # An incident can have several holds over time.
    put(incident, sena)
    assert incident.holds.count() == 2


def test_database_refuses_two_open_holds_and_half_a_release(belize: Portal, sena: User) -> None:
    held = put(incident_of(belize), sena)
    with pytest.raises(IntegrityError), transaction.atomic():
        Hold.objects.create(incident=held.incident, reason="court", review_on=NEVER, by=sena, at=held.at)
    with pytest.raises(IntegrityError), transaction.atomic():
        Hold.objects.update(released_at=held.at)
    with pytest.raises(IntegrityError), transaction.atomic():
        Hold.objects.update(reason="because")


def test_note_that_names_an_address_and_a_day_of_review_in_the_past_are_refused(belize: Portal, sena: User) -> None:
    incident = incident_of(belize)
    with pytest.raises(Denied, match="The note contains a web address"):
        put(incident, sena, note="see https://example.org/gallery")
    with pytest.raises(Denied, match="must be in the future"):
        put(incident, sena, review_on=timezone.localdate())
    assert not Hold.objects.exists()


def test_page_shows_the_hold_and_its_history(belize: Portal, ana: User, sena: User) -> None:
    incident = incident_of(belize)
    assessed_not_found(incident, ana)
    client = client_of(sena)
    review = timezone.localdate() + timedelta(days=90)
    fields = {"reason": "court", "review_on": review.isoformat(), "note": "File 12/26"}
    page = client.post(url(incident, "hold/"), fields, follow=True)

    assert "Legal hold placed." in shown(page)
    assert "Under legal hold ordered by a court or prosecutor (File 12/26) sena," in shown(page)
    opened = shown(client.get(url(incident), ALL_OPEN))
    assert "legal hold placed (ordered by a court or prosecutor) sena" in opened
    buttons = [label.strip() for label in re.findall(r"<button[^>]*>([^<]*)</button>", page.content.decode())]
    assert "Release legal hold" in buttons
    assert "Place legal hold" not in buttons
    # Ana sees the hold, and why she cannot release it.
    page = client_of(ana).get(url(incident))
    assert 'title="Only senior analysts may place or release legal holds.">Release legal hold' in page.content.decode()

    page = client.post(url(incident, "release-hold/"), follow=True)
    assert "Legal hold released." in shown(page)
    assert "hold-line" not in page.content.decode()
    assert "legal hold released sena" in shown(client.get(url(incident), ALL_OPEN))


def test_form_that_is_refused_keeps_what_was_typed(belize: Portal, sena: User) -> None:
    incident = incident_of(belize)
    client = client_of(sena)
    page = client.post(url(incident, "hold/"), {"reason": "court", "review_on": "tomorrow", "note": "File 12/26"})
    assert page.status_code == 422
    assert 'value="File 12/26"' in page.content.decode()
    assert 'value="tomorrow"' in page.content.decode()

    late = {"reason": "court", "review_on": "2020-01-01", "note": "File 12/26"}
    page = client.post(url(incident, "hold/"), late)
    assert page.status_code == 403
    assert "The review date must be in the future." in shown(page)
    assert not Hold.objects.exists()


def test_reason_is_chosen_and_never_the_first_by_chance(belize: Portal, sena: User) -> None:
    incident = incident_of(belize)
    client = client_of(sena)
    assert '<option value="" selected>–</option>' in client.get(url(incident), ALL_OPEN).content.decode()
    page = client.post(url(incident, "hold/"), {"reason": "", "review_on": "2999-01-01", "note": "File 12/26"})
    assert page.status_code == 422
    assert "File 12/26" in page.content.decode()
    assert not Hold.objects.exists()

"""Telling the police at once: who may, whom, what does not follow from it, and its correction."""

from typing import Any

import pytest
from django.utils import timezone

from analysts.assessment import actions
from analysts.assessment.publishing import publish_outcomes
from analysts.codes import UndoReason
from analysts.models import AlertReason, ChildAlert, Incident, NextStep, Notice, Referral, User
from analysts.pages.tests.test_incident_page import reveal, shown, url
from analysts.takedown.alerts.actions import correct_alerts, see_alerts, tell_police_now
from analysts.takedown.alerts.forms import TellPoliceNow
from analysts.takedown.alerts.permissions import contacts_to_alert
from analysts.takedown.chasing.lists import to_do_counts
from analysts.takedown.notices.case_facts.facts import WORDS, case_words
from analysts.tests.factories import assessed_cleared, assessed_illegal, incident_of
from audit.permissions import Denied
from countries.models import Contact, ContactKind, Portal
from countries.tests.factories import ContactFactory
from reports.models import Receipt
from tests.rig.fixtures import client_of

DANGER: dict[str, Any] = {"description": "placeholder words", "facts": ["child_in_danger"]}


@pytest.fixture
def incident(belize: Portal) -> Incident:
    return incident_of(belize, details=DANGER)


@pytest.fixture
def police(belize: Portal) -> Contact:
    return ContactFactory.create(portal=belize, kind=ContactKind.POLICE, name="Example Police", phone="911")


def call(incident: Incident, by: User, to: Contact, **changes: Any) -> ChildAlert:
    values: dict[str, Any] = {"not_the_danger": True, "reason": AlertReason.NOW, **changes}
    return tell_police_now(by=by, incident=Incident.objects.get(pk=incident.pk), to=to, **values)


def to_dos(user: User) -> list[str]:
    return [kind.name for kind in to_do_counts(user, timezone.now()) if "alert" in kind.name]


def test_senior_is_told_of_a_call(incident: Incident, ana: User, sena: User, police: Contact) -> None:
    alert = call(incident, ana, police)
    assert (alert.kind, alert.name, alert.phone, alert.by) == (ContactKind.POLICE, "Example Police", "911", ana)
    assert (to_dos(ana), to_dos(sena)) == ([], ["alert"])
    with pytest.raises(Denied):
        see_alerts(by=ana, incident=incident)
    see_alerts(by=sena, incident=incident)
    assert to_dos(sena) == []


def test_nothing_else_follows_from_a_call(incident: Incident, ana: User, police: Contact) -> None:
    publish_outcomes(now=timezone.now())
    before = Incident.objects.values().get(pk=incident.pk), list(Receipt.objects.values())
    call(incident, ana, police)
    publish_outcomes(now=timezone.now())
    assert (Incident.objects.values().get(pk=incident.pk), list(Receipt.objects.values())) == before
    for model in (Referral, Notice, NextStep):
        assert not model._default_manager.exists()


@pytest.mark.parametrize("case", ["no danger", "assessed", "not affirmed", "unverified", "other portal", "twice"])
def test_call_is_refused(
    case: str, belize: Portal, zambia: Portal, incident: Incident, ana: User, police: Contact
) -> None:
    to, changes = police, {}
    match case:
        case "no danger":
            incident = incident_of(belize, "https://example.org/other")
        case "assessed":
            assessed_illegal(incident, ana)
        case "not affirmed":
            changes = {"not_the_danger": False}
        case "unverified":
            Contact.objects.filter(pk=police.pk).update(phone="912")
        case "other portal":
            to = ContactFactory.create(portal=zambia, kind=ContactKind.POLICE, name="Other Police", phone="999")
        case _:
            call(incident, ana, police)
    with pytest.raises(Denied):
        call(incident, ana, to, **changes)


@pytest.mark.parametrize("kind", ContactKind)
def test_only_those_who_protect_children_are_called(kind: ContactKind, belize: Portal, incident: Incident) -> None:
    contact = ContactFactory.create(portal=belize, kind=kind, name="Example Office", phone="1")
    is_called = kind not in {ContactKind.CYBERCRIME, ContactKind.REGULATOR}
    assert contacts_to_alert(incident).filter(pk=contact.pk).exists() is is_called


def test_wrong_alert_is_corrected(incident: Incident, ana: User, police: Contact) -> None:
    call(incident, ana, police)
    with pytest.raises(Denied):
        correct_alerts(by=ana, incident=incident)
    assessed_cleared(incident, ana)
    assert to_dos(ana) == ["wrong_alert"]
    # The verdict has ended the danger, and neither the record of the call nor the form.
    page = client_of(ana).get(f"{url(incident)}?open=history")
    assert "called before a verdict" in shown(page)
    assert 'id="correct_alerts"' in page.content.decode()
    correct_alerts(by=ana, incident=incident)
    assert to_dos(ana) == []
    with pytest.raises(Denied):
        correct_alerts(by=ana, incident=incident)


def test_right_alert_needs_no_correction(incident: Incident, ana: User, police: Contact) -> None:
    call(incident, ana, police)
    assessed_illegal(incident, ana)
    assert to_dos(ana) == []


def test_undone_verdict_needs_no_correction(incident: Incident, ana: User, police: Contact) -> None:
    call(incident, ana, police)
    assessment = assessed_cleared(incident, ana)
    actions.undo(by=ana, incident=Incident.objects.get(pk=incident.pk), assessment=assessment, reason=UndoReason.SLIP)
    assert to_dos(ana) == []


def test_page_records_a_call_once_the_report_is_revealed(incident: Incident, ana: User, police: Contact) -> None:
    client, fields = client_of(ana), {"to": police.pk, "not_the_danger": "on", "reason": "now"}
    assert client.post(url(incident, "tell-police"), fields).status_code == 403
    page = reveal(client, incident)
    text = shown(page)
    assert "Tell the police now" in text
    assert case_words("en")["call_script"] in text
    refused = client.post(url(incident, "tell-police"), {"to": police.pk, "reason": "now"})
    assert refused.status_code == 422
    # No colon follows the full stop of the label.
    assert "as the danger. Affirm this" in shown(refused)
    assert not ChildAlert.objects.exists()
    client.post(url(incident, "tell-police"), fields)
    assert ChildAlert.objects.get().name == "Example Police"
    page = client.get(url(incident))
    assert "called before a verdict" in shown(page)
    assert "(informed before)" in shown(page)
    # Folded, so that the verdict stays in view.
    assert 'data-opens="T"' in page.content.decode()


@pytest.mark.parametrize("addresses", ["https://example.org/gallery", ""])
@pytest.mark.parametrize("has_number", [True, False])
def test_form_says_who_can_only_be_called_and_where_nobody_is_offered(
    addresses: str, has_number: bool, belize: Portal, ana: User
) -> None:
    if not has_number:
        belize.contacts.update(phone="")
    details = {"description": "placeholder words", "facts": ["child_in_danger"]}
    hint = str(TellPoliceNow(incident=incident_of(belize, addresses, details=details)).fields["to"].help_text)
    assert hint.startswith("Say first that it is not assessed")
    assert ("Ring them instead." in hint, "No number is verified" in hint) == (not addresses, not has_number)


def test_every_language_says_first_that_it_is_not_assessed() -> None:
    scripts = {path.stem: case_words(path.stem)["call_script"] for path in WORDS.glob("*.toml")}
    assert len(set(scripts.values())) == len(scripts) == 9

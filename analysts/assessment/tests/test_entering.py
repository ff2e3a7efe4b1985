"""Addresses that analysts enter: assessed like reported ones, and never counted as reports."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from analysts.assessment import actions
from analysts.assessment.actions.entering import enter_address
from analysts.assessment.forms import HandOver
from analysts.assessment.publishing import publish_outcomes
from analysts.assessment.tests.test_publishing import shown
from analysts.codes import EntryOrigin, Role
from analysts.models import HOTLINE, Alarm, EnteredAddress, Incident, PortalHour, Report, Sighting, User
from analysts.pages.tests.test_timeline import history_of
from analysts.search.lookups import find_by_number
from analysts.states import State
from analysts.tests.factories import assessed_cleared, assessed_not_found, claimed, incident_of, report_of
from audit.models import AuditEvent
from audit.permissions import Denied
from countries.models import Portal
from reports.addresses import find_addresses
from tests.rig.fixtures import client_of, create_person

TEXT = "https://entered.example.org/placeholder"
[ADDRESS] = find_addresses(TEXT)
PATH = "/admin/addresses/enter/"


def entered(by: User, portal: Portal | None, **more: Any) -> Incident:
    return enter_address(by=by, address=ADDRESS, origin=EntryOrigin.POLICE, portal=portal, **more)


def test_entered_address_waits_in_the_queue_of_its_portal(belize: Portal, ana: User, ben: User) -> None:
    incident = entered(ana, belize, note="File 12/26")
    assert (incident.state, incident.portals, bool(incident.sealed_address)) == (State.WAITING, [belize.pk], True)
    assert [Incident.objects.visible_to(user).count() for user in (ana, ben)] == [1, 0]
    event = AuditEvent.objects.get(action="incident.enter")
    assert (event.portal, event.object_id, event.details["origin"]) == ("bz", str(incident.pk), "police")
    assert "entered.example" not in str(event.details)
    assert actions.claim_next(by=ana) == incident


def test_address_for_the_hotline_is_seen_by_analysts_of_all_portals(
    belize: Portal, ana: User, ben: User, olga: User, willa: User
) -> None:
    incident = entered(ana, None)
    assert incident.portals == [HOTLINE]
    assert [Incident.objects.visible_to(user).count() for user in (ana, ben, olga, willa)] == [1, 1, 0, 0]
    page = client_of(ben).get(reverse("admin:queue")).content.decode()
    assert (str(incident) in page, "Hotline" in page) == (True, True)
    form: Any = HandOver({}, incident=claimed(incident, ana), user=ana)
    assert list(form.fields["to"].queryset) == [ben]


def test_nothing_counts_it_as_a_report(belize: Portal, ana: User) -> None:
    report = report_of(belize, TEXT)
    before = [Report.objects.count(), Sighting.objects.count(), PortalHour.objects.get().reports]
    incident = entered(ana, belize)
    assert incident == report.sightings.get().incident
    assert [Report.objects.count(), Sighting.objects.count(), PortalHour.objects.get().reports] == before
    assert EnteredAddress.objects.count() == 1
    # A second report raises the priority; an entry does not.
    assert "several" not in " ".join(incident.priority_reasons)


def test_entering_twice_in_an_hour_is_one_entry(belize: Portal, ana: User) -> None:
    now = timezone.now().replace(minute=10)
    assert entered(ana, belize, now=now) == entered(ana, belize, now=now + timedelta(minutes=5))
    assert EnteredAddress.objects.count() == 1


def test_decided_incident_is_reopened_as_by_a_report(belize: Portal, ana: User) -> None:
    incident = incident_of(belize, TEXT)
    assessed_not_found(incident, ana)
    entered(ana, belize)
    incident.refresh_from_db()
    assert (incident.state, incident.round) == (State.WAITING, 2)
    assessed_cleared(incident, ana)
    entered(ana, None)
    incident.refresh_from_db()
    # It was cleared in the round that was opened just now.
    assert (incident.state, incident.reopens_at is not None) == (State.CLOSED, True)
    entered(ana, belize, in_danger=True)
    incident.refresh_from_db()
    assert (incident.state, incident.child_in_danger, incident.priority) == (State.WAITING, True, 10)
    assert incident.portals == [HOTLINE, belize.pk]


def test_danger_raises_the_alarm(belize: Portal, ana: User, settings: Any) -> None:
    settings.ALERT_EMAILS = ["duty@example.org"]
    entered(ana, belize, in_danger=True)
    assert Alarm.objects.get().kind == "danger"


def test_merge_takes_the_entry_along(belize: Portal, ana: User) -> None:
    incident, into = entered(ana, None), incident_of(belize, "https://example.org/other")
    actions.merge(by=ana, incident=incident, into=into)
    into.refresh_from_db()
    assert into.portals == [HOTLINE, belize.pk]
    assert [found.pk for found in find_by_number(str(incident), ana)] == [into.pk]
    page = client_of(ana).get(f"/admin/incidents/{incident.pk}/")
    assert page.headers["Location"] == f"/admin/incidents/{into.pk}/"
    # Later entries of the address go there, too.
    assert entered(ana, belize) == into


def test_page_and_history_say_where_it_came_from(belize: Portal, ana: User, ben: User) -> None:
    incident = entered(ana, None)
    entered(ana, belize)
    text = client_of(ben).get(f"/admin/incidents/{incident.pk}/").content.decode()
    assert "Entered by ana, " in text
    assert "(Hotline)" in text
    assert "(Belize)" not in text
    assert [entry.title for entry in history_of(incident, ana).entries] == ["address entered"] * 2


def test_only_own_portals_can_be_named(ana: User, zambia: Portal, willa: User) -> None:
    with pytest.raises(Denied, match="do not work for this portal"):
        entered(ana, zambia)
    with pytest.raises(Denied, match="Only analysts"):
        entered(willa, None)


def test_form_enters_and_leads_to_the_incident(belize: Portal, ana: User) -> None:
    sent = {"address": f" {TEXT}", "origin": "telephone", "seen_by": "hotline", "note": "placeholder"}
    page = client_of(ana).post(PATH, sent)
    incident = Incident.objects.get()
    assert (page.status_code, page.headers["Location"]) == (302, f"/admin/incidents/{incident.pk}/")
    assert EnteredAddress.objects.get(incident=incident).origin == EntryOrigin.TELEPHONE


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"address": "no address <here>"}, "This contains no web address."),
        ({"address": "Snapchat: name.one"}, "This contains no web address."),
        ({"address": f"{TEXT} https://example.org/b"}, "Enter one address at a time."),
        ({"origin": "invented"}, "Select a valid choice."),
        ({"seen_by": "999"}, "Select a valid choice."),
        ({"seen_by": ""}, "This field is required."),
    ],
)
def test_bad_input_keeps_what_was_typed(ana: User, sent: dict[str, str], said: str) -> None:
    good = {"address": TEXT, "origin": "police", "seen_by": "hotline", "note": "placeholder <note>"}
    page = client_of(ana).post(PATH, good | sent)
    text = page.content.decode()
    assert (page.status_code, said in text, "placeholder &lt;note&gt;" in text) == (422, True, True)
    typed = sent.get("address", TEXT).replace("<", "&lt;").replace(">", "&gt;")
    assert typed in text
    assert not Incident.objects.exists()


def test_portal_of_another_analyst_is_not_offered(ana: User, zambia: Portal) -> None:
    sena = create_person("sena-both", Role.SENIOR, zambia)
    assert [f'value="{zambia.pk}"' in client_of(user).get(PATH).content.decode() for user in (ana, sena)] == [
        False,
        True,
    ]


def test_receipts_of_earlier_reports_say_the_same(belize: Portal, ana: User, settings: Any) -> None:
    settings.PUBLISH_EVERY = "minute"
    report = report_of(belize, TEXT)
    assessed_cleared(report.sightings.get().incident, ana)
    publish_outcomes()
    before = shown(report.pk)
    entered(ana, belize)
    publish_outcomes()
    assert (shown(report.pk), before) == (before, [("closed", "not_illegal", 1)])

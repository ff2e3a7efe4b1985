"""`Incident.portals` and its languages, which a database trigger keeps in step with the incident's sightings."""

from analysts.codes import EntryOrigin
from analysts.incidents.locking import first_portals, portal_on_record
from analysts.models import EnteredAddress, Incident, Sighting, User
from analysts.tests.factories import incident_of, report_of
from countries.models import Portal
from tests.rig.fixtures import client_of

ADDRESS = "https://example.org/gallery"


def portals(incident: Incident) -> list[int]:
    return Incident.objects.values_list("portals", flat=True).get(pk=incident.pk)


def languages(incident: Incident) -> list[str]:
    return Incident.objects.values_list("portal_languages", flat=True).get(pk=incident.pk)


def test_incident_is_of_each_portal_that_sighted_it(belize: Portal, zambia: Portal) -> None:
    incident = incident_of(belize, ADDRESS)
    assert portals(incident) == [belize.pk]
    report_of(belize, ADDRESS)
    report_of(zambia, ADDRESS)
    assert portals(incident) == sorted([belize.pk, zambia.pk])


def test_incident_has_each_language_of_each_portal(belize: Portal, zambia: Portal) -> None:
    incident = incident_of(belize, ADDRESS, language="es")
    assert languages(incident) == [f"{belize.pk}:es"]
    for portal, language in ((belize, "es"), (belize, "en"), (zambia, "en")):
        report_of(portal, ADDRESS, language=language)
        assert f"{portal.pk}:{language}" in languages(incident)
    assert set(languages(incident)) == {f"{belize.pk}:es", f"{belize.pk}:en", f"{zambia.pk}:en"}
    Sighting.objects.filter(incident=incident, report__language="es").delete()
    assert set(languages(incident)) == {f"{belize.pk}:en", f"{zambia.pk}:en"}
    assert Incident.objects.reported_in([f"{zambia.pk}:es"]).count() == 0


def test_incident_follows_its_sightings(belize: Portal, zambia: Portal) -> None:
    first, second = incident_of(belize, ADDRESS), incident_of(zambia, "https://example.net/1")
    Sighting.objects.filter(incident=second).update(incident=first)
    assert (portals(first), portals(second)) == (sorted([belize.pk, zambia.pk]), [])

    Sighting.objects.filter(incident=first, portal=zambia).delete()
    assert portals(first) == [belize.pk]

    rows = Sighting.objects.filter(incident=first)
    rows.update(portal=zambia)
    assert (portals(first), languages(first)) == ([zambia.pk], [f"{zambia.pk}:en"])
    rows.update(report=report_of(zambia, "https://example.net/2", language="es"))
    assert languages(first) == [f"{zambia.pk}:es"]


def test_incident_follows_what_staff_entered(belize: Portal, zambia: Portal, ana: User) -> None:
    first, second = incident_of(belize, ADDRESS), incident_of(belize, "https://example.net/1")
    hour = first.first_sighted
    entry = EnteredAddress.objects.create(
        incident=first, portal=zambia, origin=EntryOrigin.POLICE, by=ana, entered_hour=hour
    )
    rows, both = EnteredAddress.objects.filter(pk=entry.pk), sorted([belize.pk, zambia.pk])
    assert (portals(first), portals(second)) == (both, [belize.pk])
    rows.update(incident=second)
    assert (portals(first), portals(second)) == ([belize.pk], both)
    # For the hotline, which is no portal.
    rows.update(portal=None)
    assert portals(second) == [0, belize.pk]
    Sighting.objects.filter(incident=second).delete()
    assert portals(second) == [0]
    rows.delete()
    assert portals(second) == []


def test_incident_saved_whole_stays_where_it_is(belize: Portal, zambia: Portal, ben: User) -> None:
    stale = incident_of(belize, ADDRESS)
    report_of(zambia, ADDRESS)
    stale.save()
    assert portals(stale) == sorted([belize.pk, zambia.pk])

    Incident.objects.update(portals=[], portal_languages=[])
    assert portals(stale) == sorted([belize.pk, zambia.pk])
    assert languages(stale) == sorted([f"{belize.pk}:en", f"{zambia.pk}:en"])
    assert Incident.objects.visible_to(ben).get() == stale


def test_each_request_rechecks_incident_visibility(belize: Portal, zambia: Portal, ana: User) -> None:
    hers, other = incident_of(belize, ADDRESS), incident_of(zambia, "https://example.net/1")
    client = client_of(ana)
    assert client.get(f"/admin/incidents/{hers.pk}/").status_code == 200
    ana.portals.set([zambia])
    assert client.get(f"/admin/incidents/{hers.pk}/").status_code == 404
    assert client.get(f"/admin/incidents/{other.pk}/").status_code == 200
    assert list(Incident.objects.visible_to(ana)) == [other]
    ana.portals.clear()
    assert list(Incident.objects.visible_to(ana)) == []


def test_event_names_the_first_portal_by_slug_that_the_person_works_for(
    belize: Portal, zambia: Portal, ana: User
) -> None:
    """Where none sighted the incident, the one that staff entered it for; events of the machine see all."""
    both, theirs = incident_of(zambia, ADDRESS), incident_of(zambia, "https://example.net/1")
    report_of(belize, ADDRESS)
    alone = [incident_of(zambia, f"https://example.net/{number}") for number in (2, 3, 4)]
    Sighting.objects.filter(incident__in=alone).delete()
    for incident, portal in zip([both, *alone], [zambia, belize, zambia, None], strict=True):
        EnteredAddress.objects.create(
            incident=incident, portal=portal, origin=EntryOrigin.POLICE, by=ana, entered_hour=incident.first_sighted
        )
    incidents = [both, theirs, *alone]
    assert [portal_on_record(incident, None) for incident in incidents] == ["bz", "zm", "bz", "zm", ""]
    assert [portal_on_record(incident, ana) for incident in incidents] == ["bz", "", "bz", "", ""]
    incident_of(belize, "https://example.net/5")
    assert first_portals(incidents, ana) == {both.pk: "bz"}

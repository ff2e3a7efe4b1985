"""`manage.py recheck_incidents`: what one incident holds that is several addresses by the rules of today."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from analysts.assessment import actions, publishing
from analysts.assessment.tests.test_publishing import shown
from analysts.codes import Closing, HoldReason
from analysts.incidents.contents import opening
from analysts.models import Incident, Report, Sighting, User
from analysts.retention import actions as retention_actions
from analysts.states import State
from analysts.tests.factories import assessed_not_found, incident_of, report_of
from audit.models import AuditEvent
from countries.models import Portal
from reports.addresses import address as address_rules

PAGE = "https://chat.example.org/join"
DANGER = {"facts": ["child_in_danger"]}


@contextmanager
def old_rules() -> Iterator[None]:
    """As if nothing behind a "#" were part of an address."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(address_rules, "without_harmless_fragment", lambda *_: "")
        yield


def recheck(*, dry_run: bool = False) -> str:
    out = StringIO()
    call_command("recheck_incidents", dry_run=dry_run, stdout=out)
    return out.getvalue()


def spelt(incident: Incident) -> list[str]:
    sightings = incident.sightings.all()
    return sorted(each.reported for sighting in sightings for each in opening.unseal_spellings(sighting))


def incident_at(address: str) -> Incident:
    """The incident with this address as its own."""
    [found] = [
        incident
        for incident in Incident.objects.select_related("key")
        if (opened := opening.unseal_address(incident)) and opened.reported == address
    ]
    return found


@pytest.fixture
def group(belize: Portal, settings: Any) -> list[Report]:
    """Four reports of three invitations, which the old rules took for one."""
    settings.PUBLISH_EVERY = "minute"
    with old_rules():
        return [report_of(belize, f"{PAGE}#{code}") for code in ("one", "two", "two")] + [
            report_of(belize, f"{PAGE}#three and {PAGE}#one", details=DANGER)
        ]


def test_group_that_was_judged_as_another_is_split_and_its_receipts_are_corrected(
    group: list[Report], ana: User
) -> None:
    judged = Incident.objects.get()
    assessed_not_found(judged, ana)
    publishing.publish_outcomes()
    assert {tuple(shown(report.pk)[0]) for report in group} == {("closed", "not_found", 1)}

    assert recheck().startswith(f"{judged}: 4 reports name 2 other addresses\n")
    publishing.publish_outcomes()

    assert [shown(report.pk) for report in group] == [
        [("closed", "not_found", 1)],
        [("received", "", 1)],
        [("received", "", 1)],
        [("received", "", 1), ("closed", "not_found", 1)],
    ]
    two, three = incident_at(f"{PAGE}#two"), incident_at(f"{PAGE}#three")
    judged.refresh_from_db()
    assert (judged.state, two.state, three.state) == (State.CLOSED, State.WAITING, State.WAITING)
    assert (spelt(judged), spelt(two), spelt(three)) == (
        [f"{PAGE}#one", f"{PAGE}#one"],
        [f"{PAGE}#two", f"{PAGE}#two"],
        [f"{PAGE}#three"],
    )
    assert (two.child_in_danger, three.child_in_danger) == (False, True)
    events = AuditEvent.objects.filter(action="incident.split").order_by("number")
    assert {event.actor for event in events} == {""}
    assert [event.object_id for event in events][-1] == str(judged.pk)


def test_later_reports_find_the_incident_of_their_own_address(group: list[Report], belize: Portal) -> None:
    recheck()

    for code in ("one", "two", "three"):
        [sighting] = report_of(belize, f"{PAGE}#{code}").sightings.all()
        assert sighting.incident == incident_at(f"{PAGE}#{code}")
    assert Incident.objects.count() == 3


def test_dry_run_says_the_same_and_changes_nothing(group: list[Report]) -> None:
    before = list(Incident.objects.values()), list(Sighting.objects.order_by("pk").values())
    said = recheck(dry_run=True)

    assert "4 reports name 2 other addresses" in said
    assert "would be split: 1," in said
    assert (list(Incident.objects.values()), list(Sighting.objects.order_by("pk").values())) == before
    assert not AuditEvent.objects.filter(action="incident.split").exists()


def test_second_run_finds_nothing(group: list[Report]) -> None:
    recheck()
    assert recheck() == "Read: 3, not readable any longer: 0, split: 0, read in another way: 0, left: 0.\n"


def test_sightings_from_before_take_their_address_from_the_report(group: list[Report]) -> None:
    Sighting.objects.update(key=None, sealed_address=b"", has_incident_spelling=False)
    recheck()

    assert {spelling for incident in Incident.objects.all() for spelling in spelt(incident)} == {
        f"{PAGE}#{code}" for code in ("one", "two", "three")
    }
    assert Incident.objects.count() == 3


def test_what_a_person_merged_stays_merged(belize: Portal, ana: User) -> None:
    one, other = incident_of(belize, f"{PAGE}#one"), incident_of(belize, f"{PAGE}#other")
    actions.merge(by=ana, incident=one, into=other)

    assert "split: 0" in recheck()
    one.refresh_from_db()
    assert (one.closing, one.merged_into) == (Closing.MERGED, other)


def test_what_a_person_split_off_stays_apart(belize: Portal, ana: User) -> None:
    first, second = report_of(belize, f"{PAGE}#one"), report_of(belize, f"{PAGE}#one")
    incident = first.sightings.get().incident
    apart = actions.split(by=ana, incident=incident, report=second)
    recheck()

    assert second.sightings.get().incident == apart
    assert report_of(belize, f"{PAGE}#one").sightings.get().incident == incident


def test_held_incident_is_left_for_a_person(group: list[Report], sena: User) -> None:
    held = Incident.objects.get()
    tomorrow: date = timezone.localdate() + timedelta(days=2)
    retention_actions.place_hold(by=sena, incident=held, reason=HoldReason.POLICE, review_on=tomorrow)

    assert f"{held}: left as it is" in recheck()
    assert held.sightings.count() == 4


def test_address_that_was_shown_wrongly_is_reviewed_again(belize: Portal, ana: User) -> None:
    with pytest.MonkeyPatch.context() as patched:
        # A rule that took a parameter for tracking.
        patched.setattr(address_rules, "tracking_test", lambda *_: lambda parameter: parameter.startswith("pk_"))
        incident = incident_of(belize, "https://example.org/a?pk_id=1")
    assessed_not_found(incident, ana)

    assert f"{incident}: its address is read in another way now" in recheck()
    incident = Incident.objects.select_related("key").get(pk=incident.pk)
    opened = opening.unseal_address(incident)
    assert opened is not None
    assert (opened.normalised, incident.state, incident.round) == ("https://example.org/a?pk_id=1", State.WAITING, 2)
    # The spelling that its sighting had from it is sealed there now.
    assert spelt(incident) == ["https://example.org/a?pk_id=1"]
    assert list(incident.sightings.values_list("has_incident_spelling", flat=True)) == [False]
    assert report_of(belize, "https://example.org/a?pk_id=1").sightings.get().incident == incident

"""Undoing a decision: by its author, within minutes, and on record."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from analysts.assessment import actions
from analysts.assessment.publishing import facts_of
from analysts.codes import UndoReason
from analysts.models import Assessment, Chase, Incident, RecipientKind, Referral, RouteStep, User
from analysts.states import State
from analysts.takedown.routing.actions import confirm_route, refer
from analysts.tests.chases import found_gone, office, routed
from analysts.tests.factories import assessed_illegal, assessed_not_found, incident_of
from audit.models import AuditEvent
from audit.permissions import Denied
from countries.models import Portal
from reports.outcomes import PublicState, public_state


def undo(made: Assessment, by: User, now: datetime | None = None) -> Incident:
    return actions.undo(by=by, incident=made.incident, assessment=made, reason=UndoReason.SLIP, now=now)


def test_undo_returns_incident_to_the_analyst_who_decided(belize: Portal, ana: User) -> None:
    made = assessed_not_found(incident_of(belize), ana)
    incident = undo(made, ana)

    assert (incident.state, incident.claimed_by, incident.closing, incident.closed_on) == (
        State.CLAIMED,
        ana,
        "",
        None,
    )
    assert incident.fence == 2
    made.refresh_from_db()
    assert (made.undone_by, made.undo_reason) == (ana, "slip")
    event = AuditEvent.objects.latest("number")
    assert (event.action, event.details) == ("incident.undo", {"verdict": "not_assessed", "reason": "slip"})
    assert public_state(facts_of(incident.sightings.get())) == (PublicState.BEING_ASSESSED, None)


def test_danger_is_urgent_again_once_the_decision_is_taken_back(belize: Portal, ana: User) -> None:
    made = assessed_not_found(incident_of(belize, details={"facts": ["child_in_danger"]}), ana)

    assert undo(made, ana).child_in_danger


@pytest.mark.parametrize("minutes", [11, 60 * 24])
def test_undo_has_its_time(belize: Portal, ana: User, minutes: int) -> None:
    made = assessed_not_found(incident_of(belize), ana)

    with pytest.raises(Denied) as denied:
        undo(made, ana, now=timezone.now() + timedelta(minutes=minutes))
    refusal = "The time limit for undoing this decision has passed. Reopen the incident instead."
    assert str(denied.value.reason) == refusal


def test_only_the_analyst_who_decided_can_undo(
    belize: Portal, zambia: Portal, ana: User, sena: User, ben: User
) -> None:
    made = assessed_not_found(incident_of(belize), ana)

    for other in (sena, ben):
        with pytest.raises(Denied):
            undo(made, other)
    made.refresh_from_db()
    assert made.undone_at is None


def test_nothing_that_something_was_built_on_is_taken_back(belize: Portal, ana: User) -> None:
    made = assessed_illegal(incident_of(belize), ana)
    refer(by=ana, incident=made.incident, kind=RecipientKind.HOST, name="Example Hosting", reason="r")
    with pytest.raises(Denied):
        undo(made, ana)
    found_gone(made.incident, ana)
    with pytest.raises(Denied):
        undo(made, ana)

    again = assessed_not_found(incident_of(belize, "https://other.example/1"), ana)
    undo(again, ana)
    with pytest.raises(Denied) as denied:
        undo(again, ana)
    assert str(denied.value.reason) == "This decision has already been undone."


def test_chase_of_an_earlier_round_goes_on_when_a_later_verdict_is_taken_back(belize: Portal, ana: User) -> None:
    first = assessed_illegal(incident_of(belize), ana)
    chase = Chase.objects.get()
    second = assessed_illegal(actions.reopen(by=ana, incident=first.incident), ana)
    undo(second, ana)

    assert [(each.pk, each.since, each.ended_at) for each in Chase.objects.all()] == [(chase.pk, first.at, None)]


def test_chase_that_a_verdict_ended_goes_on_with_the_next_illegal_one(belize: Portal, ana: User) -> None:
    first = assessed_illegal(incident_of(belize), ana)
    chase = routed(first, [office(RecipientKind.HOST, ana, at=first.at)], first_notified_at=first.at)
    incident = actions.reopen(by=ana, incident=first.incident)
    for assessed in (assessed_illegal, assessed_not_found):
        incident = undo(assessed(incident, ana), ana)
        incident = actions.release(by=ana, incident=incident, fence=incident.fence)
    assert Chase.objects.get().ended_at is not None
    assessed_illegal(incident, ana)

    # The same row with its first notice. Earlier recipients get no more notices until a new route is confirmed.
    again = Chase.objects.get()
    assert (again.pk, again.round, again.since, again.noticed_at) == (chase.pk, 2, first.at, first.at)
    assert (again.ended_at, again.routed_trace, again.due_at is not None) == (None, None, True)
    assert not Referral.objects.filter(ended_at=None).exists()
    confirm_route(by=ana, incident=incident, steps=[RouteStep.NOTICE_HOST], reason="r")
    assert Referral.objects.filter(ended_at=None, to=chase.provider).exists()


def test_what_was_taken_back_decides_nothing(belize: Portal, ana: User) -> None:
    made = assessed_illegal(incident_of(belize), ana)
    incident = undo(made, ana)

    assert incident.severity == ""
    again = assessed_not_found(actions.release(by=ana, incident=incident, fence=incident.fence), ana)
    assert list(incident.assessments.in_force()) == [again]
    assert incident.assessments.count() == 2


def test_database_refuses_a_changed_or_deleted_assessment(belize: Portal, ana: User) -> None:
    made = assessed_illegal(incident_of(belize), ana)

    for change in (
        lambda: Assessment.objects.filter(pk=made.pk).update(severity="A"),
        lambda: Assessment.objects.filter(pk=made.pk).delete(),
    ):
        with pytest.raises(IntegrityError, match="taken back, never changed"), transaction.atomic():
            change()

"""Availability checks: what is recorded, when the takedown ends, and what stays unchanged."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from analysts.assessment import actions, publishing
from analysts.assessment.actions.bulk import closable_incidents
from analysts.codes import FoldReason
from analysts.models import (
    Assessment,
    AvailabilityCheck,
    Chase,
    CheckOutcome,
    DropReason,
    FloodFolding,
    Incident,
    RecipientKind,
    Referral,
    Sighting,
    User,
)
from analysts.states import State
from analysts.takedown.chasing.actions import check
from analysts.takedown.routing.actions import refer
from analysts.tests.factories import assessed_illegal, assessed_not_found, claimed, incident_of, report_of
from audit.models import AuditEvent
from audit.permissions import Denied
from countries.models import Portal
from reports.models import Receipt

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def days_ago(days: int) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) - days * DAY


@pytest.fixture
def verdict(belize: Portal, ana: User) -> Assessment:
    """An incident reported seven days ago and assessed as illegal six days ago."""
    return assessed_illegal(incident_of(belize, now=days_ago(7)), ana, now=days_ago(6))


def look(by: User, verdict: Assessment, outcome: CheckOutcome, days: int) -> AvailabilityCheck:
    at = verdict.at + days * DAY
    return check(by=by, incident=verdict.incident, outcome=outcome, now=at)


def gone_three_times(by: User, verdict: Assessment) -> None:
    for days in (1, 2, 3):
        look(by, verdict, CheckOutcome.GONE, days)


def test_check_is_kept_and_counted(verdict: Assessment, ana: User) -> None:
    kept = look(ana, verdict, CheckOutcome.GONE, 1)
    chase = Chase.objects.get()

    assert (kept.outcome, kept.at, kept.recorded_at, kept.by) == (
        CheckOutcome.GONE,
        verdict.at + DAY,
        verdict.at + DAY,
        ana,
    )
    assert (chase.removed_in_a_row, chase.removed_at, chase.checked_at, chase.ended_at) == (1, kept.at, kept.at, None)
    event = AuditEvent.objects.latest("number")
    assert (event.action, event.actor, event.details) == ("incident.check", "ana", {"outcome": "gone", "in_a_row": 1})


def test_third_time_gone_closes(verdict: Assessment, ana: User) -> None:
    referral = refer(
        by=ana, incident=verdict.incident, kind=RecipientKind.HOST, name="Example Hosting", reason="r", now=verdict.at
    )
    gone_three_times(ana, verdict)
    incident, chase = Incident.objects.get(), Chase.objects.get()

    assert (incident.state, incident.closing) == (State.CLOSED, "gone")
    # Removed since the first of the checks; closed at the third.
    assert (chase.removed_at, chase.ended_at) == (verdict.at + DAY, verdict.at + 3 * DAY)
    referral.refresh_from_db()
    assert (referral.removed_at, referral.ended_at) == (chase.removed_at, chase.ended_at)
    # The notice that was still scheduled is sent without it.
    assert referral.items.get().dropped == DropReason.GONE
    details = AuditEvent.objects.latest("number").details
    assert details == {"outcome": "gone", "in_a_row": 3, "closing": "gone"}
    # The receipt says nothing of it: no notice had left.
    publishing.publish_outcomes()
    assert Receipt.objects.get().outcomes == [["being_assessed", "", 1]]


def test_three_clicks_in_a_minute_close_nothing(verdict: Assessment, ana: User) -> None:
    at = verdict.at + DAY
    for second in range(3):
        check(by=ana, incident=verdict.incident, outcome=CheckOutcome.GONE, now=at + second * timedelta(seconds=9))

    assert Chase.objects.get().removed_in_a_row == 1
    assert Incident.objects.get().state == State.ASSESSED


def test_three_checks_typed_as_half_a_day_apart_close_nothing(verdict: Assessment, ana: User) -> None:
    now = verdict.at + 3 * DAY
    kept = [
        check(by=ana, incident=verdict.incident, outcome=CheckOutcome.GONE, at=now - hours * HOUR, now=now)
        for hours in (48, 24, 0)
    ]

    assert [(each.at, each.stated_at) for each in kept] == [(now, now - 2 * DAY), (now, now - DAY), (now, None)]
    assert Chase.objects.get().removed_in_a_row == 1
    assert Incident.objects.get().state == State.ASSESSED


def test_checks_of_signed_results_count_by_when_they_were_made(verdict: Assessment, ana: User) -> None:
    now = verdict.at + 3 * DAY
    for hours in (48, 24, 0):
        outcome, source = CheckOutcome.GONE, uuid.uuid4()
        check(by=ana, incident=verdict.incident, outcome=outcome, at=now - hours * HOUR, source=source, now=now)

    assert Chase.objects.get().removed_at == now - 2 * DAY
    assert Incident.objects.get().closing == "gone"


def test_online_check_resets_the_count_of_removed_checks(verdict: Assessment, ana: User) -> None:
    look(ana, verdict, CheckOutcome.GONE, 1)
    look(ana, verdict, CheckOutcome.GONE, 2)
    look(ana, verdict, CheckOutcome.ONLINE, 3)
    look(ana, verdict, CheckOutcome.GONE, 4)
    chase = Chase.objects.get()

    assert (chase.removed_in_a_row, chase.removed_at, chase.ended_at) == (1, verdict.at + 4 * DAY, None)


def test_checks_that_arrive_late_count_by_when_they_were_made(verdict: Assessment, ana: User) -> None:
    look(ana, verdict, CheckOutcome.GONE, 1)
    look(ana, verdict, CheckOutcome.GONE, 3)
    # Found online between the two checks, and recorded afterwards.
    at = verdict.at + 2 * DAY
    check(by=ana, incident=verdict.incident, outcome=CheckOutcome.ONLINE, at=at, source=uuid.uuid4())

    assert Chase.objects.get().removed_in_a_row == 1


def test_same_answer_twice_is_kept_once_even_after_the_end(verdict: Assessment, ana: User) -> None:
    source = uuid.uuid4()
    at = verdict.at + 3 * DAY
    for days in (1, 2):
        look(ana, verdict, CheckOutcome.GONE, days)
    first, again = (
        check(by=ana, incident=verdict.incident, outcome=CheckOutcome.GONE, at=at, source=source) for _ in range(2)
    )

    assert first == again
    assert AvailabilityCheck.objects.count() == 3


def test_what_was_opened_again_goes_on_waiting_when_it_is_gone(verdict: Assessment, ana: User) -> None:
    actions.reopen(by=ana, incident=verdict.incident, now=verdict.at + HOUR)
    gone_three_times(ana, verdict)

    assert Incident.objects.get().state == State.WAITING
    assert Chase.objects.get().ended_at is not None


def test_new_verdict_while_it_is_chased_goes_on_with_the_same_chase(verdict: Assessment, ana: User) -> None:
    before = Chase.objects.get()
    again = actions.reopen(by=ana, incident=verdict.incident, now=verdict.at + HOUR)
    assessed_illegal(again, ana, now=verdict.at + 2 * HOUR)
    chase = Chase.objects.get()

    assert (chase.pk, chase.since, chase.round, chase.ended_at) == (before.pk, before.since, 2, None)


@pytest.mark.parametrize(
    ("hours", "reason"),
    [
        (-1, "This time is before the illegal verdict. Only checks after the verdict count."),
        (30, "This time is in the future."),
    ],
)
def test_moment_that_cannot_be_is_refused(verdict: Assessment, ana: User, hours: int, reason: str) -> None:
    at, now = verdict.at + hours * HOUR, verdict.at + DAY

    with pytest.raises(Denied) as denied:
        check(by=ana, incident=verdict.incident, outcome=CheckOutcome.GONE, at=at, now=now)
    assert str(denied.value.reason) == reason
    assert AvailabilityCheck.objects.count() == 0


def test_look_within_the_minute_of_the_verdict_counts(belize: Portal, ana: User) -> None:
    """Times entered by people have no seconds."""
    minute = days_ago(2).replace(second=0)
    late = assessed_illegal(incident_of(belize, now=minute - DAY), ana, now=minute + timedelta(seconds=40))
    check(by=ana, incident=late.incident, outcome=CheckOutcome.GONE, at=minute, now=minute + HOUR)

    assert Chase.objects.get().removed_in_a_row == 1


def test_clock_of_a_workstation_may_be_a_little_ahead(verdict: Assessment, ana: User) -> None:
    now = verdict.at + DAY
    ahead = now + timedelta(minutes=4)
    kept = check(by=ana, incident=verdict.incident, outcome=CheckOutcome.ONLINE, at=ahead, source=uuid.uuid4(), now=now)

    assert kept.at == now


def test_what_is_not_illegal_or_over_takes_no_check(belize: Portal, ana: User, verdict: Assessment) -> None:
    other = incident_of(belize, "https://example.org/other", now=days_ago(7))
    assessed_not_found(other, ana, now=days_ago(6))
    gone_three_times(ana, verdict)
    for incident in (other, verdict.incident):
        with pytest.raises(Denied) as denied:
            check(by=ana, incident=incident, outcome=CheckOutcome.ONLINE, at=days_ago(1))
        assert str(denied.value.reason) == "Only open incidents with an illegal verdict can be checked or escalated."


def test_stranger_to_the_portal_and_roles_without_content_record_nothing(
    verdict: Assessment, belize: Portal, ben: User, olga: User
) -> None:
    olga.portals.set([belize])
    for who in (ben, olga):
        with pytest.raises(Denied):
            look(who, verdict, CheckOutcome.GONE, 1)
    assert AvailabilityCheck.objects.count() == 0


# --- It is back -------------------------------------------------------------------------------------


def test_reported_again_after_the_end_it_is_back_with_its_history(
    verdict: Assessment, belize: Portal, ana: User
) -> None:
    gone_three_times(ana, verdict)
    back = report_of(belize, now=days_ago(1))
    incident = Incident.objects.get()

    assert (incident.state, incident.round, incident.closing) == (State.WAITING, 2, "")
    assert "reopened" in incident.priority_reasons
    assert Sighting.objects.filter(report=back, incident=incident).exists()
    # Earlier actions stay recorded, and no chase runs before the new verdict.
    assert incident.checks.count() == 3
    assert not Chase.objects.filter(ended_at=None).exists()

    assessed_illegal(incident, ana, now=days_ago(1) + HOUR)
    first, second = Chase.objects.order_by("round")
    assert (first.round, first.removed_in_a_row, second.round, second.removed_in_a_row) == (1, 3, 2, 0)
    # Checks of the first round do not count in the second.
    check(by=ana, incident=incident, outcome=CheckOutcome.GONE, now=days_ago(1) + 2 * HOUR)
    assert Chase.objects.get(ended_at=None).removed_in_a_row == 1


def test_receipts_follow_until_it_is_gone_and_when_it_is_back(belize: Portal, ana: User) -> None:
    shown: list[list[list[str | int]]] = []

    def publish(now: datetime) -> None:
        publishing.publish_outcomes(now=now)
        shown.append(Receipt.objects.earliest("changed_on").outcomes)

    incident = incident_of(belize, now=days_ago(9))
    publish(days_ago(8))
    claimed(incident, ana, now=days_ago(8))
    publish(days_ago(8))
    actions.release(by=ana, incident=incident, fence=1, now=days_ago(8))
    verdict = assessed_illegal(incident, ana, now=days_ago(7))
    publish(days_ago(7))
    refer(by=ana, incident=incident, kind=RecipientKind.HOST, name="Example Hosting", reason="r", now=days_ago(7))
    publish(days_ago(7))
    Referral.objects.update(noticed_at=days_ago(6))
    Incident.objects.update(unpublished=True)
    publish(days_ago(6))
    gone_three_times(ana, verdict)
    publish(days_ago(3))
    Receipt.objects.update(changed_on=days_ago(30).date())
    report_of(belize, now=days_ago(2))
    publishing.publish_outcomes(now=days_ago(1))
    reports = [receipt.outcomes for receipt in Receipt.objects.all()]

    assert shown == [
        [["received", "", 1]],
        [["being_assessed", "", 1]],
        [["being_assessed", "", 1]],
        [["being_assessed", "", 1]],
        [["notice_sent", "", 1]],
        [["gone", "", 1]],
    ]
    # The first one's receipt says what was done then, the other's that its address waits.
    assert sorted(reports) == [[["notice_sent", "", 1]], [["received", "", 1]]]
    assert Referral.objects.count() == 1


def test_what_is_chased_is_neither_merged_away_nor_closed_with_many(
    verdict: Assessment, belize: Portal, ana: User
) -> None:
    """Otherwise its chase would continue for an incident that has no reports left and that no user can see."""
    other = incident_of(belize, "https://example.org/other", now=days_ago(7))
    incident = actions.reopen(by=ana, incident=verdict.incident, now=days_ago(5))
    with pytest.raises(Denied) as denied:
        actions.merge(by=ana, incident=incident, into=other)
    assert "Merge the other incident into this one." in str(denied.value.reason)
    folded = {"flood": bytes(32), "by": ana, "at": days_ago(4), "reason": FoldReason.INVENTED, "number": 2}
    FloodFolding.objects.create(**folded)
    Incident.objects.update(flood=bytes(32), priority=0)

    assert list(closable_incidents(ana, bytes(32))) == [other]

"""Never silent, never false: what must hold after every step. One function each, with the sentence as its docstring."""

import re
from collections import defaultdict
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q

from analysts.accounts.coverage import KNOWN_STATES
from analysts.accounts.permissions import CONTENT_ROLES
from analysts.codes import Closing, Verdict
from analysts.codes.recipient_kinds import ReferralKind
from analysts.models import (
    Alarm,
    AlarmKind,
    AvailabilityCheck,
    BulkClosing,
    Chase,
    CheckOutcome,
    Clearance,
    CoverageGap,
    FloodFolding,
    Incident,
    IncidentKind,
    NextStep,
    NextStepKind,
    NoticeItem,
    NoticeState,
    PoliceHold,
    Purpose,
    Referral,
    Sighting,
    User,
)
from analysts.states import State
from analysts.takedown.next_steps.queries import incidents_without_next_step
from countries.models import Portal
from reports.models import Receipt, the_hour
from reports.outcomes import PublicState
from tests.life.world import World

# --- Every report is visible -------------------------------------------------------------------------


def a_portal_without_analysts_is_noted(world: World) -> None:
    """Each known portal has an active analyst, or a gap of its coverage is recorded and an alarm waits or has left."""
    analysts = User.objects.filter(is_active=True, role__in=CONTENT_ROLES)
    covered = set(analysts.values_list("portals", flat=True)) | set(
        analysts.values_list("portal_groups__portals", flat=True)
    )
    if not analysts.filter(all_portals=True).exists():
        known = set(Portal.objects.filter(state__in=KNOWN_STATES).values_list("pk", flat=True))
        gaps = set(CoverageGap.objects.values_list("portal", flat=True))
        assert known - covered <= gaps, known - covered
        assert not gaps or Alarm.objects.filter(kind=AlarmKind.COVERAGE).exists() or world.alarms


def an_alarm_about_danger_waits_or_has_left(world: World) -> None:
    """While a child may be in danger, an alarm waits to be sent, or one was accepted since the latest such report."""
    reports = {each.receipt_id for each in world.sent if each.is_danger}
    in_danger = Incident.objects.in_danger()
    known_dangers = set(
        Sighting.objects.filter(report__in=reports, incident__in=in_danger).values_list("report", flat=True)
    )
    if known_dangers - world.danger_taken_in:
        world.danger_taken_in |= known_dangers
        world.alarm_awaited = True
    if len(world.alarms) > world.alarms_seen or not known_dangers:
        world.alarms_seen, world.alarm_awaited = len(world.alarms), False
    assert not world.alarm_awaited or Alarm.objects.filter(kind=AlarmKind.DANGER).exists(), "the alarm is lost"


# --- Every open illegal incident has a next step -----------------------------------------------------


def open_illegal_incidents_have_a_next_step(_world: World) -> None:
    """Each open illegal incident has a next step with a date and an owner or a queue."""
    assert not incidents_without_next_step().exists()


def illegal_incidents_are_chased(_world: World) -> None:
    """An incident with an address and an illegal verdict that is not closed has a takedown in progress."""
    decided = Incident.objects.filter(state__in=[State.ASSESSED, State.ACTING]).exclude(kind=IncidentKind.WORDS)
    assert not decided.exclude(pk__in=Chase.objects.open().values("incident")).exists()


def a_refusal_is_decided_about(_world: World) -> None:
    """After a refusal of the police, no incident waits for their answer unless a person chose that."""
    waits = NextStep.objects.filter(set_by=None, kind__in=[NextStepKind.POLICE, NextStepKind.REQUEST])
    latest = PoliceHold.objects.order_by("incident", "-at").distinct("incident")
    refused = [hold.incident_id for hold in latest if hold.answer == Clearance.REFUSED]
    assert not waits.filter(incident__in=refused).exists()


def clearance_runs_from_sending(_world: World) -> None:
    """The time of a clearance request begins when its notice has left, and not before."""
    for hold in PoliceHold.objects.exclude(sent_at=None):
        letters = NoticeItem.objects.filter(
            incident=hold.incident_id, notice__purpose=Purpose.CLEARANCE, notice__state=NoticeState.SENT
        )
        assert letters.filter(notice__sent_at=hold.sent_at).exists(), hold.pk
    waits = NextStep.objects.filter(set_by=None, kind=NextStepKind.POLICE)
    assert not waits.exclude(incident__police_holds__sent_at=F("since")).exists()


def only_checks_that_were_made_apart_close(_world: World) -> None:
    """A check counts from when it was recorded; one that closes comes days after the first that found it removed."""
    typed = AvailabilityCheck.objects.filter(source=None).exclude(at=F("recorded_at"))
    assert not typed.exists()
    apart = (settings.GONE_CHECKS - 1) * timedelta(hours=settings.CHECK_HOURS) / 2
    for incident in Incident.objects.filter(closing=Closing.GONE):
        gone = incident.checks.filter(outcome=CheckOutcome.GONE).order_by("at")
        times = list(gone.values_list("at", flat=True))
        assert len(times) >= settings.GONE_CHECKS
        assert times[-1] - times[0] >= apart


def a_report_after_closing_reopens(world: World) -> None:
    """An incident closed as removed or not found is not closed any more once a report of that hour or later came in."""
    sent_hour = {each.receipt_id: the_hour(each.sent_at) for each in world.sent}
    for incident in Incident.objects.filter(closing__in=[Closing.GONE, Closing.NOT_ACTIONED]):
        decision = _closed_by(incident)
        if decision is None:
            continue
        pk, closed_at = decision
        reports = set(Sighting.objects.filter(incident=incident, merged_from=None).values_list("report", flat=True))
        came_in = reports - world.closed_with.setdefault(pk, reports)
        assert not any(sent_hour[report] >= the_hour(closed_at) for report in came_in), incident


def _closed_by(incident: Incident) -> tuple[UUID, datetime] | None:
    """The takedown or verdict that closed it, and when; None if a later report need not reopen it."""
    if incident.closing == Closing.GONE:
        chase = Chase.objects.filter(incident=incident).latest("since")
        assert chase.ended_at is not None
        return chase.pk, chase.ended_at
    latest = incident.assessments.in_force().first()
    return (latest.pk, latest.at) if latest and latest.verdict == Verdict.NOT_ASSESSED else None


# --- Receipts ----------------------------------------------------------------------------------------


def receipts_say_nothing_early(world: World) -> None:
    """A receipt's state changes at the earliest a day after its report, and on a whole day."""
    early = [each.receipt_id for each in world.sent if (world.now - each.sent_at).total_seconds() < 23 * 3600]
    assert not Receipt.objects.filter(pk__in=early).exclude(outcomes=[]).exists()


def receipts_claim_only_what_happened(_world: World) -> None:
    """A receipt says "removed" only after checks, and that the hotline acted only after a notice or referral left."""
    for pk, outcomes in Receipt.objects.exclude(outcomes=[]).values_list("pk", "outcomes"):
        states = {outcome[0] for outcome in outcomes}
        if PublicState.GONE in states:
            ended = Chase.objects.filter(incident__sightings__report=pk, removed_in_a_row__gte=1)
            assert ended.exists(), outcomes
        if states & {PublicState.NOTICE_SENT, PublicState.PASSED_ON, PublicState.LISTED}:
            left = Referral.objects.filter(incident__sightings__report=pk, noticed_at__isnull=False)
            assert left.filter(kind__in=[ReferralKind.TAKEDOWN, ReferralKind.HOTLINE]).exists(), outcomes


# --- Reports are not buried ---------------------------------------------------------------------------


def floods_bury_nothing(_world: World) -> None:
    """What is folded has its flood's pattern and no illegal site, or a person folded it; danger stays counted."""
    waiting = Incident.objects.filter(state__in=[State.WAITING, State.CLAIMED])
    folded = waiting.filter(priority=0).exclude(flood__in=FloodFolding.objects.values("flood"))
    assert not folded.exclude(flood=F("shape")).exists()
    known = Incident.objects.exclude(severity="").values("site_fingerprint")
    assert not folded.exclude(site_fingerprint=b"").filter(site_fingerprint__in=known).exists()
    assert not waiting.filter(child_in_danger=True).exclude(Q(priority=10) | Q(priority=0)).exists()


def floods_hold_pages_that_are_alike(world: World) -> None:
    """The addresses of one flood differ in numbers only."""
    texts = {each.receipt_id: re.sub(r"\d+", "0", each.text) for each in world.sent}
    folded = Incident.objects.filter(priority=0, flood=F("shape"), state=State.WAITING).exclude(flood=b"")
    alike: dict[bytes, set[str]] = defaultdict(set)
    for flood, report in folded.values_list("flood", "sightings__report"):
        alike[bytes(flood)].add(texts[report])
    assert all(len(each) == 1 for each in alike.values()), alike


def nothing_is_closed_unseen(_world: World) -> None:
    """Each closing of many had its sample opened, or a second person."""
    alone = BulkClosing.objects.filter(approved_by=None)
    assert not alone.filter(sample=None).exists()
    assert not alone.filter(sample__items__isnull=False, sample__items__opened_at=None).exists()
    assert not BulkClosing.objects.filter(approved_by=F("by")).exists()


PROMISES = (
    a_portal_without_analysts_is_noted,
    an_alarm_about_danger_waits_or_has_left,
    open_illegal_incidents_have_a_next_step,
    illegal_incidents_are_chased,
    a_refusal_is_decided_about,
    clearance_runs_from_sending,
    only_checks_that_were_made_apart_close,
    a_report_after_closing_reopens,
    receipts_say_nothing_early,
    receipts_claim_only_what_happened,
    floods_bury_nothing,
    floods_hold_pages_that_are_alike,
    nothing_is_closed_unseen,
)

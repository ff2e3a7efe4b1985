"""Never silent, never false: what must hold after every step. One function each, with the sentence as its docstring."""

import json
import re
from collections import defaultdict
from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, Subquery

from analysts.accounts.coverage import KNOWN_STATES
from analysts.accounts.permissions import CONTENT_ROLES
from analysts.codes import Closing, Verdict, VerdictBasis
from analysts.codes.recipient_kinds import ReferralKind
from analysts.models import (
    Alarm,
    AlarmKind,
    Assessment,
    AvailabilityCheck,
    BatchItem,
    BatchState,
    BulkClosing,
    Chase,
    CheckOutcome,
    ChildAlert,
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
    Report,
    Sighting,
    User,
)
from analysts.models.notice import ANSWERS
from analysts.states import State
from analysts.takedown.notices.corrections import WITHDRAWS
from countries.models import Portal
from reports.models import Arrival, Receipt, the_hour
from reports.outcomes import PublicState
from tests.life.questions import ModelQuestion
from tests.life.reply_promises import REPLY_PROMISES
from tests.life.world import World
from tests.rig.next_steps import incidents_without_next_step

# --- Every report is visible -------------------------------------------------------------------------

_ANALYSTS = User.objects.filter(is_active=True, role__in=CONTENT_ROLES)
COVERED = ModelQuestion(lambda: _ANALYSTS.values_list("portals", flat=True))
COVERED_BY_GROUP = ModelQuestion(lambda: _ANALYSTS.values_list("portal_groups__portals", flat=True))
ANALYSTS_OF_ALL = ModelQuestion(lambda: _ANALYSTS.filter(all_portals=True).values_list("pk"))
KNOWN_PORTALS = ModelQuestion(lambda: Portal.objects.filter(state__in=KNOWN_STATES).values_list("pk", flat=True))
GAPS = ModelQuestion(lambda: CoverageGap.objects.filter(language="").values_list("portal", flat=True))
ALARMS = ModelQuestion(lambda: Alarm.objects.values_list("kind", flat=True))
WAITING = ModelQuestion(lambda: Arrival.objects.values_list("submission__receipt_id", flat=True))
DANGERS = ModelQuestion(
    lambda: Sighting.objects.filter(incident__in=Incident.objects.in_danger()).values_list("report", flat=True)
)


def a_portal_without_analysts_is_noted(world: World) -> None:
    """Each known portal has an active analyst, or a gap of its coverage is recorded and an alarm waits or has left."""
    ask = world.answers.ask
    if not ask(ANALYSTS_OF_ALL):
        uncovered = set(ask(KNOWN_PORTALS)) - {*ask(COVERED), *ask(COVERED_BY_GROUP)}
        gaps = set(ask(GAPS))
        assert uncovered <= gaps, uncovered
        assert not gaps or AlarmKind.COVERAGE in ask(ALARMS) or world.alarms


def an_alarm_about_danger_waits_or_has_left(world: World) -> None:
    """While a child may be in danger, an alarm waits to be sent, or one was accepted since the latest such report."""
    # Details that say so may not be taken in yet.
    read = {*world.answers.ask(DANGERS)} - ({*world.answers.ask(WAITING)} - world.danger_taken_in)
    known_dangers = {each.receipt_id for each in world.sent if each.is_danger} & read
    if known_dangers - world.danger_taken_in:
        world.danger_taken_in |= known_dangers
        world.alarm_awaited = True
    if len(world.alarms) > world.alarms_seen or not known_dangers:
        world.alarms_seen, world.alarm_awaited = len(world.alarms), False
    assert not world.alarm_awaited or AlarmKind.DANGER in world.answers.ask(ALARMS), "the alarm is lost"


# --- Every open illegal incident has a next step -----------------------------------------------------

WITHOUT_STEP = ModelQuestion(lambda: incidents_without_next_step().values_list("pk"))
UNCHASED = ModelQuestion(
    lambda: (
        Incident.objects.filter(state__in=[State.ASSESSED, State.ACTING])
        .exclude(kind=IncidentKind.WORDS)
        .exclude(pk__in=Chase.objects.open().values("incident"))
        .values_list("pk")
    )
)
_VERDICTS = Assessment.objects.in_force().filter(incident=OuterRef("incident")).order_by("-at")
_CHASES = Chase.objects.filter(incident=OuterRef("incident")).order_by("-since")
LATEST_HOLDS = ModelQuestion(
    lambda: PoliceHold.objects.order_by("incident", "-at").distinct("incident").values_list("incident", "answer")
)
WAITS_FOR_POLICE = ModelQuestion(
    lambda: NextStep.objects.filter(set_by=None, kind__in=[NextStepKind.POLICE, NextStepKind.REQUEST]).values_list(
        "incident", flat=True
    )
)
EARLY_CLEARANCES = ModelQuestion(
    lambda: (
        PoliceHold.objects.exclude(sent_at=None)
        .exclude(
            Exists(
                NoticeItem.objects.filter(
                    incident=OuterRef("incident"),
                    notice__purpose=Purpose.CLEARANCE,
                    notice__state=NoticeState.SENT,
                    notice__sent_at=OuterRef("sent_at"),
                )
            )
        )
        .values_list("pk")
    )
)
WAITS_SINCE_ANOTHER_TIME = ModelQuestion(
    lambda: (
        NextStep.objects.filter(set_by=None, kind=NextStepKind.POLICE)
        .exclude(incident__police_holds__sent_at=F("since"))
        .values_list("pk")
    )
)
TYPED_CHECKS = ModelQuestion(
    lambda: AvailabilityCheck.objects.filter(source=None).exclude(at=F("recorded_at")).values_list("pk")
)
REMOVALS = ModelQuestion(
    lambda: (
        Incident.objects.filter(closing=Closing.GONE, checks__outcome=CheckOutcome.GONE)
        .annotate(number=Count("checks"), first=Min("checks__at"), last=Max("checks__at"))
        .values_list("pk", "number", "first", "last")
    )
)
CLOSED_AS_REMOVED = ModelQuestion(lambda: Incident.objects.filter(closing=Closing.GONE).values_list("pk"))
_LAST_CHASE = Chase.objects.filter(incident=OuterRef("pk")).order_by("-since")
CLOSED_BY_CHECKS = ModelQuestion(
    lambda: Incident.objects.filter(closing=Closing.GONE).values_list(
        "pk", Subquery(_LAST_CHASE.values("pk")[:1]), Subquery(_LAST_CHASE.values("ended_at")[:1])
    )
)
_LAST_VERDICT = Assessment.objects.in_force().filter(incident=OuterRef("pk")).order_by("-at")
CLOSED_BY_VERDICT = ModelQuestion(
    lambda: (
        Incident.objects.filter(closing=Closing.NOT_ACTIONED)
        .annotate(verdict=Subquery(_LAST_VERDICT.values("verdict")[:1]))
        .filter(verdict=Verdict.NOT_ASSESSED)
        .values_list("pk", Subquery(_LAST_VERDICT.values("pk")[:1]), Subquery(_LAST_VERDICT.values("at")[:1]))
    )
)
OWN_SIGHTINGS = ModelQuestion(lambda: Sighting.objects.filter(merged_from=None).values_list("incident", "report"))


_FIRST = [purpose for purpose in Purpose if purpose.row.comes_first]
_LEFT_AT = OuterRef("notice__sent_at")
_SEEN_BEFORE = Assessment.objects.filter(
    Q(undone_at=None) | Q(undone_at__gt=_LEFT_AT), basis=VerdictBasis.SEEN, incident=OuterRef("incident")
)
UNSEEN_LETTERS = ModelQuestion(
    lambda: (
        NoticeItem.objects.filter(dropped="", notice__state=NoticeState.SENT, notice__purpose__in=_FIRST)
        .exclude(Exists(_SEEN_BEFORE.filter(at__lte=_LEFT_AT)))
        .exclude(
            Exists(
                AvailabilityCheck.objects.filter(
                    incident=OuterRef("incident"), outcome=CheckOutcome.ONLINE, recorded_at__lte=_LEFT_AT
                )
            )
        )
        .values_list("pk")
    )
)
UNSEEN_WITHOUT_STEP = ModelQuestion(
    lambda: (
        Chase.objects.unseen()
        .exclude(incident__next_step__kind__in=[NextStepKind.LOOK, NextStepKind.WORKSTATION])
        .filter(incident__next_step__set_by=None)
        .exclude(Exists(BatchItem.objects.filter(incident=OuterRef("incident"), batch__state=BatchState.DRAWN)))
        .values_list("pk")
    )
)
_LATEST_LETTER = NoticeItem.objects.filter(
    ~Q(notice__purpose__in=ANSWERS),
    incident=OuterRef("incident"),
    notice__recipient=OuterRef("notice__recipient"),
    dropped="",
    notice__state="sent",
).order_by("-notice__sent_at", "-pk")
# To an appellant, the outcome is the correction.
_OUTCOME = NoticeItem.objects.filter(
    WITHDRAWS,
    incident=OuterRef("incident"),
    notice__recipient=OuterRef("notice__recipient"),
    dropped="",
    notice__made_at__gte=OuterRef("notice__sent_at"),
)
WITHDRAWN = [Verdict.NOT_ILLEGAL, Verdict.OUTSIDE_REMIT]
UNCORRECTED = ModelQuestion(
    lambda: (
        NoticeItem.objects.filter(
            incident__closing=Closing.NOT_ACTIONED, dropped="", notice__state=NoticeState.SENT, corrections=None
        )
        .exclude(category="")
        .annotate(
            verdict=Subquery(_VERDICTS.values("verdict")[:1]),
            latest=Subquery(_LATEST_LETTER.values("pk")[:1]),
            removed=Subquery(_CHASES.values("removed_at")[:1]),
        )
        .filter(~Exists(_OUTCOME), verdict__in=WITHDRAWN, latest=F("pk"), removed=None)
        .values_list("pk")
    )
)
# Letters that were taken back, or alerts that were wrong, of which their recipient had no other letter since.
WRONG_LETTERS = ModelQuestion(
    lambda: (
        NoticeItem.objects.filter(
            Q(alert__in=ChildAlert.objects.wrong(), corrects=None) | ~Q(referral__withdrawn_reason=""),
            dropped="",
            notice__state=NoticeState.SENT,
            corrections=None,
        )
        .exclude(corrects__isnull=False, category="")
        .annotate(latest=Subquery(_LATEST_LETTER.values("pk")[:1]))
        .filter(latest=F("pk"))
        .values_list("pk")
    )
)
CORRECTED_TWICE = ModelQuestion(
    lambda: (
        NoticeItem.objects.filter(dropped="", corrects__isnull=False)
        .values("corrects")
        .annotate(number=Count("pk"))
        .filter(number__gt=1)
        .values_list("corrects")
    )
)


def no_first_notice_leaves_unseen(world: World) -> None:
    """A first notice left only after a look at its content was on record; until then the look is the next step."""
    assert not world.answers.ask(UNSEEN_LETTERS)
    assert not world.answers.ask(UNSEEN_WITHOUT_STEP)


def withdrawn_verdicts_are_corrected(world: World) -> None:
    """Everybody who was written to about content that was not illegal, or by a letter that was taken back, has one
    correction, or a person cancelled it."""
    assert not world.answers.ask(UNCORRECTED)
    assert not world.answers.ask(WRONG_LETTERS)
    assert not world.answers.ask(CORRECTED_TWICE)


def open_illegal_incidents_have_a_next_step(world: World) -> None:
    """Each open illegal incident has a next step with a date and an owner or a queue."""
    assert not world.answers.ask(WITHOUT_STEP)


def illegal_incidents_are_chased(world: World) -> None:
    """An incident with an address and an illegal verdict that is not closed has a takedown in progress."""
    assert not world.answers.ask(UNCHASED)


def a_refusal_is_decided_about(world: World) -> None:
    """After a refusal of the police, no incident waits for their answer unless a person chose that."""
    waiting = world.answers.ask(WAITS_FOR_POLICE)
    refused = {incident for incident, answer in world.answers.ask(LATEST_HOLDS) if answer == Clearance.REFUSED}
    assert not refused.intersection(waiting)


def clearance_runs_from_sending(world: World) -> None:
    """The time of a clearance request begins when its notice has left, and not before."""
    assert not world.answers.ask(EARLY_CLEARANCES)
    assert not world.answers.ask(WAITS_SINCE_ANOTHER_TIME)


def only_checks_that_were_made_apart_close(world: World) -> None:
    """A check counts from when it was recorded; one that closes comes days after the first that found it removed."""
    assert not world.answers.ask(TYPED_CHECKS)
    apart = (settings.GONE_CHECKS - 1) * timedelta(hours=settings.CHECK_HOURS) / 2
    removals = {pk: found for pk, *found in world.answers.ask(REMOVALS)}
    for [incident] in world.answers.ask(CLOSED_AS_REMOVED):
        number, first, last = removals[incident]
        assert number >= settings.GONE_CHECKS
        assert last - first >= apart


def a_report_after_closing_reopens(world: World) -> None:
    """An incident closed as removed or not found is not closed any more once a report of that hour or later came in."""
    closed = [*world.answers.ask(CLOSED_BY_CHECKS), *world.answers.ask(CLOSED_BY_VERDICT)]
    if not closed:
        return
    sent_hour = {each.receipt_id: the_hour(each.sent_at) for each in world.sent}
    reports = defaultdict(set)
    for incident, report in world.answers.ask(OWN_SIGHTINGS):
        reports[incident].add(report)
    for incident, decision, closed_at in closed:
        came_in = reports[incident] - world.closed_with.setdefault(decision, reports[incident])
        assert not any(sent_hour[report] >= the_hour(closed_at) for report in came_in), incident


# --- Receipts ----------------------------------------------------------------------------------------

_OF_RECEIPT = {"incident__sightings__report": OuterRef("pk")}
_LEFT = Referral.objects.filter(noticed_at__isnull=False, kind__in=[ReferralKind.TAKEDOWN, ReferralKind.HOTLINE])
RECEIPTS = ModelQuestion(
    lambda: Receipt.objects.exclude(outcomes=[]).values_list(
        "pk",
        "outcomes",
        Exists(Chase.objects.filter(removed_in_a_row__gte=1, **_OF_RECEIPT)),
        Exists(_LEFT.filter(**_OF_RECEIPT)),
        Exists(Sighting.objects.filter(report=OuterRef("pk"), incident__unpublished=True)),
    )
)


def receipts_say_nothing_early(world: World) -> None:
    """A receipt's state changes at the earliest a day after its report, and on a whole day."""
    published = {pk for pk, *_facts in world.answers.ask(RECEIPTS)}
    early = {each.receipt_id for each in world.sent if (world.now - each.sent_at).total_seconds() < 23 * 3600}
    assert not early & published


def receipts_claim_only_what_happened(world: World) -> None:
    """A receipt says "removed" only after checks, and that the hotline acted only after a notice or referral left."""
    # A report that was split off, for instance, waits for the next batch.
    for _pk, outcomes, was_removed, has_left, is_pending in world.answers.ask(RECEIPTS):
        states = set() if is_pending else {outcome[0] for outcome in json.loads(outcomes)}
        assert was_removed or PublicState.GONE not in states, outcomes
        assert has_left or not states & {PublicState.NOTICE_SENT, PublicState.PASSED_ON, PublicState.LISTED}, outcomes


SHARES_NO_VERDICT = ModelQuestion(
    lambda: (
        Report.objects.annotate(
            shares=Count("sightings", filter=Q(sightings__shares_verdict=True)), of=Count("sightings")
        )
        .filter(shares=0, of__gt=0)
        .values_list("pk", flat=True)
    )
)


def merged_addresses_share_verdicts_once_compared(world: World) -> None:
    """No receipt of merged addresses that no analyst opened or compared says more than that assessment has begun."""
    unanswered = {*world.answers.ask(SHARES_NO_VERDICT)}
    for pk, outcomes, _was_removed, _has_left, is_pending in world.answers.ask(RECEIPTS):
        if pk in unanswered and not is_pending:
            states = {outcome[0] for outcome in json.loads(outcomes)}
            assert states <= {PublicState.RECEIVED, PublicState.BEING_ASSESSED}, outcomes


LOST_LOOKS = ModelQuestion(
    lambda: Sighting.objects.filter(
        asked_again=True, incident__state=State.CLOSED, incident__reopens_at=None, round__gt=F("incident__round")
    ).values_list("pk")
)


def another_look_reaches_an_analyst(world: World) -> None:
    """An incident whose reporter asked for another look waits, or for its day to, or was decided since."""
    assert not world.answers.ask(LOST_LOOKS)


# --- Reports are not buried ---------------------------------------------------------------------------

_IN_QUEUE = Incident.objects.filter(state__in=[State.WAITING, State.CLAIMED])
_FOLDED = _IN_QUEUE.filter(priority=0).exclude(flood__in=FloodFolding.objects.values("flood"))
_ILLEGAL_SITES = Incident.objects.exclude(severity="").values("site_fingerprint")
OTHER_PATTERN = ModelQuestion(lambda: _FOLDED.exclude(flood=F("shape")).values_list("pk"))
ON_ILLEGAL_SITE = ModelQuestion(
    lambda: _FOLDED.exclude(site_fingerprint=b"").filter(site_fingerprint__in=_ILLEGAL_SITES).values_list("pk")
)
UNCOUNTED_DANGER = ModelQuestion(
    lambda: _IN_QUEUE.filter(child_in_danger=True).exclude(Q(priority=10) | Q(priority=0)).values_list("pk")
)
FLOODS = ModelQuestion(
    lambda: (
        Incident.objects.filter(priority=0, flood=F("shape"), state=State.WAITING)
        .exclude(flood=b"")
        .values_list("flood", "sightings__report")
    )
)
_ALONE = BulkClosing.objects.filter(approved_by=None)
CLOSED_UNSEEN = ModelQuestion(
    lambda: _ALONE.filter(Q(sample=None) | Q(sample__items__isnull=False, sample__items__opened_at=None)).values_list(
        "pk"
    )
)
SELF_APPROVED = ModelQuestion(lambda: BulkClosing.objects.filter(approved_by=F("by")).values_list("pk"))


def floods_bury_nothing(world: World) -> None:
    """A folded incident has its flood's pattern and no illegal site, or a person folded it; danger stays counted."""
    assert not world.answers.ask(OTHER_PATTERN)
    assert not world.answers.ask(ON_ILLEGAL_SITE)
    assert not world.answers.ask(UNCOUNTED_DANGER)


def floods_hold_pages_that_are_alike(world: World) -> None:
    """The addresses of one flood differ in numbers only."""
    folded = world.answers.ask(FLOODS)
    texts = {each.receipt_id: re.sub(r"\d+", "0", each.text) for each in world.sent}
    alike: dict[bytes, set[str]] = defaultdict(set)
    for flood, report in folded:
        alike[bytes(flood)].add(texts[report])
    assert all(len(each) == 1 for each in alike.values()), alike


def nothing_is_closed_unseen(world: World) -> None:
    """Each closing of many had its sample opened, or a second person."""
    assert not world.answers.ask(CLOSED_UNSEEN)
    assert not world.answers.ask(SELF_APPROVED)


PROMISES = (
    a_portal_without_analysts_is_noted,
    an_alarm_about_danger_waits_or_has_left,
    open_illegal_incidents_have_a_next_step,
    illegal_incidents_are_chased,
    no_first_notice_leaves_unseen,
    withdrawn_verdicts_are_corrected,
    a_refusal_is_decided_about,
    clearance_runs_from_sending,
    only_checks_that_were_made_apart_close,
    a_report_after_closing_reopens,
    receipts_say_nothing_early,
    receipts_claim_only_what_happened,
    merged_addresses_share_verdicts_once_compared,
    another_look_reaches_an_analyst,
    floods_bury_nothing,
    floods_hold_pages_that_are_alike,
    nothing_is_closed_unseen,
    *REPLY_PROMISES,
)

"""Invariants of every step: the promises, and that rows, claims, versions and the audit log are sound."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Value

from analysts.accounts.permissions import CONTENT_ROLES
from analysts.codes import Verdict
from analysts.incidents.locking import DANGER_CLAIM
from analysts.models import (
    HOTLINE,
    Assessment,
    Batch,
    BatchState,
    Chase,
    ChildAlert,
    EnteredAddress,
    Incident,
    Notice,
    NoticeState,
    PortalGrant,
    Referral,
    Report,
    Sighting,
    UrlListEntry,
    User,
)
from analysts.states import State
from analysts.welfare.views import build_people, read_week
from audit.chain import Anchor, faults_of
from audit.models import AuditEvent
from countries.models import ApprovalRequest, ApprovalState, Portal
from reports.models import SourceItem
from tests.life.promises import PROMISES, WAITING
from tests.life.questions import ModelQuestion
from tests.life.world import World

# The view of one person is the longest question: it is asked after every few steps.
LOOKED_AT_EVERY = 8

type Invariant = Callable[[World], None]

SIGHTINGS = ModelQuestion(lambda: Sighting.objects.values_list("report", "incident", "portal"))
ENTERED = ModelQuestion(lambda: EnteredAddress.objects.values_list("incident", "portal"))
REPORTS = ModelQuestion(lambda: Report.objects.values_list("pk"))
FENCES = ModelQuestion(lambda: Incident.objects.values_list("pk", "fence"))
WRONG_CLAIMS = ModelQuestion(
    lambda: Incident.objects.filter(
        Q(state=State.CLAIMED, claimed_by=None) | (~Q(state=State.CLAIMED) & ~Q(claimed_by=None))
    ).values_list("pk")
)
WRONG_BATCHES = ModelQuestion(
    lambda: Incident.objects.filter(
        ~Q(batch=None)
        & (
            Q(child_in_danger=True)
            | ~Q(state=State.CLAIMED)
            | ~Q(batch__state=BatchState.DRAWN)
            | ~Q(batch__by=F("claimed_by"))
            | Q(claimed_until__gt=F("batch__until"))
        )
    ).values_list("pk")
)
CLAIM_ENDS = ModelQuestion(
    lambda: Incident.objects.filter(state=State.CLAIMED).values_list("pk", "fence", "claimed_until")
)
_CALLED = ChildAlert.objects.calls().order_by().values("incident")
DANGER_CLAIMS = ModelQuestion(
    lambda: (
        Incident.objects.in_danger()
        .filter(state=State.CLAIMED)
        .exclude(pk__in=_CALLED)
        .values_list("pk", "fence", "claimed_until")
    )
)
BATCH_ENDS = ModelQuestion(lambda: Batch.objects.values_list("pk", "until"))
ENTRIES = ModelQuestion(lambda: UrlListEntry.objects.values_list("pk", "version"))
WRONG_REFERRALS = ModelQuestion(lambda: Referral.objects.exclude(assessment__verdict=Verdict.ILLEGAL).values_list("pk"))
WRONG_ENTRIES = ModelQuestion(
    lambda: UrlListEntry.objects.exclude(assessment__verdict=Verdict.ILLEGAL).values_list("pk")
)
_EVENTS = AuditEvent.objects.order_by().annotate(all=Value(1)).values("all")
EVENTS = ModelQuestion(lambda: _EVENTS.annotate(count=Count("pk")).values_list("count", flat=True))
SENT_NOTICES = ModelQuestion(lambda: Notice.objects.filter(state=NoticeState.SENT).values_list("pk", "sent_by"))
PORTALS_OF_INCIDENTS = ModelQuestion(lambda: Incident.objects.values_list("pk", "portals"))
_APPROVED = ApprovalRequest.objects.filter(state=ApprovalState.APPROVED)
APPROVED_ALONE = ModelQuestion(
    lambda: _APPROVED.filter(Q(requested_by=F("decided_by")) | Q(account=F("decided_by"))).values_list("pk")
)

CLOSED_FOR_PARTNERS = ModelQuestion(lambda: SourceItem.objects.filter(is_closed=True).values_list("pk", flat=True))
REPEATS = ModelQuestion(lambda: Sighting.objects.filter(is_repeat=True).values_list("report", "incident"))
_ENDS = Chase.objects.order_by().exclude(ended_at=None).values_list("incident", "ended_at")
DECISIONS = ModelQuestion(lambda: Assessment.objects.order_by().values_list("incident", "at").union(_ENDS))


def _repeated(rows: QuerySet[Any], *key: str) -> ModelQuestion[Any]:
    return ModelQuestion(
        lambda: rows.order_by().values(*key).annotate(number=Count("pk")).filter(number__gt=1).values_list("number")
    )


REPEATED = (
    _repeated(Sighting.objects.all(), "incident", "report"),
    _repeated(Assessment.objects.in_force(), "incident", "round", "stage"),
    _repeated(Chase.objects.open(), "incident"),
)


def nothing_is_lost(world: World) -> None:
    """Each report that was acknowledged waits to be taken in, or is named by an incident."""
    known = {report for report, _incident, _portal in world.answers.ask(SIGHTINGS)}
    assert {each.receipt_id for each in world.sent} <= known.union(world.answers.ask(WAITING))


def nothing_is_there_twice(world: World) -> None:
    """One row for a report, one sighting for a report and incident, one standing assessment for a review."""
    assert len(world.answers.ask(REPORTS)) <= len(world.sent)
    for question in REPEATED:
        assert not world.answers.ask(question), question


def leases_are_fenced(world: World) -> None:
    """The number of a claim only rises; it has one holder, who may see content."""
    _never_falls(world, "fences", dict(world.answers.ask(FENCES)))
    assert not world.answers.ask(WRONG_CLAIMS)


def batches_hold_only_what_is_theirs(world: World) -> None:
    """An incident is in a batch only while the batch is on the workstation and its person holds the claim, never longer
    than the batch, and never while a child may be in danger. Nothing extends a batch."""
    assert not world.answers.ask(WRONG_BATCHES)
    ends = {pk: -int(until.timestamp()) for pk, until in world.answers.ask(BATCH_ENDS)}
    _never_falls(world, "ends of batches", ends)


def danger_does_not_lie_in_a_hand(world: World) -> None:
    """While a child may be in danger and no call is on record, nothing moves the end of a claim further than ten
    minutes from then."""
    before, world.claim_ends = world.claim_ends, {*world.answers.ask(CLAIM_ENDS)}
    late = {row for row in world.answers.ask(DANGER_CLAIMS) if row[2] and row[2] > world.now + DANGER_CLAIM}
    assert late <= before


def list_versions_never_go_back(world: World) -> None:
    """The version of the list only rises, and no two entries have the same."""
    versions = dict(world.answers.ask(ENTRIES))
    _never_falls(world, "entries", versions)
    _never_falls(world, "newest version", {"list": max(versions.values(), default=0)})
    assert len(set(versions.values())) == len(versions)


def only_illegal_material_is_acted_on(world: World) -> None:
    """Each referral and each entry of the list belongs to an illegal verdict."""
    assert not world.answers.ask(WRONG_REFERRALS)
    assert not world.answers.ask(WRONG_ENTRIES)


def audit_chain_is_whole(world: World) -> None:
    """The audit log verifies, and no event of it is gone."""
    number = world.answers.ask(EVENTS)[0]
    before = world.anchor
    if number != before.number:
        new = AuditEvent.objects.filter(number__gt=before.number).order_by("number")
        for event in new:
            assert not list(faults_of(event, before, frozenset()))
            before = Anchor(event.number, event.hash)
        world.anchor = before
    assert number == before.number


def lead_sees_no_number_of_one_person(world: World) -> None:
    """The welfare page answers yes or no about each person, and nothing else. Every few steps."""
    if world.looked_at % LOOKED_AT_EVERY:
        return
    for person in build_people(read_week(world.now), world.now):
        answers = {field.name: getattr(person, field.name) for field in fields(person) if field.name != "user"}
        assert [name for name, answer in answers.items() if type(answer) is not bool] == [], answers


def no_view_of_another_portal(world: World) -> None:
    """A person sees the incidents and reports of their own portals, and no others.

    One person every few steps, in turn.
    """
    world.looked_at += 1
    turn, rest = divmod(world.looked_at, LOOKED_AT_EVERY)
    if rest:
        return
    # The step may have changed this very person.
    world.refresh_people()
    has_own_view(world.people[turn % len(world.people)], world)


def has_own_view(user: User, world: World) -> None:
    user.known_portal_ids = None
    own = _portals_of(user, world)
    assert set(user.portal_ids) == own, user
    user.known_portal_ids = [*own]
    sighted = {incident for _report, incident, portal in world.answers.ask(SIGHTINGS) if portal in own}
    sighted |= {incident for incident, portal in world.answers.ask(ENTERED) if (portal or HOTLINE) in own}
    assert set(Incident.objects.visible_to(user).values_list("pk", flat=True)) == sighted, user
    assert set(Report.objects.visible_to(user).values_list("portal", flat=True)) <= own, user


def _portals_of(user: User, world: World) -> set[int]:
    hotline = {HOTLINE} if user.role in CONTENT_ROLES else set()
    if user.all_portals:
        return hotline | set(Portal.objects.values_list("pk", flat=True))
    granted = PortalGrant.objects.filter(user=user, until__gt=world.now)
    return hotline | {
        *user.portals.values_list("pk", flat=True),
        *Portal.objects.filter(pk__in=user.portal_groups.values("portals")).values_list("pk", flat=True),
        *granted.values_list("portal", flat=True),
    }


def letters_are_sent_once(world: World) -> None:
    """A notice is marked as sent only if the mail server accepted it or a person sent it, and no other was accepted.

    One whose sender died before it noted that may be accepted again.
    """
    sent = dict(world.answers.ask(SENT_NOTICES))
    assert {pk for pk, sent_by in sent.items() if sent_by is None} <= set(world.accepted)
    assert set(world.accepted) <= sent.keys() | world.unnoted
    twice = {pk for pk, number in Counter(world.accepted).items() if number > 1}
    assert twice <= world.unnoted


def nothing_leaves_without_clearance(world: World) -> None:
    """While the police have not granted clearance, no letter leaves except to them."""
    assert not world.leaked


def portals_are_those_of_the_sightings(world: World) -> None:
    """The portals of an incident are those whose reports name it, and those for which staff entered its address."""
    portals = world.answers.ask(PORTALS_OF_INCIDENTS)
    named: dict[object, set[int]] = {pk: set() for pk, _portals in portals}
    for _report, incident, portal in world.answers.ask(SIGHTINGS):
        named[incident].add(portal)
    for incident, portal in world.answers.ask(ENTERED):
        named[incident].add(portal or HOTLINE)
    assert {pk: set(ids) for pk, ids in portals} == named


def two_people_approve(world: World) -> None:
    """No request is approved by the person who made it, or whom it is about."""
    assert not world.answers.ask(APPROVED_ALONE)


def _never_falls(world: World, name: str, numbers: Mapping[Any, int]) -> None:
    before = world.seen.setdefault(name, {})
    for key, number in before.items():
        assert numbers.get(key, -1) >= number, (name, key)
    before.update(numbers)


def partners_learn_of_later_decisions_only(world: World) -> None:
    """A partner learns that a report is closed a day later at the earliest, where the address was known only after a
    verdict or an end of the takedown since the report; and it stays so."""
    closed = {*world.answers.ask(CLOSED_FOR_PARTNERS)}
    assert world.closed_for_partners <= closed
    sent_at = {each.receipt_id: each.sent_at for each in world.sent}
    for report in closed - world.closed_for_partners:
        assert (world.now - sent_at[report]).total_seconds() >= 23 * 3600
        repeated = [incident for known, incident in world.answers.ask(REPEATS) if known == report]
        for incident in repeated:
            assert any(pk == incident and at >= sent_at[report] for pk, at in world.answers.ask(DECISIONS)), incident
    world.closed_for_partners = closed


INVARIANTS: tuple[Invariant, ...] = (
    *PROMISES,
    nothing_is_lost,
    nothing_is_there_twice,
    leases_are_fenced,
    batches_hold_only_what_is_theirs,
    danger_does_not_lie_in_a_hand,
    list_versions_never_go_back,
    only_illegal_material_is_acted_on,
    audit_chain_is_whole,
    no_view_of_another_portal,
    lead_sees_no_number_of_one_person,
    letters_are_sent_once,
    nothing_leaves_without_clearance,
    portals_are_those_of_the_sightings,
    two_people_approve,
    partners_learn_of_later_decisions_only,
)

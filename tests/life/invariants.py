"""All that must hold after every step: the promises, and that rows, claims, versions and the audit log are sound."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Count, F

from analysts.codes import Verdict
from analysts.models import (
    Assessment,
    Chase,
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
from audit.chain import Anchor, faults_of
from audit.models import AuditEvent
from countries.models import ApprovalRequest, ApprovalState, Portal
from reports.models import Arrival
from tests.life.promises import PROMISES
from tests.life.world import World

# The longest question: it is asked after every few steps.
LOOKED_AT_EVERY = 4

type Invariant = Callable[[World], None]


def nothing_is_lost(world: World) -> None:
    """Each report that was acknowledged waits to be taken in, or is named by an incident."""
    ids = {each.receipt_id for each in world.sent}
    waiting = set(
        Arrival.objects.filter(submission__receipt_id__in=ids).values_list("submission__receipt_id", flat=True)
    )
    assert ids <= waiting | set(Sighting.objects.filter(report__in=ids).values_list("report", flat=True))


def nothing_is_there_twice(world: World) -> None:
    """One row for a report, one sighting for a report and incident, one standing assessment for a review."""
    assert Report.objects.count() <= len(world.sent)
    for rows, key in (
        (Sighting.objects.all(), ("incident", "report")),
        (Assessment.objects.in_force(), ("incident", "round", "stage")),
        (Chase.objects.open(), ("incident",)),
    ):
        assert not rows.order_by().values(*key).annotate(number=Count("pk")).filter(number__gt=1).exists(), key


def leases_are_fenced(world: World) -> None:
    """The number of a claim only rises; it has one holder, who may see content."""
    _never_falls(world, "fences", dict(Incident.objects.values_list("pk", "fence")))
    claimed = Incident.objects.filter(state=State.CLAIMED)
    assert not claimed.filter(claimed_by=None).exists()
    assert not Incident.objects.exclude(state=State.CLAIMED).exclude(claimed_by=None).exists()


def list_versions_never_go_back(world: World) -> None:
    """The version of the list only rises, and no two entries have the same."""
    versions = dict(UrlListEntry.objects.values_list("pk", "version"))
    _never_falls(world, "entries", versions)
    _never_falls(world, "newest version", {"list": max(versions.values(), default=0)})
    assert len(set(versions.values())) == len(versions)


def only_illegal_material_is_acted_on(_world: World) -> None:
    """Each referral and each entry of the list belongs to an illegal verdict."""
    assert not Referral.objects.exclude(assessment__verdict=Verdict.ILLEGAL).exists()
    assert not UrlListEntry.objects.exclude(assessment__verdict=Verdict.ILLEGAL).exists()


def audit_chain_is_whole(world: World) -> None:
    """The audit log verifies, and no event of it is gone."""
    before = world.anchor
    new = list(AuditEvent.objects.filter(number__gt=before.number).order_by("number"))
    for event in new:
        assert not list(faults_of(event, before, frozenset()))
        before = Anchor(event.number, event.hash)
    world.anchor = before
    assert AuditEvent.objects.count() == before.number


def no_view_of_another_portal(world: World) -> None:
    """A person sees the incidents and reports of their own portals, and no others.

    One person every few steps, in turn.
    """
    world.looked_at += 1
    turn, rest = divmod(world.looked_at, LOOKED_AT_EVERY)
    if rest:
        return
    user = world.people[turn % len(world.people)]
    user.known_portal_ids = None
    own = _portals_of(user, world)
    assert set(user.portal_ids) == own, user
    sighted = set(Sighting.objects.filter(portal__in=own).values_list("incident", flat=True))
    assert set(Incident.objects.visible_to(user).values_list("pk", flat=True)) == sighted, user
    assert set(Report.objects.visible_to(user).values_list("portal", flat=True)) <= own, user


def _portals_of(user: User, world: World) -> set[int]:
    if user.all_portals:
        return set(Portal.objects.values_list("pk", flat=True))
    granted = PortalGrant.objects.filter(user=user, until__gt=world.began)
    return {
        *user.portals.values_list("pk", flat=True),
        *Portal.objects.filter(pk__in=user.portal_groups.values("portals")).values_list("pk", flat=True),
        *granted.values_list("portal", flat=True),
    }


def letters_are_sent_once(world: World) -> None:
    """A notice is marked as sent only if the mail server accepted it or a person sent it, and no other was accepted.

    One whose sender died before it noted that may be accepted again.
    """
    sent = set(Notice.objects.filter(state=NoticeState.SENT, sent_by=None).values_list("pk", flat=True))
    assert sent <= set(world.accepted)
    assert (
        set(world.accepted)
        <= set(Notice.objects.filter(state=NoticeState.SENT).values_list("pk", flat=True)) | world.unnoted
    )
    twice = {pk for pk in world.accepted if world.accepted.count(pk) > 1}
    assert twice <= world.unnoted


def nothing_leaves_without_clearance(world: World) -> None:
    """While the police have not granted clearance, no letter leaves except to them."""
    assert not world.leaked


def portals_are_those_of_the_sightings(_world: World) -> None:
    """The portals of an incident are those whose reports name it."""
    named: dict[object, set[int]] = {pk: set() for pk in Incident.objects.values_list("pk", flat=True)}
    for pk, portal in Sighting.objects.values_list("incident", "portal"):
        named[pk].add(portal)
    assert {pk: set(portals) for pk, portals in Incident.objects.values_list("pk", "portals")} == named


def two_people_approve(_world: World) -> None:
    """No request is approved by the person who made it, or whom it is about."""
    approved = ApprovalRequest.objects.filter(state=ApprovalState.APPROVED)
    assert not approved.filter(requested_by=F("decided_by")).exists()
    assert not approved.filter(account=F("decided_by")).exists()


def _never_falls(world: World, name: str, numbers: Mapping[Any, int]) -> None:
    before = world.seen.setdefault(name, {})
    for key, number in before.items():
        assert numbers.get(key, -1) >= number, (name, key)
    before.update(numbers)


INVARIANTS: tuple[Invariant, ...] = (
    *PROMISES,
    nothing_is_lost,
    nothing_is_there_twice,
    leases_are_fenced,
    list_versions_never_go_back,
    only_illegal_material_is_acted_on,
    audit_chain_is_whole,
    no_view_of_another_portal,
    letters_are_sent_once,
    nothing_leaves_without_clearance,
    portals_are_those_of_the_sightings,
    two_people_approve,
)

"""What must hold after every step. One function each, with the sentence as its docstring."""

from collections.abc import Callable

from django.db.models import Count, F, Q

from analysts.accounts.permissions import CONTENT_ROLES
from analysts.codes import Closing, Verdict
from analysts.models import (
    Assessment,
    BulkClosing,
    Chase,
    FloodFolding,
    Incident,
    Notice,
    NoticeState,
    Referral,
    Report,
    Sighting,
    UrlListEntry,
)
from analysts.states import State
from audit.chain import verify_chain
from audit.models import AuditEvent
from reports.models import Arrival, Receipt
from tests.life.world import World

type Invariant = Callable[[World], None]


def nothing_is_lost(world: World) -> None:
    """Each report that was acknowledged waits to be taken in, or is named by an incident."""
    for sent in world.sent:
        waits = Arrival.objects.filter(submission__receipt_id=sent.receipt_id).exists()
        assert waits or Sighting.objects.filter(report=sent.receipt_id).exists(), sent.text


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
    """The number of a claim only rises; who holds one works in a role and for a portal that may see it."""
    _never_falls(world, "fences", dict(Incident.objects.values_list("pk", "fence")))
    for incident in Incident.objects.filter(state=State.CLAIMED).select_related("claimed_by"):
        assert incident.claimed_by is not None
        assert incident.claimed_by.role in CONTENT_ROLES


def list_versions_never_go_back(world: World) -> None:
    """The version of the list only rises, and no entry's changes."""
    _never_falls(world, "entries", dict(UrlListEntry.objects.values_list("pk", "version")))
    newest = UrlListEntry.objects.order_by("-version").values_list("version", flat=True).first() or 0
    _never_falls(world, "newest version", {"list": newest})


def audit_chain_is_whole(world: World) -> None:
    """The audit log verifies, and no event of it is gone."""
    assert not verify_chain().faults
    _never_falls(world, "events", {"log": AuditEvent.objects.count()})


def no_view_of_another_portal(world: World) -> None:
    """A person sees the incidents and reports of their own portals, and no others."""
    for user in world.people:
        own = set(user.portals.values_list("pk", flat=True))
        sighted = Sighting.objects.filter(portal__in=own).values_list("incident", flat=True)
        assert set(Incident.objects.visible_to(user).values_list("pk", flat=True)) == set(sighted), user
        seen = Report.objects.visible_to(user).values_list("portal", flat=True)
        assert set(seen) <= own, user


def every_report_is_visible_to_somebody(world: World) -> None:
    """Each incident with a report that was not merged away is visible to an active analyst."""
    analysts = [user for user in world.people if user.is_active and user.role in CONTENT_ROLES]
    covered = {pk for user in analysts for pk in user.portals.values_list("pk", flat=True)}
    for portals in Incident.objects.exclude(closing=Closing.MERGED).values_list("portals", flat=True):
        assert covered & set(portals)


def receipts_say_nothing_early(world: World) -> None:
    """A receipt's state changes at the earliest a day after its report, and on a whole day."""
    for sent in world.sent:
        receipt = Receipt.objects.get(pk=sent.receipt_id)
        is_early = (world.now - sent.sent_at).total_seconds() < 23 * 3600
        assert not (is_early and receipt.outcomes), receipt.outcomes


def receipts_claim_no_removal_without_checks(world: World) -> None:
    """A receipt says "removed" only if an incident of its report was closed as removed at some time."""
    for sent in world.sent:
        outcomes = Receipt.objects.get(pk=sent.receipt_id).outcomes
        if any("gone" in outcome for outcome in outcomes):
            ended = Chase.objects.filter(incident__sightings__report=sent.receipt_id, removed_in_a_row__gte=1)
            assert ended.exists(), outcomes


def illegal_incidents_are_chased(world: World) -> None:
    """An incident with an illegal verdict in force that is not closed has an open takedown."""
    decided = Incident.objects.filter(state__in=[State.ASSESSED, State.ACTING])
    for incident in decided:
        latest = incident.assessments.in_force().first()
        assert latest is not None
        assert latest.verdict == Verdict.ILLEGAL
        assert Chase.objects.open().filter(incident=incident).exists()


def only_illegal_material_is_referred(world: World) -> None:
    """Each referral belongs to an illegal verdict."""
    assert not Referral.objects.exclude(assessment__verdict=Verdict.ILLEGAL).exists()


def letters_are_sent_once(world: World) -> None:
    """A notice that is marked as sent was accepted by the mail server, and none was accepted twice."""
    sent = set(Notice.objects.filter(state=NoticeState.SENT).values_list("pk", flat=True))
    assert sent == set(world.accepted)
    assert len(world.accepted) == len(sent)


def floods_bury_nothing(world: World) -> None:
    """What is folded has its flood's pattern and no illegal site, or a person folded it; danger stays counted."""
    folded = Incident.objects.filter(priority=0, state__in=[State.WAITING, State.CLAIMED])
    by_hand = FloodFolding.objects.values("flood")
    for incident in folded.exclude(flood__in=by_hand):
        assert incident.flood == incident.shape
        known = Incident.objects.filter(site_fingerprint=incident.site_fingerprint).exclude(severity="")
        assert not (incident.site_fingerprint and known.exists())
    told = Incident.objects.filter(child_in_danger=True, state__in=[State.WAITING, State.CLAIMED])
    assert not told.exclude(Q(priority=10) | Q(priority=0)).exists()


def nothing_is_closed_unseen(world: World) -> None:
    """Each closing of many had its sample opened, or a second person."""
    for closing in BulkClosing.objects.filter(approved_by=None).select_related("sample"):
        assert closing.sample is not None
        assert not closing.sample.items.filter(opened_at=None).exists()
    assert not BulkClosing.objects.filter(approved_by=F("by")).exists()


def portals_are_those_of_the_sightings(world: World) -> None:
    """The portals of an incident are those whose reports name it."""
    for incident in Incident.objects.all():
        named = set(incident.sightings.values_list("portal", flat=True))
        assert set(incident.portals) == named


def _never_falls(world: World, name: str, numbers: dict[object, int]) -> None:
    before = world.seen.setdefault(name, {})
    for key, number in before.items():
        assert numbers.get(key, -1) >= number, (name, key)
    before.update(numbers)


INVARIANTS: tuple[Invariant, ...] = (
    nothing_is_lost,
    nothing_is_there_twice,
    leases_are_fenced,
    list_versions_never_go_back,
    audit_chain_is_whole,
    no_view_of_another_portal,
    every_report_is_visible_to_somebody,
    receipts_say_nothing_early,
    receipts_claim_no_removal_without_checks,
    illegal_incidents_are_chased,
    only_illegal_material_is_referred,
    letters_are_sent_once,
    floods_bury_nothing,
    nothing_is_closed_unseen,
    portals_are_those_of_the_sightings,
)

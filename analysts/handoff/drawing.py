"""Batches: draw one for a workstation, and build its file."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import assert_never

from django.db import transaction
from django.db.models import CharField, Exists, Func, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import IsNull
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.assessment.actions.claims import start_claim
from analysts.assessment.queue import dispatch
from analysts.codes import ReviewStage
from analysts.handoff.batch_contents import build_batch_file
from analysts.handoff.batch_ends import end_batch, lock_batch
from analysts.handoff.batch_format import MOST_DRAWN
from analysts.handoff.permissions import check_can_download, check_can_draw, check_takes_batches
from analysts.incidents import contents
from analysts.incidents.locking import record_act, save_incident
from analysts.incidents.permissions import check_sees_content
from analysts.models import (
    Batch,
    BatchItem,
    BatchKind,
    BatchState,
    Chase,
    HostingTrace,
    Incident,
    IncidentKind,
    User,
    Workstation,
)
from analysts.takedown.next_steps.actions import refresh_next_steps
from analysts.welfare.meter import Door, check_has_addresses_left, pass_door, serialise_files
from audit.actions import JSON, record_event, record_view
from audit.permissions import Denied
from countries.decided_settings import number_in_force
from reports import keys


def view_batches(*, by: User, count: int, now: datetime | None = None) -> None:
    """Record in the audit log that `by` saw the list of batches."""
    check_sees_content(by)
    record_view(by=by, action="batch.view", details={"count": count}, at=now or timezone.now())


@transaction.atomic
def draw_batch(
    *, by: User, workstation: Workstation, kind: BatchKind, count: int = MOST_DRAWN, now: datetime | None = None
) -> Batch:
    """Draw up to `count` incidents for the workstation, by the queue's order and the person's own rotation.

    Assessments are claimed until BATCH_HOURS from now, which nothing extends. Each address counts as revealed. Fewer
    are drawn if fewer wait or the person's limit of a day allows no more. Reports of danger are never drawn.

    Raises:
        Denied: `by` may not draw now, has an open batch or no addresses left today, or nothing waits.
    """
    now = now or timezone.now()
    check_can_draw(by, now=now)
    check_takes_batches(workstation)
    serialise_files()
    if open_batch := Batch.objects.open().filter(by=by).select_for_update(of=("self",)).first():
        if open_batch.until > now:
            raise Denied(_("You have a batch on the workstation. Return it before you draw another one."))
        end_batch(open_batch, BatchState.LATE, by=None, now=now)
    most = min(count, MOST_DRAWN, check_has_addresses_left(by, now=now))
    kind = BatchKind(kind)
    chosen = _choose_incidents(by, kind, most, now=now)
    incidents = [incident for incident in chosen if contents.batch_address(incident)]
    if not incidents:
        raise Denied(_("No incident waits for this."))
    until = now + timedelta(hours=number_in_force("BATCH_HOURS"))
    batch = Batch.objects.create(by=by, workstation=workstation, kind=kind, at=now, until=until)
    if kind.is_assessment:
        for incident in incidents:
            changed = start_claim(incident, verb="claim", holder=by, now=now)
            incident.claimed_until, incident.batch = until, batch
            save_incident(incident, *changed, "batch")
    BatchItem.objects.bulk_create(
        BatchItem(batch=batch, incident=incident, number=number, round=incident.round, fence=incident.fence)
        for number, incident in enumerate(incidents, start=1)
    )
    if not kind.is_assessment:
        refresh_next_steps([incident.pk for incident in incidents], now=now)
    for incident in incidents:
        if incident.batch_id:
            record_act("claim", incident, by=by, now=now, details={"batch": str(batch.pk)})
    pass_door(Door.BATCH, by=by, incidents=incidents, now=now, details={"batch": str(batch.pk)})
    details: dict[str, JSON] = {"count": len(incidents), "kind": str(batch.kind), "name": workstation.name}
    record_event(by=by, action="batch.draw", on=batch, details=details, at=now)
    return batch


def _choose_incidents(by: User, kind: BatchKind, most: int, *, now: datetime) -> Sequence[Incident]:
    """Locked, and none that another person is working on."""
    match kind:
        case BatchKind.FIRST | BatchKind.SECOND:
            stage = ReviewStage.FIRST if kind == BatchKind.FIRST else ReviewStage.SECOND
            waiting = dispatch.next_candidates(by, now=now).apart()
            waiting = waiting.filter(stage=stage, kind=IncidentKind.ADDRESS, child_in_danger=False)
            return dispatch.choose_rotated(
                by, waiting.select_for_update(skip_locked=True, of=("self",))[:most], now=now
            )
        case BatchKind.TRACES | BatchKind.CHECKS:
            chases = chases_to_trace(by) if kind == BatchKind.TRACES else chases_to_check(by, now=now)
            return [chase.incident for chase in chases.select_related("incident")[:most]]
        case _:
            assert_never(kind)


@transaction.atomic
def download_batch(*, by: User, batch: Batch, now: datetime | None = None) -> bytes:
    """Build the file, sealed to the workstation; it is not stored. The same person can do so again.

    Raises:
        Denied: `by` did not draw it, it has ended, or the signing key is missing.
    """
    now = now or timezone.now()
    batch = lock_batch(batch)
    check_can_download(by, batch, now=now)
    try:
        secret, results_key = keys.handoff_key(), keys.results_key().public()
    except keys.KeyMissing:
        raise Denied(_("There is no signing key. Run manage.py create_keys.")) from None
    content = build_batch_file(batch, by, secret=secret, results_key=results_key, now=now)
    record_event(by=by, action="batch.download", on=batch, details={"name": batch.workstation.name}, at=now)
    return content


def chases_to_trace(user: User) -> QuerySet[Chase]:
    """The open chases that `user` may see whose hosting is not agreed, longest waiting first."""
    later = HostingTrace.objects.filter(incident=OuterRef("incident"), at__gte=OuterRef("traced_at"))
    # As `HostingPlace.is_same`: another name with the same network number is the same place.
    disagreeing = (
        later.annotate(number=_network_number("network"))
        .exclude(country=OuterRef("country"), provider=OuterRef("provider"))
        .exclude(country=OuterRef("country"), number=Coalesce(_network_number(OuterRef("network")), Value("-")))
    )
    return _undrawn_chases(user).filter(Q(trace=0) | Q(Exists(disagreeing)))


def chases_to_check(user: User, *, now: datetime) -> QuerySet[Chase]:
    """The open chases that `user` may see whose check is due, asked for or a first look, longest waiting first."""
    # The same rule as `chasing.rules.check_due_at`.
    chases = _undrawn_chases(user).annotate(looked_at=Coalesce("checked_at", "noticed_at", "since"))
    is_due = Q(looked_at__lte=now - timedelta(hours=number_in_force("CHECK_HOURS")))
    is_asked = Q(removal_reported_at__isnull=False) | Q(check_asked_at__isnull=False) | Q(unseen_since__isnull=False)
    return chases.filter(is_due | is_asked)


def _undrawn_chases(user: User) -> QuerySet[Chase]:
    """Without those in an open batch."""
    items = BatchItem.objects.filter(incident=OuterRef("incident"), answered_at=None, batch__state=BatchState.DRAWN)
    # A subquery per chase, because PostgreSQL would read every item ever drawn for an EXISTS.
    first_item = Subquery(items.order_by().values("pk")[:1])
    return (
        Chase.objects.filter(ended_at=None, incident__portals__overlap=user.portal_array)
        .filter(IsNull(first_item, True), incident__kind=IncidentKind.ADDRESS)
        .order_by("due_at", "pk")
    )


def _network_number(network: str | OuterRef) -> Func:
    """The number in the name of a network (AS64496), as text; NULL if it has none."""
    pattern = Value(r"(?i)\mAS\s?(\d{1,10})\M")
    return Func(network, pattern, function="substring", output_field=CharField())

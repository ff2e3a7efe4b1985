"""Batches: draw one for a workstation, and build its file."""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.assessment.actions.claims import start_claim
from analysts.handoff.batch_contents import build_batch_file
from analysts.handoff.batch_ends import end_batch, lock_batch
from analysts.handoff.batch_format import MOST_DRAWN
from analysts.handoff.choosing import choose_items, open_addresses
from analysts.handoff.permissions import check_can_download, check_can_draw, check_takes_batches
from analysts.incidents.locking import record_act, save_incident
from analysts.incidents.permissions import check_sees_content
from analysts.models import Batch, BatchItem, BatchKind, BatchState, User, Workstation
from analysts.takedown.next_steps.actions import refresh_next_steps
from analysts.welfare.meter import Door, check_has_addresses_left, pass_door, serialise_files
from audit.actions import JSON, record_event, record_view
from audit.permissions import Denied
from countries.decided_settings import number_in_force
from reports import installation_keys, keys


def view_batches(*, by: User, count: int, now: datetime | None = None) -> None:
    """Record in the audit log that `by` saw the list of batches."""
    check_sees_content(by)
    record_view(by=by, action="batch.view", details={"count": count}, at=now or timezone.now())


@transaction.atomic
def draw_batch(
    *,
    by: User,
    workstation: Workstation,
    kinds: Collection[BatchKind] = tuple(BatchKind),
    count: int = MOST_DRAWN,
    now: datetime | None = None,
) -> Batch:
    """Take up to `count` of all that waits for the workstation out of the queue or lists until the batch ends.

    The most urgent first, then the longest waiting. A person has MOST_DRAWN open addresses in all their batches, each
    of which counts as revealed. Reports of danger are never drawn.

    Raises:
        Denied: `by` may not draw now, has no addresses left open or today, or nothing waits.
    """
    now = now or timezone.now()
    check_can_draw(by, now=now)
    check_takes_batches(workstation)
    serialise_files()
    for late in Batch.objects.open().filter(by=by, until__lte=now).select_for_update(of=("self",)):
        end_batch(late, BatchState.LATE, by=None, now=now)
    if (left := MOST_DRAWN - open_addresses(by)) <= 0:
        raise Denied(_("You have %(number)s addresses on the workstation. Return some first.") % {"number": MOST_DRAWN})
    most = min(count, left, check_has_addresses_left(by, now=now))
    items = choose_items(by, kinds, most, now=now)
    if not items:
        raise Denied(_("No incident waits for this."))
    until = now + timedelta(hours=number_in_force("BATCH_HOURS"))
    batch = Batch.objects.create(by=by, workstation=workstation, at=now, until=until)
    incidents, claimed = [item.incident for item in items], [item.incident for item in items if item.kind.is_assessment]
    for incident in claimed:
        changed = start_claim(incident, verb="claim", holder=by, now=now)
        incident.claimed_until, incident.batch = until, batch
        save_incident(incident, *changed, "batch")
    BatchItem.objects.bulk_create(
        BatchItem(
            batch=batch,
            incident=item.incident,
            number=number,
            kind=item.kind,
            round=item.incident.round,
            fence=item.incident.fence,
        )
        for number, item in enumerate(items, start=1)
    )
    refresh_next_steps([item.incident.pk for item in items if not item.kind.is_assessment], now=now)
    for incident in claimed:
        record_act("claim", incident, by=by, now=now, details={"batch": str(batch.pk)})
    pass_door(Door.BATCH, by=by, incidents=incidents, now=now, details={"batch": str(batch.pk)})
    details: dict[str, JSON] = {
        "count": len(items),
        "kinds": list(dict.fromkeys(item.kind.value for item in items)),
        "name": workstation.name,
    }
    record_event(by=by, action="batch.draw", on=batch, details=details, at=now)
    return batch


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
        secret, results_key = installation_keys.handoff_key(), installation_keys.results_key().public()
    except keys.KeyMissing:
        raise Denied(_("There is no signing key. Run manage.py create_keys.")) from None
    content = build_batch_file(batch, by, secret=secret, results_key=results_key, now=now)
    record_event(by=by, action="batch.download", on=batch, details={"name": batch.workstation.name}, at=now)
    return content

"""Actions: place and release legal holds, and record a view of the keys page."""

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.codes import HoldReason
from analysts.incidents.locking import lock_incident, record_act
from analysts.models import Hold, Incident, User
from analysts.retention import erasure
from analysts.retention import permissions as retention_permissions
from audit.actions import JSON, record_view
from audit.permissions import Denied
from reports.addresses import find_addresses


@transaction.atomic
def place_hold(
    *, by: User, incident: Incident, reason: HoldReason, review_on: date, note: str = "", now: datetime | None = None
) -> Hold:
    """Keep the incident's address and text until the hold is released, even after the retention period.

    Raises Denied.
    """
    now = now or timezone.now()
    # Wait for a running destruction, so that the hold is not confirmed for content that is just being erased.
    erasure.await_destruction()
    incident = lock_incident(incident, by)
    retention_permissions.check_can_hold(by, incident)
    if review_on <= now.date():
        raise Denied(_("The review date must be in the future."))
    if find_addresses(note):
        raise Denied(_("The note contains a web address. Enter a file number or the name of an office only."))
    hold = Hold.objects.create(incident=incident, reason=reason, note=note, review_on=review_on, by=by, at=now)
    details: dict[str, JSON] = {"reason": str(reason), "review_on": str(review_on)}
    record_act("hold", incident, by=by, now=now, details=details)
    return hold


@transaction.atomic
def release_hold(*, by: User, incident: Incident, now: datetime | None = None) -> Hold:
    """End the legal hold: the normal retention period applies again. Raises Denied."""
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    retention_permissions.check_can_release_hold(by, incident)
    hold = incident.holds.get(released_at=None)
    hold.released_by, hold.released_at = by, now
    hold.save(update_fields=["released_by", "released_at"])
    record_act("release_hold", incident, by=by, now=now, details={"reason": hold.reason})
    return hold


def view_keys(*, by: User, now: datetime | None = None) -> None:
    """Record that the user viewed the keys page."""
    retention_permissions.check_can_see_keys(by)
    record_view(by=by, action="key.view", at=now or timezone.now())

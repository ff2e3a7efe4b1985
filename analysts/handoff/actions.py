"""Register and close isolated workstations."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.handoff import signing
from analysts.handoff.batch_ends import revoke_batches_of
from analysts.handoff.permissions import check_can_close_workstation, check_keeps_workstations
from analysts.models import User, Workstation
from audit.actions import JSON, record_event, record_view
from audit.permissions import Denied


def view_workstations(*, by: User, now: datetime | None = None) -> None:
    """Record in the audit log that `by` saw the list of workstations."""
    check_keeps_workstations(by)
    record_view(by=by, action="workstation.view", at=now or timezone.now())


@transaction.atomic
def register_workstation(
    *, by: User, name: str, public_key: bytes, sealing_key: bytes, now: datetime | None = None
) -> Workstation:
    """Accept results signed with the private half of `public_key` from now on, and seal batches to `sealing_key`."""
    now = now or timezone.now()
    check_keeps_workstations(by)
    try:
        with transaction.atomic():
            workstation = Workstation.objects.create(
                name=name, public_key=public_key, sealing_key=sealing_key, by=by, at=now
            )
    except IntegrityError:
        raise Denied(_("Another workstation (open or closed) has this name or key.")) from None
    details: dict[str, JSON] = {"name": name, "key": signing.public_key_id(public_key)}
    if sealing_key:
        details["sealing_key"] = signing.public_key_id(sealing_key)
    record_event(by=by, action="workstation.register", on=workstation, details=details, at=now)
    return workstation


@transaction.atomic
def close_workstation(*, by: User, workstation: Workstation, now: datetime | None = None) -> Workstation:
    """Refuse all results signed by the workstation, whenever signed, and revoke its open batches, whose incidents
    return to the queue. Results already imported stay."""
    now = now or timezone.now()
    workstation = Workstation.objects.select_for_update().get(pk=workstation.pk)
    check_can_close_workstation(by, workstation)
    workstation.closed_on = now.date()
    workstation.save(update_fields=["closed_on"])
    details: dict[str, JSON] = {"name": workstation.name, "key": signing.public_key_id(bytes(workstation.public_key))}
    if revoked := revoke_batches_of(workstation, by=by, now=now):
        details["batches"] = revoked
    record_event(by=by, action="workstation.close", on=workstation, details=details, at=now)
    return workstation

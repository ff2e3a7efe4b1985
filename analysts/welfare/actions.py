"""What somebody decides about their own day. On record without what it says about them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from analysts.incidents import permissions
from analysts.models import Comfort, User
from analysts.welfare import exposure
from audit.actions import record_event


@transaction.atomic
def take_break(*, by: User, now: datetime | None = None) -> None:
    """Nothing new is shown for BREAK_MINUTES, unless they go on all the same."""
    now = now or timezone.now()
    permissions.check_sees_content(by)
    exposure.begin_break(by, now=now)
    record_event(by=by, action="welfare.break", at=now)


@transaction.atomic
def go_on(*, by: User, now: datetime | None = None) -> None:
    """Past the limit that is reached; nothing where none is."""
    now = now or timezone.now()
    permissions.check_sees_content(by)
    standing = exposure.exposure_status(by, now=now)
    if standing.limit is None:
        return
    exposure.went_on(by, until=standing.goes_on_until, now=now)
    record_event(by=by, action="welfare.go_on", details={"limit": str(standing.limit)}, at=now)


@transaction.atomic
def avoid_warnings(*, by: User, avoids: Sequence[str], now: datetime | None = None) -> None:
    """Notices of which the queue brings them none for the rest of the day. Which they are is nobody's business."""
    now = now or timezone.now()
    permissions.check_sees_content(by)
    exposure.set_avoided_warnings(by, list(avoids), now=now)
    record_event(by=by, action="welfare.avoid", at=now)


@transaction.atomic
def set_comfort(*, by: User, now: datetime | None = None, **chosen: Any) -> None:
    """Their own settings: fields of `Comfort`. What they are is nobody's business either."""
    now = now or timezone.now()
    permissions.check_sees_content(by)
    Comfort.objects.update_or_create(user=by, defaults=chosen)
    record_event(by=by, action="welfare.settings", at=now)

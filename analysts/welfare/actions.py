"""Verbs on a user's own exposure and settings. Audit events do not contain personal details."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy

from analysts.codes import Limit
from analysts.incidents import permissions
from analysts.models import DisplayPreferences, User
from analysts.welfare import exposure
from audit.actions import record_event
from audit.permissions import Late


@transaction.atomic
def take_break(*, by: User, now: datetime | None = None) -> None:
    """Begin a break of BREAK_MINUTES, which the user can end early with `go_on`."""
    now = now or timezone.now()
    permissions.check_sees_content(by)
    exposure.begin_break(by, now=now)
    record_event(by=by, action="welfare.break", at=now)


@transaction.atomic
def go_on(*, by: User, now: datetime | None = None) -> None:
    """Continue past the limit that has been reached. Does nothing if none has.

    Recorded only if it is a limit of the organisation: stricter limits of one's own are private.
    """
    now = now or timezone.now()
    permissions.check_sees_content(by)
    status = exposure.exposure_status(by, now=now)
    if status.limit is None:
        return
    limits = status.reached_of_organisation
    passes_limit = any(limit != Limit.ON_BREAK for limit in limits)
    exposure.record_continuing(by, until=status.continues_until, passes_limit=passes_limit, now=now)
    if limits:
        record_event(by=by, action="welfare.go_on", details={"limit": str(limits[0])}, at=now)


@transaction.atomic
def avoid_warnings(*, by: User, avoids: Sequence[str], now: datetime | None = None) -> None:
    """Set the content warnings that the queue avoids for the rest of the day. The audit event does not name them."""
    now = now or timezone.now()
    permissions.check_sees_content(by)
    exposure.set_avoided_warnings(by, list(avoids), now=now)
    record_event(by=by, action="welfare.avoid", at=now)


@transaction.atomic
def save_display_preferences(
    *, by: User, desk_name: str | None = None, now: datetime | None = None, **chosen: object
) -> None:
    """Save fields of the user's `DisplayPreferences`, and the name on a desk; the audit event has no values.

    Every member of staff has a time zone and a name; all else is of those who see content. Raises Denied, Late.
    """
    now = now or timezone.now()
    if chosen.keys() - {"time_zone"}:
        permissions.check_sees_content(by)
    if desk_name is not None:
        try:
            with transaction.atomic():
                User.objects.filter(pk=by.pk).update(desk_name=desk_name)
        except IntegrityError as error:
            raise Late(gettext_lazy("A colleague has or had this name.")) from error
    DisplayPreferences.objects.update_or_create(user=by, defaults=chosen)
    record_event(by=by, action="welfare.settings", at=now)

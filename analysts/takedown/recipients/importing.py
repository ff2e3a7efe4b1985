"""The action that imports recipients from a parsed spreadsheet."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from analysts.models import Recipient, User
from analysts.takedown.recipients import permissions
from analysts.takedown.recipients.actions import apply_details, audit_details, recorded_values, save_unique
from analysts.takedown.recipients.sheet import SheetLine
from audit.actions import JSON, record_event
from audit.permissions import Denied


@transaction.atomic
def take_in(*, by: User, lines: Iterable[SheetLine], now: datetime | None = None) -> tuple[int, int, list[int]]:
    """Add and change recipients as the lines say. Refused lines are skipped; no line can set a verification.

    A recipient that already matches its line is left alone, including its verification: importing a file twice changes
    nothing. Returns how many were added and changed, and the numbers of the lines that were not saved because another
    recipient got their type and name in the meantime.
    """
    now = now or timezone.now()
    permissions.check_can_edit(by)
    good = [line for line in lines if line.outcome in ("add", "change")]
    ids = sorted(line.recipient.pk for line in good if line.recipient)
    recipients = {
        recipient.pk: recipient for recipient in Recipient.objects.select_for_update().filter(pk__in=ids).order_by("pk")
    }
    changes: list[tuple[SheetLine, Recipient, dict[str, object]]] = []
    late = []
    for line in good:
        recipient = recipients[line.recipient.pk] if line.recipient else Recipient()
        before = recorded_values(recipient) if line.recipient else {}
        changed = apply_details(recipient, line.details, by=by, now=now)
        try:
            if line.recipient is None or changed:
                changes.append((line, save_unique(recipient), before))
        except Denied:
            late.append(line.number)
    for line, recipient, before in changes:
        details: dict[str, JSON] = {"how": "file", "line": line.number, **audit_details(before, recipient)}
        if line.recipient is None:
            record_event(by=by, action="recipient.add", on=recipient, details=details, at=now)
        else:
            record_event(by=by, action="recipient.change", on=recipient, details=details, at=now)
    added = sum(line.recipient is None for line, *_rest in changes)
    return added, len(changes) - added, late

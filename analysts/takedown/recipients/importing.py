"""Addressees from a spreadsheet, taken in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from analysts.models import Addressee, User
from analysts.takedown.recipients import permissions
from analysts.takedown.recipients.actions import apply, kept, told
from analysts.takedown.recipients.sheet import Line
from audit.actions import JSON, record
from audit.permissions import Denied


@dataclass(frozen=True, slots=True)
class Taken:
    added: int
    changed: int
    # Numbers of the lines that somebody else was faster with.
    late: list[int]


@transaction.atomic
def take_in(*, by: User, lines: Iterable[Line], now: datetime | None = None) -> Taken:
    """Add and change what the lines say, those that are refused left out. Whatever they say, nothing of it is verified.

    What is there already as the line says it stays as it is, verified or not: the same file again changes nothing.
    """
    now = now or timezone.now()
    permissions.check_can_edit(by)
    good = [line for line in lines if line.fate in ("add", "change")]
    ids = sorted(line.addressee.pk for line in good if line.addressee)
    held = {each.pk: each for each in Addressee.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
    done: list[tuple[Line, Addressee, list[str]]] = []
    late = []
    for line in good:
        addressee = held[line.addressee.pk] if line.addressee else Addressee()
        changed = apply(addressee, line.details, by=by)
        try:
            if line.addressee is None or changed:
                done.append((line, kept(addressee), changed))
        except Denied:
            late.append(line.number)
    for line, addressee, changed in done:
        how: dict[str, JSON] = {"how": "file", "line": line.number}
        if line.addressee is None:
            record(by=by, action="addressee.add", on=addressee, details=how | {"kind": addressee.kind}, at=now)
        else:
            record(by=by, action="addressee.change", on=addressee, details=how | told(changed), at=now)
    added = sum(line.addressee is None for line, *_rest in done)
    return Taken(added, len(done) - added, late)

"""The table of all matching events, as an auditor exports it for their own tools.

Like the audit log, the table contains codes and no content. Cells that a spreadsheet would run as a formula get a
leading apostrophe; nothing else is changed, so after removing it every hash can be recomputed.
"""

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import UTC

from django.db.models import Q
from django.utils.translation import gettext as _

from audit import labels
from audit.models import AuditEvent, AuditEventQuerySet

# Characters that start a formula in a spreadsheet, as listed by OWASP, including full-width forms.
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
BATCH = 2000
# Without it, Excel misreads UTF-8 as a legacy encoding.
BYTE_ORDER_MARK = "\ufeff"


def oldest_first(events: AuditEventQuerySet, *, by_time: bool, batch: int) -> Iterator[AuditEvent]:
    """The events in keyset batches, in the order of the index that serves the filters."""
    order = ("at", "number") if by_time else ("number",)
    page = list(events.order_by(*order)[:batch])
    while page:
        yield from page
        last = page[-1]
        if by_time:
            # Lets PostgreSQL enter the index at this point.
            after = Q(at__gte=last.at) & (Q(at__gt=last.at) | Q(number__gt=last.number))
        else:
            after = Q(number__gt=last.number)
        page = list(events.filter(after).order_by(*order)[:batch])


def column_headings() -> list[str]:
    return [
        _("number"),
        _("time (UTC)"),
        _("account number"),
        _("user name at that time"),
        _("role at that time"),
        _("action"),
        _("action label"),
        _("object type"),
        _("object id"),
        _("portal"),
        _("details"),
        _("hash of the previous event"),
        _("hash"),
    ]


def event_cells(event: AuditEvent) -> list[str]:
    return [
        str(event.number),
        event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "" if event.actor_id is None else str(event.actor_id),
        event.actor,
        event.role,
        event.action,
        labels.of_action(event.action),
        event.object_type,
        event.object_id,
        event.portal,
        json.dumps(event.details, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
        event.previous_hash,
        event.hash,
    ]


def quote_formula(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULAS) else cell


class _Echo:
    """A file for csv.writer that returns each line instead of storing it."""

    def write(self, text: str) -> str:
        return text


_WRITER = csv.writer(_Echo(), quoting=csv.QUOTE_ALL)


def csv_line(values: Iterable[str]) -> str:
    return str(_WRITER.writerow([quote_formula(value) for value in values]))

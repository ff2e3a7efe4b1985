"""Events taken away as a table, for an auditor's own tools: all that match, however many, at flat memory.

The table holds what the record holds, codes and no content. Cells that a spreadsheet would run as a formula are quoted
with an apostrophe; nothing else is changed, so who takes that off can compute each hash again.
"""

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import chain, labels
from audit.actions import JSON, Auditor, record_event
from audit.forms import EventFilters
from audit.models import AuditEvent, AuditEventQuerySet
from audit.permissions import check_can_read_events

# What makes a cell a formula, as OWASP lists it: the full-width forms too.
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
BATCH = 2000
# Without it a common spreadsheet takes the words for another alphabet's.
BYTE_ORDER_MARK = "\ufeff"


@transaction.atomic
def export_events(
    *, by: Auditor, filters: EventFilters, reason: str, now: datetime | None = None, batch: int = BATCH
) -> Iterator[str]:
    """Puts the export on record and returns the table in pieces, oldest event first; it ends before its own event.

    Nothing is read before the caller asks for the first piece, after the record has committed. Each batch is a query
    of its own: no transaction or snapshot lasts as long as a slow connection.
    """
    check_can_read_events(by)
    now = now or timezone.now()
    matching = filters.apply(AuditEvent.objects.filter(number__lte=chain.newest_anchor().number), now=now)
    details: dict[str, JSON] = {"reason": reason, "filters": filters.chosen(), "events": matching.count()}
    record_event(by=by, action="audit.export", details=details, at=now)
    return render_table(matching, by_time=filters.by_time(), batch=batch)


def render_table(events: AuditEventQuerySet, *, by_time: bool, batch: int) -> Iterator[str]:
    yield BYTE_ORDER_MARK + csv_line(column_headings())
    for event in oldest_first(events, by_time=by_time, batch=batch):
        yield csv_line(event_cells(event))


def oldest_first(events: AuditEventQuerySet, *, by_time: bool, batch: int) -> Iterator[AuditEvent]:
    """In keyset batches, in the order of the index that serves the filters."""
    order = ("at", "number") if by_time else ("number",)
    page = list(events.order_by(*order)[:batch])
    while page:
        yield from page
        last = page[-1]
        if by_time:
            # The first condition is what the index descends to.
            after = Q(at__gte=last.at) & (Q(at__gt=last.at) | Q(number__gt=last.number))
        else:
            after = Q(number__gt=last.number)
        page = list(events.filter(after).order_by(*order)[:batch])


def column_headings() -> list[str]:
    return [
        _("number"),
        _("time (UTC)"),
        _("user name"),
        _("role"),
        _("action"),
        _("action in words"),
        _("object type"),
        _("object id"),
        _("portal"),
        _("details"),
        _("hash of the event before"),
        _("hash"),
    ]


def event_cells(event: AuditEvent) -> list[str]:
    return [
        str(event.number),
        event.at.astimezone(UTC).isoformat(timespec="microseconds"),
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
    """What csv writes to; hands the line back."""

    def write(self, text: str) -> str:
        return text


_WRITER = csv.writer(_Echo(), quoting=csv.QUOTE_ALL)


def csv_line(values: Iterable[str]) -> str:
    return str(_WRITER.writerow([quote_formula(value) for value in values]))

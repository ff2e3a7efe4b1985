"""The table of all matching events, as an auditor exports it for their own tools.

Like the audit log, the table contains codes and no content. Cells that a spreadsheet would run as a formula get a
leading apostrophe; nothing else is changed, so after removing it every hash can be recomputed.
"""

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from audit import labels
from audit.event_fields import EVENT_FIELDS
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


# The label of the action follows its code.
LABEL_COLUMN = [field.name for field in EVENT_FIELDS].index("action") + 1


def column_headings() -> list[str]:
    headings = [str(field.heading) for field in EVENT_FIELDS]
    headings.insert(LABEL_COLUMN, _("action label"))
    return headings


def event_cells(event: AuditEvent) -> list[str]:
    cells = [_cell(getattr(event, field.name)) for field in EVENT_FIELDS]
    cells.insert(LABEL_COLUMN, labels.of_action(event.action))
    return cells


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case dict():
            return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        case _:
            return str(value)


def quote_formula(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULAS) else cell


class _Echo:
    """A file for csv.writer that returns each line instead of storing it."""

    def write(self, text: str) -> str:
        return text


_WRITER = csv.writer(_Echo(), quoting=csv.QUOTE_ALL)


def csv_line(values: Iterable[str]) -> str:
    return str(_WRITER.writerow([quote_formula(value) for value in values]))

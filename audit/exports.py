"""The table of all matching events, as an auditor exports it for their own tools.

Like the audit log, the table contains codes and no content. Only the guard against formulas changes a cell: without its
apostrophe, every hash can be recomputed.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import batched

from django.utils.translation import gettext as _

from audit import labels
from audit.event_fields import EVENT_FIELDS
from audit.models import AuditEvent, AuditEventQuerySet

BATCH = 2000
# The label of the action follows its code.
LABEL_COLUMN = [field.name for field in EVENT_FIELDS].index("action") + 1


def column_headings() -> list[str]:
    headings = [str(field.heading) for field in EVENT_FIELDS]
    headings.insert(LABEL_COLUMN, _("action label"))
    return headings


def event_batches(events: AuditEventQuerySet, *, by_time: bool) -> Iterator[list[list[str]]]:
    """The cells of the events, oldest first."""
    for batch in batched(events.in_batches(BATCH, by_time=by_time), BATCH):
        yield [_event_cells(event) for event in batch]


def _event_cells(event: AuditEvent) -> list[str]:
    unreadable = event.unreadable_texts()
    cells = [unreadable.get(field.name) or _cell(getattr(event, field.name)) for field in EVENT_FIELDS]
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

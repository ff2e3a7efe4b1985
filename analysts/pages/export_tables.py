"""The tables that can be exported, as their lists show them: all incidents, and the audit log."""

from collections.abc import Iterator, Mapping
from itertools import batched

from django.http import QueryDict
from django.utils import timezone

from analysts.accounts.time_zones import zone_of
from analysts.assessment.forms import portals_with_languages
from analysts.exports.columns import BY_NAME
from analysts.exports.incident_table import IncidentTable
from analysts.exports.opened_addresses import open_addresses
from analysts.exports.tables import BuildTable, ExportStopped, ExportTable, Rows
from analysts.models import Export, ExportProblem, ExportSubject
from analysts.pages.incident_list import complete_search
from analysts.pages.incident_list_form import IncidentListForm
from audit import exports as audit_exports
from audit.forms import EventFilters
from audit.models import AuditEvent, AuditEventQuerySet


def build_incident_table(export: Export) -> ExportTable:
    """The list as the person sees it now. Raises Denied, ExportStopped."""
    user, now = export.by, timezone.now()
    form = IncidentListForm(QueryDict(export.query), user=user, portals=portals_with_languages(user))
    list_request = form.read_request()
    if list_request is None or not all(name in BY_NAME for name in export.columns):
        raise ExportStopped(ExportProblem.FILTERS)
    search, columns = complete_search(list_request), [BY_NAME[name] for name in export.columns]
    addresses = open_addresses(export, search, now=now) if export.has_addresses else None
    return IncidentTable(search, columns, user=user, zone=zone_of(user), addresses=addresses)


class EventTable:
    def __init__(self, events: AuditEventQuerySet, *, by_time: bool, batch: int = audit_exports.BATCH) -> None:
        self._events = events
        self._by_time = by_time
        self._batch = batch

    @property
    def headings(self) -> list[str]:
        return audit_exports.column_headings()

    def count(self) -> int:
        return self._events.count()

    def batches(self) -> Iterator[Rows]:
        events = audit_exports.oldest_first(self._events, by_time=self._by_time, batch=self._batch)
        for batch in batched(events, self._batch):
            yield [audit_exports.event_cells(event) for event in batch]


def build_event_table(export: Export) -> ExportTable:
    """The events up to the order. Raises ExportStopped."""
    filters = EventFilters(QueryDict(export.query))
    if not filters.is_valid():
        raise ExportStopped(ExportProblem.FILTERS)
    events = filters.apply(AuditEvent.objects.all(), now=export.at)
    return EventTable(events, by_time=filters.by_time())


TABLES: Mapping[str, BuildTable] = {
    ExportSubject.INCIDENTS: build_incident_table,
    ExportSubject.EVENTS: build_event_table,
}

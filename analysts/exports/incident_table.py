"""Incidents as a table for an export: read in pages by the hour of their receipt, the newest first.

Each page is read by statements of its own, so that no snapshot of the database lasts longer.
"""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from analysts.exports.columns import (
    FACTS,
    ExportColumn,
    ExportedIncident,
    IncidentFact,
    IncidentValues,
    read_cell_words,
)
from analysts.exports.tables import Rows
from analysts.incidents.facet_search import FacetSearch, Place, find_by_received
from analysts.models import Incident, IncidentFacet, User

BATCH = 5000


class IncidentTable:
    """`addresses`: None for a table without them; the words in place of an address that is not there are included."""

    def __init__(
        self,
        search: FacetSearch,
        columns: Sequence[ExportColumn],
        *,
        user: User,
        zone: ZoneInfo,
        addresses: Mapping[UUID, str] | None = None,
        batch: int = BATCH,
    ) -> None:
        self._search = search
        self._columns = columns
        self._words = read_cell_words(user, zone)
        self._addresses = addresses
        self._batch = batch

    @property
    def headings(self) -> list[str]:
        headings = [str(column.heading) for column in self._columns]
        return [*headings, _("Address (defanged)")] if self._addresses is not None else headings

    def count(self) -> int:
        """One statement; of a million it takes about a second."""
        search = self._search
        if search.is_empty:
            return 0
        facets = IncidentFacet.objects.filter(portal__in=search.portals)
        if search.since:
            facets = facets.filter(received__gte=search.since)
        if search.until:
            facets = facets.filter(received__lt=search.until)
        first, *others = [facets.filter(name=choice.name, value__in=choice.values) for choice in search.choices]
        for other in others:
            first = first.filter(incident__in=other.values("incident"))
        return first.values("incident").distinct().count()

    def batches(self) -> Iterator[Rows]:
        last: Place | None = None
        while places := find_by_received(self._search, most=self._batch, after=last):
            yield self._read_rows([place.incident for place in places])
            last = places[-1]

    def _read_rows(self, ids: Sequence[UUID]) -> Rows:
        values = Incident.objects.filter(pk__in=ids).values_list(*IncidentValues._fields)
        incidents = {row[0]: IncidentValues(*row) for row in values}
        facts = self._read_facts(ids)
        rows = []
        # Incidents deleted since are not missed.
        for incident in (incidents[pk] for pk in ids if pk in incidents):
            row = ExportedIncident(incident, facts.get(incident.pk, IncidentFact()))
            cells = [column.cell(row, self._words) for column in self._columns]
            if self._addresses is not None:
                cells.append(self._addresses.get(incident.pk, ""))
            rows.append(cells)
        return rows

    def _read_facts(self, ids: Sequence[UUID]) -> dict[UUID, IncidentFact]:
        names = [column.name for column in self._columns if column.name in FACTS]
        facets = IncidentFacet.objects.filter(incident__in=ids, portal__in=self._search.portals, name__in=names)
        facts: dict[UUID, IncidentFact] = {}
        for incident, name, value in facets.order_by("-value").values_list("incident", "name", "value"):
            facts.setdefault(incident, IncidentFact())[name] = value  # type: ignore[literal-required] # one of FACTS
        return facts

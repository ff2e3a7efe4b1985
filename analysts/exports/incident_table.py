"""Incidents as a table for an export: read in batches by the hour of their receipt, the newest first.

PostgreSQL writes the lines (COPY), so that no row passes through Python unless its address is opened.
"""

from collections.abc import Iterator, Mapping, Sequence
from csv import reader
from io import StringIO
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils.translation import gettext as _

from analysts.exports.columns import ExportColumn, facts_of, joins_of, read_cell_words
from analysts.exports.tables import RowBatch
from analysts.incidents.facet_search import FacetSearch
from analysts.incidents.facet_slices import FacetSlice, count_all, slice_search, write_matches, write_values
from analysts.models import User
from audit.exports import csv_line

# A batch has at most about as many: some megabytes.
BATCH = 60_000
# What columns read. As a row of its own for each incident (OFFSET 0): a join would read the whole table for each batch.
READ_OF_INCIDENT = (
    "one.id, one.state, one.closing, one.severity, one.round, one.priority, one.child_in_danger, one.portals,"
    " one.portal_languages, one.first_sighted, one.last_sighted, one.closed_on"
)


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
        named = [str(column.heading) for column in self._columns]
        return [*named, _("Address (defanged)")] if self._addresses is not None else named

    def count(self) -> int:
        return count_all(self._search)

    def batches(self) -> Iterator[RowBatch]:
        for piece in slice_search(self._search, most=self._batch):
            batch = self._read_slice(piece)
            yield batch if self._addresses is None else self._add_addresses(batch, self._addresses)

    def _read_slice(self, piece: FacetSlice) -> RowBatch:
        found, of_found = write_matches(self._search, piece)
        facts, of_facts = write_values(self._search, piece, facts_of(self._columns))
        cells = [column.cell(self._words) for column in self._columns]
        # The whole id leads to the address, and is not part of the table.
        shown = [*(["incident.id"] if self._addresses is not None else []), *(cell.text for cell in cells)]
        statement = f"""
            COPY (
                SELECT {", ".join(shown)} FROM ({found}) AS found
                CROSS JOIN LATERAL (
                    SELECT {READ_OF_INCIDENT} FROM analysts_incident AS one WHERE one.id = found.incident_id OFFSET 0
                ) AS incident
                {facts} {joins_of(self._columns)}
                ORDER BY found.received DESC, found.incident_id DESC
            ) TO STDOUT (FORMAT csv, ENCODING 'UTF8')
        """  # noqa: S608 - of constants
        params = [*(param for cell in cells for param in cell.params), *of_found, *of_facts]
        # One processor at most, and no temporary file: other work goes on beside an export.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL work_mem = '64MB'")
            with cursor.copy(statement, params) as copied:
                lines = b"".join(copied)
            return RowBatch(lines.replace(b"\n", b"\r\n"), cursor.rowcount)

    def _add_addresses(self, batch: RowBatch, addresses: Mapping[UUID, str]) -> RowBatch:
        rows = reader(StringIO(batch.csv.decode(), newline=""))
        # Cells are quoted already: the sign in front of one is no formula's.
        lines = [csv_line([*cells, addresses.get(UUID(key), "")]) for key, *cells in rows]
        return RowBatch("".join(lines).encode(), batch.rows)

"""Incidents as a table for an export: read in batches by the hour of their receipt, the newest first.

PostgreSQL writes the lines, so that no row passes through Python unless its address is opened.
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
# One processor at most and no temporary file, as other work goes on beside an export.
LIMITS = "SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL work_mem = '64MB'; SET LOCAL enable_memoize = off"
# The planner expects ten incidents of a list of ids, for which it may join in loops that take long for thousands. Of
# two filters it needs loops, to begin with the rarer one.
NO_LOOPS = "SET LOCAL enable_nestloop = off"


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

    def count(self, *, is_exact: bool) -> int:
        return count_all(self._search, is_exact=is_exact)

    def batches(self) -> Iterator[RowBatch]:
        for piece in slice_search(self._search, most=self._batch):
            batch = self._read_slice(piece)
            yield batch if self._addresses is None else self._add_addresses(batch, self._addresses)

    def _read_slice(self, piece: FacetSlice) -> RowBatch:
        found, of_found = write_matches(self._search, piece)
        facts, of_facts = write_values(self._search, piece, facts_of(self._columns))
        cells = [column.cell(self._words) for column in self._columns]
        # The whole id leads to the address, and is not part of the table.
        shown = [*(["incident.id::text"] if self._addresses is not None else []), *(cell.text for cell in cells)]
        line = ", ".join(f"coalesce({cell}, '')" for cell in shown)
        if len(shown) == 1:
            # Readers of CSV take an empty line for none.
            line = f"""coalesce(nullif({shown[0]}, ''), '""')"""
        # The ids as one list, which is sorted and read along the index; a join would descend it for each. All lines as
        # one text, which is sent and read several times faster than a row for each.
        statement = f"""
            SELECT count(*), string_agg(
                concat_ws(',', {line}), E'\\r\\n' ORDER BY incident.first_sighted DESC, incident.id DESC
            )
            FROM analysts_incident AS incident
            {facts} {joins_of(self._columns)}
            WHERE incident.id = ANY(ARRAY({found}))
        """  # noqa: S608 - of constants
        params = [*(param for cell in cells for param in cell.params), *of_facts, *of_found]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(LIMITS)
            if len(self._search.choices) == 1:
                cursor.execute(NO_LOOPS)
            # Times are written in the zone of the connection.
            cursor.execute("SELECT set_config('TimeZone', %s, true)", [self._words.zone.key])
            cursor.execute(statement, params)
            rows, lines = cursor.fetchone()
            cursor.execute("SELECT set_config('TimeZone', %s, true)", [connection.timezone_name])
        return RowBatch(f"{lines}\r\n".encode() if rows else b"", rows)

    def _add_addresses(self, batch: RowBatch, addresses: Mapping[UUID, str]) -> RowBatch:
        rows = reader(StringIO(batch.csv.decode(), newline=""))
        # Cells are quoted already: the sign in front of one is no formula's.
        lines = [csv_line([*cells, addresses.get(UUID(key), "")]) for key, *cells in rows]
        return RowBatch("".join(lines).encode(), batch.rows)

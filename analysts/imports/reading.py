"""Reads a file row by row, and stores what can be taken, sealed: nothing is stored in clear."""

import hashlib
import io
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched
from typing import BinaryIO, cast

from django.utils.translation import gettext as _

from analysts.codes.imports import CodeList, RowRefusal
from analysts.imports.raw_rows import MOST_ROWS, CleanRow, RawRow, ReadOptions, RowRefused, clean_row
from analysts.imports.scart import read_scart
from analysts.imports.sealed_parts import seal_part
from analysts.imports.spreadsheets import read_csv, read_xlsx
from analysts.models import HistoryImport, HistoryPart, ImportFormat
from countries.words.translated_rows import FileRefused
from reports import keys
from reports.models import KeyClass

READERS = {ImportFormat.CSV: read_csv, ImportFormat.XLSX: read_xlsx, ImportFormat.SCART: read_scart}
ROWS_OF_A_PART = 500
# A column with more different values holds no codes.
MOST_CODES = 60


@dataclass(slots=True)
class FileSummary:
    """The rows and the digest that were read of a file."""

    digest: str = ""
    rows: int = 0
    ignored_columns: int = 0
    codes: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    refusals: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def note_ignored(self, number: int) -> None:
        self.ignored_columns = number


class _DigestedStream(io.RawIOBase):
    """Computes the SHA-256 of what is read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._hash = stream, hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        content = self._stream.read(len(buffer))
        self._hash.update(content)
        buffer[: len(content)] = content
        return len(content)

    def finish(self) -> str:
        while content := self._stream.read(io.DEFAULT_BUFFER_SIZE):
            self._hash.update(content)
        return self._hash.hexdigest()


def store_parts(history: HistoryImport, stream: BinaryIO, options: ReadOptions, *, now: datetime) -> FileSummary:
    """Read the file and store its rows, sealed. `history` is stored. Raises FileRefused, keys.NoOpenKey."""
    summary = FileSummary()
    digested = _DigestedStream(stream)
    file = cast("BinaryIO", io.BufferedReader(digested))
    raw_rows = READERS[ImportFormat(history.format)](file, summary.note_ignored)
    rows = _clean_rows(raw_rows, summary, options, now=now)
    key = keys.public_key(now, KeyClass.WORDS)
    for number, part_rows in enumerate(batched(rows, ROWS_OF_A_PART)):
        seal_part(HistoryPart(source_import=history, number=number), part_rows, key).save(force_insert=True)
    if not summary.rows:
        raise FileRefused(_("The file has no rows."))
    summary.digest = digested.finish()
    return summary


def _clean_rows(
    raw_rows: Iterator[RawRow], summary: FileSummary, options: ReadOptions, *, now: datetime
) -> Iterator[CleanRow]:
    """The rows that can be taken; the others are noted with their numbers."""
    # Eight bytes each: the references of a file may not fit into memory.
    references: set[int] = set()
    for raw in raw_rows:
        summary.rows += 1
        if summary.rows > MOST_ROWS:
            raise FileRefused(_("The file has more than %(most)d rows. Split it.") % {"most": MOST_ROWS})
        try:
            row = clean_row(raw, options, today=now.date())
            if (index := hash(row["reference"])) in references:
                raise RowRefused(RowRefusal.SAME_REFERENCE)
        except RowRefused as refused:
            summary.refusals[refused.refusal].append(raw.number)
            continue
        references.add(index)
        for name, code in row["codes"].items():
            summary.codes[name][code] += 1
        summary.codes[CodeList.ANSWER].update(row["answers"])
        for name, codes in summary.codes.items():
            if len(codes) > MOST_CODES:
                raise FileRefused(
                    _("The column “%(name)s” has more than %(most)d different values, so it holds no codes.")
                    % {"name": CodeList(name).label, "most": MOST_CODES}
                )
        yield row

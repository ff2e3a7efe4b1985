"""Spreadsheets of a former system, as CSV or XLSX: the first line names the columns, and only listed ones are read."""

import csv
import io
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import BinaryIO
from zipfile import ZipFile

from django.utils.translation import gettext as _

from analysts.imports.raw_rows import COLUMNS, MOST_ROWS, RawRow
from countries.words.spreadsheets import check_archive
from countries.words.translated_rows import FileRefused

# Bytes of an XLSX file, packed and unpacked: 200,000 rows take a fifth of it.
LARGEST_XLSX = 32 * 1024 * 1024
LARGEST_UNPACKED = 512 * 1024 * 1024
MOST_COLUMNS = 200
# Characters.
LONGEST_LINE = 100_000
_FORMULA = ("=", "+", "@", "\t", "\r")
# Parts of a workbook that reach outside of it, or run.
_OUTSIDE = ("xl/externalLinks/", "xl/connections", "xl/vbaProject", "xl/embeddings/", "xl/queryTables/")


def read_csv(stream: BinaryIO, note_ignored: Callable[[int], None]) -> Iterator[RawRow]:
    """The rows of UTF-8 or UTF-16 with `;`, `,` or tabs between columns. Raises FileRefused."""
    beginning = stream.read(3)
    encoding = "utf-16" if beginning.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    text = io.TextIOWrapper(io.BufferedReader(_Joined(beginning, stream)), encoding, newline="")
    try:
        first = text.readline(LONGEST_LINE)
        delimiter = max(";,\t", key=lambda sign: len(_listed(first.split(sign))))
        lines = csv.reader(_lines(first, text), delimiter=delimiter, strict=True)
        names = _column_names(next(lines, []), note_ignored)
        for number, cells in enumerate(lines, 2):
            if row := _build_row(number, names, cells):
                yield row
    except UnicodeError as error:
        raise FileRefused(_("The file is neither UTF-8 nor UTF-16. Save it in one of these.")) from error
    except csv.Error as error:
        raise FileRefused(_("The quotation marks of this file do not match. Save it as CSV again.")) from error


def read_xlsx(stream: BinaryIO, note_ignored: Callable[[int], None]) -> Iterator[RawRow]:
    """The rows of the first sheet. Raises FileRefused."""
    import openpyxl  # noqa: PLC0415 - a fifth of each process's start, and few need it

    content = stream.read(LARGEST_XLSX + 1)
    check_archive(content, largest=LARGEST_XLSX, largest_unpacked=LARGEST_UNPACKED)
    with ZipFile(io.BytesIO(content)) as archive:
        if any(name.startswith(_OUTSIDE) for name in archive.namelist()):
            raise FileRefused(_("The spreadsheet has links to other files, or programs. Save its values alone."))
    try:
        with warnings.catch_warnings():
            # About styles and extensions of other programs, which are not read.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
            sheet = book.worksheets[0].iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS, values_only=True)
            names = _column_names([_cell_text(cell) for cell in next(sheet, ())], note_ignored)
            for number, cells in enumerate(sheet, 2):
                if row := _build_row(number, names, [_cell_text(cell) for cell in cells]):
                    yield row
    except FileRefused:
        raise
    except Exception as error:
        # The library raises nearly anything for a damaged file.
        raise FileRefused(_("This spreadsheet cannot be read. Save it as .xlsx again.")) from error


def _listed(names: Iterable[str]) -> set[str]:
    return {name.strip().strip('"\ufeff').lower() for name in names} & set(COLUMNS)


def _column_names(cells: Sequence[str], note_ignored: Callable[[int], None]) -> list[str]:
    """The listed name of each column, "" for one that is not read. Raises FileRefused."""
    names = [name if (name := cell.strip().lower()) in COLUMNS else "" for cell in cells]
    listed = [name for name in names if name]
    if not {"reference", "address"} <= set(listed):
        raise FileRefused(
            _("The first line must name the columns “reference” and “address”. All that are read: %(columns)s.")
            % {"columns": ", ".join(COLUMNS)}
        )
    if len(listed) > len(set(listed)):
        raise FileRefused(_("Two columns have the same name."))
    note_ignored(sum(bool(cell.strip()) for cell in cells) - len(listed))
    return names


def _build_row(number: int, names: Sequence[str], cells: Sequence[str]) -> RawRow | None:
    """None for a line without a value in a listed column, such as programs add at the end. Raises FileRefused."""
    values: Mapping[str, str] = {name: cell for name, cell in zip(names, cells, strict=False) if name}
    if any(cell.startswith(_FORMULA) for cell in values.values()):
        raise FileRefused(_("Row %(number)d has a formula. Save the values of the file alone.") % {"number": number})
    return RawRow(number, values) if any(cell.strip() for cell in values.values()) else None


def _cell_text(value: object) -> str:
    """The text of a cell; a date in ISO form, a number without decimals where it has none, a formula with its sign."""
    match value:
        case None:
            return ""
        case datetime():
            # A cell that shows a day alone has midnight as its time, which is of no zone.
            return value.date().isoformat() if value.time() == datetime.min.time() else f"{value:%Y-%m-%d %H:%M}"
        case date():
            return value.isoformat()
        case float() if value.is_integer():
            return str(int(value))
        case str() | int() | float() | time() | timedelta():
            return str(value)
    # A formula of several cells, which the library gives as an object of its own.
    return _FORMULA[0]


def _lines(first: str, text: io.TextIOWrapper) -> Iterator[str]:
    line = first
    while line:
        if "\0" in line:
            raise FileRefused(_("The file is neither UTF-8 nor UTF-16. Save it in one of these."))
        if len(line) == LONGEST_LINE:
            raise FileRefused(_("A line of the file is longer than any row can be."))
        yield line
        line = text.readline(LONGEST_LINE)


class _Joined(io.RawIOBase):
    """A stream whose first bytes have been read."""

    def __init__(self, beginning: bytes, rest: BinaryIO) -> None:
        self._beginning, self._rest = beginning, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        content = self._beginning[: len(buffer)] or self._rest.read(len(buffer))
        self._beginning = self._beginning[len(content) :] if self._beginning else b""
        buffer[: len(content)] = content
        return len(content)

"""The formats of exported files, as streams: nothing is stored outside memory, and no cell is a live formula.

XLSX is written here and not by a library: those that stream write the cells to temporary files in clear.
"""

import io
import re
from collections.abc import Iterable
from typing import Protocol
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from analysts.exports.tables import Rows
from analysts.models import ExportFormat
from audit.exports import BYTE_ORDER_MARK, csv_line, quote_formula

# Lines of a sheet without its headings: Excel's limit is 1,048,576 lines.
MOST_SHEET_ROWS = 1_048_575
# Characters that XML 1.0 cannot contain.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Excel refuses longer cells.
LONGEST_CELL = 32_767


class FileFormat(Protocol):
    """`begin`, `add` and `end` return the bytes that the file grows by."""

    def begin(self, headings: list[str]) -> bytes: ...

    def add(self, rows: Rows) -> bytes: ...

    def end(self) -> bytes: ...


class CsvFile:
    def begin(self, headings: list[str]) -> bytes:
        return (BYTE_ORDER_MARK + csv_line(headings)).encode()

    def add(self, rows: Rows) -> bytes:
        return "".join(map(csv_line, rows)).encode()

    def end(self) -> bytes:
        return b""


SHEET = "xl/worksheets/sheet1.xml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
# The files of a workbook beside its sheet.
_FRAME = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
        f'<Override PartName="/{SHEET}" ContentType="{_TYPES}.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
        f' Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets><sheet name="Export" sheetId="1" r:id="rId1"/>'
        "</sheets></workbook>"
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
        f' Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}


class _GrowingFile(io.RawIOBase):
    """A file for `ZipFile` that cannot be rewound, and hands over what was written since the last time."""

    def __init__(self) -> None:
        super().__init__()
        self._written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        piece = bytes(data)  # type: ignore[call-overload] # any buffer
        self._written += piece
        return len(piece)

    def take(self) -> bytes:
        content, self._written = bytes(self._written), bytearray()
        return content


class XlsxFile:
    """One sheet whose cells are all typed as text, so that a program computes none of them."""

    def __init__(self) -> None:
        self._file = _GrowingFile()
        self._zip = ZipFile(self._file, "w", ZIP_DEFLATED, compresslevel=1)
        for name, text in _FRAME.items():
            self._zip.writestr(name, _HEAD + text)
        self._sheet = self._zip.open(SHEET, "w", force_zip64=True)

    def begin(self, headings: list[str]) -> bytes:
        self._sheet.write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>{sheet_row(headings)}'.encode())
        return self._file.take()

    def add(self, rows: Rows) -> bytes:
        self._sheet.write("".join(map(sheet_row, rows)).encode())
        return self._file.take()

    def end(self) -> bytes:
        self._sheet.write(b"</sheetData></worksheet>")
        self._sheet.close()
        self._zip.close()
        return self._file.take()


def sheet_row(cells: Iterable[str]) -> str:
    return f"<row>{''.join(map(_sheet_cell, cells))}</row>"


def _sheet_cell(text: str) -> str:
    if not text:
        return '<c t="inlineStr"><is><t/></is></c>'
    content = escape(_NO_XML.sub("\ufffd", quote_formula(text)[:LONGEST_CELL]))
    return f'<c t="inlineStr"><is><t xml:space="preserve">{content}</t></is></c>'


def open_file(file_format: ExportFormat) -> FileFormat:
    return XlsxFile() if file_format == ExportFormat.XLSX else CsvFile()


MEDIA_TYPES = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.XLSX: f"{_TYPES}.sheet",
}

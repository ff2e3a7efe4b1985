"""The bytes of an exported file: rendered as CSV or XLSX in pieces, and sealed in parts. No cell is a live formula.

Nothing is stored outside memory: XLSX is written here, since libraries that stream write the cells to temporary files
in clear. A part is compressed, then sealed to the month's `words` key, which is destroyed before those of addresses. It
is bound to its export, its person and its number: no part opens in another place.
"""

import io
import re
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import NamedTuple
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from analysts.incidents import contents
from analysts.incidents.sealing_contexts import export_part_info
from analysts.models import Export, ExportFormat, ExportPart, ExportProblem
from countries.csv_files import BYTE_ORDER_MARK, csv_line, quote_formula
from reports import keys, sealing
from reports.models import KeyClass

# Bytes of the file in one part: what the worker and the download hold in memory.
PART_BYTES = 1 << 22
# The level of zlib, a fast one: a table shrinks to a tenth, and the database stores and seals that much less.
LEVEL = 1
# Lines of a sheet without its headings: Excel's limit is 1,048,576 lines.
MOST_SHEET_ROWS = 1_048_575
# Excel refuses longer cells.
LONGEST_CELL = 32_767
# Characters that XML 1.0 cannot contain.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

# The cells of some rows, as they are shown on pages.
type Rows = list[list[str]]


class ExportTable(NamedTuple):
    """A table as its person may see it now. Each batch is read on its own: no snapshot of the database lasts long."""

    headings: list[str]
    total: int
    batches: Iterable[Rows]


class ExportStopped(Exception):
    """The export cannot be written, and the page of exports says why."""

    def __init__(self, problem: ExportProblem) -> None:
        self.problem = problem


# Raises Denied, ExportStopped.
type BuildTable = Callable[[Export], ExportTable]


def render_csv(headings: list[str], batches: Iterable[Rows]) -> Iterator[bytes]:
    yield (BYTE_ORDER_MARK + csv_line(headings)).encode()
    for rows in batches:
        yield "".join(map(csv_line, rows)).encode()


_SHEET = "xl/worksheets/sheet1.xml"
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
        f'<Override PartName="/{_SHEET}" ContentType="{_TYPES}.worksheet+xml"/></Types>'
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


class _GrowingFile(io.BytesIO):
    """A file for `ZipFile` that cannot be rewound, and hands over what was written since the last time."""

    def tell(self) -> int:
        raise OSError("A stream has no places.")

    def take(self) -> bytes:
        content = self.getvalue()
        self.seek(0)
        self.truncate()
        return content


def render_xlsx(headings: list[str], batches: Iterable[Rows]) -> Iterator[bytes]:
    """One sheet whose cells are all typed as text, so that a program computes none of them."""
    file = _GrowingFile()
    with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=LEVEL) as archive:
        for name, text in _FRAME.items():
            archive.writestr(name, _HEAD + text)
        with archive.open(_SHEET, "w", force_zip64=True) as sheet:
            sheet.write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>{sheet_row(headings)}'.encode())
            for rows in batches:
                sheet.write("".join(map(sheet_row, rows)).encode())
                yield file.take()
            sheet.write(b"</sheetData></worksheet>")
    yield file.take()


def sheet_row(cells: Iterable[str]) -> str:
    return f"<row>{''.join(map(_sheet_cell, cells))}</row>"


def _sheet_cell(text: str) -> str:
    if not text:
        return '<c t="inlineStr"><is><t/></is></c>'
    content = escape(_NO_XML.sub("\ufffd", quote_formula(text)[:LONGEST_CELL]))
    return f'<c t="inlineStr"><is><t xml:space="preserve">{content}</t></is></c>'


class TableFormat(NamedTuple):
    media_type: str
    render: Callable[[list[str], Iterable[Rows]], Iterator[bytes]]


FORMATS = {
    ExportFormat.CSV.value: TableFormat("text/csv; charset=utf-8", render_csv),
    ExportFormat.XLSX.value: TableFormat(f"{_TYPES}.sheet", render_xlsx),
}


def seal_part(export: Export, number: int, content: bytes, *, now: datetime) -> ExportPart:
    """Build the part, which is not saved. Raises NoOpenKey."""
    key = keys.public_key(now, KeyClass.WORDS)
    packed = b64encode(zlib.compress(content, LEVEL)).decode()
    sealed = sealing.seal_json({"part": packed}, to=key, info=export_part_info(export, number))
    return ExportPart(export=export, number=number, key_id=key.id, sealed=sealed)


def open_part(export: Export, part: ExportPart) -> bytes:
    """Raises UnsealError, KeyMissing."""
    part.export = export
    return zlib.decompress(b64decode(contents.export_part(part)))


def send_parts(export: Export) -> Iterator[bytes]:
    """Open the parts in order, each deleted before it is sent. The rest of a broken download is deleted at its end.

    Raises UnsealError, KeyMissing.
    """
    parts = ExportPart.objects.filter(export=export).order_by("number")
    try:
        while part := parts.first():
            parts.filter(number=part.number).delete()
            yield open_part(export, part)
    finally:
        parts.delete()

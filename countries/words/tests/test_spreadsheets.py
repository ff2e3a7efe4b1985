"""Spreadsheets: what comes back is what was written, and files that are built to do harm."""

import time
import zipfile
from collections.abc import Iterable, Mapping
from io import BytesIO

import openpyxl
import pytest

from countries.words.sources import SourceText, read_source_texts
from countries.words.spreadsheets import COLUMNS, build_xlsx, read_xlsx
from countries.words.tests.test_po_files import rows_of
from countries.words.translated_rows import LARGEST_FILE, FileRefused, TranslatedRow

FORMULA = SourceText("", "=1+1", "", ("a.html", "b.html"), "@x")
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 9))
    + b"]><sst>&a8;</sst>"
)
MANY_ROWS = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    + b'<row><c t="inlineStr"><is><t>x</t></is></c></row>' * 100_000
    + b"</sheetData></worksheet>"
)
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><sst>&e;</sst>'


def book_of(rows: Iterable[Iterable[object]], title: str = "Texts") -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(title)
    for row in rows:
        sheet.append(list(row))
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def with_parts(content: bytes, parts: Mapping[str, bytes]) -> bytes:
    """The archive with parts replaced or added."""
    file = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, part in parts.items():
            new.writestr(name, part)
    return file.getvalue()


EMPTY = book_of([[*COLUMNS, "Translation 1"]])


@pytest.mark.parametrize("language", ["ar", "es"])
def test_every_row_comes_back_as_it_was_written(language: str) -> None:
    rows = rows_of(language)
    exported = build_xlsx(language, read_source_texts(), rows)
    assert len(exported) < LARGEST_FILE
    read = {row.digest: row for row in read_xlsx(exported, language)}
    assert {key: (row.forms, row.is_machine_made) for key, row in read.items() if any(row.forms)} == {
        key: (row.forms, row.is_machine_made) for key, row in rows.items()
    }
    assert build_xlsx(language, read_source_texts(), rows) == exported


def test_texts_stay_texts() -> None:
    row = TranslatedRow("", "=1+1", "", ("=HYPERLINK(A1)",))
    content = build_xlsx("es", [FORMULA], {FORMULA.digest: row})
    sheet = openpyxl.load_workbook(BytesIO(content))["Texts"]
    assert [(cell.value, cell.data_type) for cell in sheet[2] if cell.value] == [
        ("=1+1", "s"),
        ("a.html\nb.html", "s"),
        ("@x", "s"),
        ("=HYPERLINK(A1)", "s"),
    ]
    assert [read.forms for read in read_xlsx(content, "es")] == [("=HYPERLINK(A1)",)]


def test_rows_of_other_programs_are_read() -> None:
    typed = ["", "Send", "", None, None, "YES", 5.0, None]
    content = book_of(
        [[*COLUMNS, "Translation 1"], typed, [None] * 8, ["", "%d", "%ds", "", "", "", "a", "b", "c", "d"]]
    )
    found = read_xlsx(content, "es")
    assert [(row.place, row.forms, row.is_machine_made) for row in found] == [
        ("row 2", ("5",), True),
        ("row 4", ("a", "b", "c", "d"), False),
    ]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "xlsx"),
        (b"PK\x03\x04", "xlsx"),
        (EMPTY[: len(EMPTY) // 2], "xlsx"),
        (EMPTY[:-30], "xlsx"),
        (b"x" * (LARGEST_FILE + 1), "512 kB"),
        (with_parts(EMPTY, {"xl/sharedStrings.xml": LAUGHS}), "definitions"),
        (with_parts(EMPTY, {"xl/workbook.xml": OUTSIDE}), "definitions"),
        (with_parts(EMPTY, {"xl/sharedStrings.xml": LAUGHS.decode().encode("utf-16")}), "definitions"),
        (with_parts(EMPTY, {"a.xml": b'<?xml version="1.0" encoding="UTF-7"?><x/>'}), "definitions"),
        (with_parts(EMPTY, {"a.xml": b" " * 50_000_000}), "too large"),
        (with_parts(EMPTY, {f"{number}.xml": b"" for number in range(300)}), "too large"),
        (with_parts(EMPTY, {"xl/worksheets/sheet1.xml": b"<a><b></a>"}), "cannot be read"),
        (with_parts(EMPTY, {"xl/workbook.xml": b"<a/>"}), "cannot be read"),
        (book_of([["Other", "columns"]]), "first row"),
        (book_of([], title="Other"), "first row"),
        (book_of([[*COLUMNS, "Translation 1"], *([["", "a"]] * 6_000)]), "5000"),
        (with_parts(EMPTY, {"xl/worksheets/sheet1.xml": MANY_ROWS}), "too large"),
    ],
)
def test_file_that_is_none_is_refused_with_its_reason(content: bytes, why: str) -> None:
    start = time.process_time()
    with pytest.raises(FileRefused, match=why):
        read_xlsx(content, "es")
    assert time.process_time() - start < 2


def test_cell_far_away_costs_nothing() -> None:
    far = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:XFD1048576"/>'
        b'<sheetData><row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
        b"</worksheet>"
    )
    with pytest.raises(FileRefused, match="first row"):
        read_xlsx(with_parts(EMPTY, {"xl/worksheets/sheet1.xml": far}), "es")

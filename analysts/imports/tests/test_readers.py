"""Files of former systems: what is read of them, each row that cannot be taken, and files of which nothing is."""

import io
import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from openpyxl.worksheet.formula import ArrayFormula

from analysts.codes.imports import RowRefusal
from analysts.imports.raw_rows import RawRow, ReadOptions, RowRefused, clean_row
from analysts.imports.scart import TABLES, read_answer, read_scart
from analysts.imports.spreadsheets import read_csv, read_xlsx
from analysts.imports.views import ranges_of
from countries.words.translated_rows import FileRefused
from tests.rig.scart_export import SECRET_WORDS, build_export, list_cases

TODAY = date(2026, 12, 1)
ROW = {"reference": "1", "address": "https://old.example.org/1", "received": "2026-01-31"}
HEAD = "reference,address,received,words\n"


def csv_rows(content: bytes | str) -> list[RawRow]:
    return list(read_csv(io.BytesIO(content.encode() if isinstance(content, str) else content), lambda _number: None))


def xlsx_of(rows: Iterable[Iterable[Any]], more: dict[str, bytes] | None = None) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(list(row))  # type: ignore[union-attr]
    book.save(file)
    with ZipFile(file, "a", ZIP_DEFLATED) as archive:
        for name, content in (more or {}).items():
            archive.writestr(name, content)
    return file.getvalue()


def xlsx_rows(content: bytes) -> list[RawRow]:
    return list(read_xlsx(io.BytesIO(content), lambda _number: None))


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_csv_is_read_in_each_spelling_and_unlisted_columns_are_not(delimiter: str, encoding: str) -> None:
    lines = [["Reference ", "ADDRESS", "words"], ["1", "https://old.example.org/é", "a note"]]
    content = "\r\n".join(delimiter.join(line) for line in lines).encode(encoding)
    ignored: list[int] = []
    [row] = read_csv(io.BytesIO(content), ignored.append)
    assert row == RawRow(2, {"reference": "1", "address": "https://old.example.org/é"})
    assert ignored == [1]


@pytest.mark.parametrize(
    "content",
    [
        "name,place\n1,2\n",
        "reference,address,address\n1,2,3\n",
        f'{HEAD}1,"=HYPERLINK(A1)",2026-01-31,\n',
        f'{HEAD}1,"https://a.example\n',
        f"{HEAD}1,https://a.example/\0,,\n",
        f"{HEAD}1,https://a.example/é,,\n".encode("latin-1"),
        f"{HEAD}1,{'x' * 100_000},,\n",
        b"\xff\xfe\x00",
    ],
)
def test_nothing_is_taken_of_a_faulty_csv(content: bytes | str) -> None:
    with pytest.raises(FileRefused):
        csv_rows(content)


def test_lines_without_a_value_are_no_rows() -> None:
    """Programs add them at the end; the numbers of the rows after them stay those that a person counts."""
    rows = csv_rows(f"{HEAD}1,https://a.example,2026-01-31,\n\n,,,\n , ,,unread\n2,https://b.example,2026-01-31,\n")
    assert [(row.number, row.values["reference"]) for row in rows] == [(2, "1"), (6, "2")]
    content = xlsx_of([HEAD.strip().split(","), ["", " ", None, "unread"], ["2", "https://b.example", None, None]])
    assert [row.number for row in xlsx_rows(content)] == [3]


def test_formula_in_an_unlisted_column_is_not_even_read() -> None:
    assert len(csv_rows(f"{HEAD}1,https://a.example,2026-01-31,=1+1\n")) == 1


def test_xlsx_is_read_with_dates_and_numbers() -> None:
    content = xlsx_of(
        [
            ["reference", "address", "received", "decided", "note"],
            [12.0, "https://old.example.org/1", date(2026, 1, 31), datetime(2026, 2, 1, 23, 30), "unread"],  # noqa: DTZ001 - as the library gives it
            [None, None, None, None, None],
        ]
    )
    [row] = xlsx_rows(content)
    assert row.values == {
        "reference": "12",
        "address": "https://old.example.org/1",
        "received": "2026-01-31",
        "decided": "2026-02-01 23:30",
    }


BLOCK = ArrayFormula("B3:B3", "=A2&B2")
BOMB = b"<x>" + b"0" * 100_000_000 + b"</x>"
ENTITIES = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'


@pytest.mark.parametrize(
    "content",
    [
        lambda: b"not a spreadsheet",
        lambda: xlsx_of([HEAD.strip().split(","), ["1", "=A1", None, None]]),
        lambda: xlsx_of([HEAD.strip().split(","), ["1", "https://a.example", None, None], ["2", BLOCK, None, None]]),
        lambda: xlsx_of([HEAD.strip().split(",")], {"xl/externalLinks/externalLink1.xml": b"<x/>"}),
        lambda: xlsx_of([HEAD.strip().split(",")], {"xl/vbaProject.bin": b"x"}),
        lambda: xlsx_of([HEAD.strip().split(",")], {"xl/more.xml": ENTITIES}),
        lambda: xlsx_of([HEAD.strip().split(",")], {"xl/more.xml": BOMB}),
    ],
)
def test_nothing_is_taken_of_a_harmful_xlsx(content: Any) -> None:
    with pytest.raises(FileRefused):
        xlsx_rows(content())


REFUSED = {
    RowRefusal.NO_REFERENCE: {"reference": ""},
    RowRefusal.BAD_REFERENCE: {"reference": "a person@example.org"},
    RowRefusal.NO_ADDRESS: {"address": "a man wrote to me"},
    RowRefusal.SEVERAL_ADDRESSES: {"address": "https://a.example https://b.example"},
    RowRefusal.CUT_ADDRESS: {"address": f"https://a.example/{'x' * 494}"},
    RowRefusal.NO_DATE: {"received": "0000-00-00 00:00:00"},
    RowRefusal.BAD_DATE: {"received": "31/01/2026"},
    RowRefusal.FUTURE_DATE: {"received": "2026-12-02"},
    RowRefusal.BAD_CODE: {"state": "x" * 81},
}


@pytest.mark.parametrize("refusal", REFUSED)
def test_row_is_refused_with_its_reason(refusal: RowRefusal) -> None:
    with pytest.raises(RowRefused) as refused:
        clean_row(RawRow(2, {**ROW, **REFUSED[refusal]}), ReadOptions(), today=TODAY)
    assert refused.value.refusal == refusal


def test_account_is_no_address_of_a_case() -> None:
    with pytest.raises(RowRefused) as refused:
        clean_row(RawRow(2, {**ROW, "address": "Snapchat: name.one"}), ReadOptions(), today=TODAY)
    assert refused.value.refusal == RowRefusal.NO_ADDRESS


def test_every_refusal_is_tried_or_is_of_the_whole_file() -> None:
    assert set(RowRefusal) - set(REFUSED) == {RowRefusal.DELETED, RowRefusal.SAME_REFERENCE}


@pytest.mark.parametrize(
    ("text", "is_day_first", "zone", "expected"),
    [
        ("2026-01-31", False, "Asia/Tokyo", "2026-01-31"),
        ("2026-01-31 00:30:00", False, "Europe/Amsterdam", "2026-01-30"),
        ("2026-01-31T23:30", False, "America/Belize", "2026-02-01"),
        ("03/04/2026", True, "UTC", "2026-04-03"),
        ("3.4.2026", True, "UTC", "2026-04-03"),
        ("2026-04-03", True, "UTC", "2026-04-03"),
    ],
)
def test_dates_are_read_as_chosen_and_times_in_their_zone(
    text: str, is_day_first: bool, zone: str, expected: str
) -> None:
    options = ReadOptions(is_day_first=is_day_first, time_zone=ZoneInfo(zone))
    assert clean_row(RawRow(2, {**ROW, "received": text}), options, today=TODAY)["decided_on"] == expected


def test_host_that_may_name_a_person_is_left_out() -> None:
    hosts = ["Example  Hosting", "abuse@host.example", "x" * 101]
    rows = [clean_row(RawRow(2, {**ROW, "host": host}), ReadOptions(), today=TODAY) for host in hosts]
    assert [row["host"] for row in rows] == ["Example Hosting", "", ""]


class Lines(io.BytesIO):
    def __init__(self, lines: Iterable[bytes]) -> None:
        super().__init__(b"".join(lines))


def test_scart_export_is_read_without_notes_letters_and_free_answers() -> None:
    rows = list(read_scart(Lines(build_export(60)), lambda _number: None))
    assert SECRET_WORDS not in str(rows)
    assert [row.number for row in rows] == list(range(1, 61))
    assert [row.is_deleted for row in rows] == [case.outcome == "deleted" for case in list_cases(60)]
    assert rows[6].answers == ("punishable: BA", "sex: FE", "age: PP", "age: IN")
    assert rows[5].answers[1] == "sex: MA"
    assert (rows[1].values["host"], rows[1].values["last_notice"]) == ("Example Hosting B.V.", "2026-11-02")


def test_scart_tables_in_another_order_are_refused() -> None:
    lines = list(build_export(2))
    start = next(place for place, line in enumerate(lines) if b"CREATE TABLE `abuseio_scart_input`" in line)
    with pytest.raises(FileRefused):
        list(read_scart(Lines([*lines[start:-1], *lines[:start], lines[-1]]), lambda _number: None))
    with pytest.raises(FileRefused):
        list(read_scart(Lines([*lines[:start], lines[-1]]), lambda _number: None))


@pytest.mark.parametrize(
    "change", [(b"`url`", b"`uri`"), (b"NULL", b"NUL"), (b");\n", b")\n"), (b"-- Dump", b"--"), (b"host", b"h\xffst")]
)
def test_changed_scart_export_is_refused(change: tuple[bytes, bytes]) -> None:
    with pytest.raises(FileRefused):
        list(read_scart(Lines(line.replace(*change) for line in build_export(2)), lambda _number: None))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (json.dumps(["BA", "NA"]), ["BA", "NA"]),
        ('"BA"', ["BA"]),
        ('a:2:{i:0;s:2:"BA";i:1;s:2:"NA";}', ["BA", "NA"]),
        ("", []),
        ("12", []),
        ("words of a person", []),
    ],
)
def test_answers_are_read_as_json_or_php(text: str, values: list[str]) -> None:
    assert read_answer(text) == values


def test_tables_end_with_the_cases() -> None:
    assert list(TABLES)[-1] == "input"


def test_rows_are_named_as_ranges() -> None:
    assert list(ranges_of([7, 3, 8, 9, 12])) == ["3", "7–9", "12"]

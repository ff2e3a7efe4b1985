"""The database export (mysqldump) of SCARt, the case system of several hotlines.

The listed columns of the listed tables are read; notes, letters, addresses of referrers and persons are not. The tables
stand in the order of TABLES, so that a case finds what belongs to it. Addresses in notices, which end after 255
characters there, are not read: the case has its own.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from django.utils.translation import gettext as _

from analysts.imports.raw_rows import RawRow
from countries.words.translated_rows import FileRefused

PREFIX = "abuseio_scart_"
# In the order of the export. Every table has `deleted_at`, too: a row that has it was deleted.
TABLES: Mapping[str, tuple[str, ...]] = {
    "abusecontact": ("id", "owner"),
    "grade_question": ("id", "name", "type"),
    "grade_question_option": ("grade_question_id", "value"),
    "grade_answer": ("record_type", "record_id", "grade_question_id", "answer"),
    "ntd": ("id", "msg_queued"),
    "ntd_url": ("ntd_id", "record_type", "record_id"),
    "input": (
        *("id", "filenumber", "url", "type_code", "status_code", "grade_code", "received_at", "lastseen_at"),
        "host_abusecontact_id",
    ),
}
# Bytes: mysqldump writes lines of at most one MB, unless an option says otherwise.
LONGEST_STATEMENT = 16 * 1024 * 1024
# Questions with options; an answer to any other is free text.
_WITH_OPTIONS = ("select", "radio", "checkbox")
_CREATE = re.compile(r"CREATE TABLE `(\w+)`")
_COLUMN = re.compile(r"\s+`(\w+)` ")
_INSERT = re.compile(r"INSERT INTO `(\w+)` (?:\(([`\w, ]+)\) )?VALUES ")
# One value with what follows it. Quotes within a string are doubled or escaped.
_VALUE = re.compile(r"(?:'([^'\\]*(?:(?:\\.|'')[^'\\]*)*)'|(NULL)|(-?[0-9][0-9A-Fa-fx.+-]*))([,)])", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)|''", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "Z": "\x1a"}
# A list as PHP writes it, which earlier versions stored.
_PHP_TEXT = re.compile(r's:\d+:"([^"]*)";')


@dataclass(slots=True)
class Tables:
    """The rows that cases refer to, by id. It stays in memory: some 200 bytes for each case."""

    hosts: dict[int, str] = field(default_factory=dict)
    questions: dict[int, str] = field(default_factory=dict)
    options: set[tuple[int, str]] = field(default_factory=set)
    answers: dict[int, tuple[str, ...]] = field(default_factory=dict)
    notices: dict[int, str] = field(default_factory=dict)
    notified: dict[int, str] = field(default_factory=dict)

    def add(self, table: str, row: Mapping[str, str]) -> None:
        """Keep a row of a table before `input`."""
        match table:
            case "abusecontact":
                self.hosts[int(row["id"])] = row["owner"]
            case "grade_question" if row["type"] in _WITH_OPTIONS:
                self.questions[int(row["id"])] = row["name"]
            case "grade_question_option":
                self.options.add((int(row["grade_question_id"]), row["value"]))
            case "grade_answer" if _is_input(row):
                case_id, question = int(row["record_id"]), int(row["grade_question_id"])
                answers = [
                    sys.intern(f"{self.questions[question]}: {value}")
                    for value in read_answer(row["answer"])
                    if question in self.questions and (question, value) in self.options
                ]
                self.answers[case_id] = (*self.answers.get(case_id, ()), *answers)
            case "ntd":
                self.notices[int(row["id"])] = sys.intern(row["msg_queued"][:10])
            case "ntd_url" if _is_input(row):
                case_id, day = int(row["record_id"]), self.notices.get(int(row["ntd_id"]), "")
                self.notified[case_id] = max(self.notified.get(case_id, ""), day)

    def build_row(self, number: int, row: Mapping[str, str], *, is_deleted: bool) -> RawRow:
        case_id = int(row["id"])
        values = {
            "reference": row["filenumber"],
            "address": row["url"],
            "verdict": row["grade_code"],
            "site_type": row["type_code"],
            "state": row["status_code"],
            "received": row["received_at"],
            "decided": row["lastseen_at"],
            "host": self.hosts.get(int(row["host_abusecontact_id"] or 0), ""),
            "last_notice": self.notified.pop(case_id, ""),
        }
        return RawRow(number, values, self.answers.pop(case_id, ()), is_deleted)


def read_scart(stream: BinaryIO, note_ignored: Callable[[int], None]) -> Iterator[RawRow]:
    """The cases, numbered as they follow in the export. Raises FileRefused."""
    tables, number, latest, ignored = Tables(), 0, "", 0
    try:
        for table, columns, rows in read_statements(stream):
            if table != latest:
                _check_order(latest, table)
                ignored += len(set(columns) - {*TABLES[table], "deleted_at"})
                note_ignored(ignored)
                latest = table
            for values in rows:
                row = {name: value for name, value in zip(columns, values, strict=True) if name in TABLES[table]}
                is_deleted = values[columns.index("deleted_at")] not in ("", "0000-00-00 00:00:00")
                if table == "input":
                    number += 1
                    yield tables.build_row(number, row, is_deleted=is_deleted)
                elif not is_deleted or table.startswith("grade_question"):
                    # Deleted options are kept there for the answers that chose them.
                    tables.add(table, row)
    except UnicodeError as error:
        raise FileRefused(_("The export is not UTF-8. Export it with --default-character-set=utf8mb4.")) from error
    except (KeyError, ValueError) as error:
        raise FileRefused(_("The export lacks a table or column of SCARt, or was changed.")) from error
    if latest != "input":
        raise FileRefused(_("The export has no table %(table)s.") % {"table": f"{PREFIX}input"})


def read_statements(stream: BinaryIO) -> Iterator[tuple[str, list[str], Iterator[list[str]]]]:
    """The listed table, its columns and the rows of each INSERT; NULL is an empty text. Raises FileRefused."""
    columns: dict[str, list[str]] = {}
    created, is_complete = "", False
    while line := stream.readline(LONGEST_STATEMENT):
        if len(line) == LONGEST_STATEMENT:
            raise FileRefused(_("A statement of the export is too long. Export it with --net-buffer-length=1M."))
        if line.startswith(b"CREATE TABLE "):
            match = _CREATE.match(line.decode())
            created = match[1] if match else ""
            columns[created] = []
        elif created and line.startswith(b")"):
            created = ""
        elif created and (match := _COLUMN.match(line.decode())):
            columns[created].append(match[1])
        elif line.startswith(b"-- Dump completed"):
            is_complete = True
        elif line.startswith(b"INSERT INTO ") and (match := _INSERT.match(statement := line.decode())):
            table = match[1].removeprefix(PREFIX)
            if table in TABLES:
                names = re.findall(r"\w+", match[2]) if match[2] else columns[match[1]]
                yield table, names, _read_values(statement, match.end())
    if not is_complete:
        raise FileRefused(_("The export is not complete: its last line is missing."))


def _read_values(statement: str, start: int) -> Iterator[list[str]]:
    """The rows of `(1,'text',NULL),(...);`. Raises ValueError."""
    at = start
    while statement[at : at + 1] == "(":
        values: list[str] = []
        end = ","
        at += 1
        while end == ",":
            match = _VALUE.match(statement, at)
            if match is None:
                raise ValueError
            text, null, bare, end = match.groups()
            values.append(_unescape(text) if text is not None else "" if null else bare)
            at = match.end()
        yield values
        if statement[at : at + 1] == ";":
            return
        at += 1
    raise ValueError


def _unescape(text: str) -> str:
    if "\\" not in text and "'" not in text:
        return text
    return _ESCAPED.sub(lambda match: _ESCAPES.get(match[1], match[1]) if match[1] else "'", text)


def read_answer(text: str) -> list[str]:
    """The values of an answer: an array in JSON, or as PHP writes it; [] for anything else."""
    try:
        values = json.loads(text)
    except ValueError:
        return _PHP_TEXT.findall(text)
    values = values if isinstance(values, list) else [values]
    return [value for value in values if isinstance(value, str)]


def _is_input(row: Mapping[str, str]) -> bool:
    return row["record_type"].lower().endswith("input")


def _check_order(before: str, table: str) -> None:
    """Raises FileRefused."""
    order = list(TABLES)
    if before and order.index(table) < order.index(before):
        raise FileRefused(
            _("The tables of the export must stand in this order: %(tables)s.")
            % {"tables": " ".join(PREFIX + name for name in order)}
        )

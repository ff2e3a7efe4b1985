"""An invented database export of SCARt, with the traps of a real one: `python -m tests.rig.scart_export 100000`.

Soft-deleted rows, anonymised addresses, times without a zone, answers as JSON (older ones as PHP writes them), free
answers and notes that must stay unread, one address in two cases, and an address that the column cut off.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

ROWS_OF_A_STATEMENT = 500
# Texts that must never be read.
SECRET_WORDS = "words-that-stay-unread"
COLUMNS = {
    "abusecontact": "id deleted_at owner aliases note",
    "grade_question": "id deleted_at questiongroup type label name",
    "grade_question_option": "id deleted_at grade_question_id value label",
    "grade_answer": "id deleted_at record_type record_id grade_question_id answer",
    "ntd": "id deleted_at abusecontact_id status_code msg_queued msg_abusecontact msg_body",
    "ntd_url": "id deleted_at ntd_id record_type record_id url note",
    "input": (
        "id deleted_at filenumber received_at url url_ip url_referer type_code source_code status_code grade_code"
        " host_abusecontact_id note lastseen_at"
    ),
}
MAPPING = {
    "verdict": {"illegal": "illegal", "not_illegal": "not_illegal"},
    "site_type": {"website": "website", "imagehost": "image_host"},
    "state": {"close": "closed", "scheduler_checkonline": "open"},
    "answer": {
        "punishable: BA": "severity:B",
        "sex: FE": "sex:girls",
        "sex: MA": "sex:boys",
        "age: IN": "age_band:0-2",
        "age: PP": "age_band:7-10",
    },
}


class Case(NamedTuple):
    """A case of the export, and what becomes of it: an outcome or a refusal."""

    number: int
    outcome: str
    address: str


def list_cases(count: int) -> Iterator[Case]:
    """The cases in the order of the export."""
    for number in range(1, count + 1):
        address = f"https://host-{number % 97}.example.org/gallery/{number}"
        match number % 50:
            case 0:
                yield Case(number, "deleted", address)
            case 1:
                yield Case(number, "anonymised", f"anonymouse-{number}")
            case 2 | 3:
                yield Case(number, "queued", address)
            case 4:
                # Its address has just come to the queue.
                yield Case(number, "hinted", f"https://host-{(number - 1) % 97}.example.org/gallery/{number - 1}")
            case 5:
                yield Case(number, "cut_address", f"{address}?{'x' * 512}"[:512])
            case rest:
                yield Case(number, "classified" if rest % 5 < 2 else "kept", address)


def count_outcomes(count: int) -> Counter[str]:
    return Counter(case.outcome for case in list_cases(count))


def build_export(count: int, *, now: datetime | None = None) -> Iterator[bytes]:
    """The lines of the export. The age of its cases is counted from `now`."""
    now = now or datetime.now(UTC)
    yield b"-- MariaDB dump 10.19\n/*!40101 SET NAMES utf8mb4 */;\n"
    for table, rows in _tables(count, now):
        columns = COLUMNS[table].split()
        yield f"CREATE TABLE `abuseio_scart_{table}` (\n".encode()
        yield "".join(f"  `{column}` varchar(255) DEFAULT NULL,\n" for column in columns).encode()
        yield b"  PRIMARY KEY (`id`)\n) ENGINE=InnoDB;\n"
        statement: list[str] = []
        for row in rows:
            statement.append(f"({','.join(map(_literal, row))})")
            if len(statement) == ROWS_OF_A_STATEMENT:
                yield f"INSERT INTO `abuseio_scart_{table}` VALUES {','.join(statement)};\n".encode()
                statement = []
        if statement:
            yield f"INSERT INTO `abuseio_scart_{table}` VALUES {','.join(statement)};\n".encode()
    yield b"-- Dump completed on 2026-12-01 10:00:00\n"


type Cell = str | int | None


def _tables(count: int, now: datetime) -> Iterator[tuple[str, Iterator[tuple[Cell, ...]]]]:
    yield "abusecontact", iter([(1, None, "Example Hosting B.V.", "", SECRET_WORDS)])
    questions: list[tuple[Cell, ...]] = [
        (1, None, "illegal", "radio", "Punishable", "punishable"),
        (2, None, "illegal", "select", "Sex", "sex"),
        (3, None, "illegal", "select", "Age", "age"),
        (4, None, "illegal", "text", "Remarks", "remarks"),
    ]
    yield "grade_question", iter(questions)
    options = [(1, "BA"), (2, "MA"), (2, "FE"), (3, "IN"), (3, "PP")]
    yield "grade_question_option", iter([(n, None, question, value, "") for n, (question, value) in enumerate(options)])
    yield "grade_answer", _answers(count)
    yield (
        "ntd",
        iter([(1, None, 1, "sent_succes", "2026-11-02 23:30:00", "abuse@host.example.org", f"<p>{SECRET_WORDS}</p>")]),
    )
    yield (
        "ntd_url",
        (
            (case.number, None, 1, "input", case.number, case.address[:255], SECRET_WORDS)
            for case in list_cases(count)
            if case.outcome == "queued"
        ),
    )
    yield "input", (_input(case, now) for case in list_cases(count))


def _answers(count: int) -> Iterator[tuple[Cell, ...]]:
    for number in range(1, count + 1):
        sex = '["FE"]' if number % 3 else 'a:1:{i:0;s:2:"MA";}'
        for question, answer in ((1, '["BA"]'), (2, sex), (3, '["PP", "IN"]'), (4, json.dumps([SECRET_WORDS]))):
            yield number * 10 + question, None, "input", number, question, answer
        yield number * 10 + 9, "2026-01-01 00:00:00", "input", number, 2, '["MA"]'


def _input(case: Case, now: datetime) -> tuple[Cell, ...]:
    age = timedelta(days=3_700 if case.outcome == "classified" else 5)
    seen = f"{now - age:%Y-%m-%d} 00:30:00"
    return (
        case.number,
        "2026-01-01 00:00:00" if case.outcome == "deleted" else None,
        f"A{case.number:08}",
        f"{now - age - timedelta(days=1):%Y-%m-%d %H:%M:%S}",
        case.address,
        "192.0.2.1",
        f"https://found.example.org/{SECRET_WORDS}",
        "website" if case.number % 2 else "imagehost",
        "webform",
        "scheduler_checkonline" if case.outcome in ("queued", "hinted") else "close",
        "not_illegal" if case.number % 7 == 0 else "illegal",
        1,
        f"It's a note\nof two lines: {SECRET_WORDS} \\ 'quoted'",
        seen,
    )


def _literal(cell: Cell) -> str:
    if cell is None:
        return "NULL"
    if isinstance(cell, int):
        return str(cell)
    escaped = cell.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace('"', '\\"')
    return f"'{escaped}'"


if __name__ == "__main__":
    for part in build_export(int(sys.argv[1])):
        sys.stdout.buffer.write(part)

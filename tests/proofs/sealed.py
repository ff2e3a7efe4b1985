"""All sealed values in a database, in a dump of it and in its write-ahead log, and the keys that open them."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from reports import sealing
from tests.proofs.stack import Stack

PAGE_BYTES = 8192
# The size of the pieces into which PostgreSQL cuts a value that is too long for its row (TOAST_MAX_CHUNK_SIZE).
PIECE_BYTES = 1996
# The log record of an update omits the bytes at either end that the new row shares with the old (`heap_update`), by
# chance also the first or last bytes of a value sealed again as well, never more than these.
ALIKE_BYTES = 4


@dataclass(frozen=True, slots=True)
class Value:
    """One sealed value, and the info it is bound to."""

    key: str
    info: bytes
    sealed: bytes


@dataclass(frozen=True, slots=True)
class _Place:
    table: str
    column: str
    info: Callable[[Mapping[str, str]], bytes]


type Key = sealing.PrivateKey | sealing.MaskKey


def _copy_info(name: str, row: Mapping[str, str]) -> bytes:
    """For an address as it may leave: the `name` of its model, and its row. A confirmed one has its incident's id."""
    incident = row["incident_id"]
    return sealing.build_info(
        key_class="addresses", portal="", receipt=incident, kind=f"{name}:{row.get('id', incident)}"
    )


PLACES = (
    _Place(
        "reports_submission",
        "sealed",
        lambda row: sealing.build_info(
            key_class="words", portal=row["portal_id"], receipt=row["receipt_id"], kind=row["kind"]
        ),
    ),
    _Place(
        "reports_message",
        "sealed_for_staff",
        lambda row: sealing.build_info(key_class="mailbox", portal="", receipt=row["receipt_id"], kind="message"),
    ),
    _Place(
        "analysts_incident",
        "sealed_address",
        lambda row: sealing.build_info(key_class="addresses", portal="", receipt=row["id"], kind="address"),
    ),
    _Place(
        "analysts_incident",
        "sealed_mask",
        lambda row: sealing.build_info(key_class="masks", portal="", receipt=row["id"], kind="mask"),
    ),
    _Place(
        "analysts_sighting",
        "sealed_address",
        lambda row: sealing.build_info(
            key_class="addresses", portal="", receipt=row["report_id"], kind=f"sighting:{row['id']}"
        ),
    ),
    _Place(
        "analysts_note",
        "sealed",
        lambda row: sealing.build_info(
            key_class="addresses", portal="", receipt=row["incident_id"], kind=f"note:{row['by_id']}:{row['id']}"
        ),
    ),
    _Place("analysts_redaction", "sealed", lambda row: _copy_info("redaction", row)),
    _Place("analysts_noticeitem", "sealed", lambda row: _copy_info("noticeitem", row)),
    _Place("analysts_urllistentry", "sealed", lambda row: _copy_info("urllistentry", row)),
    _Place("analysts_hostingtrace", "sealed", lambda row: _copy_info("hostingtrace", row)),
    _Place(
        "analysts_historyrow",
        "sealed",
        lambda row: sealing.build_info(key_class="addresses", portal="", receipt=row["id"], kind="history"),
    ),
    _Place(
        "analysts_wordsrelease",
        "sealed",
        lambda row: sealing.build_info(
            key_class="words", portal="", receipt=row["report_id"], kind=f"release:{row['id']}"
        ),
    ),
    _Place(
        "reports_noticeanswer",
        "sealed",
        lambda row: sealing.build_info(key_class="words", portal="", receipt=row["link_id"], kind="notice answer"),
    ),
    _Place(
        "analysts_draft",
        "sealed",
        lambda row: sealing.build_info(
            key_class="words", portal="", receipt=row["incident_id"], kind=f"draft:{row['by_id']}:{row['act']}"
        ),
    ),
)


def in_table(database: psycopg.Connection) -> set[Value]:
    """The rows' current values; blanked ones have none."""
    found = set()
    for place in PLACES:
        rows = database.cursor(row_factory=dict_row).execute(sql.SQL("TABLE {}").format(sql.Identifier(place.table)))
        for row in rows:
            texts = {name: str(value) for name, value in row.items()}
            found |= _values_of_place(place, texts, bytes(row[place.column]))
    return found


def in_dump(dump: str) -> set[Value]:
    """The values in `pg_dump`'s plain format."""
    found = set()
    for place in PLACES:
        for row in _parse_copy_rows(dump, place.table):
            found |= _values_of_place(place, row, bytes.fromhex(row[place.column].removeprefix("\\\\x")))
    return found


def _parse_copy_rows(dump: str, table: str) -> Iterator[dict[str, str]]:
    block = re.search(rf"^COPY public\.{table} \(([^)]*)\) FROM stdin;\n(.*?)^\\\.$", dump, re.MULTILINE | re.DOTALL)
    if block is None:
        raise LookupError(f"The dump has no rows of {table}.")
    columns = block[1].split(", ")
    for line in block[2].splitlines():
        yield dict(zip(columns, line.split("\t"), strict=True))


def _values_of_place(place: _Place, row: Mapping[str, str], sealed: bytes) -> set[Value]:
    return {Value(row["key_id"], place.info(row), sealed)} if sealed else set()


def write_ahead_log(cluster: Path, *, since: str) -> bytes:
    """The content of the log from the segment `since` on, as one piece: without the headers of its pages.

    Raises LookupError where a segment is missing: what it held could not be searched.
    """
    segments = sorted(path for path in (cluster / "pg_wal").iterdir() if re.fullmatch("[0-9A-F]{24}", path.name))
    segments = [path for path in segments if path.name >= since]
    numbers = [int(path.name[8:16], 16) * 256 + int(path.name[16:], 16) for path in segments]
    if not segments or segments[0].name != since or numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        raise LookupError("A segment of the write-ahead log is missing.")
    log = bytearray()
    for path in segments:
        content = path.read_bytes()
        for start in range(0, len(content), PAGE_BYTES):
            # The header of a segment's first page is longer (XLogLongPageHeaderData).
            log += content[start + (24 if start else 40) : start + PAGE_BYTES]
    return bytes(log)


def in_log(values: Iterable[Value], log: bytes) -> set[Value]:
    """The values that are in the log: in one piece but for `ALIKE_BYTES`, or in those PostgreSQL makes."""
    return {
        value
        for value in values
        if value.sealed[ALIKE_BYTES:-ALIKE_BYTES] in log
        or all(value.sealed[start : start + PIECE_BYTES] in log for start in range(0, len(value.sealed), PIECE_BYTES))
    }


def load_keyring(stack: Stack) -> dict[str, Key]:
    """Every key that staff have now, by id."""
    return {
        path.stem: (sealing.MaskKey if key_class == "masks" else sealing.PrivateKey)(
            path.stem, bytes.fromhex(path.read_text())
        )
        for key_class in ("words", "addresses", "masks")
        for path in (stack.folder / "keyring" / "private").glob(f"{key_class}-*.key")
    }


def open_values(values: Iterable[Value], keys: Mapping[str, Key]) -> dict[Value, str]:
    """The content of each value that any of the keys opens, including keys it does not name."""
    found = {}
    for value in values:
        for key in keys.values():
            try:
                found[value] = _open_value(value, key)
            except sealing.UnsealError:
                continue
            break
    return found


def _open_value(value: Value, key: Key) -> str:
    if isinstance(key, sealing.MaskKey):
        return sealing.unseal_mask(value.sealed, by=key, info=value.info)
    return json.dumps(sealing.unseal_json(value.sealed, by=key, info=value.info))

"""The end of a key: text sealed with it cannot be read any more with anything that the hotline still has."""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import LiteralString

from portal_site.database import embedded
from reports import sealing
from tests.proofs import sealed
from tests.proofs.calling import call_inside
from tests.proofs.covered_code import INSTALLATION
from tests.proofs.privacy.search import Needles
from tests.proofs.result import Figure, at_least, equal_to, plain_figure
from tests.proofs.sealed import Key, Value
from tests.proofs.stack import Stack
from tests.proofs.written import Written, of_key, of_word

SHOWS = "What lay under a destroyed key is unreadable in the table, in earlier dumps and in the write-ahead log"
PROMISES = (3, 4)
COVERS = INSTALLATION

PORTAL = "bz"
LOG = "the log as one piece"
# Masked addresses of the reports whose texts go.
MASK_THAT_GOES = "//go\u2022\u2022\u2022"
# Days from now (docs/guides/keys-and-erasure.md): words that need no action are erased, then their addresses and the
# words of removed content, then its addresses. Each first night empties keys, the one two days later destroys them.
FIRST_NIGHT = 40
LATER_NIGHTS = [42, 100, 102, 400, 402]
# These must not change: all figures that statistics count, without any text.
STATISTICS: tuple[LiteralString, ...] = (
    "SELECT state, closing, kind, count(*) FROM analysts_incident GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
    "SELECT verdict, severity, age_band, sex, reason, count(*) FROM analysts_assessment"
    " GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5",
    "SELECT incident_id, report_id FROM analysts_sighting ORDER BY 1, 2",
    "SELECT receipt_id, portal_id, language, received_hour FROM analysts_report ORDER BY 1",
)


@dataclass
class ReceiptsByFate:
    """Receipts by their fate, and the random words in every text that is erased or stays."""

    nothing: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    goes: str = field(default_factory=lambda: "goes" + secrets.token_hex(10))
    stays: str = field(default_factory=lambda: "stays" + secrets.token_hex(10))

    @property
    def texts_that_go(self) -> int:
        """For each an address as reported, words and the address as kept, which is its sighting's spelling too; of
        those in `gone` also the question, the address as confirmed, as sent and as listed, and the host's reply."""
        return 3 * len(self.nothing) + 8 * len(self.gone)

    @property
    def host_addresses_that_go(self) -> int:
        """The IP address of the host, in each of the three traces."""
        return 3 * len(self.gone)

    @property
    def masks_that_go(self) -> int:
        """Each incident's masked address, of which two letters can be read."""
        return len(self.nothing) + len(self.gone)

    @property
    def texts_that_stay(self) -> int:
        return 3 * len(self.held) + 3 * len(self.waiting)

    def everything(self) -> list[str]:
        return [*self.nothing, *self.gone, *self.held, *self.waiting]


def prove(folder: Path, *, full: bool) -> Iterator[Figure]:
    with Stack(folder).running(["public"], worker=False) as stack:
        since = _keep_the_log(stack)
        sent = _send_reports(stack, 10 if full else 2)
        question = f"A question about {sent.goes}"
        paths = call_inside(stack, "erasure.settle", PORTAL, sent.nothing, sent.gone, sent.held, question)
        _post_replies(stack, paths, f"An answer about {sent.goes}")
        yield equal_to(
            "answers of recipients taken in", call_inside(stack, "erasure.close_gone", sent.gone), len(sent.gone)
        )
        anchor = stack.manage("anchor_audit").strip()
        before = _load_statistics(stack)

        # Simulates a copy of the keyring made while the keys exist; in memory only, where no search looks.
        aside = sealed.load_keyring(stack)
        dumps = {"before": _dump_database(stack)}
        written = _in_table(stack)
        destroyed = call_inside(stack, "erasure.nights", [FIRST_NIGHT])
        aside |= sealed.load_keyring(stack)
        dumps["between"] = _dump_database(stack)
        written |= _in_table(stack)
        destroyed += call_inside(stack, "erasure.nights", LATER_NIGHTS)
        left = sealed.load_keyring(stack)
        destroyed_files = {*destroyed, *(key.replace("addresses", "masks") for key in destroyed)}
        gone = {key: aside[key] for key in destroyed_files}
        yield at_least("keys destroyed", len(gone), 4)
        yield equal_to("destroyed keys that are in the keyring", len(gone.keys() & left.keys()), 0)
        yield plain_figure("keys left, each of them tried on everything", len(left))

        log = sealed.write_ahead_log(stack.folder / "postgres", since=since)
        yield equal_to(
            "sealed values the write-ahead log no longer holds", len(written - sealed.in_log(written, log)), 0
        )
        places = {
            "the dump of before": sealed.in_dump(dumps["before"]),
            "the dump made between emptying and destroying": sealed.in_dump(dumps["between"]),
            "the write-ahead log": sealed.in_log(written, log),
        }
        for place, values in places.items():
            yield from _readability_figures(place, values, sent, aside, left)
        in_table = sealed.open_values(_in_table(stack), aside | left)
        yield equal_to("texts that go, in the table, with all those keys", _count_texts(in_table, sent.goes), 0)
        yield equal_to("masks that go, in the table, with all those keys", _count_texts(in_table, MASK_THAT_GOES), 0)
        opened = _count_texts(sealed.open_values(_in_table(stack), left), sent.stays)
        yield equal_to(
            "texts that stay (held, unassessed), in the table, opened by the keys left", opened, sent.texts_that_stay
        )

        yield from _search_figures(stack, since, dumps, sent, gone)
        yield equal_to(
            "what statistics count", "as it was" if _load_statistics(stack) == before else "changed", "as it was"
        )
        yield from _on_the_record(stack, anchor, destroyed, sent.texts_that_go + sent.host_addresses_that_go)
        yield equal_to("receipts no longer answered", _count_unanswered(stack, sent), 0)


def _readability_figures(
    place: str,
    values: set[Value],
    sent: ReceiptsByFate,
    aside: Mapping[str, Key],
    left: Mapping[str, Key],
) -> Iterator[Figure]:
    by_aside, by_left = sealed.open_values(values, aside), sealed.open_values(values, left)
    for name, place_name, word, number in (
        ("texts", place, sent.goes, sent.texts_that_go),
        ("masks", f"{place}, masks", MASK_THAT_GOES, sent.masks_that_go),
    ):
        opened = _count_texts(by_aside, word)
        yield equal_to(f"control: {name} that go, in {place}, opened by the keys kept aside", opened, number)
        yield equal_to(f"in {place_name}, opened by any key left", _count_texts(by_left, word), 0)


def _count_texts(opened: Mapping[Value, str], word: str) -> int:
    """The number of envelopes, questions and addresses with this word that have a readable copy."""
    return len({value.info + text.encode() for value, text in opened.items() if word in text})


def _keep_the_log(stack: Stack) -> str:
    """Keep the whole write-ahead log from now on; returns the segment that is being written."""
    with stack.connect() as database:
        database.execute("ALTER SYSTEM SET wal_keep_size = '16GB'")
        database.execute("SELECT pg_reload_conf()")
        rows = database.execute("SELECT pg_walfile_name(pg_current_wal_lsn())").fetchall()
    return str(rows[0][0])


def _send_reports(stack: Stack, each: int) -> ReceiptsByFate:
    """Send reports of each kind through the public surface, every one with details."""
    sent = ReceiptsByFate()
    visitor = stack.visitor()
    for codes, word in (
        (sent.nothing, sent.goes),
        (sent.gone, sent.goes),
        (sent.held, sent.stays),
        (sent.waiting, sent.stays),
    ):
        for _ in range(each):
            number = len(sent.everything())
            page = visitor.report(f"https://{word}-{number}.example.org/{word}/{number}", portal=PORTAL)
            fields = {"token": page.field("token"), "description": f"Placeholder words {word}, {number}"}
            if visitor.post(f"/{PORTAL}/en/details/", fields).status != 200:
                raise RuntimeError("Details were not taken.")
            codes.append(page.receipt)
    visitor.close()
    return sent


def _post_replies(stack: Stack, paths: list[str], text: str) -> None:
    """Replies from the hosts of the incidents in `gone`."""
    visitor = stack.visitor()
    for path in paths:
        if visitor.post(path, {"kind": "removed", "text": text}).status != 200:
            raise RuntimeError("An answer was not taken.")
    visitor.close()


def _dump_database(stack: Stack) -> str:
    """The whole database as `pg_dump` writes it."""
    server = ("--host", stack.database["host"], "--port", stack.database["port"], "--username", "postgres")
    return embedded.run_program("pg_dump", *server, stack.database["dbname"], cluster=stack.folder / "postgres")


def _in_table(stack: Stack) -> set[Value]:
    with stack.connect() as database:
        return sealed.in_table(database)


def _load_statistics(stack: Stack) -> list[object]:
    with stack.connect() as database:
        return [database.execute(query).fetchall() for query in STATISTICS]


def _search_figures(
    stack: Stack, since: str, dumps: Mapping[str, str], sent: ReceiptsByFate, gone: Mapping[str, Key]
) -> Iterator[Figure]:
    """No erased text or key is in any byte of the installation, its log or the dumps; the planted leak is."""
    word, key = _plant_leak(stack)
    needles = [*of_word(sent.goes, "text"), *of_word(word, "leak, text"), *of_key(key, "leak, key")]
    for private in gone.values():
        needles += of_key(private.raw, "key")
    written = Written(Needles(needles))
    written.look_below(stack.folder)
    written.look(LOG, sealed.write_ahead_log(stack.folder / "postgres", since=since))
    for name, dump in dumps.items():
        written.look(f"dump of {name}", dump.encode())
    yield plain_figure("bytes searched", written.read)
    yield equal_to("clear text that goes, in any spelling", ", ".join(written.places("text")) or "nowhere", "nowhere")
    yield equal_to("destroyed keys, as bytes or digits", ", ".join(written.places("key")) or "nowhere", "nowhere")
    for leak in ("leak, text", "leak, key, bytes", "leak, key, digits"):
        places = written.places(leak)
        found = [LOG in places, any(place.startswith("postgres/base/") for place in places)]
        yield equal_to(f"control: {leak}, in the log and in a table's file", sum(found), 2)


def _plant_leak(stack: Stack) -> tuple[str, bytes]:
    """Leave a word and a useless key in the database, as a control."""
    word, key = "leak" + secrets.token_hex(10), secrets.token_bytes(sealing.PRIVATE_BYTES)
    with stack.connect() as database:
        database.execute("CREATE TABLE leak (word text, bytes bytea, digits text)")
        database.execute("INSERT INTO leak VALUES (%s, %s, %s)", [word, key, key.hex()])
        database.execute("CHECKPOINT")
    return word, key


def _on_the_record(stack: Stack, anchor: str, destroyed: list[str], texts: int) -> Iterator[Figure]:
    with stack.connect() as database:
        rows = database.execute(
            "SELECT object_id, details FROM audit_auditevent WHERE action = 'key.destroy' ORDER BY number"
        ).fetchall()
    yield equal_to("destroyed keys without a receipt of the erasure", len(set(destroyed) - {row[0] for row in rows}), 0)
    erased = sum(sum(details["erased"].values()) for _, details in rows)
    yield equal_to("envelopes, questions, addresses and answers erased, by these receipts", erased, texts)
    verified = stack.run_manage("verify_audit", "--anchor", anchor)
    yield equal_to("exit code of verify_audit, against the anchor of before", verified.returncode, 0)


def _count_unanswered(stack: Stack, sent: ReceiptsByFate) -> int:
    """Receipts without an answer: the state stays when the words are erased."""
    visitor = stack.visitor()
    pages = [visitor.post(f"/{PORTAL}/en/status/", {"code": code}) for code in sent.everything()]
    visitor.close()
    return sum(page.status != 200 or 'id="state"' not in page.text for page in pages)

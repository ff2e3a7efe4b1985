#!/usr/bin/env python3
"""The isolated workstation's tool: verifies and lists workstation files, and signs the answers.

It needs Python 3.11 and this folder (docs/guides/workstation.md), and nothing else from this project. It reads and
writes only the files named on the command line and never uses a network. docs/guides/handoff.md describes the format.

    python handoff.py make-key workstation.key
    python handoff.py check handoff-1a2b3c4d.jsonl --portal-key BASE64
    python handoff.py list handoff-1a2b3c4d.jsonl --portal-key BASE64
    python handoff.py sign answers.csv answers.jsonl --key workstation.key --questions handoff-1a2b3c4d.jsonl \
        --portal-key BASE64
    python handoff.py ask answers.csv --questions handoff-1a2b3c4d.jsonl --portal-key BASE64

`answers.csv` has one line for each trace or availability check, under these headings:

    item,found,country,provider,network,note,at
    1,dns,NL,Example Hosting,AS64496 Example Net,,2026-11-25T12:00Z
    1,gone,,,,,2026-11-25T12:05Z

`item` is the number or the id of the question; `found` is a tracing method, or online, gone or unclear.
"""

import argparse
import csv
import io
import os
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TypedDict, cast

# As a script it finds the modules and packages of its folder.
sys.path.insert(0, str(Path(__file__).parent / "packages"))
sys.path.insert(0, str(Path(__file__).parents[1]))

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from workstation.signed_lines import FileFault, open_signed, parse_public_key, sign_payload

EXPORT, ANSWERS = "handoff-export", "handoff-answers"
FORMAT = 1
METHODS = (
    "dns",
    "whois_address",
    "whois_domain",
    "route",
    "bgp",
    "headers",
    "certificate",
    "passive_dns",
    "file",
    "provider",
    "other",
)
OUTCOMES = ("online", "gone", "unclear")
COLUMNS = ("item", "found", "country", "provider", "network", "note", "at")


class ExportLine(TypedDict, total=False):
    """A line of a workstation file: the first one (`format`, `count`), or a question with the rest."""

    kind: str
    file: str
    format: int
    count: int
    number: int
    item: str
    asked: list[str]
    address: str


class QuestionFindings(TypedDict, total=False):
    """What was found for one question: `available` is an outcome and its time."""

    traces: list[dict[str, str]]
    available: dict[str, str]


class AnswerLine(QuestionFindings, total=False):
    kind: str
    item: str


# --- Questions --------------------------------------------------------------------------------------------------------


def read_questions(path: Path, public: bytes) -> list[ExportLine]:
    """Return the questions of a complete file in order; raise FileFault for any other file."""
    said = []
    for number, line in enumerate(path.read_text(encoding="ascii", errors="replace").splitlines(), start=1):
        try:
            said.append(cast(ExportLine, open_signed(line, public, EXPORT)))
        except FileFault as fault:
            raise FileFault(f"line {number}: {fault}") from None
    if not said or said[0].get("kind") != "export":
        raise FileFault("the first line, with the number of questions, is missing")
    head, asked = said[0], said[1:]
    if head.get("format") != FORMAT:
        raise FileFault(f"format {head.get('format')}: this version of the tool cannot read it")
    if [each.get("number") for each in asked] != list(range(1, head["count"] + 1)):
        raise FileFault(
            f"{head['count']} questions were sent, but {len(asked)} are in the file, or their order was changed"
        )
    if any(each.get("kind") != "question" or each.get("file") != head["file"] for each in asked):
        raise FileFault("the file mixes lines of several files")
    return asked


# --- Keys -----------------------------------------------------------------------------------------------------------


def make_key(path: Path) -> str:
    """Create a key file readable only by its owner; return the public key, which an administrator registers."""
    key = Ed25519PrivateKey.generate()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(key.private_bytes_raw().hex() + "\n")
    return public_text(key)


def read_key(path: Path) -> Ed25519PrivateKey:
    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text(encoding="ascii")))
    except ValueError:
        raise FileFault(f"{path.name} is not a key of this tool") from None


def public_text(key: Ed25519PrivateKey) -> str:
    return b64encode(key.public_key().public_bytes_raw()).decode()


# --- Answers --------------------------------------------------------------------------------------------------------


def parse_moment(text: str, *, now: datetime) -> str:
    """Return the time in UTC; `now` for an empty text. A time without a zone is refused as ambiguous."""
    if not text.strip():
        at = now
    else:
        try:
            at = datetime.fromisoformat(text.strip())
        except ValueError:
            raise FileFault(f"{text!r} is not a time such as 2026-11-25T12:00Z") from None
        if at.tzinfo is None:
            raise FileFault(f"{text!r} has no time zone: add Z for UTC, or an offset such as +01:00")
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def read_table(path: Path) -> str:
    """Read `answers.csv` as text, with or without the byte-order mark of a spreadsheet."""
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise FileFault(f"line {line}: not written in UTF-8; save the table as CSV UTF-8") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise FileFault(f"line {line}: contains a NUL character; type the line again")
    return text


def build_answers(rows: Iterator[dict[str, str]], asked: list[ExportLine], *, now: datetime) -> list[AnswerLine]:
    """Build one answer for each question with findings, in the order of the questions."""
    ids = {str(each["number"]): each["item"] for each in asked} | {each["item"]: each["item"] for each in asked}
    found: dict[str, QuestionFindings] = {}
    for number, row in enumerate(rows, start=2):
        try:
            cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
            if cells["item"] not in ids:
                raise FileFault(f"no question has the number or id {cells['item']!r}")
            answer = found.setdefault(ids[cells["item"]], {"traces": []})
            add_finding(answer, cells, now=now)
        except FileFault as fault:
            raise FileFault(f"line {number}: {fault}") from None
    answered = [(each["item"], found[each["item"]]) for each in asked if each["item"] in found]
    return [{"kind": "answer", "item": item, **answer} for item, answer in answered]


def add_finding(answer: QuestionFindings, cells: dict[str, str], *, now: datetime) -> None:
    at = parse_moment(cells["at"], now=now)
    if cells["found"] in OUTCOMES:
        if "available" in answer:
            raise FileFault("the availability is given twice")
        answer["available"] = {"outcome": cells["found"], "at": at}
        return
    if cells["found"] not in METHODS:
        raise FileFault(f"{cells['found']!r} is not one of {', '.join(OUTCOMES + METHODS)}")
    if any(trace["method"] == cells["found"] for trace in answer["traces"]):
        raise FileFault(f"{cells['found']} is given twice")
    country = cells["country"].upper()
    if len(country) != 2 or not country.isalpha() or not country.isascii():
        raise FileFault(f"{cells['country']!r} is not a two-letter country code such as NL")
    if not cells["provider"]:
        raise FileFault("the provider is missing")
    if cells["found"] == "other" and not cells["note"]:
        raise FileFault("specify the other method in the note")
    place = {"country": country, "provider": cells["provider"], "network": cells["network"], "note": cells["note"]}
    answer["traces"].append(
        {"method": cells["found"], **{name: text for name, text in place.items() if text}, "at": at}
    )


def sign_file(answers: list[AnswerLine], key: Ed25519PrivateKey, *, now: datetime) -> str:
    made_at = f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    head = {"kind": "answers", "format": FORMAT, "made_at": made_at, "count": len(answers)}
    return "".join(f"{sign_payload(each, key.private_bytes_raw(), ANSWERS)}\n" for each in (head, *answers))


def ask_questions(asked: list[ExportLine], path: Path, *, read: Callable[[str], str] = input) -> None:
    """Prompt for the findings of each question and append them to the file; an empty answer moves on."""
    is_new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, COLUMNS)
        if is_new:
            out.writeheader()
        for each in asked:
            print(f"\n{each['number']}. {' and '.join(each['asked'])}\n   {each['address']}")
            last: dict[str, str] = {}
            while found := read(f"   {', '.join(OUTCOMES + METHODS)}; empty for the next question: ").strip():
                row = {"item": str(each["number"]), "found": found}
                if found in METHODS:
                    for name in ("country", "provider", "network", "note"):
                        kept = last.get(name, "") if name != "note" else ""
                        row[name] = read(f"   {name}{f' [{kept}]' if kept else ''}: ").strip() or kept
                    last = row
                try:
                    add_finding({"traces": []}, {name: row.get(name, "") for name in COLUMNS}, now=datetime.now(UTC))
                except FileFault as fault:
                    print(f"   Not saved: {fault}.")
                    continue
                out.writerow(row | {"at": parse_moment("", now=datetime.now(UTC))})
                file.flush()


# --- The command line -----------------------------------------------------------------------------------------------


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="handoff.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    made = commands.add_parser("make-key", help="create this workstation's key and show its public key")
    made.add_argument("key", type=Path)
    for name, words in (("check", "check that a workstation file is complete"), ("list", "show the questions")):
        command = commands.add_parser(name, help=words)
        command.add_argument("questions", type=Path)
        command.add_argument("--portal-key", required=True)
    sign = commands.add_parser("sign", help="sign the answers")
    sign.add_argument("answers", type=Path)
    sign.add_argument("out", type=Path)
    sign.add_argument("--key", type=Path, required=True)
    asking = commands.add_parser("ask", help="prompt for the answers and save them")
    asking.add_argument("answers", type=Path)
    for command in (sign, asking):
        command.add_argument("--questions", type=Path, required=True)
        command.add_argument("--portal-key", required=True)
    return parser


def run_command(given: argparse.Namespace) -> None:
    if given.command == "make-key":
        print(make_key(given.key))
        return
    asked = read_questions(given.questions, parse_public_key(given.portal_key))
    match given.command:
        case "check":
            print(f"Complete and valid: {len(asked)} questions.")
        case "list":
            for each in asked:
                print(f"{each['number']}\t{','.join(each['asked'])}\t{each['item']}\t{each['address']}")
        case "ask":
            ask_questions(asked, given.answers)
        case _:
            rows = csv.DictReader(io.StringIO(read_table(given.answers), newline=""))
            try:
                answers = build_answers(rows, asked, now=datetime.now(UTC))
            except csv.Error as error:
                raise FileFault(f"line {rows.reader.line_num}: {error}") from None
            given.out.write_text(sign_file(answers, read_key(given.key), now=datetime.now(UTC)), encoding="ascii")
            print(f"Signed: {len(answers)} of {len(asked)} questions answered.")


def main(arguments: list[str] | None = None) -> int:
    try:
        run_command(build_parser().parse_args(arguments))
    except (FileFault, OSError) as fault:
        print(f"handoff.py: {fault}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Privacy by difference: three runs of the same kinds of request, of which the second has other reporters (addresses,
words, browser, minute), and the third those of the first under other keys. `judge_runs` compares their records.

A record holds every row, line, mail, notification and recorded call of a run in a canonical form, in which a value of
a place on the list (`allowed_noise`) is replaced with its kind and its length.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import psycopg
from psycopg import sql

from tests.proofs.privacy.allowed_calls import CARELESS
from tests.proofs.privacy.allowed_noise import BY_CHANCE, BY_THE_CLOCK, COMPARED, NOISE, Noise
from tests.proofs.privacy.calls import CallRecorder

TIME = re.compile(r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:\+00:00|Z)?)?(?![\w-])")
# Shorter texts are none of these kinds: empty, or the number of a portal.
LEAST_LENGTH = 8
WRITES = """
SELECT DISTINCT process, role, relation, act, coalesce(written, ''), detail
FROM watched.writes LEFT JOIN unnest(columns) AS written ON true WHERE role <> 'postgres'
"""
HEADERS_BY_CHANCE = ("Date", "Message-ID")
# Mails are numbered, and the name of a key ends with random digits.
NAME_BY_CHANCE = re.compile(r"(?<=^mail/)\d+|(?<=-)[0-9a-f]{8}(?=\.(?:key|pub)$)")
# Logs with numbers of processes, places and durations in them.
NUMBERED = ("database's log", "manage.log")

type Row = tuple[tuple[str, str], ...]


@dataclass
class RunRecord:
    """`since`: when the first of the runs that are compared began; the hours from then to `now` count as one."""

    since: datetime
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    rows: dict[str, Counter[Row]] = field(default_factory=dict)
    # The values of places on the list, other than times, by table and column.
    values: dict[str, set[str]] = field(default_factory=dict)

    def add(self, relation: str, row: Mapping[str, object]) -> None:
        canonical = sorted((column, self._reduce(f"{relation}.{column}", value)) for column, value in row.items())
        by_chance = BY_CHANCE.get(relation)
        if by_chance and by_chance.fullmatch(json.dumps(dict(canonical))):
            return
        self.rows.setdefault(relation, Counter())[tuple(canonical)] += 1

    def _reduce(self, place: str, value: object) -> str:
        if value is None:
            return ""
        if noise := find_noise(place):
            return self._reduce_noise(place, noise, value)
        if isinstance(value, dict):
            return json.dumps({key: self._reduce(f"{place}.{key}", part) for key, part in sorted(value.items())})
        if isinstance(value, list):
            return json.dumps([self._reduce(place, part) for part in value])
        return TIME.sub(self._relative_time, str(value))

    def _reduce_noise(self, place: str, noise: Noise, value: object) -> str:
        if noise not in COMPARED or not isinstance(value, str):
            return f"<{noise}>"
        if len(value) < LEAST_LENGTH:
            return value
        self.values.setdefault(column_of(place), set()).add(value)
        return f"<{noise} {len(value)}>"

    def _relative_time(self, match: re.Match[str]) -> str:
        """A whole hour or a day as its distance from those of the runs; a finer time stays as it is."""
        try:
            moment = datetime.fromisoformat(match[0])
        except ValueError:
            return match[0]
        moment = moment.replace(tzinfo=moment.tzinfo or UTC)
        if len(match[0]) == len("2026-11-24"):
            return f"<day{self._distance(moment, 'day')}>"
        if moment.minute or moment.second or moment.microsecond:
            return match[0]
        return f"<hour{self._distance(moment, 'hour')}>"

    def _distance(self, moment: datetime, unit: str) -> str:
        """From the first of the runs for what lies before it, and from this one for what lies after it."""
        first, last = (_cut(each, unit) for each in (self.since, self.now))
        if first <= moment <= last:
            return ""
        return f" {(moment - (first if moment < first else last)) / timedelta(**{f'{unit}s': 1}):+.0f}"


def _cut(moment: datetime, unit: str) -> datetime:
    hour = moment.replace(minute=0, second=0, microsecond=0)
    return hour if unit == "hour" else hour.replace(hour=0)


@cache
def find_noise(place: str) -> Noise | None:
    """The kind of noise that the list allows in this place."""
    return next((noise for pattern, (noise, _reason) in NOISE.items() if fnmatchcase(place, pattern)), None)


def column_of(place: str) -> str:
    """Table and column, without the keys of an object, which may be what was leaked."""
    return ".".join(place.split(".")[:2])


# --- Reading ----------------------------------------------------------------------------------------


def read_run(folder: Path, owner: psycopg.Connection, since: datetime) -> RunRecord:
    """Everything that the run in `folder` wrote so far; `add_calls` adds the calls once its processes have ended."""
    record = RunRecord(since)
    for relation, row in (*_read_database(owner), *_read_files(folder)):
        record.add(relation, row)
    return record


def _read_database(owner: psycopg.Connection) -> Iterator[tuple[str, Mapping[str, object]]]:
    tables = owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
    for (table,) in tables:
        for (row,) in owner.execute(sql.SQL("SELECT to_jsonb(t) FROM {} AS t").format(sql.Identifier(table))):
            yield table, row
    for process, role, relation, act, column, detail in owner.execute(WRITES):
        yield "writes", {"act": f"{process} {role} {act} {relation}", "column": column, "detail": detail}
    for process, role in owner.execute("SELECT process, role FROM watched.sessions"):
        yield "connections", {"name": process, "role": role}
    notifications = owner.execute("SELECT channel, payload FROM watched.notifications").fetchall()
    for channel, payload in {(channel, _without_numbers(payload)) for channel, payload in notifications}:
        yield "notifications", {"channel": channel, "payload": payload}


def _read_files(folder: Path) -> Iterator[tuple[str, Mapping[str, object]]]:
    for name, line in _read_lines(folder):
        yield name, {"line": line}
    for mail in _read_mails(folder):
        yield "mails", {**mail, "text": _without_numbers(str(mail["text"]))}
    for text, numbers in _numbers_of_mails(folder).items():
        yield "numbers of mails", {"text": text, "largest": max(numbers)}
    for path in folder.rglob("*"):
        name = str(path.relative_to(folder))
        if not name.startswith("postgres/"):
            yield "files", {"name": NAME_BY_CHANCE.sub("N", name)}


def add_calls(record: RunRecord, recorder: CallRecorder, places: Mapping[str, str]) -> None:
    for process, text in recorder.read_reduced(places):
        # Seeds are planted in the first run only.
        if process != CARELESS:
            record.add(f"calls of {process}", {"call": text})


def _without_numbers(text: str) -> str:
    return re.sub(r"\b[0-9a-f]{32,}\b|\d+", "N", text)


def _read_lines(folder: Path) -> Iterator[tuple[str, str]]:
    logs = {path.name: path for path in sorted((folder / "logs").glob("*.log"))}
    for name, path in {**logs, "database's log": folder / "postgres" / "log"}.items():
        for line in path.read_text(errors="replace").splitlines():
            yield name, _without_numbers(line) if name in NUMBERED else line


def _read_mails(folder: Path) -> Iterator[Mapping[str, object]]:
    for path in sorted((folder / "mail").glob("*.eml")):
        envelope, _empty, content = path.read_bytes().partition(b"\n\n")
        mail = message_from_bytes(content, policy=default)
        heads = sorted(f"{name}: {text}" for name, text in mail.items() if name not in HEADERS_BY_CHANCE)
        yield {"envelope": envelope.decode(), "heads": heads, "text": mail.get_payload()}


def _numbers_of_mails(folder: Path) -> Mapping[str, list[int]]:
    """By text: the numbers in it, each of them the sum of those before and of what came since."""
    numbers: dict[str, list[int]] = {}
    for mail in _read_mails(folder):
        for line in str(mail["text"]).splitlines():
            numbers.setdefault(_without_numbers(line), [0]).extend(map(int, re.findall(r"\d+", line)))
    return numbers


# --- Comparing --------------------------------------------------------------------------------------


def judge_runs(first: RunRecord, other: RunRecord, control: RunRecord) -> list[str]:
    """Places that the list does not allow to differ: between runs of equal reporters, or of different ones; and those
    whose values have to differ and are the same for the same reporters."""
    noise, differences = set(find_differences(first, control)), set(find_differences(first, other))
    fixed = [
        place
        for place, values in first.values.items()
        if (values & control.values.get(place, set())) - other.values.get(place, set())
    ]
    return [
        *(f"differs by chance: {place}" for place in sorted(noise)),
        *(f"differs with the reporters: {place}" for place in sorted(differences - noise)),
        *(f"is the same for the same reporters: {place}" for place in sorted(fixed)),
    ]


def show_rows(first: RunRecord, other: RunRecord) -> Iterator[str]:
    """A few of the rows behind `find_differences`, for the person who reads the proof's output."""
    for relation in sorted({place.rsplit(".", 1)[0] for place in find_differences(first, other)}):
        for one, two, sign in ((first, other, "-"), (other, first, "+")):
            rows = one.rows.get(relation, Counter()) - two.rows.get(relation, Counter())
            yield from (f"{sign}{count} {relation}: {dict(row)}" for row, count in sorted(rows.items())[:5])


def find_differences(first: RunRecord, other: RunRecord) -> Iterator[str]:
    """Columns that differ; "number" or "combination" where rows differ and no column does."""
    for relation in sorted({*first.rows, *other.rows}):
        one, two = (record.rows.get(relation, Counter[Row]()) for record in (first, other))
        if any(fnmatchcase(relation, pattern) for pattern in BY_THE_CLOCK):
            one, two = Counter(set(one)), Counter(set(two))
        if one == two:
            continue
        only = [*(one - two), *(two - one)]
        columns = {column for column, _ in only[0]} if only else set()
        differing = [
            column
            for column in sorted(columns)
            if {dict(row).get(column) for row in one} != {dict(row).get(column) for row in two}
        ]
        if one.total() != two.total():
            differing.append("number")
        yield from (f"{relation}.{column}" for column in differing or ["combination"])

"""The stream of audit events to a SIEM: JSON lines with ECS field names, appended to a file or sent to a Unix socket.

Each record has the event's number and both hashes, so that what is missing or changed there can be named. Delivery is
at least once: after a crash the last batch may come twice.
"""

import json
import os
import socket
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import batched
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from audit.actions import JSON
from audit.event_fields import EVENT_FIELDS
from audit.models import AuditEvent, StreamPosition

ECS_VERSION = "8.17"
BATCH = 1000
SOCKET_SECONDS = 10
# A damaged stream may lack every event: the first ones are enough.
MOST_NAMED = 1000


def as_record(event: AuditEvent) -> dict[str, JSON]:
    """An event in ECS: the fields for which the schema has no place are below `portals`.

    `portals.unreadable`: the stored texts of fields whose values are stand-ins, if there are any.
    """
    parts: dict[str, dict[str, JSON]] = {
        "ecs": {"version": ECS_VERSION},
        "event": {"kind": "event", "dataset": "portals.audit"},
        "user": {},
        "portals": {},
    }
    for column in EVENT_FIELDS:
        match column.stream_path, getattr(event, column.name):
            case ("user", _), "" | None:
                continue
            case ("user", "roles" as key), role:
                parts["user"][key] = [role]
            case ("user", key), value:
                parts["user"][key] = str(value)
            case (part, key), value:
                parts[part][key] = value
    if unreadable := event.unreadable_texts():
        parts["portals"]["unreadable"] = unreadable
    return {"@timestamp": event.at.isoformat(), **parts}


def send_new_events() -> int:
    """Send what AUDIT_STREAM has not had yet, oldest first; returns the number of events. Safe to repeat.

    Raises OSError if the file cannot be written or no program listens on the socket; the next run continues from there.
    """
    kind, _, where = settings.AUDIT_STREAM.partition(":")
    number_sent = 0
    while where and (batch := _send_batch(kind, where)):
        number_sent += batch
    return number_sent


@transaction.atomic
def _send_batch(kind: str, where: str) -> int:
    position, _created = StreamPosition.objects.select_for_update().get_or_create(pk=1)
    events = list(AuditEvent.objects.filter(number__gt=position.number).order_by("number")[:BATCH])
    if not events:
        return 0
    lines = "".join(json.dumps(as_record(event), sort_keys=True, ensure_ascii=False) + "\n" for event in events)
    (_append_to_file if kind == "file" else _send_to_socket)(where, lines.encode())
    position.number = events[-1].number
    position.save()
    return len(events)


def _append_to_file(path: str, lines: bytes) -> None:
    """On the disk before the position moves."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    with os.fdopen(descriptor, "ab") as file:
        file.write(lines)
        file.flush()
        os.fsync(file.fileno())


def _send_to_socket(path: str, lines: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(SOCKET_SECONDS)
        client.connect(path)
        client.sendall(lines)


@dataclass(slots=True)
class StreamComparison:
    """The events that a stored stream lacks. `first` and `last`: numbers of the records compared; 0 without any."""

    first: int = 0
    last: int = 0
    records: int = 0
    # Numbers between `first` and `last` that the stream lacks, and those whose record is not the log's event.
    missing: list[int] = field(default_factory=list)
    different: list[int] = field(default_factory=list)
    # Lines that are no record.
    unreadable: list[int] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return not (self.missing or self.different or self.unreadable)


def compare_stream(path: Path) -> StreamComparison:
    """Compare a stream with the log, in memory that does not depend on its length. Raises OSError."""
    comparison = StreamComparison()
    for batch in batched(_read_records(path, comparison), BATCH):  # strict= came with Python 3.13
        _compare_batch(list(batch), comparison)
    return comparison


def _read_records(path: Path, comparison: StreamComparison) -> Iterator[tuple[int, str, str]]:
    """Number, previous hash and hash of each record."""
    with path.open(encoding="utf-8") as lines:
        for line_number, line in enumerate(lines, start=1):
            try:
                record: Any = json.loads(line)
                yield int(record["event"]["sequence"]), record["portals"]["previous_hash"], record["event"]["hash"]
            except (ValueError, KeyError, TypeError):
                _name(comparison.unreadable, [line_number])


def _compare_batch(records: list[tuple[int, str, str]], comparison: StreamComparison) -> None:
    numbers = [number for number, _previous, _hash in records]
    stored = AuditEvent.objects.filter(number__in=numbers)
    hashes = {
        number: (before, event_hash)
        for number, before, event_hash in stored.values_list("number", "previous_hash", "hash")
    }
    for number, before, event_hash in records:
        comparison.records += 1
        comparison.first = comparison.first or number
        if hashes.get(number) != (before, event_hash):
            _name(comparison.different, [number])
        # A batch that came twice goes back; what it skips is missing only beyond the newest so far.
        _name(comparison.missing, range(comparison.last + 1, number) if comparison.last else ())
        comparison.last = max(comparison.last, number)


def _name(examples: list[int], numbers: Iterable[int]) -> None:
    for number in numbers:
        if len(examples) >= MOST_NAMED:
            return
        examples.append(number)

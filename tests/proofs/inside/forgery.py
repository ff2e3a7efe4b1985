"""An audit record of some length, and forgeries of it by the owner of the database, who can switch triggers off."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO

from django.core.management import call_command
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from audit import chain
from audit.actions import record
from audit.models import AuditEvent
from portal_site import roles


@dataclass(frozen=True)
class Colleague:
    """Who acts, as far as the record knows."""

    username: str
    role: str

    def get_username(self) -> str:
        return self.username


def record_some(events: int) -> int:
    """So many more events; how many there are then."""
    for step in range(events):
        with transaction.atomic():
            record(by=Colleague("ana", "analyst"), action="incident.claim", portal="bz", details={"step": step})
    return number()


def number() -> int:
    return AuditEvent.objects.count()


def forge(forgeries: list[tuple[str, int]], copies: str) -> None:
    """Each forgery (its name, the number of an event) done to the record, then kept in a schema, then undone.

    The schemas are called `copies` and a number; a process whose search path begins with one finds the forged record.
    """
    sound = list(AuditEvent.objects.order_by("number"))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditevent DISABLE TRIGGER ALL")
        for place, (how, event) in enumerate(forgeries):
            _rewrite(cursor, FORGERIES[how](copy.deepcopy(sound), event))
            schema = sql.Identifier(f"{copies}{place}")
            cursor.execute(sql.SQL("CREATE SCHEMA {}").format(schema))
            cursor.execute(sql.SQL("CREATE TABLE {}.audit_auditevent AS TABLE audit_auditevent").format(schema))
            cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, sql.Identifier(roles.STAFF)))
            cursor.execute(
                sql.SQL("GRANT SELECT ON {}.audit_auditevent TO {}").format(schema, sql.Identifier(roles.STAFF))
            )
        _rewrite(cursor, sound)
        cursor.execute("ALTER TABLE audit_auditevent ENABLE TRIGGER ALL")


def faults(schemas: list[str], anchor: str) -> list[str]:
    """What `verify_audit` says of the record in each of these schemas; "" where it finds no fault."""
    return [_faults(schema, anchor) for schema in schemas]


def _faults(schema: str, anchor: str) -> str:
    said = StringIO()
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('search_path', %s, false)", [f"{schema},public"])
    try:
        call_command("verify_audit", *(["--anchor", anchor] if anchor else []), stdout=said)
    except SystemExit:
        return said.getvalue()
    return ""


def _rewrite(cursor: CursorWrapper, events: "Events") -> None:
    cursor.execute("TRUNCATE audit_auditevent")
    AuditEvent.objects.bulk_create(events)


type Events = list[AuditEvent]


def _edit(events: Events, place: int) -> Events:
    events[place - 1].details = {"step": -1}
    return events


def _edit_rehashed(events: Events, place: int) -> Events:
    """The changed event fits its own hash again, and the next one no longer fits it."""
    event = _edit(events, place)[place - 1]
    event.hash = chain.digest(event)
    return events


def _reactor(events: Events, place: int) -> Events:
    events[place - 1].actor = "ben"
    return events


def _backdate(events: Events, place: int) -> Events:
    events[place - 1].at -= timedelta(days=1)
    return events


def _delete(events: Events, place: int) -> Events:
    return events[: place - 1] + events[place:]


def _renumber(events: Events, place: int) -> Events:
    """A gap before the event."""
    for event in events[place - 1 :]:
        event.number += 1
    return events


def _swap(events: Events, place: int) -> Events:
    first, second = events[place - 1], events[place]
    first.number, second.number = second.number, first.number
    return events


def _insert(events: Events, place: int) -> Events:
    """A new event, fastened to the one before and to the one after, which moves up with all that follow."""
    new = _invented(events[place - 1])
    events[place].previous_hash = new.hash
    return [*events[:place], new, *_renumber(events, place + 1)[place:]]


def _rehash_from(events: Events, place: int) -> Events:
    return _rechained(_edit(events, place))


def _replace_all(events: Events, place: int) -> Events:
    for event in events:
        event.action = "incident.release"
    return _rechained(events)


def _cut_end(events: Events, place: int) -> Events:
    return events[:place]


def _cut_and_regrow(events: Events, place: int) -> Events:
    """As long as before, and some more."""
    grown = events[:place]
    while len(grown) < len(events) + 3:
        grown.append(_invented(grown[-1]))
    return grown


def _truncate(events: Events, place: int) -> Events:
    return []


def _append(events: Events, place: int) -> Events:
    return [*events, _invented(events[-1])]


def _invented(before: AuditEvent) -> AuditEvent:
    event = AuditEvent(number=before.number + 1, at=before.at, actor="ben", action="incident.view", details={})
    event.previous_hash = before.hash
    event.hash = chain.digest(event)
    return event


def _rechained(events: Events) -> Events:
    before = chain.START.hash
    for event in events:
        event.previous_hash = before
        before = event.hash = chain.digest(event)
    return events


FORGERIES: dict[str, Callable[[Events, int], Events]] = {
    "edit": _edit,
    "edit and hash anew": _edit_rehashed,
    "another actor": _reactor,
    "another time": _backdate,
    "delete": _delete,
    "leave a gap": _renumber,
    "swap": _swap,
    "insert": _insert,
    "hash anew from there on": _rehash_from,
    "replace all": _replace_all,
    "cut off the end": _cut_end,
    "cut off and regrow": _cut_and_regrow,
    "truncate": _truncate,
    "append": _append,
}

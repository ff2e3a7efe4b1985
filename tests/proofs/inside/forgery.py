"""An audit log of some length, and forgeries of it by the owner of the database, who can switch triggers off."""

import copy
from collections.abc import Callable
from datetime import timedelta
from io import StringIO

from django.core.management import call_command
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg import sql

from analysts.codes import Role
from analysts.models import User
from audit import chain
from audit.actions import record_event
from audit.models import AuditEvent
from portal_site.database import roles


def record_some(events: int) -> int:
    """Record more events; returns how many there are then."""
    ana, _is_new = User.objects.get_or_create(username="ana", defaults={"role": Role.ANALYST})
    for step in range(events):
        with transaction.atomic():
            record_event(by=ana, action="incident.claim", portal="bz", details={"step": step})
    return number()


def number() -> int:
    return AuditEvent.objects.count()


def forge(forgeries: list[tuple[str, int]], copies: str) -> None:
    """Apply each forgery (its name, the number of an event) to the log, copy the result to a schema, then undo it.

    The schemas are called `copies` and a number; a process whose search path begins with one finds the forged record.
    """
    sound = list(AuditEvent.objects.order_by("number"))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditevent DISABLE TRIGGER ALL")
        for place, (how, event) in enumerate(forgeries):
            _rewrite_log(cursor, FORGERIES[how](copy.deepcopy(sound), event))
            schema = sql.Identifier(f"{copies}{place}")
            cursor.execute(sql.SQL("CREATE SCHEMA {}").format(schema))
            cursor.execute(sql.SQL("CREATE TABLE {}.audit_auditevent AS TABLE audit_auditevent").format(schema))
            cursor.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, sql.Identifier(roles.STAFF)))
            cursor.execute(
                sql.SQL("GRANT SELECT ON {}.audit_auditevent TO {}").format(schema, sql.Identifier(roles.STAFF))
            )
        _rewrite_log(cursor, sound)
        cursor.execute("ALTER TABLE audit_auditevent ENABLE TRIGGER ALL")


def faults(schemas: list[str], anchor: str) -> list[str]:
    """The output of `verify_audit` for the log in each of these schemas; "" where it finds no fault."""
    return [_find_faults(schema, anchor) for schema in schemas]


def _find_faults(schema: str, anchor: str) -> str:
    said = StringIO()
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('search_path', %s, false)", [f"{schema},public"])
    try:
        call_command("verify_audit", *(["--anchor", anchor] if anchor else []), stdout=said)
    except SystemExit:
        return said.getvalue()
    return ""


def _rewrite_log(cursor: CursorWrapper, events: "Events") -> None:
    cursor.execute("TRUNCATE audit_auditevent")
    AuditEvent.objects.bulk_create(events)


type Events = list[AuditEvent]


def _edit_event(events: Events, place: int) -> Events:
    events[place - 1].details = {"step": -1}
    return events


def _edit_rehashed(events: Events, place: int) -> Events:
    """The changed event has a valid hash again; the next one's link to it is broken."""
    event = _edit_event(events, place)[place - 1]
    event.hash = chain.event_digest(event)
    return events


def _change_actor(events: Events, place: int) -> Events:
    events[place - 1].actor = "ben"
    return events


def _backdate_event(events: Events, place: int) -> Events:
    events[place - 1].at -= timedelta(days=1)
    return events


def _delete_event(events: Events, place: int) -> Events:
    return events[: place - 1] + events[place:]


def _renumber_events(events: Events, place: int) -> Events:
    """A gap before the event."""
    for event in events[place - 1 :]:
        event.number += 1
    return events


def _swap_events(events: Events, place: int) -> Events:
    first, second = events[place - 1], events[place]
    first.number, second.number = second.number, first.number
    return events


def _insert_event(events: Events, place: int) -> Events:
    """A new event, linked to the one before and the one after, which moves up with all that follow."""
    new = _invent_event(events[place - 1])
    events[place].previous_hash = new.hash
    return [*events[:place], new, *_renumber_events(events, place + 1)[place:]]


def _rehash_from(events: Events, place: int) -> Events:
    return _rechain_events(_edit_event(events, place))


def _replace_all(events: Events, place: int) -> Events:
    for event in events:
        event.action = "incident.release"
    return _rechain_events(events)


def _cut_end(events: Events, place: int) -> Events:
    return events[:place]


def _cut_and_regrow(events: Events, place: int) -> Events:
    """As many events as before, and some more."""
    grown = events[:place]
    while len(grown) < len(events) + 3:
        grown.append(_invent_event(grown[-1]))
    return grown


def _truncate_log(events: Events, place: int) -> Events:
    return []


def _append_event(events: Events, place: int) -> Events:
    return [*events, _invent_event(events[-1])]


def _invent_event(before: AuditEvent) -> AuditEvent:
    event = AuditEvent(number=before.number + 1, at=before.at, actor="ben", action="incident.view", details={})
    event.previous_hash = before.hash
    event.hash = chain.event_digest(event)
    return event


def _rechain_events(events: Events) -> Events:
    before = chain.START.hash
    for event in events:
        event.previous_hash = before
        before = event.hash = chain.event_digest(event)
    return events


FORGERIES: dict[str, Callable[[Events, int], Events]] = {
    "edit": _edit_event,
    "edit and rehash": _edit_rehashed,
    "another actor": _change_actor,
    "another time": _backdate_event,
    "delete": _delete_event,
    "leave a gap": _renumber_events,
    "swap": _swap_events,
    "insert": _insert_event,
    "rehash from there on": _rehash_from,
    "replace all": _replace_all,
    "cut off the end": _cut_end,
    "cut off and regrow": _cut_and_regrow,
    "truncate": _truncate_log,
    "append": _append_event,
}

"""The only writer of audit events, and the actions of auditors."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from django.conf import settings
from django.db import connection, models
from django.utils import timezone

from audit.free_text import replace_unlisted_text
from audit.log_ids import replace_accounts
from audit.models import AuditEvent
from audit.permissions import HasPermissions, check_can_read_events
from audit.stored_values import JSON as JSON

# The database function numbers, links and hashes the event, and holds a lock that orders the chain.
APPEND = "SELECT * FROM audit_append(%s::bigint, %s, %s, %s, %s, %s::jsonb, %s)"


class Actor(Protocol):
    """The user who acts, of any user model with a role."""

    @property
    def pk(self) -> int: ...

    @property
    def role(self) -> str: ...

    def get_username(self) -> str: ...


def record_event(
    *,
    by: Actor | None,
    action: str,
    on: models.Model | None = None,
    portal: str = "",
    details: Mapping[str, JSON] | None = None,
    at: datetime | None = None,
) -> AuditEvent:
    """Append one event to the chain. Call it as an action's last statement, inside the action's transaction.

    It holds a lock until the transaction ends, which orders the chain and makes all other actions wait. `by` is None
    for the system; the database adds the account's id in the log and its role. `details` contains codes, counts,
    accounts as `AccountId`, and text only under the names of `audit.free_text`; a whole-number float is stored as an
    integer.

    Raises RuntimeError outside a transaction (an action and its event must commit together), ValueError for an object
    or actor without a primary key or a time without a time zone, TypeError or ValueError for details that are not JSON,
    IntegrityError for an actor without an account and for a number that is not whole.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("An audit event is recorded inside the transaction of the act it records.")
    return record_view(by=by, action=action, on=on, portal=portal, details=details, at=at)


def record_view(
    *,
    by: Actor | None,
    action: str,
    on: models.Model | None = None,
    portal: str = "",
    details: Mapping[str, JSON] | None = None,
    at: datetime | None = None,
) -> AuditEvent:
    """Append one event, as `record_event` does, that something was viewed: nothing changed that it must commit with.

    Outside a transaction it is a statement of its own, without two more to open and end one.
    """
    if on is not None and on.pk is None:
        # Django clears the primary key of a deleted instance; "None" would not identify the object.
        raise ValueError("The object has no key: not saved yet, or deleted through this instance.")
    if by is not None and by.pk is None:
        raise ValueError("The actor has no account yet.")
    at = timezone.now() if at is None else at
    if timezone.is_naive(at):
        raise ValueError("The time of an audit event needs a time zone.")
    subject = (on._meta.label_lower, str(on.pk)) if on else ("", "")
    values = [by.pk if by else None, str(action), *subject, portal, _as_text(details or {}), at]
    with connection.cursor() as cursor:
        cursor.execute(APPEND, values)
        names = [column.name for column in cursor.description or ()]
        [row] = cursor.fetchall()
    event = AuditEvent(**dict(zip(names, row, strict=True)))
    event.details = json.loads(row[names.index("details")])
    event._state.adding, event._state.db = False, connection.alias
    return event


def record_past(events: Sequence[AuditEvent]) -> None:
    """Append the events of a demonstration's invented past, in this order and with their own times.

    Each has the `actor_id` of an account; the database adds ids and numbers. Raises RuntimeError outside a
    transaction or a demonstration.
    """
    if not connection.in_atomic_block or not settings.DEMO:
        raise RuntimeError("Only a demonstration has a made-up past, and only inside a transaction.")
    with connection.cursor() as cursor:
        cursor.executemany(
            APPEND,
            [[e.actor_id, e.action, e.object_type, e.object_id, e.portal, _as_text(e.details), e.at] for e in events],
        )


def _as_text(details: Mapping[str, JSON]) -> str:
    listed = as_stored(replace_accounts(replace_unlisted_text(details)))
    return json.dumps(listed, ensure_ascii=False, allow_nan=False)


class Auditor(Actor, HasPermissions, Protocol):
    """A user who may read the audit log."""


def view_events(*, by: Auditor, filters: Mapping[str, str], page: int) -> None:
    """Record that the user viewed a page of the list of events, with its filters."""
    check_can_read_events(by)
    record_view(by=by, action="audit.view", details={"filters": dict(filters), "page": page})


def view_event(*, by: Auditor, event: AuditEvent) -> None:
    """Record that the user viewed one event."""
    check_can_read_events(by)
    record_view(by=by, action="audit.view", on=event)


def as_stored(value: JSON) -> JSON:
    """The value with whole floats as integers: jsonb would keep 2.0 apart from 2, and drop the sign of -0.0."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {str(key): as_stored(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_stored(item) for item in value]
    return value

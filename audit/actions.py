"""The only writer of audit events, and the actions of auditors."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol

from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone

from audit import chain
from audit.models import AuditEvent
from audit.permissions import HasPermissions, check_can_read_events

type JSON = bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None

# The advisory lock that serialises writers: "audit" in ASCII, so that it is recognisable in pg_locks.
CHAIN_LOCK = 0x6175646974
# Events per INSERT statement.
MOST_AT_ONCE = 500


class Actor(Protocol):
    """The user who acts, of any user model with a role."""

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
    for the system. `details` contains codes, counts and reasons, never content; a whole-number float is stored as an
    integer, as PostgreSQL would return it.

    Raises RuntimeError outside a transaction (an action and its event must commit together), ValueError for an object
    without a primary key or a time without a time zone, TypeError or ValueError for details that are not JSON.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("An audit event is recorded inside the transaction of the act it records.")
    if on is not None and on.pk is None:
        # Django clears the primary key of a deleted instance; "None" would not identify the object.
        raise ValueError("The object has no key: not saved yet, or deleted through this instance.")
    at = timezone.now() if at is None else at
    if timezone.is_naive(at):
        raise ValueError("The time of an audit event needs a time zone.")

    last = _lock_head()
    event = AuditEvent(
        at=at.astimezone(UTC),
        actor=by.get_username() if by else "",
        role=by.role if by else "",
        action=action,
        object_type=on._meta.label_lower if on else "",
        object_id=str(on.pk) if on else "",
        portal=portal,
        details=as_stored(details or {}),
    )
    chain.append_event(event, to=last)
    event.save(force_insert=True)
    return event


def record_past(events: Sequence[AuditEvent]) -> None:
    """Append the events of a demonstration's invented past, in this order and with their own times.

    Uses the lock and chain of `record_event`, with one statement for many events. Raises RuntimeError outside a
    transaction or a demonstration.
    """
    if not connection.in_atomic_block or not settings.DEMO:
        raise RuntimeError("Only a demonstration has a made-up past, and only inside a transaction.")
    last = _lock_head()
    for event in events:
        last = chain.append_event(event, to=last)
    AuditEvent.objects.bulk_create(events, batch_size=MOST_AT_ONCE)


def _lock_head() -> chain.Anchor:
    """Return the newest event. Other writers wait until this transaction ends."""
    with connection.cursor() as cursor:
        # A separate statement: READ COMMITTED takes the next statement's snapshot after the lock is acquired, so
        # the head read below is current. A stricter isolation level could see an old head and would then fail on
        # the primary key.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])
    return chain.newest_anchor()


class Auditor(Actor, HasPermissions, Protocol):
    """A user who may read the audit log."""


@transaction.atomic
def view_events(*, by: Auditor, filters: Mapping[str, str], page: int) -> None:
    """Record that the user viewed a page of the list of events, with its filters."""
    check_can_read_events(by)
    record_event(by=by, action="audit.view", details={"filters": dict(filters), "page": page})


@transaction.atomic
def view_event(*, by: Auditor, event: AuditEvent) -> None:
    """Record that the user viewed one event."""
    check_can_read_events(by)
    record_event(by=by, action="audit.view", on=event)


def as_stored(value: JSON) -> JSON:
    """The value as PostgreSQL's jsonb returns it: 1e16 becomes an integer, and -0.0 loses its sign."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {str(key): as_stored(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_stored(item) for item in value]
    return value

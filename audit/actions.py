"""The only writer of audit events, and what an auditor does with them."""

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

# The advisory lock that puts writers in line: "audit" in ASCII, so that it is recognised in pg_locks.
CHAIN_LOCK = 0x6175646974
# So many events go into one statement.
MOST_AT_ONCE = 500


class Actor(Protocol):
    """Who acts: any user model with a role."""

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
    """Adds one event to the chain. It must be its verb's last statement, inside the verb's transaction.

    The lock taken here is held until that transaction ends: it gives the chain its order, and everything done
    after it keeps every other verb waiting. `by` is None for the system. `details` holds codes, counts and
    reasons, never content; a whole-number float is kept as an integer, as PostgreSQL would return it.

    Raises RuntimeError outside a transaction (the act and its record stand or fall together), ValueError for
    an object without a key or a time without a zone, TypeError or ValueError for details that are not JSON.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("An audit event is recorded inside the transaction of the act it records.")
    if on is not None and on.pk is None:
        # Django clears the key of a deleted instance; "None" on the record would name nothing.
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
    """Adds the events of a demonstration's made-up past, in this order, each with its time.

    Uses the lock and the chain of `record_event`, with one statement for many events. Raises RuntimeError outside a
    transaction and outside a demonstration.
    """
    if not connection.in_atomic_block or not settings.DEMO:
        raise RuntimeError("Only a demonstration has a made-up past, and only inside a transaction.")
    last = _lock_head()
    for event in events:
        last = chain.append_event(event, to=last)
    AuditEvent.objects.bulk_create(events, batch_size=MOST_AT_ONCE)


def _lock_head() -> chain.Anchor:
    """The newest event. Other writers wait behind it until the transaction ends."""
    with connection.cursor() as cursor:
        # A statement of its own: READ COMMITTED takes the next statement's snapshot after the lock is ours,
        # so the head read below is the true one. A stricter isolation could see an old head and would then
        # fail on the primary key.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])
    return chain.newest_anchor()


class Auditor(Actor, HasPermissions, Protocol):
    """Whoever reads the record."""


@transaction.atomic
def view_events(*, by: Auditor, filters: Mapping[str, str], page: int) -> None:
    """Put on record that a list of events was seen, and through which filters."""
    check_can_read_events(by)
    record_event(by=by, action="audit.view", details={"filters": dict(filters), "page": page})


@transaction.atomic
def view_event(*, by: Auditor, event: AuditEvent) -> None:
    """Put on record that one event was seen."""
    check_can_read_events(by)
    record_event(by=by, action="audit.view", on=event)


def as_stored(value: JSON) -> JSON:
    """The value as PostgreSQL's jsonb gives it back: 1e16 forgets that it was a float, -0.0 its sign."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {str(key): as_stored(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_stored(item) for item in value]
    return value

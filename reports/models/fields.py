"""Whole hours and minutes, limits in bytes, and what is erased together."""

from datetime import UTC, datetime

from django.db import models
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual

DIGEST_BYTES = 32


def the_hour(now: datetime) -> datetime:
    """`now` cut to the hour: the finest time that is ever stored about a reporter's action."""
    return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def the_minute(now: datetime) -> datetime:
    """`now` cut to the minute, the finest time that is stored about what a host or another organisation does."""
    return now.astimezone(UTC).replace(second=0, microsecond=0)


class WholeHour(models.Func):
    """True where a timestamp has no minutes; independent of any time zone."""

    template = "(MOD(EXTRACT(EPOCH FROM %(expressions)s)::numeric, 3600) = 0)"
    arity = 1
    output_field = models.BooleanField()


class WholeMinute(WholeHour):
    """True where a timestamp has no seconds; independent of any time zone."""

    template = "(MOD(EXTRACT(EPOCH FROM %(expressions)s)::numeric, 60) = 0)"


def at_most_bytes(field: str, most: int) -> LessThanOrEqual:
    """Condition on a binary field, which has no limit of its own in PostgreSQL."""
    return LessThanOrEqual(Length(field), most)


def erased_with_digest() -> models.Q:
    """Condition that a text and its digest are erased together: a digest that stayed would refuse the same text."""
    return models.Q(sealed=b"", digest=None) | (~models.Q(sealed=b"") & models.Q(digest__isnull=False))

"""Readings of the database: its size, and its slow statements."""

import re
from dataclasses import dataclass
from math import ceil

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts.operations.health_item import HealthItem

GIB = 1024**3
MOST_LISTED = 10
# Other statements may hold what their writer typed: pg_stat_statements normalises these only.
NORMALISED = re.compile(r"\s*(?:SELECT|INSERT|UPDATE|DELETE|WITH|MERGE)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SlowStatement:
    """A statement without its values, how often it ran, and its mean and summed time in milliseconds."""

    text: str
    calls: int
    mean: float
    total: float


def read_database_size() -> int:
    """In bytes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        [size] = cursor.fetchone() or (0,)
    return int(size)


def count_gib(size: int) -> int:
    """Rounded up, so that a single report does not show."""
    return ceil(size / GIB)


def size_item(size: int) -> HealthItem:
    return HealthItem(
        "database",
        gettext_lazy("Size of the database"),
        is_watched=False,
        details=(_("at most %(size)d GiB") % {"size": count_gib(size)},),
    )


def list_slow_statements() -> list[SlowStatement] | None:
    """The statements that took most time in all; None where the extension pg_stat_statements is not installed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pg_stat_statements') IS NOT NULL")
        if cursor.fetchone() != (True,):
            return None
        cursor.execute(
            """
            SELECT query, calls, mean_exec_time, total_exec_time FROM pg_stat_statements
            WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND toplevel
            ORDER BY total_exec_time DESC LIMIT 100
            """
        )
        rows = [SlowStatement(*row) for row in cursor.fetchall() if NORMALISED.match(row[0] or "")]
    return rows[:MOST_LISTED]

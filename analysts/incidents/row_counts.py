"""Counts, or first values, of several querysets with one statement."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet


def count_each(querysets: Mapping[str, QuerySet[Model, object]]) -> dict[str, int]:
    """Count the rows of each queryset, by name. One query, or none without a queryset.

    Slice a queryset to bound its count. As annotations of one row, Django would resolve each queryset a second time,
    which takes longer than PostgreSQL needs to count.
    """
    if not querysets:
        return {}
    return _read_row(querysets, "(SELECT count(*) FROM ({}) AS counted)", without="0")


def read_each(querysets: Mapping[str, QuerySet[Model, object]]) -> dict[str, Any]:
    """The first value of each queryset of one column, by name; None without a row. One query, as for `count_each`."""
    if not querysets:
        return {}
    return _read_row({name: rows[:1] for name, rows in querysets.items()}, "({})", without="NULL")


def _read_row(querysets: Mapping[str, QuerySet[Model, object]], column: str, *, without: str) -> dict[str, Any]:
    """One row with a column for each queryset, or `without` where it can have no row."""
    columns, params = list[str](), list[Any]()
    for rows in querysets.values():
        try:
            sql, values = rows.query.sql_with_params()
        except EmptyResultSet:
            columns.append(without)
        else:
            columns.append(column.format(sql))
            params += values
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(columns)}", params)
        return dict(zip(querysets, cursor.fetchone(), strict=True))

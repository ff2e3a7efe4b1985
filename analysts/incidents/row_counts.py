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
    columns: list[str] = []
    params: list[Any] = []
    for rows in querysets.values():
        try:
            sql, values = rows.query.sql_with_params()
        except EmptyResultSet:
            columns.append("0")
        else:
            columns.append(f"(SELECT count(*) FROM ({sql}) AS counted)")  # noqa: S608 - of the queryset
            params += values
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(columns)}", params)
        return dict(zip(querysets, cursor.fetchone(), strict=True))


def read_each(querysets: Mapping[str, QuerySet[Model, object]]) -> dict[str, Any]:
    """The first value of each queryset of one column, by name; None without a row. One query, as for `count_each`."""
    parts, params = list[str](), list[Any]()
    for rows in querysets.values():
        try:
            sql, values = rows[:1].query.sql_with_params()
        except EmptyResultSet:
            parts.append("NULL")
        else:
            parts.append(f"({sql})")
            params += values
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", params)
        return dict(zip(querysets, cursor.fetchone(), strict=True))

"""Rows of a query without an order come last first, so that neither code nor tests rely on the order of a table.

That one is not promised: a vacuum changes it, and what other tests have written.
"""

from collections.abc import Iterator

import pytest
from django.db.models import QuerySet


@pytest.fixture(scope="session", autouse=True)
def _rows_without_order_come_last_first() -> Iterator[None]:
    fetch = QuerySet._fetch_all

    def fetch_last_first(rows: QuerySet) -> None:  # type: ignore[type-arg] # of any model
        is_new = rows._result_cache is None
        fetch(rows)
        if is_new and rows._result_cache and not rows.ordered:
            rows._result_cache.reverse()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(QuerySet, "_fetch_all", fetch_last_first)
        yield

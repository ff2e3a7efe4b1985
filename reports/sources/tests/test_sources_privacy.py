"""A source's report is in no row in clear, and in no other table than those listed."""

import base64
from typing import Any

import pytest
from django.db import connection

from reports.sources.tests.test_sources_api import hotline, otto, secret, send, state_of

__all__ = ["hotline", "otto", "secret"]

pytestmark = pytest.mark.urls("portal_site.urls_sources")

MARKED = {
    "external_reference": "marked-reference-7041",
    "addresses": ["https://marked-host-7042.example.org/marked-path-7043"],
    "found_on": "marked place 7044",
    "seen_at": "2019-04-07",
    "words": "marked words 7045",
    "their_classification": "marked class 7046",
    "hosting_address": "9.70.47.1",
    "danger": True,
}
# Each with what it holds of a request.
WRITTEN = {
    "reports_receipt",
    "reports_submission",
    "reports_arrival",
    "reports_sourceitem",
    "reports_sourcerequest",
    "reports_sourceday",
    "countries_sourcekey",
}


def rows_by_table() -> dict[str, str]:
    """Each table as one text, its bytes in hexadecimal."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT string_agg(t::text, chr(10) ORDER BY t::text) FROM "{table}" AS t')
            found[table] = str(cursor.fetchone()[0])
    return found


def spellings(marker: str) -> set[str]:
    raw = marker.encode()
    return {marker, raw.hex(), base64.b64encode(raw).decode().rstrip("=")[:-1]}


def test_what_a_source_sends_is_sealed_before_it_is_stored(secret: str) -> None:
    before = rows_by_table()
    refused = {**MARKED, "external_reference": "marked-reference-7051", "addresses": ["marked-no-address 7052"]}
    unknown = {**MARKED, "external_reference": "marked-reference-7053", "marked-field-7054": "marked-value-7055"}
    assert send(secret, [MARKED, refused, unknown], request="marked-request-7056", lines=True).json()["accepted"] == 1
    assert state_of(secret, str(MARKED["external_reference"])).status_code == 200
    after = rows_by_table()
    assert {table for table, rows in after.items() if rows != before[table]} == WRITTEN
    texts: list[Any] = [*MARKED.values(), *refused.values(), *unknown.values(), *unknown, "marked-request-7056", secret]
    markers = {text for value in texts for text in (value if isinstance(value, list) else [value])}
    everything = "\n".join(after.values())
    for marker in (str(text) for text in markers if isinstance(text, str) and text not in MARKED):
        assert not [spelling for spelling in spellings(marker) if spelling in everything], marker

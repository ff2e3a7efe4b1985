"""A partner's system of a stack: its key, and its requests to the surface of sources."""

import json
from collections.abc import Mapping
from itertools import count

import psycopg

from countries import api_keys
from tests.proofs.visitor import HttpVisitor, Page

PATH = "/api/v1/reports"
JSON = "application/json"
# As an operator adds one, and another approves its key.
PARTNER = """
WITH partner AS (
    INSERT INTO countries_source (id, name, kind, portal_id, quota, decided, actionable, is_late)
    SELECT gen_random_uuid(), 'Platform of a proof', 'platform', id, %s, 0, 0, false
    FROM countries_portal WHERE slug = %s RETURNING id
)
INSERT INTO countries_sourcekey (id, source_id, prefix, digest, opened_on, expires_on)
SELECT gen_random_uuid(), id, %s, %s, current_date, current_date + 30 FROM partner
"""
QUOTA = 100_000
_numbers = count()


def add_partner(owner: psycopg.Connection, slug: str, *, quota: int = QUOTA) -> str:
    """Add a partner that sends reports to this portal; returns its key."""
    secret = api_keys.make_secret("srcs_")
    owner.execute(PARTNER, [quota, slug, api_keys.prefix_of(secret), api_keys.hash_secret(secret)])
    return secret


def make_headers(key: str, *, kind: str = JSON, request_key: str = "") -> dict[str, str]:
    """The headers of a request with reports; without `request_key`, with an Idempotency-Key of its own."""
    return {
        "Content-Type": kind,
        "Authorization": f"Bearer {key}",
        "Idempotency-Key": request_key or f"request-{next(_numbers)}",
    }


def send_report(visitor: HttpVisitor, key: str, fields: Mapping[str, object]) -> Page:
    return visitor.request("POST", PATH, json.dumps(fields).encode(), make_headers(key))


def ask_state(visitor: HttpVisitor, key: str, reference: str) -> Page:
    return visitor.request("GET", f"{PATH}/{reference}", headers={"Authorization": f"Bearer {key}"})

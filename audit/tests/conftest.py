"""Fixtures: a chain of events, and tampering with the table as its owner."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from audit.actions import record_event
from audit.models import AuditEvent
from audit.tests.people import create_actor


@pytest.fixture
def ana(db: None) -> Any:
    """An analyst."""
    return create_actor("ana")


@pytest.fixture
def chain_of(ana: Any) -> Callable[[int], list[AuditEvent]]:
    def record_some(count: int) -> list[AuditEvent]:
        return [record_event(by=ana, action="incident.claim", details={"step": step}) for step in range(count)]

    return record_some


@pytest.fixture
def tamper(db: None) -> Callable[..., None]:
    """Run SQL as the table's owner, who can disable the trigger."""

    def run(statement: str, *values: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE audit_auditevent DISABLE TRIGGER audit_event_append_only")
            cursor.execute(statement, values)
            cursor.execute("ALTER TABLE audit_auditevent ENABLE TRIGGER audit_event_append_only")

    return run

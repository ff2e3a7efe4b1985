"""A chain of some length, and the table owner's way round the trigger."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from audit.actions import record_event
from audit.models import AuditEvent
from audit.tests.people import ANA


@pytest.fixture
def chain_of(db: None) -> Callable[[int], list[AuditEvent]]:
    def record_some(count: int) -> list[AuditEvent]:
        return [record_event(by=ANA, action="incident.claim", details={"step": step}) for step in range(count)]

    return record_some


@pytest.fixture
def tamper(db: None) -> Callable[..., None]:
    """Runs SQL as the owner of the table, who can switch the trigger off."""

    def run(statement: str, *values: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE audit_auditevent DISABLE TRIGGER audit_event_append_only")
            cursor.execute(statement, values)
            cursor.execute("ALTER TABLE audit_auditevent ENABLE TRIGGER audit_event_append_only")

    return run

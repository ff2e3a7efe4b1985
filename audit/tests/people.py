"""Actors for tests: accounts, because the database takes an actor's name and role from them."""

from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from audit import chain
from audit.models import AuditEvent, LogId


def create_actor(username: str, role: str = "analyst") -> Any:
    """Its id in the log is its name, for tests that read the log."""
    actor = get_user_model().objects.create(username=username, role=role)
    LogId.objects.create(value=username, account=actor)
    return actor


def store_earlier_event(actor: Any, **details: Any) -> AuditEvent:
    """An event as they were before there were ids: its hash covers the number and the name of the account."""
    before = chain.newest_anchor()
    event = AuditEvent(
        number=before.number + 1,
        at=timezone.now(),
        actor_id=actor.pk,
        actor=actor.username,
        role=actor.role,
        action="incident.claim",
        details=details,
        previous_hash=before.hash,
    )
    event.hash = chain.event_digest(event)
    event.save(force_insert=True)
    return event

"""Factories for chases: illegal incidents, optionally routed and with notified recipients."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from analysts.models import Assessment, Chase, Incident, Recipient, RecipientKind, Referral, User
from analysts.states import State
from analysts.takedown.chasing.actions import end_after_removal
from analysts.tests.places import PHONE


def found_gone(incident: Incident, by: User, *, now: datetime | None = None) -> Incident:
    """Record enough checks that found the content removed, which ends the chase; return the incident."""
    now = now or timezone.now()
    incident = Incident.objects.get(pk=incident.pk)
    Chase.objects.filter(incident=incident, ended_at=None).update(
        removed_in_a_row=settings.GONE_CHECKS, removed_at=now, checked_at=now
    )
    with transaction.atomic():
        end_after_removal(incident, by=by, now=now)
    return incident


def office(kind: RecipientKind, by: User | None, *, name: str = "", at: datetime | None = None) -> Recipient:
    """Create a recipient; it is verified if `by` and `at` are given."""
    phone = PHONE if kind == RecipientKind.POLICE else ""
    recipient = Recipient(kind=kind, name=name or f"Example {kind.label}", email="abuse@example.org", phone=phone)
    if by and at:
        recipient.verified_by, recipient.verified_on = by, at.date()
        recipient.mark_verified()
    recipient.save()
    return recipient


def routed(
    verdict: Assessment,
    to: Sequence[Recipient],
    *,
    first_notified_at: datetime | None = None,
    not_before: datetime | None = None,
) -> Chase:
    """Trace the incident and route it to `to`. `first_notified_at`: None if not yet notified."""
    incident = verdict.incident
    for recipient in to:
        Referral.objects.create(
            incident=incident,
            assessment=verdict,
            kind=RecipientKind(recipient.kind).row.referred_as or "",
            recipient=recipient.name,
            to=recipient,
            by=verdict.by,
            at=verdict.at,
            noticed_at=first_notified_at,
            not_before=not_before,
        )
    incident.state = State.ACTING
    incident.save(update_fields=["state"])
    chase = Chase.objects.get(incident=incident, ended_at=None)
    chase.trace = chase.routed_trace = 1
    chase.traced_at, chase.country, chase.noticed_at = verdict.at, "NL", first_notified_at
    chase.provider = next((each for each in to if each.kind == RecipientKind.HOST), None)
    chase.save()
    return chase

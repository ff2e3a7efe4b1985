"""Factories for recipients and for illegal incidents with known hosting."""

from datetime import date, datetime
from typing import Any

from analysts.codes import VerdictBasis
from analysts.models import Chase, Incident, Recipient, RecipientKind, User
from analysts.tests.factories import assessed_illegal, incident_of
from countries.models import Portal

# The range belongs to no telephone.
PHONE = "+44 1632 960001"


def recipient(kind: RecipientKind, name: str, country: str = "", *, verified_by: User | None = None) -> Recipient:
    """Create a recipient notified by e-mail in English; verified if `verified_by` is given."""
    verified: dict[str, Any] = {"verified_by": verified_by, "verified_on": date(2026, 1, 5)} if verified_by else {}
    phone = PHONE if kind == RecipientKind.POLICE else ""
    contact = {"country": country, "email": f"{kind}@example.org", "languages": ["en"], "phone": phone}
    row = Recipient(kind=kind, name=name, **contact, **verified)
    if verified_by:
        row.mark_verified()
    row.save()
    return row


def host(name: str = "Example Hosting", *, verified_by: User | None = None) -> Recipient:
    known = Recipient.objects.filter(kind=RecipientKind.HOST, name=name).first()
    return known or recipient(RecipientKind.HOST, name, verified_by=verified_by)


def placed(incident: Incident, country: str, provider: Recipient, *, now: datetime) -> Chase:
    """Record a newly agreed hosting for the incident."""
    chase = Chase.objects.get(incident=incident, ended_at=None)
    chase.country, chase.provider, chase.traced_at, chase.trace = country, provider, now, chase.trace + 1
    chase.save()
    return chase


def found_in(
    portal: Portal,
    by: User,
    country: str,
    address: str = "https://example.org/gallery",
    *,
    provider: Recipient | None = None,
    basis: VerdictBasis = VerdictBasis.SEEN,
    now: datetime,
) -> Incident:
    """An illegal incident hosted in `country`, by Example Hosting unless `provider` is given."""
    incident = incident_of(portal, address, now=now)
    assessed_illegal(incident, by, basis=basis, now=now)
    placed(incident, country, provider or host(), now=now)
    return Incident.objects.get(pk=incident.pk)

"""Which recipients the steps of a route go to."""

from collections.abc import Iterable

from analysts.codes.recipient_kinds import kinds_that_are
from analysts.models import Recipient, RecipientKind, RouteStep

# Types of recipient that belong to one country.
NATIONAL = kinds_that_are(lambda kind: kind.is_national)


def national_recipients(country: str) -> dict[RecipientKind, list[Recipient]]:
    """Return the police forces and hotlines of a country by type, verified ones first."""
    recipients = Recipient.objects.in_use().filter(kind__in=NATIONAL, country=country).order_by("name")
    usable_first = sorted(recipients, key=lambda recipient: not recipient.is_usable)
    return {kind: [recipient for recipient in usable_first if recipient.kind == kind] for kind in NATIONAL}


def kinds_of_steps(steps: Iterable[RouteStep]) -> list[RecipientKind]:
    """Return the distinct types of recipient that these steps notify."""
    return list(dict.fromkeys(kind for step in steps if (kind := step.recipient_kind)))

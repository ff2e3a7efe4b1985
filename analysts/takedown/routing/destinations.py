"""To whom each step goes."""

from collections.abc import Iterable

from analysts.codes.recipient_kinds import kinds_that_are
from analysts.models import Recipient, RecipientKind, RouteStep

# Of whom every country has its own.
NATIONAL = kinds_that_are(lambda kind: kind.is_national)


def national_recipients(country: str) -> dict[RecipientKind, list[Recipient]]:
    """The police forces and hotlines of a country, those first that something may be sent to."""
    found = Recipient.objects.in_use().filter(kind__in=NATIONAL, country=country).order_by("name")
    usable_first = sorted(found, key=lambda recipient: not recipient.is_usable)
    return {kind: [each for each in usable_first if each.kind == kind] for kind in NATIONAL}


def kinds_of_steps(steps: Iterable[RouteStep]) -> list[RecipientKind]:
    """The kinds of recipients that these steps tell, each once."""
    return list(dict.fromkeys(kind for step in steps if (kind := step.tells)))

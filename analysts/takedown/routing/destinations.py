"""To whom each step goes."""

from collections.abc import Iterable

from analysts.codes import ReferralKind
from analysts.models import Addressee, AddresseeKind, Step

# Whom a step tells. The URL list is no addressee.
TOLD: dict[Step, AddresseeKind] = {
    Step.POLICE_HOLD: AddresseeKind.POLICE,
    Step.NOTICE_HOST: AddresseeKind.HOST,
    Step.NOTICE_HOST_LATER: AddresseeKind.HOST,
    Step.NOTICE_OWNER: AddresseeKind.OWNER,
    Step.NOTICE_PLATFORM: AddresseeKind.PLATFORM,
    Step.HOTLINE: AddresseeKind.HOTLINE,
    Step.POLICE: AddresseeKind.POLICE,
}
# Of whom every country has its own.
NATIONAL = (AddresseeKind.POLICE, AddresseeKind.HOTLINE)

REFERRED_AS: dict[AddresseeKind, ReferralKind] = {
    AddresseeKind.HOST: ReferralKind.TAKEDOWN,
    AddresseeKind.OWNER: ReferralKind.TAKEDOWN,
    AddresseeKind.REGISTRAR: ReferralKind.TAKEDOWN,
    AddresseeKind.PLATFORM: ReferralKind.TAKEDOWN,
    AddresseeKind.POLICE: ReferralKind.POLICE,
    AddresseeKind.HOTLINE: ReferralKind.HOTLINE,
}


def national(country: str) -> dict[AddresseeKind, list[Addressee]]:
    """The police forces and hotlines of a country, those first that something may be sent to."""
    found = Addressee.objects.in_use().filter(kind__in=NATIONAL, country=country).order_by("name")
    usable_first = sorted(found, key=lambda addressee: not addressee.is_usable)
    return {kind: [each for each in usable_first if each.kind == kind] for kind in NATIONAL}


def told(steps: Iterable[Step]) -> list[AddresseeKind]:
    """The kinds of addressees that these steps tell, each once."""
    return list(dict.fromkeys(TOLD[step] for step in steps if step in TOLD))

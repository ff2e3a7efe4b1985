"""Initial recipients of an installation: the hotlines of the ICCAM countries and the police of its portals.

They have a name and a country only and are unverified; operators add the contact details.
"""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from analysts.codes.recipient_kinds import RecipientKind
from analysts.models import Recipient
from audit.actions import JSON, record_event
from countries.languages import country_name
from countries.models import Portal
from countries.models.contact import ContactKind

# Countries with a national hotline that accepts referrals through ICCAM. Source: published open-source code.
# fmt: off
HOTLINE_COUNTRIES = frozenset({
    "BR", "CO", "HU", "TH", "AU", "CA", "TW", "KR", "US", "AT", "BE", "DK", "EE", "FI", "FR", "DE",
    "GR", "IE", "LV", "LT", "LU", "NL", "PL", "SI", "GB", "SE", "RO", "KH", "JP", "CZ", "PT", "CY",
})
# fmt: on
SOURCE = "unverified: general knowledge"


@transaction.atomic
def load_recipients(*, now: datetime | None = None) -> int:
    """Add the hotline and the police of each country that has none yet; return the number added.

    Countries that have one are skipped, even under another name: operators may have corrected it.
    """
    kinds = set(Recipient.objects.values_list("kind", "country").distinct())
    names = {(kind, name.lower()) for kind, name in Recipient.objects.values_list("kind", "name")}
    added: list[JSON] = []
    for entry in _catalogue_entries():
        place, name = (entry.kind, entry.country), (entry.kind, entry.name.lower())
        if place not in kinds and name not in names:
            kinds.add(place)
            names.add(name)
            entry.save()
            added.append({"kind": entry.kind, "country": entry.country, "name": entry.name})
    if added:
        record_event(
            by=None, action="recipient.load", details={"before": None, "after": added}, at=now or timezone.now()
        )
    return len(added)


def _catalogue_entries() -> Iterator[Recipient]:
    for code in sorted(HOTLINE_COUNTRIES - {settings.HOTLINE_COUNTRY}):
        # Named after its country; the person who verifies it can enter its real name.
        yield _build_entry(RecipientKind.HOTLINE, f"Hotline ({country_name(code, 'en')})", code)
    for portal in Portal.objects.exclude(country="").order_by("slug").prefetch_related("contacts", "partners"):
        yield _build_entry(RecipientKind.POLICE, _police_name(portal), portal.country)


def _build_entry(kind: RecipientKind, name: str, country: str) -> Recipient:
    return Recipient(kind=kind, name=name[:120], country=country, source=SOURCE)


def _police_name(portal: Portal) -> str:
    """Name of the portal's police partner or police contact, with the country added unless the name contains it."""
    names = [partner.name for partner in portal.partners.all() if "police" in partner.name.lower()]
    names += [contact.name for contact in portal.contacts.all() if contact.kind == ContactKind.POLICE]
    name, country = (names or ["Police"])[0], country_name(portal.country, "en") or portal.name
    return name if country.lower() in name.lower() else f"{name} ({country})"

"""The organisation that runs the installation, as every public page names it.

Settings, not rows: no account of staff alone can change on all portals at once who runs them.
"""

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True, slots=True)
class ContactAddress:
    """A `mailto:` or `https:` address."""

    address: str

    @property
    def text(self) -> str:
        """The address as a reader writes it down."""
        return self.address.removeprefix("mailto:").removeprefix("https://").rstrip("/")


@dataclass(frozen=True, slots=True)
class Hotline:
    """Every part but the name is None or False where the installation has none."""

    name: str
    website: ContactAddress | None
    contact: ContactAddress | None
    complaints: ContactAddress | None
    security: ContactAddress | None
    has_mark: bool


def hotline_identity() -> Hotline:
    return Hotline(
        name=settings.HOTLINE_NAME,
        website=_contact_address(settings.HOTLINE_WEBSITE),
        contact=_contact_address(settings.HOTLINE_CONTACT),
        complaints=_contact_address(settings.HOTLINE_COMPLAINTS),
        # The first one of security.txt.
        security=_contact_address(next(iter(settings.SECURITY_CONTACT), "")),
        has_mark=bool(settings.HOTLINE_MARK),
    )


def _contact_address(address: str) -> ContactAddress | None:
    return ContactAddress(address) if address else None

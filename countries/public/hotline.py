"""The organisation that runs the installation, as every public page names it.

Settings, not rows: no account of staff alone can change on all portals at once who runs them.
"""

from dataclasses import dataclass
from email.utils import parseaddr

from django.conf import settings

from countries.public.published_portal import dial_number


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


@dataclass(frozen=True, slots=True)
class LetterIdentity:
    """From where letters come and how a recipient asks about one. Parts that are not set are ""."""

    sender: str
    team: str
    mailbox: str
    telephone: str
    # The beginning of each link by which a recipient answers.
    reply_start: str

    @property
    def dialled(self) -> str:
        return dial_number(self.telephone)


def letter_identity() -> LetterIdentity:
    return LetterIdentity(
        sender=_usable_mailbox(parseaddr(settings.DEFAULT_FROM_EMAIL)[1]),
        team=settings.HOTLINE_TEAM,
        mailbox=_usable_mailbox(settings.HOTLINE_MAILBOX),
        telephone=settings.HOTLINE_TELEPHONE,
        reply_start=f"{settings.PUBLIC_URL}/notice/" if settings.PUBLIC_URL else "",
    )


def _usable_mailbox(address: str) -> str:
    """Leave out the address on this machine that an installation has before MAIL_FROM is set."""
    return "" if address.endswith("@localhost") else address


def _contact_address(address: str) -> ContactAddress | None:
    return ContactAddress(address) if address else None

"""What the public sees of every portal, held in memory so that reading a page asks the database nothing.

A copy is renewed by the first request that finds it older than RENEW_AFTER; requests beside that one go on
with the old copy, or wait for the new one once it is OLDEST. While the database is away, the last copy stays.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from time import monotonic
from types import MappingProxyType

from django.conf import settings
from django.db import Error
from django.db.models import Prefetch, QuerySet

from countries.kept import KeptPage
from countries.models import Contact, ContactKind, MediaType, Partner, Picture, Portal, PortalState, PortalText
from countries.models.portal import Region

RENEW_AFTER = 3.0
OLDEST = 5.0
# How long a request waits for another one that is reading; past that it answers with what there is.
PATIENCE = 1.0


@dataclass(frozen=True, slots=True)
class PublishedText:
    language: str
    title: str
    welcome: str
    about: str
    law: str
    suspended_message: str


@dataclass(frozen=True, slots=True)
class PublishedContact:
    kind: ContactKind
    name: str
    phone: str
    website: str
    verified: bool

    @property
    def dialled(self) -> str:
        """The number as a telephone takes it: digits, with the plus in front if there is one."""
        digits = "".join(character for character in self.phone if character.isdecimal())
        return f"+{digits}" if self.phone.lstrip().startswith("+") else digits


@dataclass(frozen=True, slots=True)
class PublishedPicture:
    """Equal where the digest is: what stands under it never changes."""

    digest: str
    media_type: MediaType
    width: int
    height: int
    content: bytes = field(repr=False, compare=False)

    @property
    def ending(self) -> str:
        """Of its address: the name of the kind of file."""
        return self.media_type.name.lower()


@dataclass(frozen=True, slots=True)
class PublishedPartner:
    name: str
    role: str
    website: str
    logo: PublishedPicture | None = None


@dataclass(frozen=True, slots=True)
class PublishedPortal:
    """One portal with everything its pages show: verified contacts and confirmed partners only.

    The demo holds all contacts, so that its pages are complete; `PublishedContact.verified` tells them apart.
    """

    id: int
    slug: str
    name: str
    country: str
    state: PortalState
    access_phrase: str = field(repr=False)
    default_language: str
    legal_age: int
    legal_source: str
    region: Region
    brand_colour: str
    leave_to: str
    # Empty for the brand colour.
    button_colour: str
    logo: PublishedPicture | None
    crest: PublishedPicture | None
    launched_on: date | None
    # Whether somebody outside may hold a receipt of it, though the public may not see it now.
    known: bool
    texts: tuple[PublishedText, ...]
    contacts: tuple[PublishedContact, ...]
    partners: tuple[PublishedPartner, ...]
    # Pages drawn from this copy, by view and language. See `pages.same_for_all`.
    pages: dict[tuple[str, str], KeptPage] = field(default_factory=dict, repr=False, compare=False)

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(text.language for text in self.texts)

    @property
    def first_language(self) -> str | None:
        """The default language, or the first one where the default has no text yet; None without any text."""
        languages = self.languages
        if self.default_language in languages:
            return self.default_language
        return languages[0] if languages else None

    def picture(self, digest: str) -> PublishedPicture | None:
        """One of the pictures that this portal shows."""
        shown = (self.logo, self.crest, *(partner.logo for partner in self.partners))
        return next((picture for picture in shown if picture and picture.digest == digest), None)

    def text(self, language: str) -> PublishedText | None:
        return next((text for text in self.texts if text.language == language), None)

    def contacts_by_kind(self) -> dict[str, list[PublishedContact]]:
        """Every kind is a key, so that a template can ask for any of them."""
        return {kind.value: [each for each in self.contacts if each.kind == kind] for kind in ContactKind}


@dataclass(frozen=True, slots=True)
class _Reading:
    portals: Mapping[str, PublishedPortal]
    # Seconds of the monotonic clock. `tried` is later than `read` while the database is away.
    read: float
    tried: float


_reading: _Reading | None = None
# The pictures of the last reading, by digest.
_pictures: dict[str | None, PublishedPicture] = {}
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence above every page that is shown in place of the public one."""

    words: str
    language: str


# Set by `showing` alone.
_shown: ContextVar[tuple[PublishedPortal, Notice] | None] = ContextVar("shown", default=None)


@contextmanager
def showing(portal: PublishedPortal, notice: Notice) -> Iterator[None]:
    """Within it, the pages that this thread draws know this one portal, as given, and no other.

    For the preview on the staff surface. The memory of all others is neither read nor changed, and nothing that comes
    with a request can lead here.
    """
    token = _shown.set((portal, notice))
    try:
        yield
    finally:
        _shown.reset(token)


def notice() -> Notice | None:
    """What stands above the page; None on every page of the public."""
    shown = _shown.get()
    return shown[1] if shown else None


def as_stored(portal_id: int) -> PublishedPortal:
    """One portal as its pages would show it now, whatever its state, read anew. Raises Portal.DoesNotExist."""
    row = _rows().get(pk=portal_id)
    return _published(row, _pictures_of([row]))


def portals() -> Mapping[str, PublishedPortal]:
    """All portals by slug, at most 5 s old while the database answers.

    Raises django.db.Error only where no copy was ever read.
    """
    if shown := _shown.get():
        return {shown[0].slug: shown[0]}
    reading = _reading or _first()
    now = monotonic()
    if now - reading.tried < RENEW_AFTER:
        return reading.portals
    away = reading.tried > reading.read
    overdue = now - reading.read > OLDEST
    if not _lock.acquire(timeout=PATIENCE if overdue and not away else 0):
        return reading.portals
    try:
        # Whoever held the lock may have read in the meantime.
        latest = _reading
        return (latest if latest and latest is not reading else _read(latest)).portals
    finally:
        _lock.release()


def portal(slug: str) -> PublishedPortal | None:
    return portals().get(slug)


def in_memory() -> Mapping[str, PublishedPortal]:
    """The last copy of whatever age, empty where there is none. Never asks the database: for error pages."""
    if shown := _shown.get():
        return {shown[0].slug: shown[0]}
    return _reading.portals if _reading else {}


def forget() -> None:
    """The next reader reads anew: after an operator's save in this process, and in tests."""
    global _reading
    _reading = None
    _pictures.clear()


def warm() -> None:
    """Read before workers are forked: one that is born while the database is away still knows every portal.

    Otherwise it could not even show a form again, with what was typed.
    """
    with suppress(Error):
        portals()


def _first() -> _Reading:
    with _lock:
        return _reading or _read(None)


def _read(old: _Reading | None) -> _Reading:
    """A new reading, kept for all. Call it with the lock held."""
    global _reading
    now = monotonic()
    try:
        found = _portals_in_database()
    except Error:
        if old is None:
            raise
        _reading = _Reading(portals=old.portals, read=old.read, tried=now)
    else:
        # Where nothing changed, the pages drawn from the old copy are still right.
        kept = old.portals if old and old.portals == found else MappingProxyType(found)
        _reading = _Reading(portals=kept, read=now, tried=now)
    return _reading


def _portals_in_database() -> dict[str, PublishedPortal]:
    """Four queries, however many portals there are, and one more where there is a picture not read before."""
    rows = _rows()
    pictures = _pictures_of(rows)
    _pictures.clear()
    _pictures.update(pictures)
    return {row.slug: _published(row, pictures) for row in rows}


def _rows() -> QuerySet[Portal]:
    contacts = Contact.objects.order_by("position", "kind", "name")
    if not settings.DEMO:
        contacts = contacts.filter(verified_on__isnull=False)
    return Portal.objects.order_by("name").prefetch_related(
        Prefetch("texts", PortalText.objects.order_by("position", "language")),
        Prefetch("contacts", contacts),
        Prefetch("partners", Partner.objects.filter(confirmed=True).order_by("position", "name")),
    )


def _pictures_of(rows: Iterable[Portal]) -> dict[str | None, PublishedPicture]:
    """What the portals show, by digest. A picture is read once: its bytes never change."""
    shown = {row.logo_id for row in rows} | {row.crest_id for row in rows}
    shown |= {partner.logo_id for row in rows for partner in row.partners.all()}
    # Another thread may forget them meanwhile.
    known = {digest: picture for digest in shown if (picture := _pictures.get(digest))}
    new = {digest for digest in shown if digest} - known.keys()
    if new:
        for row in Picture.objects.filter(digest__in=new):
            known[row.digest] = PublishedPicture(
                digest=row.digest,
                media_type=MediaType(row.media_type),
                width=row.width,
                height=row.height,
                content=bytes(row.content),
            )
    return known


def _published(row: Portal, pictures: Mapping[str | None, PublishedPicture]) -> PublishedPortal:
    return PublishedPortal(
        id=row.pk,
        slug=row.slug,
        name=row.name,
        country=row.country,
        state=PortalState(row.state),
        access_phrase=row.access_phrase,
        default_language=row.default_language,
        legal_age=row.legal_age,
        legal_source=row.legal_source,
        region=Region(row.region),
        brand_colour=row.brand_colour,
        leave_to=row.leave_to,
        button_colour=row.button_colour,
        logo=pictures.get(row.logo_id),
        crest=pictures.get(row.crest_id),
        launched_on=row.launched_on,
        known=row.known,
        texts=tuple(
            PublishedText(
                language=text.language,
                title=text.title,
                welcome=text.welcome,
                about=text.about,
                law=text.law,
                suspended_message=text.suspended_message,
            )
            for text in row.texts.all()
        ),
        contacts=tuple(
            PublishedContact(
                kind=ContactKind(contact.kind),
                name=contact.name,
                phone=contact.phone,
                website=contact.website,
                verified=contact.verified_on is not None,
            )
            for contact in row.contacts.all()
        ),
        partners=tuple(
            PublishedPartner(
                name=partner.name, role=partner.role, website=partner.website, logo=pictures.get(partner.logo_id)
            )
            for partner in row.partners.all()
        ),
    )

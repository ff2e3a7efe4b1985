"""The public data of every portal, held in memory so that reading a page needs no query.

The first request that finds the copy older than RENEW_AFTER renews it; concurrent requests continue with the old
copy, or wait for the new one once it is OLDEST. While the database is away, the last copy stays.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from time import monotonic
from types import MappingProxyType

from django.conf import settings
from django.db import Error
from django.db.models import Prefetch, QuerySet

from countries.models import (
    Contact,
    ContactKind,
    ContactText,
    HeaderLayout,
    HelpService,
    MediaType,
    Partner,
    PartnerText,
    Pattern,
    Picture,
    Portal,
    PortalState,
    PortalText,
    ServiceKind,
    TextPart,
    TextReview,
    text_digest,
)
from countries.models.portal import Region
from countries.public.published_portal import (
    PublishedContact,
    PublishedName,
    PublishedPartner,
    PublishedPicture,
    PublishedPortal,
    PublishedService,
    PublishedText,
)

RENEW_AFTER = 3.0
OLDEST = 5.0
# Seconds a request waits for another one that is reading; then it uses the copy there is.
PATIENCE = 1.0


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
class PreviewNotice:
    """A sentence above every page that is previewed."""

    words: str
    language: str


# Set by `override_portal` alone.
_shown: ContextVar[tuple[PublishedPortal, PreviewNotice] | None] = ContextVar("shown", default=None)


@contextmanager
def override_portal(portal: PublishedPortal, notice: PreviewNotice) -> Iterator[None]:
    """Within this context, pages rendered by this thread know only this portal, as given.

    For the preview on the staff surface. Other threads' data is neither read nor changed, and no request can set it
    by its own content.
    """
    token = _shown.set((portal, notice))
    try:
        yield
    finally:
        _shown.reset(token)


def preview_notice() -> PreviewNotice | None:
    """The notice above a previewed page; None on every page of the public."""
    shown = _shown.get()
    return shown[1] if shown else None


def as_stored(portal_id: int) -> PublishedPortal:
    """One portal as its pages would show it now, in any state, read again. Raises Portal.DoesNotExist."""
    row = _portal_queryset().get(pk=portal_id)
    return _build_portal(row, _pictures_of([row]), list(_service_queryset()))


def portals_by_slug() -> Mapping[str, PublishedPortal]:
    """All portals by slug, at most 5 s old while the database answers.

    Raises django.db.Error only where no copy was ever read.
    """
    if shown := _shown.get():
        return {shown[0].slug: shown[0]}
    reading = _reading or _load_first()
    now = monotonic()
    if now - reading.tried < RENEW_AFTER:
        return reading.portals
    away = reading.tried > reading.read
    overdue = now - reading.read > OLDEST
    if not _lock.acquire(timeout=PATIENCE if overdue and not away else 0):
        return reading.portals
    try:
        # Another thread may have read while it held the lock.
        latest = _reading
        return (latest if latest and latest is not reading else _renew_reading(latest)).portals
    finally:
        _lock.release()


def find_portal(slug: str) -> PublishedPortal | None:
    return portals_by_slug().get(slug)


def in_memory() -> Mapping[str, PublishedPortal]:
    """The last copy, however old, empty where there is none. Never asks the database: for error pages."""
    if shown := _shown.get():
        return {shown[0].slug: shown[0]}
    return _reading.portals if _reading else {}


def clear_cache() -> None:
    """The next reader reads from the database: after an operator's save in this process, and in tests."""
    global _reading
    _reading = None
    _pictures.clear()


def warm_cache() -> None:
    """Read before workers are forked, so that a worker started while the database is away still knows every portal.

    Otherwise it could not even show a refused form again with its text.
    """
    with suppress(Error):
        portals_by_slug()


def _load_first() -> _Reading:
    with _lock:
        return _reading or _renew_reading(None)


def _renew_reading(old: _Reading | None) -> _Reading:
    """Read again, for all threads. The caller must hold the lock."""
    global _reading
    now = monotonic()
    try:
        found = _portals_in_database()
    except Error:
        if old is None:
            raise
        _reading = _Reading(portals=old.portals, read=old.read, tried=now)
    else:
        # If nothing changed, the pages rendered from the old copy are still right.
        kept = old.portals if old and old.portals == found else MappingProxyType(found)
        _reading = _Reading(portals=kept, read=now, tried=now)
    return _reading


def _portals_in_database() -> dict[str, PublishedPortal]:
    """All portals: eight queries, and one more where there is a picture not read before."""
    rows = _portal_queryset()
    pictures = _pictures_of(rows)
    _pictures.clear()
    _pictures.update(pictures)
    services = list(_service_queryset())
    return {row.slug: _build_portal(row, pictures, services) for row in rows}


def _portal_queryset() -> QuerySet[Portal]:
    contacts = Contact.objects.order_by("position", "kind", "name")
    if not settings.DEMO:
        contacts = contacts.filter(verified_on__isnull=False)
    return Portal.objects.order_by("name").prefetch_related(
        Prefetch("texts", PortalText.objects.order_by("position", "language")),
        Prefetch("texts__reviews", TextReview.objects.filter(part=TextPart.LAW).only("text_id", "digest")),
        Prefetch("contacts", contacts),
        Prefetch("contacts__texts", ContactText.objects.order_by("language")),
        Prefetch("partners", Partner.objects.filter(confirmed=True).order_by("position", "name")),
        Prefetch("partners__texts", PartnerText.objects.order_by("language")),
    )


def _service_queryset() -> QuerySet[HelpService]:
    services = HelpService.objects.order_by("position", "name")
    return services if settings.DEMO else services.filter(verified_on__isnull=False)


def _pictures_of(rows: Iterable[Portal]) -> dict[str | None, PublishedPicture]:
    """The portals' pictures, by digest. Each is read once: the bytes of a digest never change."""
    shown = {row.logo_id for row in rows} | {row.crest_id for row in rows}
    shown |= {partner.logo_id for row in rows for partner in row.partners.all()}
    # Another thread may drop them in the meantime.
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


def _shows_law(row: Portal, text: PortalText) -> bool:
    """Whether the law is reviewed as it is written now; else it shows in the demo and in drafts."""
    if settings.DEMO or not row.known:
        return True
    return any(review.digest == text_digest(text.law) for review in text.reviews.all())


def _build_portal(
    row: Portal, pictures: Mapping[str | None, PublishedPicture], services: Iterable[HelpService]
) -> PublishedPortal:
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
        accent_colour=row.accent_colour,
        pattern=Pattern(row.pattern),
        header_layout=HeaderLayout(row.header_layout),
        launched_on=row.launch_day,
        known=row.known,
        texts=tuple(
            PublishedText(
                language=text.language,
                title=text.title,
                welcome=text.welcome,
                about=text.about,
                law=text.law if _shows_law(row, text) else "",
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
                name_language=contact.name_language or row.default_language,
                names=_build_names(contact.texts.all()),
            )
            for contact in row.contacts.all()
        ),
        partners=tuple(
            PublishedPartner(
                name=partner.name,
                role=partner.role,
                website=partner.website,
                logo=pictures.get(partner.logo_id),
                name_language=partner.name_language or row.default_language,
                names=_build_names(partner.texts.all()),
            )
            for partner in row.partners.all()
        ),
        services=tuple(
            PublishedService(
                kind=ServiceKind(service.kind),
                name=service.name,
                phone=service.phone,
                website=service.website,
                min_age=service.min_age,
                max_age=service.max_age,
                languages=tuple(service.languages.split()),
                verified=service.is_verified,
            )
            for service in services
            if not service.countries or row.country in service.countries.split()
        ),
    )


def _build_names(texts: Iterable[ContactText] | Iterable[PartnerText]) -> tuple[PublishedName, ...]:
    return tuple(PublishedName(text.language, text.name, text.note) for text in texts)

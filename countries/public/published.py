"""The public data of every portal and the approved texts, held in memory so that reading a page needs no query.

The first request that finds the copy older than RENEW_AFTER renews it; concurrent requests continue with the old
copy, or wait for the new one once it is OLDEST. While the database is unreachable, the last copy stays.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, replace
from time import monotonic
from types import MappingProxyType

from django.db import Error
from django.utils import timezone
from django.utils.translation import get_language

from countries.decided_settings import renew_settings
from countries.public.banner import PublishedBanner, read_banner
from countries.public.portal_rows import build_portal, portal_queryset, read_pictures, service_queryset
from countries.public.published_portal import PublishedPicture, PublishedPortal
from countries.public.statistics.memory import PublishedHistory, read_periods
from countries.public.withdrawn import read_withdrawn
from countries.words.language_memory import renew_languages
from countries.words.overlay import renew_texts

RENEW_AFTER = 3.0
OLDEST = 5.0
# Seconds a request waits for another one that is reading; then it uses the old copy.
PATIENCE = 1.0


@dataclass(frozen=True, slots=True)
class _Reading:
    portals: Mapping[str, PublishedPortal]
    banner: PublishedBanner | None
    history: PublishedHistory
    # Seconds of the monotonic clock. `tried` is later than `read` while the database is unreachable.
    read: float
    tried: float
    # Versions of the approved texts and of decided settings: pages rendered from the portals show these.
    edition: tuple[int, int]


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
_preview: ContextVar[tuple[PublishedPortal, PreviewNotice] | None] = ContextVar("preview", default=None)


@contextmanager
def override_portal(portal: PublishedPortal, notice: PreviewNotice) -> Iterator[None]:
    """Within this context, pages rendered by this thread know only this portal, as given.

    For the preview on the staff surface. Other threads' data is neither read nor changed, and no request can set it
    by its own content.
    """
    token = _preview.set((portal, notice))
    try:
        yield
    finally:
        _preview.reset(token)


def preview_notice() -> PreviewNotice | None:
    """The notice above a previewed page; None on every page of the public."""
    preview = _preview.get()
    return preview[1] if preview else None


def as_stored(portal_id: int) -> PublishedPortal:
    """One portal as its pages would show it now, in any state, read again. Raises Portal.DoesNotExist."""
    row, withdrawn = portal_queryset().get(pk=portal_id), read_withdrawn()
    return build_portal(row, read_pictures([row], _pictures, withdrawn), service_queryset(), withdrawn)


def all_as_stored() -> list[PublishedPortal]:
    """As `as_stored`, all portals without their pictures."""
    services, withdrawn = list(service_queryset()), read_withdrawn()
    return [build_portal(row, {}, services, withdrawn) for row in portal_queryset()]


def portals_by_slug() -> Mapping[str, PublishedPortal]:
    """All portals by slug, at most 5 s old while the database answers.

    Raises django.db.Error only where no copy was ever read.
    """
    if preview := _preview.get():
        return {preview[0].slug: preview[0]}
    reading = _reading or _load_first()
    now = monotonic()
    if now - reading.tried < RENEW_AFTER:
        return reading.portals
    is_unreachable = reading.tried > reading.read
    overdue = now - reading.read > OLDEST
    if not _lock.acquire(timeout=PATIENCE if overdue and not is_unreachable else 0):
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
    if preview := _preview.get():
        return {preview[0].slug: preview[0]}
    return _reading.portals if _reading else {}


def banner_sentence() -> str:
    """The banner's sentence in the active language, at most 5 s old; "" for none, past its time and in a preview."""
    with suppress(Error):
        portals_by_slug()
    return banner_sentence_in_memory()


def banner_sentence_in_memory() -> str:
    """As `banner_sentence`, of the last copy. Never asks the database."""
    banner = _reading.banner if _reading and not _preview.get() else None
    return banner.sentence(get_language() or "en") if banner and banner.is_shown(timezone.now()) else ""


def statistics() -> PublishedHistory:
    """The published statistics, at most 5 s old while the database answers; none where no copy was ever read."""
    warm_cache()
    return statistics_in_memory()


def statistics_in_memory() -> PublishedHistory:
    """As `statistics`, of the last copy. Never asks the database."""
    return _reading.history if _reading else PublishedHistory()


def clear_cache() -> None:
    """The next reader reads from the database: after an operator's save in this process, and in tests."""
    global _reading
    _reading = None
    _pictures.clear()


def warm_cache() -> None:
    """Renew the copy if it is due and the database answers. Pages without a portal show the approved texts too.

    Also called before workers are forked, so that a worker started while the database is unreachable still knows every
    portal: otherwise it could not even show a refused form again with its text.
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
        # Before the portals, so that no page is rendered for the new copy in old texts or languages.
        renew_languages()
        edition = renew_texts(), renew_settings()
        portals, banner = _portals_in_database(), read_banner()
        periods = read_periods(old.history.periods if old else ())
    except Error:
        if old is None:
            raise
        _reading = replace(old, tried=now)
    else:
        history = PublishedHistory(periods)
        # If nothing changed, the pages rendered from the old copy are still right.
        state = (portals, banner, history, edition)
        if old is not None and (old.portals, old.banner, old.history, old.edition) == state:
            _reading = replace(old, read=now, tried=now)
        else:
            _reading = _Reading(MappingProxyType(portals), banner, history, read=now, tried=now, edition=edition)
    return _reading


def _portals_in_database() -> dict[str, PublishedPortal]:
    """All portals: eight queries, and one more where there is a picture not read before."""
    rows, withdrawn = portal_queryset(), read_withdrawn()
    pictures = read_pictures(rows, _pictures, withdrawn)
    _pictures.clear()
    _pictures.update(pictures)
    services = list(service_queryset())
    return {row.slug: build_portal(row, pictures, services, withdrawn) for row in rows}

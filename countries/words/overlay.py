"""Approved texts laid over the shipped catalogues: what `gettext` finds first, in every thread of this process.

Django keeps one translation object for each language, with the catalogue that all threads read. A new catalogue, the
shipped one with the approved texts in it, replaces it in one assignment, so that a look-up costs what it did, and
no thread reads half of a change. Only the renewal of the published portals calls `renew_texts`, under its lock: pages
that were rendered from older texts go with it.

A row that was not written by the approval cannot harm a page: its markup is escaped, and one with other placeholders
than its source, or with hidden characters, is left out.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol, cast

from django.conf import settings
from django.db.models import Count, QuerySet, Sum
from django.utils.translation import trans_real

from countries.languages import find_opened_language, opened_languages
from countries.models import ApprovedText
from countries.models.text import WORDS_OF_CRISIS
from countries.words.fallback_marks import MarkedCatalogue
from countries.words.plurals import plural_rule
from countries.words.signs import is_hidden, make_safe
from countries.words.sources import SOURCE_PLACEHOLDER

logger = logging.getLogger(__name__)

# As in a compiled catalogue: a text, or a text that counts and the number of its form.
type CatalogueKey = str | tuple[str, int]
type TextCatalogue = dict[CatalogueKey, str]

LONGEST_FORM = 10_000


class CatalogueParts(Protocol):
    """The parts of Django's `TranslationCatalog`: catalogues, the first one first, each with its plural rule."""

    _catalogs: list[TextCatalogue]
    _plurals: list[Callable[[int], int]]


class TranslationParts(Protocol):
    """The parts of Django's translation object that each look-up reads."""

    _catalog: CatalogueParts


@dataclass(frozen=True, slots=True)
class OverlaidText:
    """One approved translation. `plural` is "" unless the text counts."""

    context: str
    singular: str
    plural: str
    forms: tuple[str, ...]

    def entries(self) -> TextCatalogue:
        """The text's entries of a catalogue, safe to be part of a page; none if it cannot be shown."""
        safe = [make_safe(self.singular, form) for form in self.forms]
        if not all(_can_be_shown(self, form) for form in safe):
            return {}
        name = f"{self.context}\x04{self.singular}" if self.context else self.singular
        return {(name, number): form for number, form in enumerate(safe)} if self.plural else {name: safe[0]}


# By language, of the rows that are laid over it: their number and the sum of their ids, which no change leaves alike.
_versions: dict[str, tuple[int, int]] = {}
_texts: dict[str, tuple[OverlaidText, ...]] = {}
# How often the texts have changed in this process.
_edition = 0
_lock = threading.Lock()
# The catalogue entries of a previewed language, in the thread that previews.
_previewed: ContextVar[tuple[str, TextCatalogue] | None] = ContextVar("previewed", default=None)


class OverlaidCatalogue(trans_real.TranslationCatalog):
    """A language's catalogues, in which a preview in this thread comes first. Used on the staff surface only."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self.language = language

    def get[Missing](self, key: CatalogueKey, default: Missing | None = None) -> str | Missing:
        entry = self._previewed_entries().get(key)
        return super().get(key, default) if entry is None else entry

    def plural(self, msgid: str, num: int) -> str:
        entries = self._previewed_entries()
        form = entries.get((msgid, cast(CatalogueParts, self)._plurals[0](num))) if entries else None
        return super().plural(msgid, num) if form is None else form

    def _previewed_entries(self) -> TextCatalogue:
        previewed = _previewed.get()
        return previewed[1] if previewed and previewed[0] == self.language else {}


class MarkedOverlay(MarkedCatalogue, OverlaidCatalogue):
    """That of a language that was opened here."""


def renew_texts() -> int:
    """Lay the texts that are approved now over the catalogues. One query, if none changed.

    Returns the number of changes so far: a page rendered at another number may be out of date. Raises django.db.Error;
    the texts then stay as they are.
    """
    global _edition
    with _lock:
        counted = _page_texts().order_by().values_list("language").annotate(Count("pk"), Sum("pk"))
        # Languages that were opened here mark what they lack, even while they have no text.
        versions = {language.tag: (0, 0) for language in opened_languages() if language.shows_words}
        versions |= {language: (number, int(total)) for language, number, total in counted}
        changed = {tag for tag in versions.keys() | _versions.keys() if versions.get(tag) != _versions.get(tag)}
        if not changed:
            return _edition
        texts = _read_texts(changed)
        for tag in sorted(changed):
            _lay_texts(tag, texts.get(tag, ()))
        _versions.clear()
        _versions.update(versions)
        _edition += 1
        return _edition


def expire_texts() -> None:
    """The next renewal lays all texts again, with the plural rules that hold then. Pages so far are out of date."""
    global _edition
    with _lock:
        _versions.clear()
        _edition += 1


def clear_texts() -> None:
    """Restore the shipped catalogues: for tests."""
    with _lock:
        for tag in list(_texts):
            _lay_texts(tag, ())
        _versions.clear()


@contextmanager
def override_texts(language: str, texts: Iterable[OverlaidText]) -> Iterator[None]:
    """Within this context, this thread finds these texts before all others of the language; other threads do not."""
    entries: TextCatalogue = {}
    for text in texts:
        entries |= text.entries()
    with _lock:
        _lay_texts(language, _texts.get(language, ()))
    token = _previewed.set((language, entries))
    try:
        yield
    finally:
        _previewed.reset(token)


def _page_texts() -> QuerySet[ApprovedText]:
    """Without words of crisis, which no page shows."""
    return ApprovedText.objects.exclude(context=WORDS_OF_CRISIS)


def _read_texts(languages: Iterable[str]) -> Mapping[str, tuple[OverlaidText, ...]]:
    rows = _page_texts().filter(language__in=languages).order_by("language", "pk")
    texts_by_language: dict[str, list[OverlaidText]] = {}
    for row in rows:
        forms = row.forms if isinstance(row.forms, list) else []
        if forms and all(isinstance(form, str) for form in forms):
            texts_by_language.setdefault(row.language, []).append(
                OverlaidText(row.context, row.singular, row.plural, tuple(forms))
            )
    return {language: tuple(texts) for language, texts in texts_by_language.items()}


def _empty_catalogue(language: str) -> trans_real.TranslationCatalog:
    """Previews are on the staff surface only; only languages that were opened here mark what they lack."""
    if find_opened_language(language):
        return MarkedOverlay(language) if settings.STAFF else MarkedCatalogue()
    return OverlaidCatalogue(language) if settings.STAFF else trans_real.TranslationCatalog()


def _lay_texts(language: str, texts: tuple[OverlaidText, ...]) -> None:
    translation = cast(TranslationParts, trans_real.translation(language))
    # Kept with the object it belongs to: Django makes another one when a setting changes.
    shipped: CatalogueParts = vars(translation).setdefault("shipped_catalogue", translation._catalog)
    laid = _empty_catalogue(language)
    catalogues, plurals = list(shipped._catalogs), list(shipped._plurals)
    if language not in dict(settings.LANGUAGES):
        # No catalogue of the project's own to lay them over, and no plural rule.
        catalogues.insert(0, {})
        plurals.insert(0, plural_rule(language).form_of)
    entries: TextCatalogue = {}
    for text in texts:
        text_entries = text.entries()
        entries |= text_entries
        if not text_entries:
            logger.error("An approved text of %s cannot be shown and is left out.", language)
    parts = cast(CatalogueParts, laid)
    parts._catalogs = [{**catalogues[0], **entries}, *catalogues[1:]]
    parts._plurals = plurals
    # One assignment: no thread finds texts of one catalogue with the plural rule of another.
    translation._catalog = parts
    _texts[language] = texts


def _can_be_shown(text: OverlaidText, form: str) -> bool:
    """Whether a page can fill in the form's placeholders and show all of it."""
    allowed = Counter(SOURCE_PLACEHOLDER.findall(text.singular)) | Counter(SOURCE_PLACEHOLDER.findall(text.plural))
    placeholders = Counter(SOURCE_PLACEHOLDER.findall(form))
    fills = any(placeholder != "%%" for placeholder in allowed)
    lone = fills and "%" in SOURCE_PLACEHOLDER.sub("", form)
    added = placeholders.keys() - allowed.keys() - ({"%%"} if fills else set())
    hidden = any(is_hidden(sign) for sign in form)
    return bool(form.strip()) and len(form) <= LONGEST_FORM and not (lone or added or hidden)

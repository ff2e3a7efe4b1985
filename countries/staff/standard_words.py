"""Interface texts, which all portals share: which texts are public, and how completely a language translates them.

Read from the message catalogues under `locale/`. The public site uses the compiled catalogues and not this module.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation import override

from countries.languages import words_language
from countries.models import ContactKind, Region, ServiceKind

# The language of the texts in the code, which need no translation.
SOURCE = "en"

# Texts in these places are public. Staff texts are English, or translated by Django.
PUBLIC_SOURCES = re.compile(
    r"^(templates/(reports|countries/public)/|reports/(?!(models|apps|addresses/\w+)\.py)|countries/public/"
    r"|analysts/assessment/standard_replies\.py)"
)


@dataclass(frozen=True, slots=True)
class Word:
    """One message of a catalogue; with several forms if it has plurals."""

    context: str
    source: tuple[str, ...]
    # Empty if there is no translation, or only a fuzzy one.
    translation: tuple[str, ...]
    fuzzy: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return self.context, self.source[0]

    @property
    def translated(self) -> bool:
        return bool(self.translation)


def catalogue_path(tag: str) -> Path:
    return Path(settings.LOCALE_PATHS[0], tag.replace("-", "_"), "LC_MESSAGES", "django.po")


def language_tags() -> list[str]:
    """Every interface language of the installation, the source language first."""
    return [tag for tag, _name in settings.LANGUAGES]


def public_words(tag: str) -> list[Word]:
    """All public texts sorted by source text, with their translation into the language."""
    language = _catalogue_language(tag)
    own = _public_translations(language) if language and language != SOURCE else {}
    return [
        Word(context, source, source)
        if language == SOURCE
        else own.get((context, source[0]), Word(context, source, ()))
        for (context, _singular), source in sorted(_source_texts().items())
    ]


def count_translated(tag: str) -> tuple[int, int]:
    """Number of translated public texts, and of all public texts."""
    words = public_words(tag)
    return sum(word.translated for word in words), len(words)


def words_digest(tag: str) -> str:
    """SHA-256 in hexadecimal of all public texts and their translations; changes with any of them."""
    words = [[word.context, word.source, word.translation] for word in public_words(tag)]
    return hashlib.sha256(json.dumps(words, ensure_ascii=False).encode()).hexdigest()


def is_machine_made(tag: str) -> bool:
    """Whether the catalogue's header says that it is machine-made."""
    language = _catalogue_language(tag)
    if language is None or language == SOURCE:
        return False
    return (read_catalogue(language).last_translator or "").startswith("machine-made")


def read_catalogue(language: str) -> Catalog:
    """The catalogue on disk, cached until the file changes."""
    return _parse_catalogue(*_catalogue_version(language))


def _catalogue_version(language: str) -> tuple[Path, int]:
    path = catalogue_path(language)
    return path, path.stat().st_mtime_ns


@cache
def _parse_catalogue(path: Path, _changed: int) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


def _catalogue_language(tag: str) -> str | None:
    """The language of the texts that a page in `tag` shows; None if it falls back to English."""
    language = words_language(tag)
    if language == SOURCE:
        return SOURCE if tag.split("-")[0] == SOURCE else None
    return language if catalogue_path(language).exists() else None


def _public_translations(language: str) -> Mapping[tuple[str, str], Word]:
    return _read_public(*_catalogue_version(language))


@cache
def _read_public(path: Path, changed: int) -> Mapping[tuple[str, str], Word]:
    """Public texts of a catalogue by key; cached, because a page needs them many times."""
    words = (_build_word(message) for message in _parse_catalogue(path, changed) if message.id and _is_public(message))
    return {word.key: word for word in words}


def _source_texts() -> dict[tuple[str, str], tuple[str, ...]]:
    """The source forms of every public text, from all catalogues, because one catalogue may lack some."""
    return {
        word.key: word.source
        for language in language_tags()
        if language != SOURCE and catalogue_path(language).exists()
        for word in _public_translations(language).values()
    }


def is_public_place(place: str) -> bool:
    """Whether texts in this source file are public."""
    return PUBLIC_SOURCES.match(place) is not None


def _is_public(message: Message) -> bool:
    return any(is_public_place(place) for place, _line in message.locations) or message.id in _public_words_of_models()


@cache
def _public_words_of_models() -> frozenset[str]:
    """Labels of model choices that public pages show; all other texts of models are for staff."""
    headings = [kind.row.heading for kind in ContactKind if kind.row.heading]
    purposes = [kind.row.purpose for kind in ServiceKind]
    # Without an active language, a label is its source text.
    with override(None):
        return frozenset(str(words) for words in [*Region.labels, *headings, *purposes])


def _build_word(message: Message) -> Word:
    forms = _text_forms(message.string)
    complete = bool(forms) and all(forms) and not message.fuzzy
    return Word(message.context or "", _text_forms(message.id), forms if complete else (), message.fuzzy)


def _text_forms(value: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())

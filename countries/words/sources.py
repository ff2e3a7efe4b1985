"""The public texts of the product, in the language of the code, and their translations in the shipped catalogues.

Read from the message catalogues under `locale/`, which hold public texts only (`manage.py makemessages`). A public page
never reads them: it uses the compiled catalogues, with the approved texts laid over them (`countries.words.overlay`).
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from django.conf import settings

from countries.models.text import WORDS_OF_CRISIS

# The language of the texts in the code, which need no translation.
SOURCE = "en"

# Texts in these places are public. Staff texts are English and in no catalogue.
PUBLIC_SOURCES = re.compile(
    r"^(templates/(reports|countries/public)/|reports/(?!(models/\w+|apps|addresses/\w+)\.py)|countries/public/"
    r"|analysts/assessment/standard_replies\.py)"
)
# Placeholders that are filled in later, and a per cent sign beside them.
SOURCE_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")


@dataclass(frozen=True)
class SourceText:
    """One public text. `plural` is "" unless it counts; `places` are the source files that show it."""

    context: str
    singular: str
    plural: str
    places: tuple[str, ...]
    # For translators, from the code.
    comment: str

    @cached_property
    def digest(self) -> str:
        """SHA-256 in hexadecimal of context, singular and plural: the text's name, which changes with each of them."""
        return source_digest(self.context, self.singular, self.plural)

    @cached_property
    def placeholders(self) -> tuple[str, ...]:
        """The placeholders, such as `%(number)s`, each once, in the order of the text."""
        return tuple(dict.fromkeys(SOURCE_PLACEHOLDER.findall(f"{self.singular}\n{self.plural}")))

    @property
    def is_phrase_list(self) -> bool:
        """Whether it is a list of words of crisis, one phrase a line, which no page shows."""
        return self.context == WORDS_OF_CRISIS

    @property
    def forms(self) -> tuple[str, ...]:
        return (self.singular, self.plural) if self.plural else (self.singular,)


def source_digest(context: str, singular: str, plural: str) -> str:
    return hashlib.sha256(f"{context}\x04{singular}\x00{plural}".encode()).hexdigest()


def read_source_texts() -> tuple[SourceText, ...]:
    """All public texts, sorted by place and text. From all catalogues, because one may lack some."""
    return _merge_sources(_catalogue_versions())


def sources_by_digest() -> Mapping[str, SourceText]:
    return _index_sources(_catalogue_versions())


def shipped_translations(language: str) -> Mapping[str, tuple[str, ...]]:
    """The forms of each public text that the catalogue of exactly this language translates, by the text's digest.

    Without fuzzy and incomplete ones, which the public does not see.
    """
    if language == SOURCE or not catalogue_path(language).exists():
        return {}
    return _read_translations(*catalogue_version(language))


def is_public_place(place: str) -> bool:
    """Whether texts in this source file are public."""
    return PUBLIC_SOURCES.match(place) is not None


def catalogue_path(tag: str) -> Path:
    return Path(settings.LOCALE_PATHS[0], tag.replace("-", "_"), "LC_MESSAGES", "django.po")


def language_tags() -> list[str]:
    """Every language with a shipped catalogue, the source language first."""
    return [tag for tag, _name in settings.LANGUAGES]


def read_catalogue(language: str) -> Catalog:
    """The catalogue on disk, cached until the file changes."""
    return parse_catalogue(*catalogue_version(language))


def catalogue_version(language: str) -> tuple[Path, int]:
    path = catalogue_path(language)
    return path, path.stat().st_mtime_ns


@cache
def parse_catalogue(path: Path, _changed: int) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


def _catalogue_messages(path: Path, changed: int) -> Iterator[Message]:
    """The messages of a catalogue without its header, whose text is empty."""
    return (message for message in parse_catalogue(path, changed) if message.id)


def text_forms(value: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())


def _catalogue_versions() -> tuple[tuple[Path, int], ...]:
    paths = [catalogue_path(tag) for tag in language_tags() if tag != SOURCE]
    return tuple((path, path.stat().st_mtime_ns) for path in paths if path.exists())


def _build_source(message: Message) -> SourceText:
    singular, *plural = text_forms(message.id)
    places = sorted({place for place, _line in message.locations})
    comment = " ".join(message.auto_comments).strip()
    return SourceText(message.context or "", singular, "".join(plural), tuple(places), comment)


@cache
def _merge_sources(versions: tuple[tuple[Path, int], ...]) -> tuple[SourceText, ...]:
    sources: dict[str, SourceText] = {}
    for version in versions:
        for message in _catalogue_messages(*version):
            source = _build_source(message)
            sources.setdefault(source.digest, source)
    return tuple(sorted(sources.values(), key=lambda source: (source.places, source.singular, source.context)))


@cache
def _index_sources(versions: tuple[tuple[Path, int], ...]) -> Mapping[str, SourceText]:
    return {source.digest: source for source in _merge_sources(versions)}


@cache
def _read_translations(path: Path, changed: int) -> Mapping[str, tuple[str, ...]]:
    translations = {}
    for message in _catalogue_messages(path, changed):
        forms = text_forms(message.string)
        if forms and all(forms) and not message.fuzzy:
            translations[_build_source(message).digest] = forms
    return translations

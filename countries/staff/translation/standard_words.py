"""Interface texts, which all portals share: which texts are public, and how completely a language translates them.

Read from the message catalogues under `locale/`. The public site uses the compiled catalogues and not this module.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from countries.languages import find_opened_language, texts_language, words_language
from countries.models import ApprovedText
from countries.words.sources import (
    SOURCE,
    catalogue_path,
    read_catalogue,
    read_source_texts,
    shipped_translations,
    sources_by_digest,
)


@dataclass(frozen=True, slots=True)
class Word:
    """One public text; with several forms if it has plurals."""

    context: str
    source: tuple[str, ...]
    # Empty if there is no translation, or only a fuzzy one.
    translation: tuple[str, ...]

    @property
    def translated(self) -> bool:
        return bool(self.translation)


def public_words(tag: str) -> list[Word]:
    """All public texts sorted by source text, with their translation. One query for a language opened here."""
    language = _catalogue_language(tag)
    sources = sorted(read_source_texts(), key=lambda source: (source.context, source.singular))
    if find_opened_language(tag):
        approved = ApprovedText.objects.filter(language=texts_language(tag)).order_by()
        translations: Mapping[str, Iterable[str]] = dict(approved.values_list("digest", "forms"))
    elif language == SOURCE:
        return [Word(source.context, source.forms, source.forms) for source in sources]
    else:
        translations = shipped_translations(language) if language else {}
    return [Word(source.context, source.forms, tuple(translations.get(source.digest, ()))) for source in sources]


def count_translated(tag: str) -> tuple[int, int]:
    """Number of translated public texts, and of all public texts. One query for a language that was opened here."""
    if find_opened_language(tag):
        return count_approved([tag])[texts_language(tag)], len(read_source_texts())
    return len(translated_digests(tag)), len(read_source_texts())


def count_fuzzy(tag: str) -> int:
    """Number of texts that the shipped catalogue translates by a guess, which the public does not see."""
    language = _catalogue_language(tag)
    if language is None or language == SOURCE:
        return 0
    return sum(message.fuzzy for message in read_catalogue(language) if message.id)


def count_approved(tags: Iterable[str]) -> Counter[str]:
    """By language, the number of public texts with an approved translation. One query."""
    languages = {texts_language(tag) for tag in tags}
    approved = ApprovedText.objects.filter(language__in=languages).order_by().values_list("language", "digest")
    sources = sources_by_digest()
    return Counter(language for language, digest in approved if digest in sources)


def translated_digests(tag: str) -> set[str]:
    """The digests of the public texts that pages show in the language. One query for a language opened here."""
    language = words_language(tag)
    if language == SOURCE:
        return set(sources_by_digest()) if tag.split("-")[0] == SOURCE else set()
    if not find_opened_language(tag):
        return shipped_translations(language).keys() & sources_by_digest().keys()
    approved = ApprovedText.objects.filter(language=language).order_by().values_list("digest", flat=True)
    return set(approved) & sources_by_digest().keys()


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


def _catalogue_language(tag: str) -> str | None:
    """The language of the texts that a page in `tag` shows; None if it falls back to English."""
    language = words_language(tag)
    if language == SOURCE:
        return SOURCE if tag.split("-")[0] == SOURCE else None
    return language if catalogue_path(language).exists() else None

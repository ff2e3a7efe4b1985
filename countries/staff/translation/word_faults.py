"""Faults in the translation of interface texts that can be found automatically."""

from functools import cache
from gettext import c2py
from pathlib import Path

from babel import Locale, UnknownLocaleError

from countries.languages import words_language
from countries.staff.translation.standard_words import Word, public_words
from countries.words.checks import find_translation_faults
from countries.words.plurals import NUMBERS
from countries.words.sources import SOURCE, SourceText, catalogue_path, catalogue_version, read_catalogue


def find_untranslated(tag: str) -> list[str]:
    """The public texts that have no translation, or only a fuzzy one."""
    return [word.source[0] for word in public_words(tag) if not word.translated]


def find_faults(tag: str) -> list[str]:
    """The faults of a language, each as a sentence for the translator."""
    language = words_language(tag)
    if language == SOURCE or not catalogue_path(language).exists():
        return []
    return [*plural_faults(language), *_text_faults(language, *catalogue_version(language))]


@cache
def _text_faults(language: str, _path: Path, _changed: int) -> tuple[str, ...]:
    """The faults of each text of a shipped catalogue; cached until the file changes."""
    return tuple(fault for word in public_words(language) for fault in find_word_faults(word, language))


def find_word_faults(word: Word, language: str) -> list[str]:
    """The faults of one text, as for a translation that is typed in; none if it is not translated."""
    if not word.translated:
        return []
    source = SourceText(word.context, word.source[0], "".join(word.source[1:]), (), "")
    return [f"{word.source[0]!r}: {fault}" for fault in find_translation_faults(source, word.translation, language)]


def plural_faults(language: str) -> list[str]:
    """Faults of the header's plural rule, which must distinguish the same forms as CLDR.

    A text with fewer forms counts as not translated; one with more is not compiled.
    """
    head = read_catalogue(language)
    form_of = c2py(head.plural_expr)
    forms = {form_of(number) for number in NUMBERS}
    faults = []
    if not forms <= set(range(head.num_plurals)):
        faults.append(f"Plural-Forms: nplurals={head.num_plurals}, and the rule gives {len(forms)} forms.")
    try:
        rule = Locale.parse(language, sep="-").plural_form
    except (UnknownLocaleError, ValueError):
        # CLDR has no rule to compare with.
        pass
    else:
        pairs = {(rule(number), form_of(number)) for number in NUMBERS}
        categories = {category for category, _form in pairs}
        if not len(pairs) == len(categories) == len(forms):
            faults.append(f"Plural-Forms: CLDR distinguishes {len(categories)} forms: {', '.join(sorted(categories))}.")
    return faults

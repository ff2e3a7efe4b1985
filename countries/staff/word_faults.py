"""Faults in the translation of interface texts that can be found automatically."""

import re
from gettext import c2py

from babel import Locale, UnknownLocaleError

from countries.languages import words_language
from countries.staff.standard_words import SOURCE, Word, catalogue_path, public_words, read_catalogue

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|<[^>]+>")
# Numbers that cover every plural form of whole numbers in CLDR.
NUMBERS = (*range(201), 1_000, 10_000, 1_000_000, 2_000_000, 10_000_000)


def find_untranslated(tag: str) -> list[str]:
    """The public texts that have no translation, or only a fuzzy one."""
    return [word.source[0] for word in public_words(tag) if not word.translated]


def find_faults(tag: str) -> list[str]:
    """The faults of a language, each as a sentence for the translator."""
    language = words_language(tag)
    if language == SOURCE or not catalogue_path(language).exists():
        return []
    return [
        *plural_faults(language),
        *(
            f"Placeholders or tags differ from the source: {word.source[0]!r}"
            for word in public_words(language)
            if not keeps_placeholders(word)
        ),
    ]


def keeps_placeholders(word: Word) -> bool:
    """Whether the placeholders match the source. Plural forms may omit the number but not add placeholders."""
    allowed = set(PLACEHOLDER.findall(" ".join(word.source)))
    counts = len(word.source) > 1
    found = [set(PLACEHOLDER.findall(form)) for form in word.translation]
    return all(each <= allowed if counts else each == allowed for each in found)


def plural_faults(language: str) -> list[str]:
    """Faults of the header's plural rule, which must distinguish the same forms as CLDR.

    A text with fewer forms counts as not translated; one with more is not compiled.
    """
    head = read_catalogue(language)
    form_of = c2py(head.plural_expr)
    forms = {form_of(number) for number in NUMBERS}
    found = []
    if not forms <= set(range(head.num_plurals)):
        found.append(f"Plural-Forms: nplurals={head.num_plurals}, and the rule gives {len(forms)} forms.")
    try:
        rule = Locale.parse(language, sep="-").plural_form
    except (UnknownLocaleError, ValueError):
        # CLDR has no rule to compare with.
        pass
    else:
        pairs = {(rule(number), form_of(number)) for number in NUMBERS}
        categories = {category for category, _form in pairs}
        if not len(pairs) == len(categories) == len(forms):
            found.append(f"Plural-Forms: CLDR distinguishes {len(categories)} forms: {', '.join(sorted(categories))}.")
    return found

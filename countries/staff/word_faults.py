"""What is wrong with a language's standard words that only a program would notice."""

import re
from gettext import c2py

from babel import Locale, UnknownLocaleError

from countries.languages import words_language
from countries.staff.standard_words import SOURCE, Word, catalogue_path, public_words, read_catalogue

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|<[^>]+>")
# Enough to meet every plural form of whole numbers there is.
NUMBERS = (*range(201), 1_000, 10_000, 1_000_000, 2_000_000, 10_000_000)


def find_untranslated(tag: str) -> list[str]:
    """The public words that have no translation, or only a guess."""
    return [word.source[0] for word in public_words(tag) if not word.translated]


def find_faults(tag: str) -> list[str]:
    """Sentences for a translator, none where all is well."""
    language = words_language(tag)
    if language == SOURCE or not catalogue_path(language).exists():
        return []
    return [
        *plural_faults(language),
        *(
            f"Other placeholders or tags than in the source: {word.source[0]!r}"
            for word in public_words(language)
            if not keeps_placeholders(word)
        ),
    ]


def keeps_placeholders(word: Word) -> bool:
    """A form that counts one thing may leave the number out; none may have what the source has not."""
    allowed = set(PLACEHOLDER.findall(" ".join(word.source)))
    counts = len(word.source) > 1
    found = [set(PLACEHOLDER.findall(form)) for form in word.translation]
    return all(each <= allowed if counts else each == allowed for each in found)


def plural_faults(language: str) -> list[str]:
    """The header's rule must tell numbers apart as CLDR does.

    A text with fewer forms counts as not translated, one with more is not compiled.
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
        # No rule to compare with: the translator knows.
        pass
    else:
        pairs = {(rule(number), form_of(number)) for number in NUMBERS}
        categories = {category for category, _form in pairs}
        if not len(pairs) == len(categories) == len(forms):
            found.append(f"Plural-Forms: CLDR tells {len(categories)} forms apart: {', '.join(sorted(categories))}.")
    return found

"""Plural rules of languages, as gettext writes them: `nplurals=2; plural=(n != 1);`."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from gettext import c2py
from itertools import islice
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.plurals import PLURALS
from babel.plural import to_gettext

from countries.languages import find_opened_language, words_language
from countries.words.sources import catalogue_path

# Numbers that cover every plural form of whole numbers in CLDR.
NUMBERS = (*range(201), 1_000, 10_000, 1_000_000, 2_000_000, 10_000_000)
MOST_FORMS = 6
LONGEST_RULE = 500
_RULE = re.compile(r"nplurals\s*+=\s*+([1-6])\s*+;\s*+plural\s*+=([n0-9()?:%=!<>&| ]++);?")
_HEADER = re.compile(r'^"Plural-Forms: ([^"\\]+)', re.MULTILINE)
# Where neither a catalogue nor CLDR has a rule.
_USUAL = "nplurals=2; plural=(n != 1);"


@dataclass(frozen=True, slots=True)
class PluralRule:
    """count: the number of forms. expression: the number of a count's form, in C."""

    count: int
    expression: str

    def __str__(self) -> str:
        return f"nplurals={self.count}; plural={self.expression};"

    def form_of(self, number: int) -> int:
        """The number of the form, from 0."""
        return _compile_expression(self.expression)(number)

    def distinguishes_like(self, other: "PluralRule") -> bool:
        """Whether both give every whole number the same form."""
        return self.count == other.count and all(self.form_of(number) == other.form_of(number) for number in NUMBERS)

    def examples(self, form: int) -> list[int]:
        """The first numbers of a form."""
        return list(islice((number for number in NUMBERS if self.form_of(number) == form), 4))


@cache
def _compile_expression(expression: str) -> Callable[[int], int]:
    return c2py(expression)


@cache
def parse_plural_rule(text: str) -> PluralRule:
    """Parse a header's value. Raises ValueError unless every count has one of the forms, and every form a count."""
    match = _RULE.fullmatch(text.strip()) if len(text) <= LONGEST_RULE else None
    if match is None:
        raise ValueError("not a plural rule")
    rule = PluralRule(int(match[1]), match[2].strip())
    try:
        forms = {rule.form_of(number) for number in NUMBERS}
    except ArithmeticError:
        raise ValueError("divides by nothing") from None
    if forms != set(range(rule.count)):
        raise ValueError(f"{rule.count} forms, and the rule gives {len(forms)}")
    return rule


def plural_rule(tag: str) -> PluralRule:
    """The rule of the words that a page in the language shows: as opened here, of its catalogue, or of CLDR."""
    if opened := find_opened_language(tag):
        return parse_plural_rule(opened.plural_rule)
    return _shipped_rule(tag) or cldr_rule(tag) or parse_plural_rule(_USUAL)


def _shipped_rule(tag: str) -> PluralRule | None:
    language = words_language(tag)
    path = catalogue_path(language)
    if language.split("-")[0] != tag.split("-")[0] or not path.exists():
        return None
    return _read_header(path, path.stat().st_mtime_ns)


@cache
def _read_header(path: Path, _changed: int) -> PluralRule | None:
    with path.open(encoding="utf-8") as file:
        match = _HEADER.search(file.read(4_000))
    try:
        return parse_plural_rule(match[1]) if match else None
    except ValueError:
        # `word_faults.plural_faults` reports it.
        return None


@cache
def cldr_rule(tag: str) -> PluralRule | None:
    """CLDR's rule for whole numbers; None where CLDR has no such language."""
    try:
        rule = Locale.parse(tag, sep="-").plural_form
    except (UnknownLocaleError, ValueError):
        return None
    categories = {rule(number) for number in NUMBERS}
    for candidate in known_rules():
        pairs = {(rule(number), candidate.form_of(number)) for number in NUMBERS}
        if len(pairs) == len(categories) == candidate.count:
            return candidate
    try:
        return parse_plural_rule(to_gettext(rule))
    except ValueError:
        # Some of its forms are for fractions alone.
        return None


@cache
def known_rules() -> tuple[PluralRule, ...]:
    """The rules that Babel knows of languages, each once, those with the fewest forms first."""
    rules: dict[PluralRule, None] = {}
    for count, expression in sorted(PLURALS.values(), key=lambda rule: (rule[0], len(rule[1]), rule[1])):
        try:
            rule = parse_plural_rule(f"nplurals={count}; plural={expression};")
        except ValueError:
            continue
        if not any(rule.distinguishes_like(other) for other in rules):
            rules[rule] = None
    return tuple(rules)

"""Plural rules of languages, as gettext writes them: `nplurals=2; plural=(n != 1);`."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from gettext import c2py
from itertools import islice

from babel import Locale, UnknownLocaleError
from babel.messages.plurals import get_plural
from django.conf import settings

from countries.words.sources import SOURCE, catalogue_path, read_catalogue

# Numbers that cover every plural form of whole numbers in CLDR.
NUMBERS = (*range(201), 1_000, 10_000, 1_000_000, 2_000_000, 10_000_000)


@dataclass(frozen=True, slots=True)
class PluralRule:
    """count: the number of forms. expression: the number of a count's form, in C."""

    count: int
    expression: str

    def form_of(self, number: int) -> int:
        """The number of the form, from 0."""
        return _compile_expression(self.expression)(number)

    def examples(self, form: int) -> list[int]:
        """The first numbers of a form."""
        return list(islice((number for number in NUMBERS if self.form_of(number) == form), 4))


@cache
def _compile_expression(expression: str) -> Callable[[int], int]:
    return c2py(expression)


def plural_rule(tag: str) -> PluralRule:
    """The rule of the language's shipped catalogue, or of CLDR; as in English where neither has one."""
    if tag in dict(settings.LANGUAGES) and tag != SOURCE and catalogue_path(tag).exists():
        head = read_catalogue(tag)
        return PluralRule(head.num_plurals, head.plural_expr)
    try:
        Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return PluralRule(2, "(n != 1)")
    rule = get_plural(tag.replace("-", "_"))
    return PluralRule(rule.num_plurals, rule.plural_expr)

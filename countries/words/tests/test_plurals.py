"""Plural rules: of catalogues, of CLDR, and those that are offered where neither has one."""

import pytest

from countries.languages import set_opened_languages
from countries.words.plurals import cldr_rule, known_rules, parse_plural_rule, plural_rule
from countries.words.tests.test_checks import NEPALI


@pytest.mark.parametrize(
    ("tag", "count"),
    [("ar", 6), ("es", 3), ("ne", 2), ("si", 2), ("am", 2), ("ny", 2), ("ps", 2), ("kri", 2), ("my", 1)],
)
def test_language_has_the_forms_of_its_catalogue_or_of_cldr(tag: str, count: int) -> None:
    rule = plural_rule(tag)
    assert rule.count == count
    assert all(rule.examples(form) for form in range(count))


def test_opened_language_has_the_rule_that_was_chosen() -> None:
    set_opened_languages([NEPALI])
    assert str(plural_rule("ne")) == "nplurals=2; plural=(n != 1);"


def test_rules_on_offer_are_different_and_are_what_the_database_takes() -> None:
    rules = known_rules()
    assert len(rules) > 10
    assert [rule for rule in rules if parse_plural_rule(str(rule)) != rule] == []
    assert len({tuple(map(rule.form_of, range(201))) for rule in rules}) == len(rules)
    assert cldr_rule("qaa") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nplurals=2; plural=n;",
        "nplurals=7; plural=n;",
        "nplurals=2; plural=__import__;",
        "nplurals=2; plural=n/0;",
        "nplurals=2; plural=n%0;",
        "nplurals=3; plural=(n != 1);",
        f"nplurals=2; plural={'(' * 90}n{')' * 90};",
        f"nplurals=2; plural={'n ' * 400};",
    ],
)
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_plural_rule(text)

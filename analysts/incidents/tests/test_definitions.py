"""Every option that analysts choose from has a definition."""

import pytest
from django.db.models import TextChoices

from analysts.codes import FoundOn, SiteType
from analysts.incidents.definitions import DEFINITIONS, definition_of
from analysts.models import Assessment
from portal_site.tests.test_rules import WORDING

LONGEST = 140
# Set by the system, not chosen by analysts, so it needs no definitions.
WITHOUT = {"stage", "undo_reason"}


def test_every_list_that_an_assessment_is_chosen_from_has_definitions() -> None:
    own = [[str(code) for code in codes.values] for codes in DEFINITIONS]
    fields = {field.name: getattr(field, "base_field", field) for field in Assessment._meta.fields}
    lists = {name: [code for code, _ in field.choices] for name, field in fields.items() if field.choices}
    assert lists.keys() >= WITHOUT | {"verdict", "flags", "reason"}
    assert {name for name, codes in lists.items() if codes not in own} == WITHOUT


@pytest.mark.parametrize("codes", DEFINITIONS, ids=lambda codes: codes.__name__)
def test_every_option_has_one_short_sentence(codes: type[TextChoices]) -> None:
    assert [choice for choice in codes if choice not in DEFINITIONS[codes]] == []
    for choice in codes:
        words = definition_of(choice)
        assert words.endswith(".")
        assert len(words) <= LONGEST, words
        assert not WORDING.search(words)


def test_options_of_one_list_have_different_definitions() -> None:
    for codes in DEFINITIONS:
        words = [definition_of(choice) for choice in codes]
        assert len(set(words)) == len(words)


def test_the_same_code_of_two_lists_has_two_definitions() -> None:
    assert SiteType.FORUM in {*FoundOn}
    assert definition_of(SiteType.FORUM) != definition_of(FoundOn.FORUM)

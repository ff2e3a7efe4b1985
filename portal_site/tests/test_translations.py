"""Every public text is translated in every language with a catalogue."""

from io import StringIO

import pytest
from django.core.management import call_command

from countries.staff.standard_words import SOURCE, count_translated, language_tags, public_words
from countries.staff.word_faults import find_faults, find_untranslated

# The languages the product promises; others may have a catalogue too.
PROMISED = {"en", "es", "fr", "pt", "ar", "ur", "sw", "hi"}
TRANSLATED = [language for language in language_tags() if language != SOURCE]


@pytest.mark.parametrize("language", TRANSLATED)
def test_public_words_are_translated(language: str) -> None:
    assert count_translated(language)[1] > 100
    assert find_untranslated(language) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_keep_what_is_filled_in_and_count_as_the_language_does(language: str) -> None:
    assert find_faults(language) == []


def test_public_words_are_what_the_public_reads_and_not_what_staff_read() -> None:
    words = {word.source[0] for word in public_words(SOURCE)}
    # A button of a form, a state on the status page.
    assert {"Send the report", "received"} <= words
    # Labels of the admin's form.
    assert not words & {"brand colour", "access phrase", "Dashboard"}


def test_promised_languages_are_there() -> None:
    assert set(language_tags()) >= PROMISED


@pytest.mark.django_db
def test_report_of_languages_finds_all_complete() -> None:
    call_command("portal_languages", "--check", stdout=StringIO())

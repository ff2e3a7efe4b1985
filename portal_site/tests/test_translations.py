"""What the public reads is translated in full in every language that has a catalogue."""

import pytest

from countries.standard_words import SOURCE, completeness, languages, public_words
from countries.word_faults import faults, missing

TRANSLATED = [language for language in languages() if language != SOURCE]


@pytest.mark.parametrize("language", TRANSLATED)
def test_public_words_are_translated(language: str) -> None:
    assert completeness(language)[1] > 100
    assert missing(language) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_keep_what_is_filled_in_and_count_as_the_language_does(language: str) -> None:
    assert faults(language) == []


def test_public_words_are_what_the_public_reads_and_not_what_staff_read() -> None:
    words = {word.source[0] for word in public_words(SOURCE)}
    # A button of a form, a state on the status page.
    assert {"Send the report", "received"} <= words
    # Labels of the admin's form.
    assert not words & {"brand colour", "access phrase", "Dashboard"}

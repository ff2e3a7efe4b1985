"""Interface texts: which are public, how complete a language is, and whether its review is current."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from countries.models import LanguageReview
from countries.public.standard_texts import standard_text
from countries.staff.translation.standard_words import (
    count_translated,
    is_machine_made,
    public_words,
    words_digest,
)
from countries.staff.workspace.checklist import words_missing

HEADER = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Last-Translator: {translator}\\n"
"Language: {language}\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""
WORDS = """#: templates/reports/report.html
msgid "Send the report"
msgstr "{send}"

#: reports/holding_form.py countries/public/views.py
msgid "Come back later."
msgstr "{later}"

#: countries/models/portal.py
msgid "Africa"
msgstr "Africa"
"""
UNREVIEWED = "A named speaker must review the current interface text, and a second operator confirm the review."


@pytest.fixture
def locale(tmp_path: Path, settings: Any) -> Path:
    settings.LOCALE_PATHS = [tmp_path]
    settings.LANGUAGES = [("en", "English"), ("sw", "Swahili"), ("fr", "French")]
    return tmp_path


def write(
    locale: Path, language: str, *, send: str = "Tuma", later: str = "Rudi", translator: str = "A speaker"
) -> None:
    po = locale / language / "LC_MESSAGES" / "django.po"
    po.parent.mkdir(parents=True, exist_ok=True)
    header = HEADER.format(translator=translator, language=language)
    po.write_text(header + WORDS.format(send=send, later=later))


def test_public_words_are_those_of_the_catalogue_without_its_header(locale: Path) -> None:
    write(locale, "sw")
    assert [word.source for word in public_words("sw")] == [("Africa",), ("Come back later.",), ("Send the report",)]


def test_completeness_counts_translated_words(locale: Path) -> None:
    write(locale, "sw", later="")
    assert count_translated("sw") == (2, 3)
    assert count_translated("en") == (3, 3)
    assert count_translated("sw-ke") == (2, 3)


def test_completeness_of_a_language_without_catalogue_is_nothing(locale: Path) -> None:
    write(locale, "sw")
    assert count_translated("fr") == (0, 3)
    assert count_translated("ny") == (0, 3)


def test_completeness_counts_no_guess(locale: Path) -> None:
    write(locale, "sw")
    po = locale / "sw" / "LC_MESSAGES" / "django.po"
    po.write_text(po.read_text().replace("#: templates/reports", "#, fuzzy\n#: templates/reports"))
    assert count_translated("sw") == (2, 3)


def test_digest_changes_with_a_public_word(locale: Path) -> None:
    write(locale, "sw")
    before = words_digest("sw")
    assert words_digest("sw") == before
    write(locale, "sw", later="Rudi baadaye")
    assert words_digest("sw") != before


def test_machine_made_is_what_the_header_says(locale: Path) -> None:
    write(locale, "sw", translator="machine-made, needs review by a speaker")
    write(locale, "fr")
    assert is_machine_made("sw")
    assert not is_machine_made("fr")
    assert not is_machine_made("en")


@pytest.mark.django_db
def test_review_holds_until_a_word_changes(locale: Path) -> None:
    write(locale, "sw")
    write(locale, "fr")
    assert words_missing(["sw", "fr"]) == {"sw": UNREVIEWED, "fr": UNREVIEWED}
    LanguageReview.objects.create(
        language="sw", digest=words_digest("sw"), reviewed_by="Asha", reviewed_on=date(2026, 11, 24)
    )
    assert words_missing(["sw", "fr"]) == {"sw": "", "fr": UNREVIEWED}
    write(locale, "sw", send="Tuma ripoti")
    assert words_missing(["sw"]) == {"sw": UNREVIEWED}


@pytest.mark.django_db
def test_source_needs_no_review(locale: Path) -> None:
    assert words_missing(["en"]) == {"en": ""}
    # Nyanja has no interface text, so its pages fall back to English.
    assert words_missing(["ny"])["ny"].startswith("The installation has no interface text in this language.")


def test_standard_text_names_the_country_in_the_language() -> None:
    assert standard_text("KM", "Comoros", "en")["title"] == "Reporting portal: Comoros"
    assert "Comores" in standard_text("KM", "Comoros", "fr")["title"]


def test_standard_text_uses_the_given_name_without_a_country_code() -> None:
    assert standard_text("", "British Virgin Islands", "es")["title"].endswith("British Virgin Islands")


def test_standard_text_is_english_where_there_is_no_catalogue() -> None:
    assert standard_text("MW", "Malawi", "ny") == standard_text("MW", "Malawi", "en")


def test_standard_text_fits_the_fields() -> None:
    text = standard_text("GB", "United Kingdom", "en")
    assert set(text) == {"title", "welcome", "about", "suspended_message", "closed_message"}
    assert all(text.values())
    assert len(text["title"]) <= 120

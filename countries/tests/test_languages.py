from datetime import date
from typing import Any

import pytest

from countries import languages
from countries.languages import (
    countries_without_name,
    country_names,
    has_known_digits,
    in_digits,
    language_name,
    long_date,
    text_direction,
    words_language,
)


@pytest.mark.parametrize(
    ("tag", "name", "written"),
    [
        ("en", "English", "ltr"),
        ("es", "Español", "ltr"),
        ("ur", "اردو", "rtl"),
        ("ps", "پښتو", "rtl"),
        ("pt-br", "Português (Brasil)", "ltr"),
        # The script decides, not the language.
        ("pa-arab", "پنجابی (عربی)", "rtl"),
        ("qq", "qq", "ltr"),
    ],
)
def test_language_has_its_own_name_and_direction(tag: str, name: str, written: str) -> None:
    assert (language_name(tag), text_direction(tag)) == (name, written)


def test_direction_of_urdu_in_latin_letters_is_left_to_right() -> None:
    assert text_direction("ur-latn") == "ltr"


@pytest.mark.parametrize(("tag", "words"), [("ur", "ur"), ("es-gt", "es"), ("so", "en"), ("", "en"), ("../x", "en")])
def test_words_language_is_english_where_there_is_no_catalogue(tag: str, words: str, settings: Any) -> None:
    settings.LANGUAGES = [("en", "English"), ("es", "Spanish"), ("ur", "Urdu")]
    assert words_language(tag) == words


def test_long_date_is_written_in_the_language(settings: Any) -> None:
    settings.LANGUAGES = [("en", "English"), ("es", "Spanish")]
    assert long_date(date(2018, 4, 13), "es") == "13 de abril de 2018"
    assert long_date(date(2018, 4, 13), "so") == "13 April 2018"


def test_counts_and_dates_have_the_usual_digits_of_the_language(settings: Any) -> None:
    settings.LANGUAGES = [("en", "English"), ("ar", "Arabic"), ("hi", "Hindi"), ("bn", "Bengali"), ("fa", "Persian")]
    assert in_digits("13 of 20", "ar") == "13 of 20"
    assert in_digits("13 of 20", "ar-eg") == "١٣ of ٢٠"
    assert in_digits("13 of 20", "hi") == "13 of 20"
    assert in_digits("13 of 20", "fa") == "۱۳ of ۲۰"
    assert long_date(date(2018, 4, 13), "bn") == "১৩ এপ্রিল, ২০১৮"


def test_digits_of_every_language_can_be_written_or_are_said_to_be_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(map(has_known_digits, ["en", "ar-eg", "hi", "bn", "my", "qq"]))
    monkeypatch.delitem(languages.ZEROS, "mymr")
    assert not has_known_digits("my")


def test_countries_that_a_language_does_not_name_are_found() -> None:
    assert countries_without_name("en") == []
    assert len(countries_without_name("es")) < 5
    assert len(countries_without_name("qq")) == len(country_names("en"))


def test_english_words_keep_their_digits_on_a_page_in_another_language(settings: Any) -> None:
    settings.LANGUAGES = [("en", "English")]
    assert in_digits("13 of 20", "bn") == "13 of 20"
    assert long_date(date(2018, 4, 13), "bn") == "13 April 2018"

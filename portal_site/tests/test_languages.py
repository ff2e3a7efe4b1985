"""A catalogue alone adds a language."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.conf.locale import LANG_INFO
from django.utils import translation
from django.utils.formats import localize

from portal_site.languages import find_languages
from portal_site.messages import compile_catalogue

CATALOGUE = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Send the report"
msgstr "Tumizani lipoti"
"""


@pytest.fixture(autouse=True)
def table() -> Iterator[None]:
    """Restore Django's table after the test."""
    before = dict(LANG_INFO)
    yield
    LANG_INFO.clear()
    LANG_INFO.update(before)


def folder(locale: Path, name: str) -> Path:
    path = locale / name / "LC_MESSAGES"
    path.mkdir(parents=True)
    return path


def test_languages_are_the_folders(tmp_path: Path) -> None:
    for name in ("sw", "fr", "pt_BR"):
        folder(tmp_path, name)
    (tmp_path / "notes").mkdir()
    folder(tmp_path, ".hidden")
    assert find_languages(tmp_path) == [
        ("en", "English"),
        ("fr", "French"),
        ("pt-br", "Brazilian Portuguese"),
        ("sw", "Swahili"),
    ]


def test_languages_of_the_installation_all_have_a_catalogue() -> None:
    tags = [tag for tag, _name in settings.LANGUAGES]
    assert tags[0] == "en"
    assert all((settings.LOCALE_PATHS[0] / tag / "LC_MESSAGES" / "django.po").exists() for tag in tags[1:])


@pytest.mark.parametrize(
    ("tag", "name", "right_to_left"),
    [("so", "Somali", False), ("ps", "Pashto", True), ("rw", "Kinyarwanda", False), ("qaa", "qaa", False)],
)
def test_language_that_django_does_not_know_is_added_to_its_table(
    tmp_path: Path, tag: str, name: str, right_to_left: bool
) -> None:
    LANG_INFO.pop(tag, None)
    folder(tmp_path, tag)
    assert find_languages(tmp_path) == [("en", "English"), (tag, name)]
    info = translation.get_language_info(tag)
    assert (info["name"], info["bidi"], info["code"]) == (name, right_to_left, tag)


def test_words_of_a_language_that_django_does_not_know_are_shown(tmp_path: Path, settings: Any) -> None:
    po = folder(tmp_path, "ny") / "django.po"
    po.write_text(CATALOGUE)
    compile_catalogue(po)
    settings.LOCALE_PATHS = [tmp_path]
    settings.LANGUAGES = find_languages(tmp_path)
    with translation.override("ny"):
        assert translation.gettext("Send the report") == "Tumizani lipoti"
        assert translation.gettext("Not in the catalogue") == "Not in the catalogue"
        assert not translation.get_language_bidi()


def test_english_dates_are_written_alike_on_stock_and_own_pages() -> None:
    moment = datetime(2026, 11, 29, 14, 5, tzinfo=UTC)
    with translation.override("en"):
        assert (localize(moment), localize(moment.date())) == ("29 Nov 2026, 14:05", "29 Nov 2026")

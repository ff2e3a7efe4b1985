"""Faults that `portal_languages` reports, and when it fails."""

from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from countries.models import LanguageReview, Portal, PortalText
from countries.staff.translation.standard_words import Word, words_digest
from countries.staff.translation.word_faults import find_faults, find_untranslated, find_word_faults

ARABIC = (
    "nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 && n%100<=99 ? 4 : 5;"
)
CATALOGUE = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Last-Translator: machine-made, needs review by a speaker\\n"
"Plural-Forms: {plural}\\n"

#: templates/reports/report.html
msgid "Hello %(name)s"
msgstr "{hello}"

#: templates/reports/report.html
msgid "%(count)d report"
msgid_plural "%(count)d reports"
{forms}
"""


@pytest.fixture
def locale(tmp_path: Path, settings: Any) -> Path:
    settings.LOCALE_PATHS = [tmp_path]
    settings.LANGUAGES = [("en", "English"), ("ar", "Arabic")]
    return tmp_path


def write(locale: Path, *, plural: str = ARABIC, forms: int = 6, hello: str = "مرحبا %(name)s") -> None:
    po = locale / "ar" / "LC_MESSAGES" / "django.po"
    po.parent.mkdir(parents=True, exist_ok=True)
    lines = "\n".join(f'msgstr[{number}] "%(count)d بلاغ"' for number in range(forms))
    po.write_text(CATALOGUE.format(plural=plural, hello=hello, forms=lines))


def languages(*options: str) -> str:
    output = StringIO()
    call_command("portal_languages", *options, stdout=output)
    return output.getvalue()


def test_words_in_order_have_no_fault(locale: Path) -> None:
    write(locale)
    assert find_faults("ar") == []
    assert find_faults("ar-eg") == []
    assert find_untranslated("ar") == []


def test_plural_rule_with_too_few_forms_is_a_fault(locale: Path) -> None:
    write(locale, plural="nplurals=2; plural=(n != 1);", forms=2)
    assert find_faults("ar") == ["Plural-Forms: CLDR distinguishes 6 forms: few, many, one, other, two, zero."]


def test_counted_text_with_too_few_forms_is_not_translated(locale: Path) -> None:
    write(locale, forms=3)
    assert find_untranslated("ar") == ["%(count)d report"]


def test_lost_placeholder_is_a_fault(locale: Path) -> None:
    write(locale, hello="مرحبا")
    assert find_faults("ar") == ["'Hello %(name)s': The placeholder %(name)s is missing."]


def test_faults_are_those_of_a_translation_that_is_typed_in(locale: Path) -> None:
    write(locale)
    assert find_word_faults(Word("", ("Read <em>this</em>",), ("اقرأ <em>هذا</em>",)), "ar") == []
    assert find_word_faults(Word("", ("Read <em>this</em>",), ("اقرأ هذا",)), "ar") == [
        "'Read <em>this</em>': </em> <em> of the English text is missing."
    ]
    assert find_word_faults(Word("", ("Not translated",), ()), "ar") == []


@pytest.mark.django_db
def test_languages_command_lists_portals_and_review_status(locale: Path) -> None:
    write(locale)
    portal = Portal.objects.create(slug="km", name="Comoros")
    for tag in ("ar", "ny"):
        PortalText.objects.create(portal=portal, language=tag, title="t", welcome="w", about="a")
    portal.contacts.create(kind="police", name="Police", name_language="fr").texts.create(language="ny", name="Apolisi")
    lines = languages("--check").splitlines()
    assert [line for line in lines if not line.startswith("    ")] == [
        "en: English, ltr, digits 0123456789, 2 of 2 translated, 0 fuzzy, 0 faults, the source",
        "ar: العربية, rtl, digits 0123456789, 2 of 2 translated, 0 fuzzy, 0 faults, machine-made, not reviewed",
        "km: ar, ny (standard words in English)",
    ]
    assert lines[-1] == "    ar: names of contacts and partners that are missing: 1"
    lacking = [line.split(":")[1] for line in lines if line.startswith("    lacks")]
    assert lacking == [" notice texts", " names of contacts and partners"]

    LanguageReview.objects.create(
        language="ar", digest=words_digest("ar"), reviewed_by="Salma", reviewed_on=date(2026, 11, 24)
    )
    assert "machine-made, reviewed by Salma on 2026-11-24\n" in languages()
    write(locale, hello="أهلا %(name)s")
    assert "reviewed by Salma on 2026-11-24, and changed since\n" in languages()


@pytest.mark.django_db
def test_check_fails_for_a_language_that_is_not_complete(locale: Path) -> None:
    write(locale, hello="")
    assert "1 of 2 translated" in languages()
    with pytest.raises(CommandError, match="Not complete: ar"):
        languages("--check", "--missing")


@pytest.mark.django_db
def test_check_fails_for_a_fault(locale: Path) -> None:
    write(locale, hello="مرحبا")
    with pytest.raises(CommandError, match="Not complete: ar"):
        languages("--check")

"""The catalogues hold the public texts and no other, each translated into every language."""

from functools import cache
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract
from django.core.management import call_command
from django.utils.translation.template import templatize

from countries.staff.translation.standard_words import count_translated, public_words
from countries.staff.translation.word_faults import find_faults, find_untranslated
from countries.words.sources import SOURCE, is_public_place, language_tags, read_catalogue
from portal_site.management.commands import makemessages

ROOT = Path(__file__).resolve().parents[2]

# The languages the product promises; others may have a catalogue too.
PROMISED = {"en", "es", "fr", "pt", "ar", "ur", "sw", "hi"}
TRANSLATED = [language for language in language_tags() if language != SOURCE]
CONTEXT_FIRST = ((1, "c"), 2)
# The calls that mark a text, as Babel describes which of their arguments is what.
CALLS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop")),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), CONTEXT_FIRST),
    "npgettext": (*CONTEXT_FIRST, 3),
}

type Key = tuple[str | None, str | tuple[str, ...]]


@cache
def texts_in_sources() -> frozenset[Key]:
    """Context and text of each marked text in public modules and templates, read without gettext's programs."""
    texts: set[Key] = set()
    for path in [*ROOT.glob("*/**/*.py"), *(ROOT / "templates").rglob("*.*")]:
        name = path.relative_to(ROOT).as_posix()
        if is_public_place(name) and "tests" not in path.parts:
            source = path.read_text(encoding="utf-8")
            if path.suffix != ".py":
                source = "\n".join(line.strip() for line in templatize(source).splitlines())
            for _line, text, _comments, context in extract("python", BytesIO(source.encode()), CALLS):
                texts.add((context, text))
    return frozenset(texts)


def texts_of_catalogue(language: str) -> list[Key]:
    messages = (message for message in read_catalogue(language) if message.id)
    return [(each.context, each.id if isinstance(each.id, str) else tuple(each.id)) for each in messages]


@pytest.mark.parametrize("language", TRANSLATED)
def test_catalogue_holds_every_public_text_and_no_text_of_staff(language: str) -> None:
    """Else run `make messages`. Labels of models are in it only where public pages show them."""
    labels = {(None, label) for label in ("Africa", "Police", "Helps stop pictures of you spreading.")}
    others = set(texts_of_catalogue(language)) - texts_in_sources()
    assert texts_in_sources() <= set(texts_of_catalogue(language))
    assert labels <= others
    assert [text for context, text in others if context or not makemessages.is_public(Message(text))] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_catalogue_names_public_places_only_where_there_are_any(language: str) -> None:
    """A staff page with the same text changes no catalogue. No entry is left over in comments either."""
    catalogue = read_catalogue(language)
    mixed = [message.id for message in catalogue if len({is_public_place(place) for place, _ in message.locations}) > 1]
    assert mixed == []
    assert list(catalogue.obsolete) == []


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

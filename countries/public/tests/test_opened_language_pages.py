"""Public pages in languages that no release ships."""

import pytest
from django.test import Client

from countries.models import ApprovedText, Language, Portal, PortalText
from countries.public import published
from countries.words.sources import read_source_texts

pytestmark = [pytest.mark.django_db, pytest.mark.urls("portal_site.urls_public")]

USUAL = "nplurals=2; plural=(n != 1);"
# Tag, name, direction, digits, and the words of the button.
TRIED = [
    ("kri", "Krio", "ltr", "latn", "Ripot"),
    ("ne", "नेपाली", "ltr", "deva", "उजुरी गर्नुहोस्"),
    ("si", "සිංහල", "ltr", "latn", "වාර්තා කරන්න"),
    ("am", "አማርኛ", "ltr", "latn", "ሪፖርት ያድርጉ"),
    ("ny", "Chichewa", "ltr", "latn", "Nenani"),
    ("ps", "پښتو", "rtl", "arabext", "راپور ورکړئ"),
]
BUTTON = "Make a report"


def open_language(tag: str, name: str, direction: str, digits: str, *, shows_words: bool = True) -> None:
    Language.objects.create(
        tag=tag,
        name=name,
        english_name=tag,
        direction=direction,
        digits=digits,
        plural_rule=USUAL,
        is_open=True,
        shows_words=shows_words,
    )


def add_text(portal: Portal, tag: str) -> None:
    PortalText.objects.create(portal=portal, language=tag, title=f"title {tag}", welcome="w", about="a")


def approve(tag: str, english: str, translation: str) -> None:
    text = next(text for text in read_source_texts() if text.singular == english)
    ApprovedText.objects.create(
        language=tag, digest=text.digest, singular=text.singular, context=text.context, forms=[translation]
    )


def page_of(address: str) -> str:
    response = Client().get(address)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize(("tag", "name", "direction", "digits", "words"), TRIED, ids=[row[0] for row in TRIED])
def test_portal_shows_approved_words_and_the_others_in_english(
    belize: Portal, tag: str, name: str, direction: str, digits: str, words: str
) -> None:
    open_language(tag, name, direction, digits)
    add_text(belize, tag)
    english = _a_text_of_the_home_page(belize)
    approve(tag, english, words)
    published.clear_cache()
    page = page_of(f"/bz/{tag}/")
    assert f'<html lang="{tag}" dir="{direction}"' in page.replace("\n", " ").replace("  ", " ")
    assert words in page
    assert english not in page
    # Untranslated text is marked.
    assert '<span lang="en" dir="ltr">' in page
    assert "\ue002" not in page
    assert name in page_of("/bz/en/")
    # The pages without a portal are there too, and only where there is a word to show.
    page_of(f"/network/{tag}/")


def test_words_that_are_not_shown_are_english_and_marked(belize: Portal) -> None:
    open_language("kri", "Krio", "ltr", "latn", shows_words=False)
    add_text(belize, "kri")
    published.clear_cache()
    page = page_of("/bz/kri/")
    assert 'lang="kri"' in page
    assert 'lang="en"' in page
    assert Client().get("/network/kri/").headers["Location"] == "/network/en/"


def test_language_that_is_not_open_is_unknown(belize: Portal) -> None:
    open_language("kri", "Krio", "ltr", "latn")
    Language.objects.update(is_open=False, shows_words=False)
    published.clear_cache()
    assert Client().get("/network/kri/").headers["Location"] == "/network/en/"


def _a_text_of_the_home_page(portal: Portal) -> str:
    """A text without placeholders that the page in English shows."""
    page = page_of("/bz/en/")
    candidates = [
        text.singular
        for text in read_source_texts()
        if "templates/countries/public/home.html" in text.places and not text.placeholders and not text.plural
    ]
    return next(text for text in candidates if text in page)

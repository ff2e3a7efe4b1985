"""Masked words: where they are found, and the text that remains."""

from time import perf_counter

import pytest

from analysts.incidents.display import visible_text
from analysts.incidents.display.visible_text import TextPart, TextPartKind
from analysts.welfare.masked_words import BLANK, Blanks


def shown(text: str, *terms: str) -> str:
    """The text as shown on a page: defanged, with these words masked."""
    blanked = Blanks(list(terms)).legible(visible_text.make_legible(text))
    return "".join(part.display for part in (*blanked.opening, *blanked.rest)).replace(BLANK, "▮")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a word here", "a ▮ here"),
        ("Word, WORDS and wordy", "▮, ▮ and ▮"),
        # Only at the beginning: inside a longer word it is a different word.
        ("sword and password", "sword and password"),
        ("2word _word word_2", "2▮ _▮ ▮"),
        ("wörd wo\u0308rd ＷＯＲＤ", "▮ ▮ ▮"),
        ("two placeholders", "▮"),
        ("Two\n placeholders", "▮"),
        ("two other placeholders", "two other placeholders"),
        # Words run together in paths.
        ("https://host.example/mypasswords/2.html", "hxxps://host[.]example/mypass▮/2[.]html"),
        ("host.example/a/sword?q=word", "host[.]example/a/s▮?q=▮"),
        ("https://password.example/", "hxxps://password[.]example/"),
        ("https://word.example/", "hxxps://▮[.]example/"),
        ("пример ПРИМЕРЫ", "▮ ▮"),
        ("مِثال", "▮"),
        ("これは例文です", "これは▮です"),
        ("", ""),
    ],
)
def test_masked_words_are_blanked(text: str, expected: str) -> None:
    assert shown(text, "word", "Two placeholders", "пример", "مثال", "例文") == expected


def test_term_is_found_however_it_was_entered() -> None:
    assert shown("words", " WÖRD ") == "▮"
    # Terms that are empty in their comparable form mask nothing.
    assert shown("words", "\u0301", " ") == "words"


def test_nothing_masked_leaves_parts_as_they_are() -> None:
    text = visible_text.make_legible("a word")
    blanks = Blanks([])
    assert blanks.legible(text) == text
    assert not blanks.has_masked
    blanks = Blanks(["word"])
    blanks.legible(visible_text.make_legible("nothing"))
    assert not blanks.has_masked
    blanks.legible(text)
    assert blanks.has_masked


def test_what_cannot_be_seen_hides_no_word() -> None:
    assert shown("wo\u200brd", "word") == "▮"
    assert shown("w\u202eord", "word") == "▮"
    assert shown("a\u200b word", "word") == "a⟦U+200B⟧ ▮"


def test_masked_word_is_left_out_of_the_page() -> None:
    [before, blank, behind] = Blanks(["word"]).parts([TextPart("a word here", "a word here")])
    assert (before.display, blank.display, behind.display) == ("a ", BLANK, " here")
    assert blank.kind == TextPartKind.BLANK


def test_other_spelling_of_a_host_is_looked_through_as_well() -> None:
    assert "bücher" in shown("https://xn--bcher-kva.example/")
    assert "bücher" not in shown("https://xn--bcher-kva.example/", "bücher")


def test_long_text_and_many_words_take_no_long_time() -> None:
    terms = [f"placeholder{number}" for number in range(500)]
    for text in ("x" * 100_000, "/x[.]" * 20_000, "placeholder1 " * 8_000, "é " * 50_000):
        began = perf_counter()
        shown(text, *terms)
        assert perf_counter() - began < 5

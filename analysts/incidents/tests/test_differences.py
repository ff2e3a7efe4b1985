"""The marks in an address that is compared with another one."""

import pytest

from analysts.incidents.display.differences import mark_difference
from analysts.incidents.display.visible_text import TextPart, TextPartKind, text_parts


def marked(address: str, other: str) -> str:
    """The address with [[ ]] around what is marked."""
    parts = mark_difference(text_parts(address), other)
    return "".join(f"[[{each.part.display}]]" if each.differs else each.part.display for each in parts)


@pytest.mark.parametrize(
    ("address", "other", "seen"),
    [
        ("hxxp://a[.]example/b/1", "hxxp://a[.]example/b/1", "hxxp://a[.]example/b/1"),
        ("hxxp://a[.]example/b/17", "hxxp://a[.]example/b/18", "hxxp://a[.]example/b/[[17]]"),
        ("hxxps://a[.]example/b", "hxxp://a[.]example/b", "hxxps://a[.]example/b"),
        ("hxxp://a[.]example/x/c?id=1", "hxxp://a[.]example/y/c?id=1", "hxxp://a[.]example/[[x]]/c?id=1"),
        ("hxxp://b[.]example/x", "hxxp://a[.]example/x", "hxxp://[[b]][.]example/x"),
        # The other has more, or less, in one place.
        ("hxxp://a[.]example/", "hxxp://a[.]example/b", "hxxp://a[.]example/"),
        ("hxxp://a[.]example/b/b", "hxxp://a[.]example/b", "hxxp://a[.]example/b[[/b]]"),
        ("hxxp://a[.]example/", "", "hxxp://[[a[.]example/]]"),
    ],
)
def test_what_differs_is_marked(address: str, other: str, seen: str) -> None:
    assert marked(address, other) == seen


def test_masked_words_and_marks_stay_whole() -> None:
    blank = TextPart("word", "•••", TextPartKind.BLANK)
    parts = mark_difference([TextPart("a/", "a/"), blank, TextPart("/1", "/1")], "a/wort/1")
    assert [(each.part.display, each.differs) for each in parts] == [("a/", False), ("•••", True), ("/1", False)]

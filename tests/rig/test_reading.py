"""Public English texts are plain: each file at or below grade 8, and no overlong sentence."""

import pytest

from countries.words.sources import SOURCE, is_public_place, language_tags, read_catalogue
from tests.rig.reading import count_syllables, find_words, plain_text, reading_grade, split_sentences

HARDEST = 6.0
LONGEST = 25
# Fewer words say nothing about a page: labels and buttons.
TOO_FEW = 30


def pages() -> dict[str, list[str]]:
    """The public source texts by file, each once; of a counted text the plural form."""
    found: dict[str, set[str]] = {}
    for language in language_tags():
        if language == SOURCE:
            continue
        for message in read_catalogue(language):
            for place, _line in message.locations:
                if message.id and is_public_place(place):
                    text = message.id if isinstance(message.id, str) else message.id[-1]
                    found.setdefault(place, set()).add(text)
    return {place: sorted(texts) for place, texts in sorted(found.items())}


@pytest.mark.parametrize(
    ("word", "count"),
    [
        *((word, 1) for word in ("the", "stored", "send", "page", "asked", "scams", "sealed", "name", "change")),
        *((word, 2) for word in ("taken", "report", "people", "police", "children", "posted", "pages", "without")),
        *((word, 3) for word in ("analyst", "internet", "sexual", "illegal", "video")),
        *((word, 4) for word in ("material", "emergency", "information")),
        *((word, 5) for word in ("university", "international")),
    ],
)
def test_syllables_are_counted_about_right(word: str, count: int) -> None:
    assert count_syllables(word) == count


@pytest.mark.parametrize(
    ("text", "lowest", "highest"),
    [
        # A first reader, a speech of 1863, and a sentence of a statute.
        ("The cat sat on the mat. The dog ran to the cat.", -3.0, 1.0),
        (
            "Four score and seven years ago our fathers brought forth on this continent, a new nation, conceived in "
            "Liberty, and dedicated to the proposition that all men are created equal.",
            12.0,
            17.0,
        ),
        (
            "Notwithstanding any provision to the contrary, the competent authority may, upon application, determine "
            "the admissibility of communications transmitted electronically by intermediaries.",
            20.0,
            35.0,
        ),
    ],
)
def test_reading_grade_separates_plain_texts_from_hard_ones(text: str, lowest: float, highest: float) -> None:
    assert lowest < reading_grade([text]) < highest


def test_public_english_is_plain() -> None:
    found = pages()
    assert len(found) > 20
    hard = {
        place: (round(reading_grade(texts), 1), sorted(texts, key=lambda text: reading_grade([text]), reverse=True)[:3])
        for place, texts in found.items()
        if sum(len(find_words(plain_text(text))) for text in texts) >= TOO_FEW and reading_grade(texts) > HARDEST
    }
    assert hard == {}


def test_public_sentences_are_short() -> None:
    long = {
        sentence: len(find_words(sentence))
        for texts in pages().values()
        for text in texts
        for sentence in split_sentences(text)
        if len(find_words(sentence)) > LONGEST
    }
    assert long == {}

"""`manage.py public_sentences`: every public sentence once."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from countries.management.commands.public_sentences import public_sentences, split_text


def listed(*options: str) -> str:
    output = StringIO()
    call_command("public_sentences", *options, stdout=output)
    return output.getvalue()


def test_english_is_listed_by_sentence_each_once() -> None:
    texts = [each.text for each in public_sentences("en")]
    assert len(texts) == len(set(texts)) > 300
    assert "Send the report" in texts
    # Two sentences of one paragraph.
    assert [text for text in texts if ". " in text] == []
    # Sentences of the staff's screens.
    assert "Dashboard" not in texts


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two? Three!", ["One.", "Two?", "Three!"]),
        ("ایک۔ دو؟ تین", ["ایک۔", "دو؟", "تین"]),
        ("एक। दो", ["एक।", "दो"]),
        ("Call 1.5 times", ["Call 1.5 times"]),
    ],
)
def test_texts_are_split_after_the_marks_of_each_script(text: str, sentences: list[str]) -> None:
    assert split_text(text) == sentences


def test_translations_are_listed_with_their_source_below() -> None:
    lines = listed("--language", "ur").splitlines()
    at = next(number for number, line in enumerate(lines) if line.endswith("  رازداری"))
    assert lines[at + 1] == "       Privacy"


def test_list_ends_with_how_long_it_takes() -> None:
    assert "minutes to read aloud." in listed().splitlines()[-1]
    with pytest.raises(CommandError):
        listed("--language", "xx")

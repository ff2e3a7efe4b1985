"""Plain questions: each can be answered from its own text, in any language, on any keyboard."""

import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.utils import translation

from reports.questions import NUMBERS, QUESTIONS, ChallengeQuestion, build_question, normalise_answer

LANGUAGES = [language for language, _ in settings.LANGUAGES]


def test_there_are_many_different_questions() -> None:
    assert len({build_question(number).text for number in range(1, QUESTIONS + 1)}) > 100


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_has_words_and_an_answer(language: str) -> None:
    with translation.override(language):
        for number in range(QUESTIONS + 1):
            asked = build_question(number)
            assert "%(" not in asked.text
            assert asked.answers
            assert all(asked.answers)
            assert not asked.answered_by("")


def test_sum_is_answered_in_digits_and_in_words() -> None:
    words = [str(number) for number in NUMBERS]
    for number in range(0, 100, 4):
        asked = build_question(number)
        first, second = re.findall(r"\w+", asked.text.removeprefix("What is"))[::2]
        total = words.index(first) + words.index(second) + 2
        right = (str(total), f" {total}. ", words[total - 1], words[total - 1].upper(), f"“{words[total - 1]}”")
        assert [asked.answered_by(answer) for answer in right] == [True] * 5
        assert not asked.answered_by(str(total + 1))
        assert not asked.answered_by(asked.text)


def test_word_is_answered_by_the_one_that_is_asked_for() -> None:
    for number in range(1, 113, 4):
        asked = build_question(number)
        words = asked.text.partition(": ")[2].split(", ")
        place = next(
            at for at, name in enumerate(("first", "second", "third", "last")) if f"the {name} of" in asked.text
        )
        assert [asked.answered_by(word) for word in words] == [at == place for at in range(4)]


@pytest.mark.parametrize(("kind", "chosen"), [(2, max), (3, min)])
def test_number_is_answered_in_the_digits_of_any_script(kind: int, chosen: Callable[[list[int]], int]) -> None:
    for number in range(kind, 360, 4):
        asked = build_question(number)
        numbers = [int(digits) for digits in re.findall(r"\d+", asked.text)]
        right = str(chosen(numbers))
        urdu = right.translate({ord("0") + digit: 0x06F0 + digit for digit in range(10)})
        assert len(set(numbers)) == 3
        assert (asked.answered_by(right), asked.answered_by(urdu)) == (True, True)
        assert [asked.answered_by(str(other)) for other in numbers].count(True) == 1


@pytest.mark.parametrize(
    ("expected", "typed"),
    [
        ("پانی", "پاني"),
        ("کرسی", "كرسي"),
        ("گھر", "گهر"),
        ("چھ", "چہ"),
        ("árbol", "arbol"),
        ("árbol", "ÁRBOL"),
        ("pain", "pain "),
    ],
)
def test_letters_that_keyboards_mix_up_are_the_same(expected: str, typed: str) -> None:
    assert ChallengeQuestion("", frozenset({normalise_answer(expected)})).answered_by(typed)

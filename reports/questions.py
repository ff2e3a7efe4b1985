"""Plain questions that any person can answer in the portal's language, and a program only if written for them.

Words and small numbers, no picture, no sound, nothing to remember: a screen reader says everything there is to know.
They slow floods by programs that fill in forms; they do not stop one that was written for this page.
"""

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

# Questions are numbered from 1; beyond this they would repeat.
QUESTIONS = 3000

NUMBERS = (
    pgettext_lazy("number", "one"),
    pgettext_lazy("number", "two"),
    pgettext_lazy("number", "three"),
    pgettext_lazy("number", "four"),
    pgettext_lazy("number", "five"),
    pgettext_lazy("number", "six"),
    pgettext_lazy("number", "seven"),
    pgettext_lazy("number", "eight"),
    pgettext_lazy("number", "nine"),
    pgettext_lazy("number", "ten"),
)
# Everyday things without a second meaning.
WORDS = (
    gettext_lazy("house"),
    gettext_lazy("tree"),
    gettext_lazy("bread"),
    gettext_lazy("water"),
    gettext_lazy("table"),
    gettext_lazy("river"),
    gettext_lazy("chair"),
)
SHOWN_WORDS = 4
PLACES = (
    gettext_lazy("Please write the first of these words: %(words)s"),
    gettext_lazy("Please write the second of these words: %(words)s"),
    gettext_lazy("Please write the third of these words: %(words)s"),
    gettext_lazy("Please write the last of these words: %(words)s"),
)
# Characters of a reply that is looked at. The words of a question are shorter.
LONGEST_REPLY = 200
# Letters for which keyboards of neighbouring languages have another character.
SAME_LETTER = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ه": "ہ", "ة": "ہ", "ھ": "ہ"})


@dataclass(frozen=True, slots=True)
class ChallengeQuestion:
    """The words of a question and every answer that is right, as `normalise_answer` gives it."""

    text: str
    answers: frozenset[str]

    def answered_by(self, typed: str) -> bool:
        """Whether that is the right answer; capitals, accents, punctuation and the script of digits do not matter."""
        return len(typed) <= LONGEST_REPLY and normalise_answer(typed) in self.answers


def build_question(number: int) -> ChallengeQuestion:
    """The question with this number, any whole number from 0 on, in the active language."""
    kind, rest = number % 4, number // 4
    match kind:
        case 0:
            return _sum_question(rest % 5 + 1, rest // 5 % 5 + 1)
        case 1:
            return _word_question(rest % len(WORDS), rest // len(WORDS) % len(PLACES))
        case 2:
            return _number_question(_("Which of these numbers is the largest: %(numbers)s?"), rest, max)
        case _:
            return _number_question(_("Which of these numbers is the smallest: %(numbers)s?"), rest, min)


def _sum_question(first: int, second: int) -> ChallengeQuestion:
    text = _("What is %(first)s plus %(second)s?") % {
        "first": NUMBERS[first - 1],
        "second": NUMBERS[second - 1],
    }
    return _question_with_answers(text, str(first + second), str(NUMBERS[first + second - 1]))


def _word_question(start: int, place: int) -> ChallengeQuestion:
    words = [str(WORDS[(start + step) % len(WORDS)]) for step in range(SHOWN_WORDS)]
    return _question_with_answers(PLACES[place] % {"words": _join_parts(words)}, words[place])


def _number_question(text: str, rest: int, choose: Callable[[list[int]], int]) -> ChallengeQuestion:
    """About three different numbers of two digits, in any order."""
    least, turn = 10 + rest % 30, rest // 30 % 3
    numbers = [least, least + 14, least + 45]
    words = _join_parts(map(str, [*numbers[turn:], *numbers[:turn]]))
    return _question_with_answers(text % {"numbers": words}, str(choose(numbers)))


def _join_parts(parts: Iterable[str]) -> str:
    return pgettext("between the parts of a list", ", ").join(parts)


def _question_with_answers(text: str, *answers: str) -> ChallengeQuestion:
    return ChallengeQuestion(text, frozenset(map(normalise_answer, answers)))


def normalise_answer(typed: str) -> str:
    """Letters and digits alone, without accents, capitals and other scripts' digits."""
    decomposed = unicodedata.normalize("NFKD", typed.casefold())
    return "".join(
        str(unicodedata.decimal(character, character)) for character in decomposed if character.isalnum()
    ).translate(SAME_LETTER)

"""An answer to a letter, of the kinds that its recipient is offered."""

from random import Random

from reports.notices import Answerer, AnswerKind, RecipientAction, RecipientAnswer, RecipientDecision, goes_with

CASE_NUMBER = "File 12/26"


def choose_answer(
    random: Random, answerer: Answerer, numbers: list[int] | None = None, *, first: tuple[AnswerKind, ...] = ()
) -> RecipientAnswer:
    """`first`: kinds that come up more often. `numbers`: those of the letter, of which it may be about one."""
    offered = [kind for kind in (*first, *AnswerKind) if answerer in kind.row.answerers]
    kind = random.choice(offered)
    decided = [action for action in (None, *RecipientAction) if goes_with(kind, action)]
    some = (random.choice(numbers),) if numbers and len(numbers) > 1 and random.randrange(3) else ()
    decision, case_number = RecipientDecision(random.choice(decided)), CASE_NUMBER if kind.row.asks_number else ""
    return RecipientAnswer(kind, "", decision, some, case_number)

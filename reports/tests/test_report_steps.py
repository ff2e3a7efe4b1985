"""The steps of a report say no more than its published outcomes."""

from itertools import combinations

import pytest

from reports.outcomes import ClosedReason, PublicState
from reports.report_steps import StepMark, steps_of

DONE, PARTLY, TO_COME = StepMark.DONE, StepMark.PARTLY, StepMark.TO_COME
# How many of the four steps each state says are done.
REACHED = {
    PublicState.RECEIVED: 1,
    PublicState.AGAIN: 1,
    PublicState.BEING_ASSESSED: 2,
    PublicState.PASSED_ON: 3,
    PublicState.NOTICE_SENT: 3,
    PublicState.LISTED: 3,
    PublicState.GONE: 4,
}


def marks_of(*states: PublicState) -> list[StepMark]:
    return [step.mark for step in steps_of([(state.value, "", 1) for state in states])]


@pytest.mark.parametrize(("state", "done"), REACHED.items())
def test_steps_follow_from_the_state(state: PublicState, done: int) -> None:
    assert marks_of(state) == [DONE] * done + [TO_COME] * (4 - done)


def test_every_state_has_its_steps() -> None:
    assert {*REACHED, PublicState.CLOSED} == set(PublicState)
    assert [step.mark for step in steps_of([])] == marks_of(PublicState.RECEIVED)


def test_step_of_some_addresses_is_done_in_part() -> None:
    for one, other in combinations(REACHED, 2):
        low, high = sorted((REACHED[one], REACHED[other]))
        assert marks_of(one, other) == [DONE] * low + [PARTLY] * (high - low) + [TO_COME] * (4 - high)


def test_closed_report_says_nothing_of_a_look_or_a_takedown() -> None:
    for reason in ClosedReason:
        steps = steps_of([(PublicState.CLOSED.value, reason.value, 3)])
        assert [str(step.text) for step in steps] == [
            "The hotline gets your report.",
            "The hotline has finished its work.",
        ]


def test_closed_addresses_do_not_count_among_others() -> None:
    assert marks_of(PublicState.CLOSED, PublicState.NOTICE_SENT) == marks_of(PublicState.NOTICE_SENT)

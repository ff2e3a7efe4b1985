"""How the proof `enumeration` judges times: by their standard error, and a surprise by all looks together."""

import random

import pytest

from tests.proofs.enumeration import (
    LOOK_AGAIN,
    RECEIPT_LEFT,
    Times,
    pool_looks,
    probability_greater,
    standard_error,
    time_figures,
)


def times_with(*, slower: float, number: int = 800, seed: int = 7) -> Times:
    """Answers of which the known take so many standard deviations longer."""
    chance = random.Random(seed)
    known, unknown = ([chance.gauss(shift, 1) for _ in range(number)] for shift in (slower, 0))
    return Times(known, unknown, set(), set())


def test_standard_error_is_that_of_equal_times() -> None:
    assert standard_error(times_with(slower=0)) == pytest.approx(0.0144, abs=0.0001)


def test_difference_that_an_earlier_bound_of_five_hundredths_let_pass_fails() -> None:
    """0.541 of 800 and 800 answers, as it was once measured, is 2.8 standard errors."""
    first = times_with(slower=0.15)
    looks: list[int] = []

    def look(times: int) -> Times:
        looks.append(times)
        return times_with(slower=0.15, number=800 * times, seed=8)

    figures = list(time_figures("receipt", first, look))

    assert [figure.holds for figure in figures] == [None, False]
    assert looks == [LOOK_AGAIN]
    assert "standard error 0.014" in str(figures[0].value)


def test_two_looks_that_agree_on_a_small_difference_fail_together() -> None:
    """0.545 and 0.521, as they were once published: 3.2 and 2.1 standard errors, and together 3.6."""
    first, second = times_with(slower=0.16, seed=29), times_with(slower=0.075, number=1600, seed=22)
    values = [round(probability_greater(look.known, look.unknown), 3) for look in (first, second)]
    assert values == [0.546, 0.521]
    value, error = pool_looks([first, second])
    assert (round(value, 2), round(error, 3)) == (0.53, 0.008)

    assert [figure.holds for figure in time_figures("name", first, lambda _times: second)] == [None, False]


def test_stated_difference_is_allowed_and_no_larger_one() -> None:
    def figures_of(slower: float) -> list[bool | None]:
        looks = times_with(slower=slower), times_with(slower=slower, number=1600, seed=8)
        return [figure.holds for figure in time_figures("receipt", looks[0], lambda _: looks[1], left=RECEIPT_LEFT)]

    assert figures_of(0.1) == [True]
    assert figures_of(0.3) == [None, False]


def test_surprise_by_chance_is_settled_by_a_second_look() -> None:
    figures = list(time_figures("receipt", times_with(slower=0.15), lambda times: times_with(slower=0, number=1600)))

    assert [figure.holds for figure in figures] == [None, True]


def test_equal_times_need_one_look() -> None:
    def look(times: int) -> Times:
        raise AssertionError

    assert [figure.holds for figure in time_figures("receipt", times_with(slower=0), look)] == [True]

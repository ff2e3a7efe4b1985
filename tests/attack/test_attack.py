"""The attack on published figures, in a short run; `python -m tests.attack` tries a thousand years."""

from random import Random

from analysts.figures.publication import NETWORK, FigureCell
from countries.statistics import PublicMeasure
from tests.attack.figures import QUARTERS, make_year, publish_year, run_attack
from tests.attack.sheets import is_of_provider


def test_attack_recovers_nothing_from_what_is_published() -> None:
    result = run_attack(years=8, seed=7)
    assert (result.recovered, result.hidden > 1_000, result.near_percent >= 90) == (0, True, True)


def test_attack_recovers_counts_if_only_small_ones_are_hidden() -> None:
    assert run_attack(years=2, seed=7, without_suppression=True).recovered > 0


def test_attacker_has_the_removals_of_every_provider_sheet() -> None:
    year = make_year(Random(7))
    _shown, known = publish_year(year)
    for quarter in QUARTERS:
        sheets = [each for cell, each in known.items() if is_of_provider(cell) and cell.period == quarter]
        removed = year.network[FigureCell(quarter, NETWORK, PublicMeasure.REMOVED)].number
        assert (removed > 0, sum(each.low for each in sheets), sum(each.high for each in sheets)) == (
            True,
            removed,
            removed,
        )

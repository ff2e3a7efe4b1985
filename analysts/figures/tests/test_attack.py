"""The attack on published figures, in a short run; `manage.py attack_figures` tries a thousand years."""

from analysts.figures.attack import run_attack


def test_attack_recovers_nothing_from_what_is_published() -> None:
    result = run_attack(years=8, seed=7)
    assert (result.recovered, result.hidden > 1_000, result.near_percent >= 90) == (0, True, True)


def test_attack_recovers_counts_if_only_small_ones_are_hidden() -> None:
    assert run_attack(years=2, seed=7, without_suppression=True).recovered > 0

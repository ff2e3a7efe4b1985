"""How many phrases of people in need are found, and how many harmless sentences are taken for one, by language.

`python -m tests.benchmarks.crisis_recall` measures the held-out phrases by theme, with Wilson's interval of 95 %. It
prints none of them: phrases are worth nothing once they have been read.
"""

from countries.words.tests.crisis_corpora import (
    HELD_OUT,
    Proportion,
    count_matches,
    list_languages,
    read_harmless,
    read_themes,
)
from reports.safety import in_crisis


def main() -> None:
    print(f"{'language':<10}{'theme':<14}{'found':>9}{'%':>7}  95 %")
    for language in list_languages(HELD_OUT, "crisis"):
        for theme, phrases in read_themes(HELD_OUT, language).items():
            _print_proportion(language, theme, count_matches(phrases, in_crisis))
    print(f"\n{'language':<10}{'':<14}{'alarms':>9}{'%':>7}  95 %")
    for language in list_languages(HELD_OUT, "harmless"):
        _print_proportion(language, "harmless", count_matches(read_harmless(HELD_OUT, language), in_crisis))


def _print_proportion(language: str, label: str, proportion: Proportion) -> None:
    low, high = proportion.wilson_interval()
    counts = f"{proportion.matches}/{proportion.total}"
    print(f"{language:<10}{label:<14}{counts:>9}{proportion.percentage:>7.1f}  {low:.0f} to {high:.0f}")


if __name__ == "__main__":
    main()

"""How many phrases of people in need are found, and how many ordinary reports are taken for one, by language.

`python -m tests.benchmarks.crisis_recall` measures the held-out phrases by theme with Wilson's interval of 95 %, with
`--development` those that the authors of the words read; a path measures a file without themes. `--phrases` also prints
the phrases of that file that were missed and the false alarms: never use it on held-out phrases, which are worth
nothing once they have been read.
"""

import argparse
from pathlib import Path

from countries.words.tests.crisis_corpora import (
    DEVELOPMENT,
    HELD_OUT,
    Proportion,
    count_matches,
    list_languages,
    read_harmless,
    read_themes,
)
from reports.safety import in_crisis
from reports.tests.crisis_phrases import WRITTEN_ALONG, measure_recall


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", nargs="?", type=Path)
    parser.add_argument("--development", action="store_true", help="measure the development set")
    parser.add_argument("--phrases", action="store_true", help=f"also print phrases; for {WRITTEN_ALONG.name} only")
    options = parser.parse_args()
    if options.path:
        print_file(options.path, with_phrases=options.phrases)
    else:
        print_themes(DEVELOPMENT if options.development else HELD_OUT)


def print_themes(corpus: Path) -> None:
    print(f"{'language':<10}{'theme':<14}{'found':>9}{'%':>7}  95 %")
    for language in list_languages(corpus, "crisis"):
        for theme, phrases in read_themes(corpus, language).items():
            _print_proportion(language, theme, count_matches(phrases, in_crisis))
    print(f"\n{'language':<10}{'':<14}{'alarms':>9}{'%':>7}  95 %")
    for language in list_languages(corpus, "harmless"):
        _print_proportion(language, "harmless", count_matches(read_harmless(corpus, language), in_crisis))


def _print_proportion(language: str, label: str, proportion: Proportion) -> None:
    low, high = proportion.wilson_interval()
    counts = f"{proportion.matches}/{proportion.total}"
    print(f"{language:<10}{label:<14}{counts:>9}{proportion.percentage:>7.1f}  {low:.0f} to {high:.0f}")


def print_file(path: Path, *, with_phrases: bool) -> None:
    print(f"{'language':<14}{'crisis':>8}{'found':>8}{'%':>8}{'ordinary':>10}{'false':>8}{'%':>8}")
    for language, recall in measure_recall(path).items():
        print(
            f"{language:<14}{recall.crisis:>8}{recall.crisis - len(recall.missed):>8}{recall.percentage_found:>8.1f}"
            f"{recall.ordinary:>10}{len(recall.false_alarms):>8}{recall.percentage_false:>8.1f}"
        )
        if with_phrases and language != "all":
            for phrase in recall.missed:
                print(f"    missed: {phrase}")
            for phrase in recall.false_alarms:
                print(f"    false alarm: {phrase}")


if __name__ == "__main__":
    main()

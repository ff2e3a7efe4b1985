"""How many phrases of people in need are found, and how many ordinary reports are taken for one, by language.

`python -m tests.benchmarks.crisis_recall` measures the held-out phrases, a path another file. `--phrases` also prints
the phrases that were missed and the false alarms: never use it on held-out phrases, which are worth nothing once they
have been read.
"""

import argparse
from pathlib import Path

from reports.tests.crisis_phrases import HELD_OUT, WRITTEN_ALONG, measure_recall


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", nargs="?", type=Path, default=HELD_OUT)
    parser.add_argument("--phrases", action="store_true", help=f"also print phrases; for {WRITTEN_ALONG.name} only")
    options = parser.parse_args()
    print(f"{'language':<14}{'crisis':>8}{'found':>8}{'%':>8}{'ordinary':>10}{'false':>8}{'%':>8}")
    for language, recall in measure_recall(options.path).items():
        print(
            f"{language:<14}{recall.crisis:>8}{recall.crisis - len(recall.missed):>8}{recall.percentage_found:>8.1f}"
            f"{recall.ordinary:>10}{len(recall.false_alarms):>8}{recall.percentage_false:>8.1f}"
        )
        if options.phrases and language != "all":
            for phrase in recall.missed:
                print(f"    missed: {phrase}")
            for phrase in recall.false_alarms:
                print(f"    false alarm: {phrase}")


if __name__ == "__main__":
    main()

"""The cost of pages of figures over millions of daily figures, and the closing of quarters and years.

    python -m tests.benchmarks.figures                    # 3,000,000 figures by day, some minutes
    python -m tests.benchmarks.figures --rows 200000      # a glance
    python -m tests.benchmarks.figures --folder DIR       # kept, and not filled again by the next run

An installation of its own on an embedded PostgreSQL, removed afterwards. The daily figures are written as if an earlier
system had counted them (`FigureProgress.counted_from`): a page and a closing read nothing else, however many incidents
are behind them. So verification is from the daily figures too; counting days again from rows takes longer.

For a page: the median of 30 requests, the processor's time with PostgreSQL's, and the queries of one request. Every
closing is measured once, in order. Ends with 1 where the processor's time is over the limit of a page or a closing.
"""

import tempfile
from argparse import ArgumentParser
from pathlib import Path

from tests.benchmarks.incidents.installation import running_installation


def main() -> None:
    parser = ArgumentParser(prog="python -m tests.benchmarks.figures", description=__doc__)
    parser.add_argument("--rows", type=int, default=3_000_000)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="portals-figures-") as passing,
        running_installation(options.folder or Path(passing)),
    ):
        from tests.benchmarks import figures_costs  # noqa: PLC0415 - imports models, which need the installation

        slow = figures_costs.measure_all(options.rows)
    if slow:
        print("over the limit: " + "; ".join(slow))
        raise SystemExit(1)


if __name__ == "__main__":
    main()

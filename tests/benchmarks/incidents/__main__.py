r"""Fill an installation with incidents and measure the waiting times of analysts, at each size.

    # two hours, of which filling takes one
    python -m tests.benchmarks.incidents \
        --results docs/figures/queue-performance.json --page docs/figures/queue-performance.md
    python -m tests.benchmarks.incidents --incidents 10000 --hold 10  # two minutes

Each size has an embedded PostgreSQL of its own with the shipped settings, in a folder that is removed afterwards;
below --folder it is kept, and the next run measures it without filling it again. 5 million incidents take 20 GB. Claims
are counted in the database. Results of sizes that were not run are kept.
"""

import json
import tempfile
from argparse import ArgumentParser, Namespace
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from tests.benchmarks.incidents import installation, table
from tests.benchmarks.incidents.results import SizeResult


def main() -> None:
    options = _parse_options()
    for incidents in options.incidents:
        with tempfile.TemporaryDirectory(prefix="portals-incidents-") as passing:
            folder = options.folder / str(incidents) if options.folder else Path(passing)
            # A process can read the settings of one installation only.
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
                measured = apart.submit(
                    installation.measure_installation, folder, incidents, options.waiting, options.hold
                ).result()
        _save_results(incidents, measured, options.results, options.page)


def _save_results(incidents: int, measured: SizeResult, results: Path | None, page: Path | None) -> None:
    kept = json.loads(results.read_text()) if results and results.exists() else {}
    kept[str(incidents)] = measured
    in_order = {size: kept[size] for size in sorted(kept, key=int)}
    print(table.as_markdown(in_order), flush=True)
    if results:
        results.write_text(json.dumps(in_order, indent=1, ensure_ascii=False) + "\n")
    if page:
        table.write_page(page, in_order)


def _parse_options() -> Namespace:
    parser = ArgumentParser(prog="python -m tests.benchmarks.incidents", description=__doc__)
    parser.add_argument("--incidents", type=int, nargs="+", default=[10_000, 1_000_000, 5_000_000])
    parser.add_argument("--waiting", type=float, default=0.4, help="the share that waits")
    parser.add_argument("--hold", type=int, default=600, help="seconds that a snapshot is held open beside claims")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--results", type=Path)
    parser.add_argument("--page", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()

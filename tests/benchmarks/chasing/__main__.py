r"""Fill an installation with open chases, run the scheduled job, and request the pages of staff.

    # ten minutes
    python -m tests.benchmarks.chasing \
        --results docs/figures/chase-performance.json --page docs/figures/chase-performance.md
    python -m tests.benchmarks.chasing --chases 2000 --recipients 50  # half a minute

An embedded PostgreSQL of its own with the shipped settings, in a folder that is removed afterwards. No mail is sent:
notices are collected, and marked as sent between two runs.
"""

import json
import tempfile
from argparse import ArgumentParser, Namespace
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from tests.benchmarks.chasing import installation, table


def main() -> None:
    options = _parse_options()
    with (
        tempfile.TemporaryDirectory(prefix="portals-chases-") as folder,
        # A process can read the settings of one installation only.
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart,
    ):
        asked = apart.submit(installation.measure_installation, Path(folder), options.chases, options.recipients)
        measured = asked.result()
    print(table.as_markdown(measured), flush=True)
    if options.results:
        options.results.write_text(json.dumps(measured, indent=1, ensure_ascii=False) + "\n")
    if options.page:
        table.write_page(options.page, measured)


def _parse_options() -> Namespace:
    parser = ArgumentParser(prog="python -m tests.benchmarks.chasing", description=__doc__)
    parser.add_argument("--chases", type=int, default=100_000)
    parser.add_argument("--recipients", type=int, default=2_000)
    parser.add_argument("--results", type=Path)
    parser.add_argument("--page", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()

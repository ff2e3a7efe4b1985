r"""Fill the URL list and measure the requests of members, at each length of the list.

    # minutes
    python -m tests.benchmarks.url_list \
        --results docs/figures/url-list-performance.json --page docs/figures/url-list-performance.md
    python -m tests.benchmarks.url_list --entries 2000  # a minute

Each length has an embedded PostgreSQL of its own with the shipped settings, in a folder that is removed afterwards.
Results of lengths that were not run are kept.
"""

import json
import tempfile
from argparse import ArgumentParser
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from tests.benchmarks.url_list import lengths, table


def main() -> None:
    parser = ArgumentParser(prog="python -m tests.benchmarks.url_list", description=__doc__)
    parser.add_argument("--entries", type=int, nargs="+", default=[20_000, 1_000_000])
    parser.add_argument("--results", type=Path)
    parser.add_argument("--page", type=Path)
    options = parser.parse_args()
    results: Path | None = options.results
    for entries in options.entries:
        with (
            tempfile.TemporaryDirectory(prefix="portals-url-list-") as folder,
            # A process can read the settings of one installation only.
            ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart,
        ):
            measured = apart.submit(lengths.measure_length, Path(folder), entries).result()
        kept = json.loads(results.read_text()) if results and results.exists() else {}
        kept[str(entries)] = measured
        in_order = {length: kept[length] for length in sorted(kept, key=int)}
        print(table.as_markdown(in_order), flush=True)
        if results:
            results.write_text(json.dumps(in_order, indent=1) + "\n")
        if options.page:
            table.write_page(options.page, in_order)


if __name__ == "__main__":
    main()

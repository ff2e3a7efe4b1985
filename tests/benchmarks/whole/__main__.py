r"""Everything at once, at years of incidents: reports, intake, analysts, notices, figures and an export.

    # three minutes, after an hour of filling
    python -m tests.benchmarks.whole \
        --results docs/figures/whole-load.json --page docs/figures/whole-load.md
    python -m tests.benchmarks.whole --incidents 10000 --seconds 20  # a glance

The shipped stack on one machine, with the client. The paces follow each other, each for so many seconds, and then
until nothing waits. Half of the reports are of one site, one in fifty says that a child is in danger. Below --folder
the installation is kept, and the next run does not fill it again.
"""

import json
import os
import tempfile
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path

from tests.benchmarks.circumstances import note_circumstances
from tests.benchmarks.whole.run import measure_whole
from tests.proofs.marked_page import figure_table, write_between_marks

FROM, TO = "<!-- figures: written by tests/benchmarks/whole -->", "<!-- end of figures -->"


def main() -> None:
    parser = ArgumentParser(prog="python -m tests.benchmarks.whole", description=__doc__)
    parser.add_argument("--incidents", type=int, default=1_000_000)
    parser.add_argument("--paces", type=int, nargs="+", default=[16, 60, 200], help="reports a second")
    parser.add_argument("--seconds", type=float, default=60, help="of each pace")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--results", type=Path)
    parser.add_argument("--page", type=Path)
    options = parser.parse_args()
    circumstances, figures = note_circumstances(), []
    with tempfile.TemporaryDirectory(prefix="portals-whole-", ignore_cleanup_errors=True) as passing:
        folder = options.folder / str(options.incidents) if options.folder else Path(passing)
        folder.mkdir(parents=True, exist_ok=True)
        for figure in measure_whole(folder, incidents=options.incidents, paces=options.paces, seconds=options.seconds):
            print(figure, flush=True)
            figures.append(figure)
    load = {"load_afterwards": round(os.getloadavg()[0], 1)}
    rest = {"incidents": options.incidents, "seconds": options.seconds}
    statement = {**circumstances, **load, **rest, "figures": [asdict(figure) for figure in figures]}
    if options.results:
        options.results.write_text(json.dumps(statement, indent=1) + "\n")
    if options.page:
        head = (
            f"Commit `{circumstances['commit']}`, {circumstances['at']}, {circumstances['machine']}, load"
            f" {circumstances['load_before']} before; {options.incidents:,} incidents, each pace for"
            f" {options.seconds:g} s."
        )
        goals = [figure for figure in figures if figure.goal]
        write_between_marks(options.page, FROM, TO, "\n".join([head, "", *figure_table(goals)]))


if __name__ == "__main__":
    main()

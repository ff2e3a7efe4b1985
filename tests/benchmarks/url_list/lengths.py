"""One length of the list, in an installation of its own: filled and measured."""

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

from tests.benchmarks.circumstances import note_circumstances
from tests.benchmarks.incidents.installation import running_installation
from tests.benchmarks.url_list.results import ListResult
from tests.benchmarks.url_list.sealing import Spread


def measure_length(folder: Path, entries: int) -> ListResult:
    circumstances = note_circumstances()
    with running_installation(folder):
        from tests.benchmarks.url_list import feeds, fill  # noqa: PLC0415 - import models, which need the installation

        began = perf_counter()
        with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as processes:
            filled = fill.fill_list(entries, spread_over(processes))
        seconds = round(perf_counter() - began, 1)
        return {**circumstances, **filled, "fill_seconds": seconds, **feeds.measure_feeds(filled)}


def spread_over(processes: ProcessPoolExecutor) -> Spread:
    return processes.map

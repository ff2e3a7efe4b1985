"""One length of the list, in an installation of its own: filled and measured."""

import os
import platform
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import Any

from tests.benchmarks.incidents.installation import running_installation
from tests.proofs.__main__ import current_commit


def measure_length(folder: Path, entries: int) -> dict[str, Any]:
    circumstances = {
        "at": f"{datetime.now(UTC):%Y-%m-%dT%H:%MZ}",
        "commit": current_commit(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores,"
        f" Python {platform.python_version()}",
        "load_before": round(os.getloadavg()[0], 1),
    }
    with running_installation(folder):
        from tests.benchmarks.url_list import feeds, fill  # noqa: PLC0415 - import models, which need the installation

        began = perf_counter()
        with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as processes:
            filled = fill.fill_list(entries, spread_over(processes))
        seconds = round(perf_counter() - began, 1)
        return {**circumstances, **filled, "fill_seconds": seconds, **feeds.measure_feeds(filled)}


def spread_over(processes: ProcessPoolExecutor) -> Callable[..., Any]:
    return processes.map

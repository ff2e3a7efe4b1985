"""The measured installation, and the circumstances of the measurement."""

import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.benchmarks.incidents.installation import running_installation
from tests.proofs.__main__ import current_commit


def measure_installation(folder: Path, chases: int, recipients: int) -> dict[str, Any]:
    """Measure in a process of its own, as a process can read the settings of one installation only."""
    circumstances = {
        "at": f"{datetime.now(UTC):%Y-%m-%dT%H:%MZ}",
        "commit": current_commit(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores,"
        f" Python {platform.python_version()}",
        "load_before": round(os.getloadavg()[0], 1),
    }
    with running_installation(folder):
        from tests.benchmarks.chasing import size  # noqa: PLC0415 - imports models, which need the installation

        return {**circumstances, **size.measure_size(chases, recipients, tell=lambda line: print(line, flush=True))}

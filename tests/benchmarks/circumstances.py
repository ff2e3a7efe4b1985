"""Circumstances on which a benchmark's figures depend besides the product."""

import os
import platform
from datetime import UTC, datetime
from typing import TypedDict

from tests.proofs.__main__ import current_commit


class Circumstances(TypedDict):
    """`load_before`: the machine's load average of the last minute, before the benchmark."""

    at: str
    commit: str
    machine: str
    load_before: float


def note_circumstances() -> Circumstances:
    return {
        "at": f"{datetime.now(UTC):%Y-%m-%dT%H:%MZ}",
        "commit": current_commit(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores,"
        f" Python {platform.python_version()}",
        "load_before": round(os.getloadavg()[0], 1),
    }

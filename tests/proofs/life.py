"""Never silent, never false: the model of `tests/life` for an hour, in as many processes as there are cores."""

import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.life.figures import read_figures
from tests.proofs.covered_code import INSTALLATION
from tests.proofs.result import Figure, at_least, equal_to, plain_figure

SHOWS = (
    "With any steps of people, jobs and clock, and any crash: no report is buried, no case forgotten, no receipt untrue"
)
PROMISES = (2,)
COVERS = (*INSTALLATION, "tests/life")
ROOT = Path(__file__).resolve().parents[2]
# A process ends after so many examples, so that its memory is bounded and figures are kept.
EXAMPLES = 25
# "All failures" of one batch, to replay it: printed by hypothesis.
BLOB = re.compile(r"reproduce_failure\('[^']+', (b'[^']+')\)")


def prove(folder: Path, *, full: bool) -> Iterator[Figure]:
    cores = os.cpu_count() or 1
    seed = random.SystemRandom().randrange(10**6)
    end = time.monotonic() + (3600 if full else 30)
    with ThreadPoolExecutor(cores) as pool:
        runs = [
            pool.submit(_run_batches, folder / f"figures-{core}", seed + core * 10**6, end) for core in range(cores)
        ]
        failures = [failure for run in runs for failure in run.result()]
    figures = [_read(folder / f"figures-{core}") for core in range(cores)]
    total = {name: sum(each[name] for each in figures) for name in figures[0]}
    yield plain_figure("seed of the first batch", seed)
    yield at_least("steps", total["steps"], 100_000 if full else 100)
    yield at_least("share of accepted acts", 1 - total["refused"] / max(1, total["steps"]), 0.7)
    yield plain_figure("processes that ended in the middle of their work", total["crashes"])
    yield plain_figure("examples", total["examples"])
    yield at_least("invariants checked", total["checked"], total["steps"])
    yield equal_to("failures", "; ".join(failures) or "none", "none")


def _run_batches(figures: Path, seed: int, end: float) -> list[str]:
    """One batch after the other, each with a seed of its own, until the time is over or one fails."""
    while time.monotonic() < end:
        environment = {
            **os.environ,
            "LIFE_EXAMPLES": str(EXAMPLES if end - time.monotonic() > 300 else 2),
            "LIFE_SEED": str(seed),
            "LIFE_FIGURES": str(figures),
        }
        # A server of its own, and not that of this installation.
        for name in ("DATABASE_URL", "SECRET_KEY", "DATA_DIR"):
            environment.pop(name, None)
        command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-s", "tests/life/test_life.py"]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            print(done.stdout[-4000:])
            blob = BLOB.search(done.stdout)
            return [f"LIFE_SEED={seed}" + (f" LIFE_REPLAY={blob[1][2:-1]}" if blob else "")]
        seed += 1
    return []


def _read(file: Path) -> dict[str, int]:
    read = read_figures(file)
    return {
        "steps": read.number,
        "refused": read.refused.total(),
        "crashes": read.crashes.total(),
        "examples": read.examples,
        "checked": read.checked,
    }

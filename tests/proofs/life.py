"""Never silent, never false: at least 100,000 steps of the model of `tests/life`, in as many processes as cores.

LIFE_FOLDER names a folder in which the figures are kept: a run that was interrupted is continued there.
"""

import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from tests.life.figures import LifeFigures, read_figures
from tests.proofs.covered_code import INSTALLATION
from tests.proofs.result import Figure, at_least, equal_to, plain_figure

SHOWS = (
    "With any steps of people, jobs and clock, and any crash: no report is buried, no case forgotten, no receipt untrue"
)
PROMISES = (2,)
COVERS = (*INSTALLATION, "tests/life")
ROOT = Path(__file__).resolve().parents[2]
STEPS, QUICK_STEPS = 100_000, 100
# A process ends after so many examples, so that its memory is bounded and figures are kept. An example has more steps
# than in `make test`, because some incidents need many until they are closed.
EXAMPLES, QUICK_EXAMPLES = 12, 1
STEPS_OF_EXAMPLE, QUICK_STEPS_OF_EXAMPLE = 80, 20
# All failures may have one cause: after so many, others are no news.
MOST_FAILURES = 6
# The call that replays a failure: printed by the test.
REPLAY = re.compile(r"LIFE_STEPS=\d+ LIFE_REPLAY=\S+")


@dataclass(slots=True)
class LifeRun:
    """Batches of examples, each in a process with a seed of its own, until `steps` were made."""

    figures: Path
    steps: int
    examples: int
    steps_of_example: int
    seed: int
    failures: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def run_batches(self) -> None:
        while self.reached.number < self.steps and len(self.failures) < MOST_FAILURES:
            with self.lock:
                self.seed += 1
                seed = self.seed
            self._run_batch(seed)

    def _run_batch(self, seed: int) -> None:
        own = self.figures.with_name(f"batch-{seed}")
        size = {"LIFE_EXAMPLES": str(self.examples), "LIFE_STEPS": str(self.steps_of_example)}
        environment = {**os.environ, **size, "LIFE_SEED": str(seed), "LIFE_FIGURES": str(own)}
        # A server of its own, and not that of this installation.
        for name in ("DATABASE_URL", "SECRET_KEY", "DATA_DIR"):
            environment.pop(name, None)
        command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-s", "tests/life/test_life.py"]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        with self.lock:
            if own.exists():
                with self.figures.open("a", encoding="utf-8") as kept:
                    kept.write(own.read_text(encoding="utf-8"))
                own.unlink()
            if done.returncode != 0:
                print(done.stdout[-4000:])
                replay = REPLAY.search(done.stdout)
                self.failures.append(replay[0] if replay else f"LIFE_SEED={seed}")

    @property
    def reached(self) -> LifeFigures:
        with self.lock:
            return read_figures(self.figures)


def prove(folder: Path, *, full: bool) -> Iterator[Figure]:
    kept = Path(os.environ.get("LIFE_FOLDER", folder))
    first = random.SystemRandom().randrange(10**6)
    size = (STEPS, EXAMPLES, STEPS_OF_EXAMPLE) if full else (QUICK_STEPS, QUICK_EXAMPLES, QUICK_STEPS_OF_EXAMPLE)
    run = LifeRun(kept / "figures", *size, first)
    began = time.monotonic()
    cores = os.cpu_count() or 1
    with ThreadPoolExecutor(cores) as pool:
        for batches in [pool.submit(run.run_batches) for _core in range(cores)]:
            batches.result()
    total = run.reached
    yield plain_figure("seed before the first batch", first)
    yield at_least("steps", total.number, run.steps)
    yield plain_figure("examples", total.examples)
    yield plain_figure("minutes of this run", round((time.monotonic() - began) / 60, 1))
    yield plain_figure("computing for 1,000 steps", 1000 * total.computed / max(1, total.number), "s")
    yield at_least("share of accepted acts", total.accepted_share, 0.7)
    yield plain_figure("processes that ended in the middle of their work", total.crashes.total())
    yield at_least("invariants checked", total.checked, total.number)
    never = ", ".join(total.never_accepted) or "none"
    yield equal_to("verbs that were never accepted", never, "none") if full else plain_figure("never accepted", never)
    yield equal_to("failures", "; ".join(run.failures) or "none", "none")

"""The model, for as long as a test may take.

A failure prints a line that replays it (`reproduce_failure`, or LIFE_REPLAY), and is not shrunk, which takes long.
LIFE_EXAMPLES=500 tries more, LIFE_SEED=7 others, LIFE_SHRINK=1 looks for a shorter failure, LIFE_REPLAY replays one,
and LIFE_FIGURES names a file to which figures are added.
"""

import os
import sys
import time
from pathlib import Path

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.life.example import prepare_world
from tests.life.figures import FIGURES
from tests.life.machine import LifeMachine

EXAMPLES = int(os.environ.get("LIFE_EXAMPLES", "4"))
SEED = int(os.environ.get("LIFE_SEED", "14"))
STEPS = int(os.environ.get("LIFE_STEPS", "40"))
PHASES = [Phase.generate] + [Phase.shrink] * ("LIFE_SHRINK" in os.environ)


@pytest.mark.django_db
def test_everything_holds_after_any_steps_of_people_jobs_and_clock() -> None:
    run_model(SEED, EXAMPLES, replay=os.environ.get("LIFE_REPLAY", ""))


def run_model(seed: int, examples: int, *, replay: str = "") -> None:
    """Run examples of the model that follow from `seed`, or the one that a failure has printed."""
    began = time.monotonic()
    try:
        with prepare_world() as prepared:
            machine = type("LifeMachine", (LifeMachine,), {"prepared": prepared})
            if replay:
                hypothesis.reproduce_failure(hypothesis.__version__, replay.encode())(machine)
            else:
                hypothesis.seed(seed)(machine)
            run_state_machine_as_test(machine, settings=_settings(examples))
    finally:
        lines = [*FIGURES.lines(), f"seed {seed}, {time.monotonic() - began:.0f} s"]
        sys.stdout.write("\n".join(lines) + "\n")
        if file := os.environ.get("LIFE_FIGURES"):
            FIGURES.append_to(Path(file))


def _settings(examples: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        deadline=None,
        phases=PHASES,
        print_blob=True,
        database=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )

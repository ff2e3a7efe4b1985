"""The model, for as long as a test may take.

A failure prints a line that replays it within a minute, and is not shrunk, which takes long. LIFE_EXAMPLES=500 tries
more, LIFE_STEPS=100 longer ones, LIFE_SEED=7 others, LIFE_SHRINK=1 looks for a shorter failure, LIFE_REPLAY replays
one, and LIFE_FIGURES names a file to which figures are added.
"""

import os
import re
import sys
import time
from pathlib import Path

import hypothesis
import psutil
import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.life.example import prepare_world
from tests.life.figures import FIGURES
from tests.life.machine import LifeMachine
from tests.life.verbs import VERBS

EXAMPLES = int(os.environ.get("LIFE_EXAMPLES", "2"))
SEED = int(os.environ.get("LIFE_SEED", "14"))
STEPS = int(os.environ.get("LIFE_STEPS", "40"))
# Printed by hypothesis for a failure.
BLOB = re.compile(r"reproduce_failure\('[^']+', b'([^']+)'\)")
PHASES = [Phase.generate] + [Phase.shrink] * ("LIFE_SHRINK" in os.environ)


@pytest.mark.django_db
def test_everything_holds_after_any_steps_of_people_jobs_and_clock() -> None:
    run_model(SEED, EXAMPLES, replay=os.environ.get("LIFE_REPLAY", ""))


def run_model(seed: int, examples: int, *, replay: str = "") -> None:
    """Run examples of the model that follow from `seed`, or the one that a failure has printed."""
    began, computed = time.monotonic(), _computed()
    FIGURES.verbs.update({row.name: 1 - FIGURES.verbs[row.name] for row in VERBS})
    try:
        with prepare_world() as prepared:
            machine = type("LifeMachine", (LifeMachine,), {"prepared": prepared})
            if replay:
                hypothesis.reproduce_failure(hypothesis.__version__, replay.encode())(machine)
            else:
                hypothesis.seed(seed)(machine)
            run_state_machine_as_test(machine, settings=_settings(examples))
    except Exception as error:
        if blob := replay_of(error):
            sys.stdout.write(f"To replay it: LIFE_STEPS={STEPS} LIFE_REPLAY={blob}\n")
        raise
    finally:
        FIGURES.computed += _computed() - computed
        lines = [*FIGURES.lines(), f"seed {seed}, {time.monotonic() - began:.0f} s"]
        sys.stdout.write("\n".join(lines) + "\n")
        if file := os.environ.get("LIFE_FIGURES"):
            FIGURES.append_to(Path(file))


def replay_of(error: Exception) -> str:
    """The call that replays a failure of the model; "" for an error of another kind."""
    found = BLOB.search("\n".join(getattr(error, "__notes__", [])))
    return found[1] if found else ""


def _settings(examples: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        phases=PHASES,
        print_blob=True,
        database=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )


def _computed() -> float:
    """Seconds of computing until now: of this process and of its database session."""
    connection.ensure_connection()
    session = psutil.Process(connection.connection.info.backend_pid).cpu_times()
    return time.process_time() + float(session.user + session.system)

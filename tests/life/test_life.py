"""The model, for as long as a test may take.

A failure is not shrunk, which takes long, and is printed with a line that replays it (`reproduce_failure`).
`LIFE_EXAMPLES=500` tries more, `LIFE_SHRINK=1` looks for a shorter failure.
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.life.machine import LifeMachine

EXAMPLES = int(os.environ.get("LIFE_EXAMPLES", "4"))
STEPS = 30
PHASES = [Phase.explicit, Phase.reuse, Phase.generate] + [Phase.shrink] * ("LIFE_SHRINK" in os.environ)


@pytest.mark.django_db
def test_everything_holds_after_any_steps_of_people_jobs_and_clock() -> None:
    run_state_machine_as_test(
        LifeMachine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            phases=PHASES,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )

"""The model finds bugs that are seeded on purpose."""

import os

import pytest
from hypothesis.errors import DidNotReproduce, Flaky

from tests.life.seeded import BUGS, BY_NAME, SeededBug
from tests.life.test_life import replay_of, run_model

# Found by any first examples, within seconds; others take minutes, or luck.
QUICK = ("acted_receipt",)
EXAMPLES = int(os.environ.get("LIFE_EXAMPLES", "40"))


def test_ten_bugs_are_seeded() -> None:
    assert len(BUGS) == len(BY_NAME) >= 10


@pytest.mark.skipif("LIFE_SEEDED" not in os.environ, reason="test_life.py tries fewer examples of the same")
@pytest.mark.django_db
def test_nothing_is_found_without_a_bug() -> None:
    run_model(14, EXAMPLES)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "bug", BUGS if "LIFE_SEEDED" in os.environ else [BY_NAME[name] for name in QUICK], ids=lambda bug: bug.name
)
def test_bug_is_found(bug: SeededBug) -> None:
    found: Exception | None = None
    replay = os.environ.get("LIFE_REPLAY", "")
    with bug.apply():
        try:
            run_model(14, EXAMPLES, replay=replay)
        except Exception as error:
            # An invariant that fails, or a constraint of the database.
            found = error
    assert found is not None
    assert not isinstance(found, (Flaky, DidNotReproduce)), "the failure could not be replayed"
    assert replay or replay_of(found), f"no step has failed: {found}"

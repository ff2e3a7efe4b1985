"""The proofs that take seconds, in their short form. All of them, whole, are `make prove`."""

import pkgutil
import subprocess
import sys

import pytest

from tests import proofs
from tests.proofs.__main__ import ON_REQUEST, PROOFS, ROOT, find_proof

# Each starts a whole installation. The others need minutes, a browser on every page or a quiet machine; and some ask an
# installation what is asked of the code at less cost: `routes` in test_access_table.py, `claims` in test_actions.py of
# the assessment, `tampering` in audit/tests/test_chain.py, `replay` where reports/tests send a form twice,
# `workstation` in tests/journeys/test_workstation.py and test_workstation_page.py.
SHORT = ("privacy", "crash")


def test_every_proof_is_listed() -> None:
    modules = [module.name for module in pkgutil.iter_modules(proofs.__path__) if not module.name.startswith("__")]
    assert sorted([*PROOFS, *ON_REQUEST]) == [name for name in modules if hasattr(find_proof(name), "prove")]


@pytest.mark.parametrize("name", SHORT)
def test_proof_holds(name: str) -> None:
    # In a process of its own, as `make prove` runs it.
    done = subprocess.run(
        [sys.executable, "-m", "tests.proofs", name, "--quick"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if "NOT PROVED HERE" in done.stdout:
        pytest.skip(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr

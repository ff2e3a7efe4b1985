"""Every proof in its short form. The full one is `make prove`."""

import pkgutil

import pytest

import proofs
from proofs.__main__ import PROOFS, find, run


def test_every_proof_is_listed() -> None:
    modules = [module.name for module in pkgutil.iter_modules(proofs.__path__) if not module.name.startswith("__")]
    assert sorted(PROOFS) == [name for name in modules if hasattr(find(name), "prove")]


@pytest.mark.parametrize("name", PROOFS)
def test_proof_holds(name: str) -> None:
    told: list[str] = []
    result = run(name, full=False, tell=told.append)
    if result.impossible:
        pytest.skip(result.impossible)
    assert result.holds, "\n".join(told)

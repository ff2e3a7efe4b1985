"""Which tests a change reaches."""

from pathlib import Path

import pytest

from tests.rig import changed
from tests.rig.reach import ReachNote

BEFORE = """
LIMIT = 5

def told(number: int) -> bool:
    return number > LIMIT
"""


@pytest.mark.parametrize(
    ("after", "outside"),
    [
        (BEFORE, False),
        (BEFORE.replace("number > LIMIT", "number >= LIMIT"), False),
        (BEFORE.replace("LIMIT = 5", "LIMIT = 6"), True),
        (BEFORE.replace("number: int", "number: float"), True),
        (f"{BEFORE}\nclass More: ...\n", True),
    ],
)
def test_change_outside_functions_is_distinguished_from_a_change_inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: str, *, outside: bool
) -> None:
    monkeypatch.setattr(changed, "PROJECT", tmp_path)
    monkeypatch.setattr(changed, "_git_lines", lambda *_arguments: BEFORE.splitlines())
    (tmp_path / "module.py").write_text(after)
    assert changed.is_changed_outside_functions("module.py", "HEAD") == outside


def test_tests_are_chosen_by_what_was_noted_and_else_by_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changed, "is_changed_outside_functions", lambda *_arguments: False)
    notes: dict[str, ReachNote] = {
        "audit/tests/test_admin.py": {"kinds": ["unit"], "reached": ["audit/chain.py"]},
        # Imports it, and called nothing of it.
        "audit/tests/test_chain.py": {"kinds": ["unit"], "reached": []},
    }
    chosen = changed.test_files_for({"audit/chain.py", "countries/tests/test_brand.py"}, "HEAD", notes)
    # Nothing is noted of the one about anchors, which imports it.
    assert chosen >= {"audit/tests/test_admin.py", "audit/tests/test_anchors.py"}
    assert "audit/tests/test_chain.py" not in chosen
    assert chosen >= {"countries/tests/test_brand.py", "portal_site/tests/test_rules.py"}
    assert "countries/tests/test_models.py" not in chosen


def test_module_changed_outside_functions_reaches_its_importers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changed, "is_changed_outside_functions", lambda *_arguments: True)
    notes: dict[str, ReachNote] = {
        "audit/tests/test_admin.py": {"kinds": ["unit"], "reached": ["audit/actions.py"]},
        "audit/tests/test_chain.py": {"kinds": ["unit"], "reached": ["audit/admin.py"]},
    }
    chosen = changed.test_files_for({"audit/models.py"}, "HEAD", notes)
    assert "audit/tests/test_admin.py" in chosen

"""The order of test files where several processes share them."""

from portal_site.environment import PROJECT
from tests.rig.file_order import SLOW_FILES


def test_slow_files_exist() -> None:
    assert [file for file in SLOW_FILES if not (PROJECT / file).exists()] == []

"""The numbers under which the proofs archive this source."""

from pathlib import Path

import pytest

from deploy.steps.machine import split_version
from supply import release_record
from tests.proofs import archives


@pytest.mark.parametrize("last", ["0.1.0", "0.2.0rc1", "1.9.9", "10.0.0rc12"])
def test_numbers_rise_from_the_last_release_also_from_a_candidate(
    last: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "docs").mkdir()
    release_record.add_row(tmp_path, release_record.RecordedRelease(last, "2026-12-01", "0" * 40, "0" * 64))
    monkeypatch.setattr(archives, "ROOT", tmp_path)

    versions = archives.find_versions()

    assert (versions[0], len(versions)) == (last, 4)
    numbers = [split_version(version) for version in versions]
    assert numbers == sorted({*numbers})

"""The environment of a developer's process."""

import os
import stat
from pathlib import Path

import pytest

from portal_site import environment


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A relative DATA_DIR, an existing server, no key; returns the absolute folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", "data")
    monkeypatch.setenv("DATABASE_URL", "postgres://postgres@db.example/portals")
    monkeypatch.setenv("SECRET_KEY", "")
    monkeypatch.delenv("SECRET_KEY_FILE", raising=False)
    return tmp_path / "data"


def test_data_dir_defaults_to_a_folder_of_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATA_DIR")
    assert environment.data_dir() == environment.PROJECT / ".data"


def test_complete_makes_a_private_key_once_and_leaves_the_database_alone(bare: Path) -> None:
    environment.complete_environment()
    key = os.environ["SECRET_KEY"]
    assert len(key) == 80
    assert os.environ["DATA_DIR"] == str(bare)
    assert os.environ["DATABASE_URL"] == "postgres://postgres@db.example/portals"
    assert [path.name for path in bare.iterdir()] == ["secret-key"]
    assert stat.S_IMODE((bare / "secret-key").stat().st_mode) == 0o600

    os.environ["SECRET_KEY"] = ""
    environment.complete_environment()
    assert os.environ["SECRET_KEY"] == key


def test_complete_keeps_a_key_that_is_set(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "chosen by Adam")
    environment.complete_environment()
    assert os.environ["SECRET_KEY"] == "chosen by Adam"
    assert not bare.exists()


def test_concurrent_start_uses_the_secret_key_created_first(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def slower(name: str, kept: Path) -> None:
        kept.write_text("the other start's key")
        raise FileExistsError

    monkeypatch.setattr("os.link", slower)
    environment.complete_environment()
    assert os.environ["SECRET_KEY"] == "the other start's key"
    assert [path.name for path in bare.iterdir()] == ["secret-key"]


def test_database_may_be_named_in_a_file(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL")
    assert not environment.names_database()
    monkeypatch.setenv("DATABASE_URL_FILE", "/run/secrets/url")
    assert environment.names_database()

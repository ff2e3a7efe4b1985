"""What whoever watches the installation is told."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test import Client

from reports import keys
from reports.models import KeyClass


def test_ready_when_the_database_answers_and_the_months_key_is_there(open_keys: Path) -> None:
    answer = Client().get("/health/ready/")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_not_ready_without_a_key(db: None, settings: Any, tmp_path: Path) -> None:
    settings.KEYRING = tmp_path
    answer = Client().get("/health/ready/")
    assert (answer.status_code, answer.content) == (503, b"keys\n")


def test_ready_but_warned_while_an_old_key_seals(db: None, settings: Any, tmp_path: Path) -> None:
    settings.KEYRING = tmp_path
    keys.publish(keys.create(KeyClass.WORDS, date(2020, 1, 1)))
    answer = Client().get("/health/ready/")
    assert (answer.status_code, answer.content) == (200, b"old key\n")


def test_not_ready_without_the_database(open_keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise DatabaseError

    with monkeypatch.context() as broken:
        broken.setattr(connection, "cursor", away)
        answer = Client().get("/health/ready/")
        alive = Client().get("/health/live/")
    assert (answer.status_code, answer.content) == (503, b"database\n")
    assert alive.status_code == 200

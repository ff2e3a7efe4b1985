"""The answers of the health endpoints to monitoring."""

from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, OperationalError, connection
from django.test import Client

from portal_site.logging import SparseFormatter
from reports import disk_space, keys
from reports.models import KeyClass, KeyState, SealingKey
from tests.rig.fixtures import ReporterClient


def test_ready_when_the_database_answers_and_the_months_key_is_there(open_keys: Path) -> None:
    answer = Client().get("/health/ready/")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_not_ready_without_a_key_and_the_log_says_so(
    db: None, settings: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings.KEYRING = tmp_path
    answer = Client().get("/health/ready/")
    assert (answer.status_code, answer.content) == (503, b"keys\n")
    lines = [SparseFormatter().format(record) for record in caplog.records]
    assert [" WARNING portal_site.health not ready: keys " in line for line in lines if "health" in line] == [True]


def test_ready_but_warned_while_an_old_key_seals(db: None, settings: Any, tmp_path: Path) -> None:
    settings.KEYRING = tmp_path
    old = SealingKey.objects.create(
        id=keys.create(KeyClass.WORDS, date(2020, 1, 1)), key_class=KeyClass.WORDS, month=date(2020, 1, 1)
    )
    keys.publish(old.pk)
    answer = Client().get("/health/ready/")
    assert (answer.status_code, answer.content) == (200, b"old key\n")

    # An outdated keyring: the database has closed the key that this server still uses.
    old.state = KeyState.CLOSED
    old.save()
    answer = ReporterClient().get("/health/ready/")
    assert (answer.status_code, answer.content) == (503, b"closed key\n")


def test_not_ready_without_the_database(open_keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise DatabaseError

    with monkeypatch.context() as broken:
        broken.setattr(connection, "cursor", away)
        answer = Client().get("/health/ready/")
        alive = Client().get("/health/live/")
    assert (answer.status_code, answer.content) == (503, b"database\n")
    assert alive.status_code == 200


def test_not_ready_while_the_disk_is_full(open_keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk_space, "_refused_at", None)
    other = OperationalError()
    other.__cause__ = psycopg.errors.TooManyConnections()
    disk_space.note_storage_error(other)
    assert Client().get("/health/ready/").status_code == 200
    full = OperationalError()
    full.__cause__ = psycopg.errors.DiskFull()
    disk_space.note_storage_error(full)
    answer = Client().get("/health/ready/")
    assert (answer.status_code, answer.content) == (503, b"disk full\n")

    # A server that the load balancer took out gets no reports: after a minute it is tried again.
    with monkeypatch.context() as later:
        later.setattr(disk_space, "SECONDS", 0)
        assert Client().get("/health/ready/").status_code == 200
    disk_space.note_storage_success()
    assert Client().get("/health/ready/").status_code == 200

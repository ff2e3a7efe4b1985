"""The fingerprint with which the surfaces verify that their keys differ."""

import secrets
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from portal_site import secret_key_fingerprint
from portal_site.database import roles

KEYS = [secrets.token_urlsafe(60) for _ in range(3)]


def test_mark_knows_its_keys_and_no_other(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("COMMENT ON TABLE django_migrations IS NULL")
    assert secret_key_fingerprint.match_keys(connection, KEYS) is None

    secret_key_fingerprint.write_fingerprint(connection, KEYS[:2])

    assert secret_key_fingerprint.match_keys(connection, KEYS) == [True, True, False]


def test_same_key_never_leaves_the_same_mark(db: None) -> None:
    left = []
    for _ in range(2):
        secret_key_fingerprint.write_fingerprint(connection, KEYS[:1])
        with connection.cursor() as cursor:
            cursor.execute("SELECT obj_description('django_migrations'::regclass, 'pg_class')")
            left.append(cursor.fetchone()[0])

    assert left[0] != left[1]
    assert KEYS[0] not in "".join(left)


def test_public_role_reads_the_mark_and_cannot_change_it(db: None) -> None:
    secret_key_fingerprint.write_fingerprint(connection, KEYS[:1])
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {roles.PUBLIC}")
    try:
        assert secret_key_fingerprint.match_keys(connection, KEYS) == [True, False, False]
        with pytest.raises(DatabaseError) as refused, transaction.atomic():
            secret_key_fingerprint.write_fingerprint(connection, KEYS[1:])
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
    assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege)


@pytest.mark.django_db(transaction=True)
def test_grant_roles_marks_the_staffs_keys_only(settings: Any) -> None:
    settings.STAFF, settings.SECRET_KEY = True, KEYS[0]
    call_command("grant_roles", verbosity=0)
    settings.STAFF, settings.SECRET_KEY = False, KEYS[1]
    call_command("grant_roles", verbosity=0)

    assert secret_key_fingerprint.match_keys(connection, KEYS) == [True, False, False]


@pytest.mark.django_db(transaction=True)
def test_grant_roles_refuses_one_password_for_both_roles(settings: Any) -> None:
    settings.STAFF_DB_PASSWORD = settings.PUBLIC_DB_PASSWORD = "one of the tests"

    with pytest.raises(CommandError, match="are the same"):
        call_command("grant_roles")

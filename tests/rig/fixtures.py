"""Fixtures and helpers that several apps share: keys, portals, people, and clients."""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.db.models import QuerySet
from django.test import Client, TransactionTestCase, override_settings
from django.utils import timezone
from pytest_django.fixtures import Settings
from pytest_django.plugin import DjangoDbBlocker

from analysts.accounts import sessions
from analysts.accounts.sessions import BEGAN, SEEN
from analysts.accounts.sign_in.password_checks import StaffPasswordHasher
from analysts.codes import Role
from analysts.models import User
from audit.models import LogId
from countries import decided_settings
from countries.models import Portal
from countries.public import published
from countries.tests.factories import open_portal
from countries.words import language_memory, overlay
from portal_site.database import embedded, roles
from reports import actions, installation_keys, keys, rate_limit, receipts
from reports.models import KeyClass, SealingKey, SubmissionKind
from reports.sealing import JSON
from reports.tests.codes import remember

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse

# No test is a stopwatch: an example takes as long as the machine's other work lets it. Each run draws other examples.
hypothesis.settings.register_profile("tests", deadline=None, max_examples=50)
hypothesis.settings.load_profile("tests")

# An answer of the test client. Its class exists in the stubs only.
type ClientResponse = _MonkeyPatchedWSGIResponse


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """The test database is a copy of the migrated one that the tests' own server comes with."""
    options = connection.settings_dict
    if options["NAME"] == embedded.DATABASE:
        options["TEST"]["TEMPLATE"] = embedded.DATABASE


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The test database with the roles of both surfaces."""
    with django_db_blocker.unblock():
        roles.grant_roles()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty_filled_tables)
        yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        # A session that is just ending would keep the database from being dropped.
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


# Rows that Django makes once the tables are there, the same after every test.
MADE_WITH_TABLES = {"auth_permission", "django_content_type", "django_migrations"}


def empty_filled_tables(_test: object = None) -> None:
    """After a test whose transactions are committed: what Django does to all tables, done to those that it filled."""
    # The tables of jobs as well, which are no managed models.
    with connection.cursor() as cursor:
        tables = sorted(set(connection.introspection.table_names(cursor)) - MADE_WITH_TABLES)
    quoted = {table: connection.ops.quote_name(table) for table in tables}
    asked = " UNION ALL ".join(f"(SELECT '{table}' FROM {quoted[table]} LIMIT 1)" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(asked)
        if filled := [quoted[table] for [table] in cursor.fetchall()]:
            # Without triggers: some refuse, and all rows that others would look after go as well.
            emptied = "; ".join(f"DELETE FROM {table}" for table in filled)
            cursor.execute(f"SET session_replication_role = replica; {emptied}; RESET session_replication_role")


@pytest.fixture(autouse=True)
def _static_names(settings: Settings) -> None:
    """Static files keep their names of the tree; tests of an installation collect and hash them."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """Clear caches, so that no test sees the portals, or waits for the reports, of another one."""
    published.clear_cache()
    language_memory.forget_languages()
    overlay.clear_texts()
    decided_settings.clear_settings()
    rate_limit.reset_buckets()


@pytest.fixture
def sessions_noted_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work that pages do once in a while would come, on a slow machine, while queries are counted: noting the time
    in a session is three queries, reading the opened languages again two, and the decided settings one.
    """
    monkeypatch.setattr(sessions, "SEEN_INTERVAL", 10 * 60)
    monkeypatch.setattr(language_memory, "RENEW_AFTER", 10 * 60)
    monkeypatch.setattr(decided_settings, "RENEW_AFTER", 10 * 60)


@pytest.fixture(scope="session")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """A keyring with this month's and last month's keys, made once: (folder, ids)."""
    from django.conf import settings  # noqa: PLC0415 - restored below, before any test reads it

    folder, before = tmp_path_factory.mktemp("keyring"), settings.KEYRING
    settings.KEYRING = folder
    today = timezone.localdate()
    last = date(today.year - (today.month == 1), (today.month - 2) % 12 + 1, 1)
    ids = [keys.create(key_class, month) for month in (last, today.replace(day=1)) for key_class in KeyClass]
    for key_id in ids:
        keys.publish(key_id)
    installation_keys.create_missing_keys()
    settings.KEYRING = before
    return folder, ids


@pytest.fixture
def open_keys(db: None, keyring: tuple[Path, list[str]], settings: Settings) -> Path:
    """Sealing works: the keyring's folder, its rows in the database."""
    folder, ids = keyring
    settings.KEYRING = folder
    record_keys(ids)
    return folder


def record_keys(ids: Iterable[str]) -> None:
    """The rows of a keyring's keys."""
    rows = []
    for key_id in ids:
        key_class, year, month, _ = key_id.split("-")
        rows.append(SealingKey(id=key_id, key_class=key_class, month=date(int(year), int(month), 1)))
    SealingKey.objects.bulk_create(rows)


@pytest.fixture
def belize(open_keys: Path) -> Portal:
    return open_portal("bz", "Belize", "en", "es", brand_colour="#003f87")


@pytest.fixture
def pakistan(open_keys: Path) -> Portal:
    return open_portal("pk", "Pakistan", "en", "ur", brand_colour="#01411c")


@pytest.fixture
def zambia(open_keys: Path) -> Portal:
    return open_portal("zm", "Zambia", "en", brand_colour="#0b5d1e")


PASSWORD = "correct horse battery"
# Slow on purpose; tests use the same algorithm with the least effort. Installations of tests are as slow as any.
StaffPasswordHasher.time_cost = StaffPasswordHasher.parallelism = 1
StaffPasswordHasher.memory_cost = 8


# People of tests can be second persons of what tests date in the past.
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@cache
def _password_hash() -> str:
    """Once is enough for all people of all tests."""
    return make_password(PASSWORD)


def create_person(username: str, role: Role, *portals: Portal) -> User:
    """A member of staff who signs in with PASSWORD, and last did so three weeks ago."""
    user = User.objects.create(
        username=username,
        role=role,
        password=_password_hash(),
        name=username.title(),
        desk_name=username[:40],
        unchanged_since=LONG_AGO,
        is_vouched_for=True,
        last_login=timezone.now() - timedelta(weeks=3),
    )
    # Tests read the log: the id in it is the name.
    LogId.objects.create(value=username, account=user)
    works_for = User.portals.through
    works_for.objects.bulk_create([works_for(user=user, portal=portal) for portal in portals])
    return user


def delete_log_ids(users: QuerySet[User]) -> None:
    """As no role may outside tests, which a trigger refuses: before the accounts themselves are deleted."""
    numbers = list(users.values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DELETE FROM audit_logid WHERE account_id = ANY(%s)", [numbers])
        cursor.execute("SET session_replication_role = DEFAULT")


@pytest.fixture
def ana(belize: Portal) -> User:
    """Analyst for Belize."""
    return create_person("ana", Role.ANALYST, belize)


@pytest.fixture
def ben(zambia: Portal) -> User:
    """Analyst for Zambia."""
    return create_person("ben", Role.ANALYST, zambia)


@pytest.fixture
def sena(belize: Portal, zambia: Portal) -> User:
    """Senior analyst for both."""
    return create_person("sena", Role.SENIOR, belize, zambia)


@pytest.fixture
def olga(belize: Portal) -> User:
    """Operator."""
    return create_person("olga", Role.OPERATOR, belize)


@pytest.fixture
def petra(belize: Portal) -> User:
    """Partner in Belize."""
    return create_person("petra", Role.PARTNER, belize)


@pytest.fixture
def axel(db: None) -> User:
    """Auditor."""
    return create_person("axel", Role.AUDITOR)


@pytest.fixture
def willa(db: None) -> User:
    """Welfare lead."""
    return create_person("willa", Role.WELFARE)


@pytest.fixture
def adam(db: None) -> User:
    """Administrator."""
    return create_person("adam", Role.ADMINISTRATOR)


def client_of(user: User) -> Client:
    """A test client in which `user` has just signed in."""
    client = Client()
    client.force_login(user)
    now = timezone.now().timestamp()
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": now}]
    session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)
    session[BEGAN] = session[SEEN] = int(now)
    session.save()
    return client


class ReporterClient(Client):
    """A reporter's browser: its queries run under the public role, as a server without staff pages asks."""

    def request(self, **request: object) -> ClientResponse:
        with connection.cursor() as cursor:
            cursor.execute(f"SET ROLE {roles.PUBLIC}")
        try:
            with override_settings(STAFF=False):
                return super().request(**request)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("RESET ROLE")


@pytest.fixture
def visitor() -> ReporterClient:
    return ReporterClient()


@pytest.fixture
def as_public(db: None) -> Iterator[None]:
    """Run the whole test under the public role."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {roles.PUBLIC}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


def send_report(
    portal: Portal,
    addresses: str,
    *,
    language: str = "en",
    now: datetime | None = None,
    code: str | None = None,
    app: Mapping[str, JSON] | None = None,
    details: Mapping[str, JSON] | None = None,
) -> str:
    """A report as the public side stores it, details too if given; returns the receipt's code.

    app: the report's `platform` and `account`.
    """
    if portal.slug not in published.portals_by_slug():
        published.clear_cache()
    code = code or receipts.code_from_nonce(secrets.token_bytes(16))
    remember(code)
    sent: list[tuple[SubmissionKind, Mapping[str, JSON]]] = [
        (SubmissionKind.REPORT, {"addresses": addresses, **(app or {})})
    ]
    if details is not None:
        sent.append((SubmissionKind.DETAILS, details))
    for kind, payload in sent:
        actions.store_submission(
            credentials=receipts.derive_credentials(code),
            kind=kind,
            payload=payload,
            portal=published.portals_by_slug()[portal.slug],
            language=language,
            now=now,
        )
    return code


Sender = Callable[..., str]


@pytest.fixture
def send(open_keys: Path) -> Sender:
    return send_report

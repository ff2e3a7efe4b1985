"""`manage.py lockdown`: what it stops, what it leaves, and what it does when parts of the system are broken."""

from io import StringIO
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.test import Client, RequestFactory
from psycopg.errors import InsufficientPrivilege

from analysts.models import EntryCode, User
from audit.models import AuditEvent
from countries.table_marks import LOCKDOWN_MARKS
from portal_site import lockdown
from portal_site.database import roles
from portal_site.environment import PROJECT
from portal_site.errors import server_error
from tests.proofs import rehearsal

pytestmark = pytest.mark.django_db


def run_lockdown(*arguments: str) -> str:
    out = StringIO()
    call_command("lockdown", *arguments, stdout=out)
    return out.getvalue()


def sign_in(client: Client, user: User) -> int:
    """The status of the first page after a sign-in with the password."""
    user.set_password("a password of the tests")
    user.save(update_fields=["password"])
    client.post("/accounts/login/", {"login": user.username, "password": "a password of the tests"})
    return client.get("/admin/").status_code


def test_sessions_and_codes_end_for_all_and_sign_in_goes_on(ana: User, adam: User) -> None:
    clients = {user: Client() for user in (ana, adam)}
    for user, client in clients.items():
        client.force_login(user)
    EntryCode.objects.create(user=ana, first_half="a")

    said = run_lockdown()

    assert "done    sessions: Ended all, of every account (2 rows)" in said
    assert "sign-in: works\npublic: works\n" in said
    assert [client.get("/admin/").status_code for client in clients.values()] == [302, 302]
    assert (Session.objects.count(), EntryCode.objects.count()) == (0, 0)
    assert sign_in(Client(), ana) == 200


def test_session_kept_in_a_browser_stays_ended_if_its_row_comes_back(ana: User) -> None:
    client = Client()
    client.force_login(ana)
    [row] = Session.objects.all()
    run_lockdown()
    row.save(force_insert=True)

    assert client.get("/admin/").status_code == 302


def test_no_one_signs_in_until_it_is_lifted(ana: User) -> None:
    run_lockdown("--sign-in")
    client = Client()

    assert sign_in(client, ana) == 302
    assert "Sign-in is stopped at the moment." in client.get("/accounts/login/").content.decode()
    assert AuditEvent.objects.filter(action="user.sign_in").count() == 0

    run_lockdown("--lift")
    assert sign_in(Client(), ana) == 200


def public_privileges() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND"
            " (has_any_column_privilege(%(role)s, oid, 'SELECT') OR has_any_column_privilege(%(role)s, oid, 'INSERT'))"
            " UNION SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
            " AND has_function_privilege(%(role)s, oid, 'EXECUTE') ORDER BY 1",
            {"role": roles.PUBLIC},
        )
        return [name for (name,) in cursor.fetchall()]


def test_public_role_has_no_privilege_until_it_is_lifted() -> None:
    roles.grant_roles()
    before = public_privileges()
    assert "reports_submission" in before

    for _ in range(2):
        said = run_lockdown("--public")
        assert public_privileges() == []
        assert "The public surface's SECRET_KEY" in said
    out = StringIO()
    call_command("grant_roles", stdout=out)
    assert "portals_public has been stopped since" in out.getvalue()
    assert public_privileges() == []

    run_lockdown("--lift", "--public")
    run_lockdown("--lift")
    assert public_privileges() == before


def test_every_step_is_recorded_and_a_second_run_keeps_the_first_time() -> None:
    run_lockdown("--sign-in", "--public")
    run_lockdown("--sign-in", "--public")
    run_lockdown("--lift")
    events = AuditEvent.objects.order_by("number").values_list("action", "details__part", "details__since")
    since, effects = lockdown_times(events), ["sending", "members", "publishing"]

    assert [(action, part) for action, part, _ in events] == [
        *[("lockdown.start", part) for part in ("sign_in", "sessions", effects, "public")] * 2,
        *[("lockdown.lift", part) for part in ("public", "sign_in", "sending", "members", "publishing")],
    ]
    assert len(since) == 1


def test_guide_shows_what_the_command_prints() -> None:
    blocks = rehearsal.read_blocks(PROJECT / "docs" / "guides" / "incident-response.md")
    start, lift, release = (block for block in blocks if "owner lockdown" in block.commands)
    said = run_lockdown("--sign-in", "--public")
    assert rehearsal.missing_lines(start, said) == []
    said = "".join(
        run_lockdown(*options) for options in (["--lift", "--public"], ["--lift", "--sign-in"], ["--status"])
    )
    assert rehearsal.missing_lines(lift, said) == []
    assert rehearsal.missing_lines(release, run_lockdown("--lift")) == []


def lockdown_times(events: Any) -> set[str]:
    return {time for _action, _part, time in events if time}


def test_blocked_audit_log_stops_no_step(ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    client.force_login(ana)

    def refuse(**kwargs: object) -> None:
        raise DatabaseError("canceling statement due to lock timeout")

    monkeypatch.setattr(lockdown, "record_event", refuse)
    out = StringIO()
    with pytest.raises(CommandError, match="not all of it is in the audit log"):
        call_command("lockdown", "--sign-in", stdout=out)

    assert out.getvalue().count("Not in the audit log: canceling statement due to lock timeout") == 3
    assert client.get("/admin/").status_code == 302
    assert lockdown.stopped_since()["sign-in"]


@pytest.mark.parametrize(
    ("broken", "step"),
    [
        ("_stop_sign_in", "sign-in:"),
        ("_end_sessions", "sessions:"),
        ("_stop_effects", "sending,"),
        ("_stop_public", "public:"),
    ],
)
def test_step_that_fails_stops_no_other_and_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, broken: str, step: str
) -> None:
    def fail(*args: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")

    monkeypatch.setattr(lockdown, broken, fail)
    out = StringIO()
    with pytest.raises(CommandError, match="NOT DONE"):
        call_command("lockdown", "--sign-in", "--public", stdout=out)

    done = {line.split()[1] for line in out.getvalue().splitlines() if line.startswith("done")}
    assert out.getvalue().count("FAILED") == 1
    assert "systemctl stop portals-" in out.getvalue()
    assert done >= {"sign-in:", "sessions:", "sending,", "public:"} - {step}


def test_staff_role_cannot_lift_it() -> None:
    roles.grant_roles()
    run_lockdown("--sign-in", "--public")
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {roles.STAFF}")
        for table in (mark.table for mark in LOCKDOWN_MARKS.values()):
            with pytest.raises(DatabaseError, match="must be owner"), transaction.atomic():
                cursor.execute(f"COMMENT ON TABLE {table} IS NULL")
        cursor.execute("RESET ROLE")


def test_status_changes_nothing() -> None:
    assert run_lockdown("--status") == "".join(f"{part}: works\n" for part in LOCKDOWN_MARKS)
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(("cause", "status"), [(InsufficientPrivilege(), 503), (None, 500)])
def test_stopped_surface_shows_the_page_of_an_unavailable_site(
    rf: RequestFactory, cause: Exception | None, status: int
) -> None:
    error = ProgrammingError()
    error.__cause__ = cause
    try:
        raise error
    except ProgrammingError:
        assert server_error(rf.get("/bz/en/")).status_code == status

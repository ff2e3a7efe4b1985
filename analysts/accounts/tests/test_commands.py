"""Management commands of the staff site."""

import io
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from analysts.codes import Role
from analysts.models import User
from audit.models import AuditEvent


def create_administrator(username: str, password: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    out = StringIO()
    call_command("create_administrator", username, stdout=out)
    return out.getvalue()


def test_first_administrator_signs_in(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    said = create_administrator("adam", "correct horse battery", monkeypatch)

    assert said == "Created adam. Sign in and set up a second factor.\n"
    assert User.objects.get().role == Role.ADMINISTRATOR
    assert AuditEvent.objects.get().details == {"role": "administrator"}
    answer = Client().post("/accounts/login/", {"login": "adam", "password": "correct horse battery"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")


@pytest.mark.parametrize(
    ("username", "password"), [("adam", "short"), ("adam", "password1234"), ("not a name", "correct horse battery")]
)
def test_weak_password_and_odd_name_are_refused(
    db: None, monkeypatch: pytest.MonkeyPatch, username: str, password: str
) -> None:
    with pytest.raises(CommandError):
        create_administrator(username, password, monkeypatch)
    assert not User.objects.exists()


def test_taken_name_is_refused(adam: User, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError):
        create_administrator("adam", "correct horse battery", monkeypatch)


def test_load_demo_is_refused_outside_a_demo(db: None, settings: Any) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="set DEMO=1"):
        call_command("load_demo")


def test_load_demo_leaves_staff_alone(adam: User, settings: Any) -> None:
    settings.DEMO = True
    out = StringIO()
    call_command("load_demo", stdout=out)

    assert out.getvalue() == "There are already staff accounts; nothing was loaded.\n"
    assert User.objects.count() == 1

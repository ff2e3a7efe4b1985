"""An account that one administrator alone could have made is no second person: at every door, and in the database."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, models, transaction
from django.utils import timezone

from analysts.codes import Role
from analysts.models import AddressAllowance, BulkClosing, PeriodClose, Recipient, User
from analysts.pages.approvals import KINDS
from audit.models import AuditEvent
from audit.permissions import is_allowed, why_not
from countries.models import (
    ApprovalRequest,
    DecidedSetting,
    EmergencySuspension,
    InstallationMode,
    InterfaceTranslation,
    Portal,
    SettingChange,
    Withdrawal,
)
from countries.staff.requests.approvals import ApprovalKind, check_can_approve, check_is_second_person
from portal_site.tests.test_two_persons import CONSTRAINTS, compared_people
from tests.acts.act import PORTAL, Stage, set_up
from tests.acts.incidents import FLOOD
from tests.acts.table import ACTS
from tests.acts.takedown import RECIPIENT
from tests.acts.words import TEXT, WORDS
from tests.rig.fixtures import create_person
from tests.rig.python_files import APPS, ROOT, python_files

pytestmark = pytest.mark.urls("portal_site.urls_staff")


@dataclass(frozen=True)
class Door:
    """A check that asks for a second person, the acts that pass it, and the column that keeps the person."""

    check: str
    routes: tuple[str, ...]
    model: type[models.Model]
    column: str


DOORS = (
    Door(
        "countries.staff.requests.approvals.check_can_approve",
        ("admin/approvals/<int:request_id>/approve/",),
        ApprovalRequest,
        "decided_by",
    ),
    Door(
        "countries.staff.workspace.emergency.check_can_decide_suspension",
        (f"{PORTAL}emergency/decide/",),
        EmergencySuspension,
        "decided_by",
    ),
    Door(
        "countries.staff.workspace.withdrawal.check_can_decide_withdrawal",
        (f"{PORTAL}withdraw/decide/",),
        Withdrawal,
        "decided_by",
    ),
    Door(
        "countries.staff.translation.permissions.check_can_approve_text",
        (f"{TEXT}decide/", f"{WORDS}review/"),
        InterfaceTranslation,
        "reviewed_by",
    ),
    Door(
        "analysts.accounts.modes.check_can_approve_banner",
        ("admin/modes/<int:mode_id>/approve/",),
        InstallationMode,
        "approved_by",
    ),
    Door(
        "analysts.assessment.permissions.check_can_approve_closing",
        (f"{FLOOD}approve/<uuid:sample_id>/",),
        BulkClosing,
        "approved_by",
    ),
    Door(
        "analysts.figures.closing.check_can_confirm", ("admin/figures/periods/confirm/",), PeriodClose, "confirmed_by"
    ),
    Door(
        "analysts.handoff.permissions.check_can_grant_allowance",
        ("admin/batches/grant/",),
        AddressAllowance,
        "decided_by",
    ),
    Door(
        "analysts.takedown.recipients.permissions.check_can_verify",
        (f"admin/{RECIPIENT}verify/",),
        Recipient,
        "verified_by",
    ),
)
BY_ROUTE = {route: door for door in DOORS for route in door.routes}
# Rules of two people that are not about a second person's agreement: no verdict twice, and no refusal of one's own.
NO_AGREEMENT = {"assessment_once_a_person", "flood_sample_declined_by_another"}
REFUSAL = "Two administrators have not vouched for your account."


@pytest.fixture
def stage(belize: Portal) -> Stage:
    return set_up(belize)


def distrust(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_vouched_for=False)


def calls_in(name: str, folder: str) -> Iterator[str]:
    """The dotted names of the functions that call `name`."""
    for path in python_files(folder):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef):
                for call in ast.walk(function):
                    if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == name:
                        yield f"{module}.{function.name}"


def test_every_door_to_a_second_person_is_in_the_table() -> None:
    callers = {caller for app in APPS for caller in calls_in("check_is_second_person", app)}
    assert callers == {door.check for door in DOORS}
    # Each constraint of two people, but for settings, whose requests are approvals.
    people = {(name, field.model, field.name) for name, field in compared_people() if name not in NO_AGREEMENT}
    columns = {(door.model, door.column) for door in DOORS} | {(SettingChange, "approved_by")}
    covered = {name for name, model, column in people if (model, column) in columns}
    assert covered == CONSTRAINTS - NO_AGREEMENT


@pytest.mark.parametrize("route", BY_ROUTE)
def test_account_of_one_administrator_is_refused_at_the_door(stage: Stage, route: str) -> None:
    act, door = ACTS[route], BY_ROUTE[route]
    form = act.fill(stage)
    newest = AuditEvent.objects.count()
    with transaction.atomic():
        distrust(stage.people[act.role])
        answer = form.send()
        assert not AuditEvent.objects.filter(number__gt=newest, action=act.event).exists()
        assert REFUSAL in answer.content.decode() or answer.status_code == 302
        transaction.set_rollback(True)
    # The same form, sent by the same person, once two administrators have vouched for the account.
    assert form.send().status_code in (200, 302)
    assert AuditEvent.objects.filter(number__gt=newest, action=act.event).exists()

    [row] = door.model._default_manager.filter(**{door.column: stage.people[act.role]})
    distrust(stage.people[act.role])
    stranger = create_person("stranger", act.role)
    distrust(stranger)
    if door.model is PeriodClose:
        # A confirmed one is never changed, but another row can be added.
        row.pk = None
    else:
        # A decision of earlier is not judged again.
        row.save()
    setattr(row, door.column, stranger)
    with pytest.raises(DatabaseError, match="two administrators have not vouched"), transaction.atomic():
        row.save()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_account_of_one_administrator_approves_no_kind_of_request(kind: ApprovalKind, adam: User, olga: User) -> None:
    [user] = [user for user in (adam, olga) if is_allowed(kind.check_may_decide, user)]
    now = timezone.now()
    asking = create_person("asking", Role(user.role))
    request = ApprovalRequest(
        kind=kind.code, requested_by=asking, requested_at=now, expires_at=now + timedelta(days=1), payload={}
    )
    user.is_vouched_for = False
    assert REFUSAL in str(why_not(check_can_approve, kind, user, request, now))


def test_database_refuses_the_second_person_of_a_setting(adam: User) -> None:
    asking, now = create_person("asking", Role.ADMINISTRATOR), timezone.now()
    setting = DecidedSetting.objects.create(name="CLAIM_MINUTES", effective_at=now)
    change: dict[str, Any] = {"setting": setting, "changed_by": asking, "changed_at": now, "effective_at": now}
    SettingChange.objects.create(**change, approved_by=adam)
    distrust(adam)
    with pytest.raises(DatabaseError, match="two administrators have not vouched"), transaction.atomic():
        SettingChange.objects.create(**change, approved_by=adam)


def test_account_from_before_is_a_second_person_until_it_is_left_out(adam: User) -> None:
    now = timezone.now()
    refused = []
    for is_vouched_for in (None, True, False):
        adam.is_vouched_for = is_vouched_for
        if reason := why_not(check_is_second_person, adam, None, now, refusal="Another person."):
            refused.append((is_vouched_for, str(reason)))
    assert refused == [(False, f"{REFUSAL} Another person must decide this.")]


def test_database_never_forgets_who_was_vouched_for(adam: User) -> None:
    distrust(adam)
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="never forgotten"), transaction.atomic():
        cursor.execute("UPDATE analysts_user SET is_vouched_for = NULL WHERE id = %s", [adam.pk])

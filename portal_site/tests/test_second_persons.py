"""An account that one administrator alone could have made is no second person: at every door, and in the database."""

import ast
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, models, transaction
from django.utils import timezone

from analysts.codes import Role
from analysts.models import AddressAllowance, BulkClosing, HistoryImport, PeriodClose, Recipient, User, WordsRelease
from analysts.pages.approvals import KINDS
from audit.models import AuditEvent
from audit.permissions import is_allowed, why_not
from countries.models import (
    ApprovalRequest,
    DecidedSetting,
    EmergencySuspension,
    InstallationMode,
    InterfaceTranslation,
    LanguageReview,
    Portal,
    SettingChange,
    Withdrawal,
)
from countries.staff.requests.approvals import ApprovalKind, check_can_approve, check_is_second_person
from portal_site.tests.test_two_persons import CONSTRAINTS, compared_people
from tests.acts.act import INCIDENT, PORTAL, Stage, set_up
from tests.acts.incidents import FLOOD
from tests.acts.table import ACTS
from tests.acts.takedown import RECIPIENT
from tests.acts.words import TEXT, WORDS
from tests.rig.fixtures import create_person
from tests.rig.python_files import APPS, python_files

pytestmark = pytest.mark.urls("portal_site.urls_staff")


# By the check that asks for a second person: the column that keeps the person, and the acts that pass it.
DOORS: dict[str, tuple[type[models.Model], str, list[str]]] = {
    "check_can_approve": (ApprovalRequest, "decided_by", ["admin/approvals/<int:request_id>/approve/"]),
    "check_can_decide_suspension": (EmergencySuspension, "decided_by", [f"{PORTAL}emergency/decide/"]),
    "check_can_decide_withdrawal": (Withdrawal, "decided_by", [f"{PORTAL}withdraw/decide/"]),
    "check_can_approve_text": (InterfaceTranslation, "reviewed_by", [f"{TEXT}decide/", f"{WORDS}review/"]),
    "check_can_approve_banner": (InstallationMode, "approved_by", ["admin/modes/<int:mode_id>/approve/"]),
    "check_can_approve_import": (HistoryImport, "approved_by", ["admin/history/<int:history_id>/approve/"]),
    "check_can_approve_closing": (BulkClosing, "approved_by", [f"{FLOOD}approve/<uuid:sample_id>/"]),
    "check_can_confirm_review": (
        LanguageReview,
        "confirmed_by",
        ["admin/languages/", "admin/languages/<str:tag>/confirm/"],
    ),
    "check_can_confirm": (PeriodClose, "confirmed_by", ["admin/figures/periods/confirm/"]),
    "check_can_grant_allowance": (AddressAllowance, "decided_by", ["admin/batches/grant/"]),
    "check_can_agree": (WordsRelease, "decided_by", [f"{INCIDENT}decide-release/"]),
    "check_can_decide_contact": (Recipient, "verified_by", [f"admin/{RECIPIENT}contact/"]),
    "check_can_verify": (Recipient, "verified_by", [f"admin/{RECIPIENT}verify/"]),
}
COLUMN_OF_ROUTE = {route: (model, column) for model, column, routes in DOORS.values() for route in routes}
# Rules of two people that are not about a second person's agreement: no verdict twice, and no refusal of one's own.
NO_AGREEMENT = {"assessment_once_a_person", "flood_sample_declined_by_another"}
REFUSAL = "Two administrators have not vouched for your account."


@pytest.fixture
def stage(belize: Portal) -> Stage:
    return set_up(belize)


def distrust(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_vouched_for=False)


def callers_of(name: str) -> Iterator[str]:
    """The names of the functions that call `name`, in the order of their modules."""
    for path in python_files(*APPS):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef):
                calls = (call.func for call in ast.walk(function) if isinstance(call, ast.Call))
                yield from (function.name for call in calls if isinstance(call, ast.Name) and call.id == name)


def test_every_door_to_a_second_person_is_in_the_table() -> None:
    assert sorted(callers_of("check_is_second_person")) == sorted(DOORS)
    # Each constraint of two people, but for settings, whose requests are approvals.
    people = {(name, field.model, field.name) for name, field in compared_people() if name not in NO_AGREEMENT}
    columns = {*COLUMN_OF_ROUTE.values(), (SettingChange, "approved_by")}
    covered = {name for name, model, column in people if (model, column) in columns}
    assert covered == CONSTRAINTS - NO_AGREEMENT


@pytest.mark.parametrize("route", COLUMN_OF_ROUTE)
def test_account_of_one_administrator_is_refused_at_the_door(stage: Stage, route: str) -> None:
    act, (model, column) = ACTS[route], COLUMN_OF_ROUTE[route]
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

    [row] = model._default_manager.filter(**{column: stage.people[act.role]})
    distrust(stage.people[act.role])
    stranger = create_person("stranger", act.role)
    distrust(stranger)
    if model is PeriodClose:
        # A confirmed one is never changed, but another row can be added.
        row.pk = None
    else:
        # A decision of earlier is not judged again.
        row.save()
    setattr(row, column, stranger)
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


def test_database_judges_the_second_person_of_every_table_whenever_a_row_is_written(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT event_object_table, event_manipulation FROM information_schema.triggers"
            " WHERE trigger_name = 'second_person_vouched_for' AND action_timing = 'BEFORE'"
        )
        judging = set(cursor.fetchall())
    models_judged: list[type[models.Model]] = [SettingChange, *(model for model, _column, _routes in DOORS.values())]
    tables = {model._meta.db_table for model in models_judged}
    assert judging == {(table, change) for table in tables for change in ("INSERT", "UPDATE")}


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

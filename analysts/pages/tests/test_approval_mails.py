"""The mail about requests that wait for a second person: a count and where to sign in, nothing else."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from analysts.accounts.log_ids.requests import request_name
from analysts.codes import Role
from analysts.imports.actions import discard_import, request_import
from analysts.models import Alarm, HistoryImport, ImportFormat, ImportState, User
from analysts.pages import tasks
from analysts.pages.approval_mails import announce_approvals, write_approval_mail
from analysts.pages.approvals import KINDS
from audit.models import LogId
from audit.permissions import is_allowed
from countries.models import ApprovalRequest, Language, Portal
from countries.staff.requests.approvals import ApprovalKind, decline_request
from countries.staff.translation.opened_languages import request_language
from countries.staff.workspace.portal_approvals import PORTAL_STATE, request_state
from tests.rig.fixtures import create_person


@pytest.fixture(autouse=True)
def _mail_server(settings: Any) -> None:
    settings.MAIL_HOST, settings.STAFF_URL = "mail.example.org", "https://staff.example.org"


@pytest.fixture
def olga(olga: User) -> User:
    olga.email = "olga@example.org"
    olga.save()
    return olga


@pytest.fixture
def otto(db: None) -> User:
    return _add_person("otto", Role.OPERATOR)


def request_suspension(portal: Portal, by: User) -> ApprovalRequest:
    return request_state(by=by, portal=portal, verb="suspend", reason="A reason for staff.")


def test_second_operator_gets_a_count_and_where_to_sign_in(
    belize: Portal, zambia: Portal, olga: User, otto: User
) -> None:
    request_suspension(belize, olga)
    request_suspension(zambia, olga)
    assert announce_approvals() == 2
    tasks.send_alarms(timestamp=0)

    [sent] = mail.outbox
    assert sent.to == ["otto@example.org"]
    assert sent.body == (
        "2 approval requests are waiting for a second person. Your list has those that you may decide.\n"
        "Sign in: https://staff.example.org/accounts/login/"
    )
    # Each is announced once.
    assert (announce_approvals(), Alarm.objects.count()) == (0, 0)


def test_operator_of_one_administrator_gets_no_mail(belize: Portal, olga: User, otto: User) -> None:
    """He could not approve."""
    otto.is_vouched_for = False
    otto.save(update_fields=["is_vouched_for"])
    request_suspension(belize, olga)
    assert announce_approvals() == 0


def test_request_about_a_language_is_mailed_too(olga: User, otto: User) -> None:
    language = Language.objects.create(tag="kri", name="Krio", english_name="Krio", plural_rule="nplurals=1; plural=0;")
    language.is_open = True
    request_language(by=olga, language=language, reason="Two speakers are ready.")
    assert announce_approvals() == 1


def test_nothing_is_mailed_that_needs_no_second_operator_any_more(belize: Portal, olga: User, otto: User) -> None:
    request = request_suspension(belize, olga)
    announce_approvals()
    decline_request(PORTAL_STATE, by=olga, request=request)
    assert write_approval_mail() is None


def test_request_waits_for_a_reader_of_its_mail(belize: Portal, olga: User, settings: Any) -> None:
    request = request_suspension(belize, olga)
    assert announce_approvals() == 0
    _add_person("otto", Role.OPERATOR)
    settings.MAIL_HOST = ""
    assert announce_approvals() == 0
    settings.MAIL_HOST = "mail.example.org"
    assert announce_approvals(now=request.expires_at + timedelta(seconds=1)) == 0
    assert announce_approvals() == 1


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_request_of_each_kind_is_mailed_to_those_who_decide_it(kind: ApprovalKind, belize: Portal, axel: User) -> None:
    """Not to other roles, and not to the person who asked."""
    people = {role: _add_person(role.value, role) for role in Role if role != Role.AUDITOR}
    deciders = [user for user in (axel, *people.values()) if is_allowed(kind.check_may_decide, user)]
    asker = deciders[0]
    second = _add_person("second", Role(asker.role))
    ApprovalRequest.objects.create(kind=kind.code, portal=belize, requested_by=asker, requested_at=timezone.now())
    assert announce_approvals() == 1
    mailed = write_approval_mail()
    assert mailed
    assert set(mailed.to or ()) == {user.email for user in (*deciders, second) if user != asker and user.email}


def test_question_whose_an_id_of_the_log_is_reaches_an_administrator(ana: User, axel: User, adam: User) -> None:
    adam.email = "adam@example.org"
    adam.save(update_fields=["email"])
    request_name(by=axel, log_id=LogId.objects.get(account=ana), reason="A reason for staff.")
    assert announce_approvals() == 1
    tasks.send_alarms(timestamp=0)
    [sent] = mail.outbox
    assert sent.to == ["adam@example.org"]
    assert (ana.username in sent.body, ana.username in sent.subject) == (False, False)


def test_import_of_history_is_mailed_to_the_other_senior_analysts(belize: Portal) -> None:
    sena, _sami = _add_person("sena", Role.SENIOR), _add_person("sami", Role.SENIOR)
    _add_person("otto", Role.OPERATOR)
    history = HistoryImport.objects.create(
        source="Before", format=ImportFormat.CSV, portal=belize, prepared_at=timezone.now(), rows=1
    )
    HistoryImport.objects.update(state=ImportState.COUNTED)
    request_import(by=sena, history=history)
    mailed = write_approval_mail()
    assert mailed
    assert mailed.to == ["sami@example.org"]
    assert mailed.message.startswith(
        "1 import of history is waiting for a second senior analyst, under “History of a former system”."
    )
    discard_import(by=sena, history=history)
    assert write_approval_mail() is None


def _add_person(name: str, role: Role) -> User:
    user = create_person(name, role)
    user.email = f"{name}@example.org"
    user.save(update_fields=["email"])
    return user

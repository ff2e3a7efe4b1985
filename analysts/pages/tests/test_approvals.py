"""Rules shared by all kinds of approval request, in the verbs and on the pages.

Olga and Otto are operators, Adam and Adele administrators; Ben is an analyst whose account requests are about.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from analysts.accounts.approvals import request_portals, request_recovery, request_role
from analysts.accounts.group_approvals import add_group, request_group
from analysts.accounts.language_approvals import request_languages
from analysts.accounts.log_ids.requests import request_name
from analysts.accounts.vouching import request_vouching
from analysts.codes import Role
from analysts.models import Recipient, User
from analysts.operations.editable_settings import EDITABLE
from analysts.operations.setting_changes import change_setting
from analysts.operations.setting_rows import SettingKind, Weakens
from analysts.pages.approvals import KIND_BY_CODE, KINDS
from analysts.sources.actions import add_source, request_key
from analysts.takedown.inbox.inbox_access import request_access
from analysts.tests.inboxes import unit
from audit.models import AuditEvent, LogId
from audit.permissions import Denied, Late
from countries.models import ApprovalRequest, DecidedSetting, Portal
from countries.staff.contacts.service_approvals import request_service
from countries.staff.document.portal_document import document_of
from countries.staff.requests.approvals import (
    AlreadyWaiting,
    ApprovalKind,
    approve_request,
    decline_request,
    expire_requests,
    request_approval,
)
from countries.staff.translation.opened_languages import request_language
from countries.staff.workspace.portal_approvals import request_state, request_words
from countries.tests.factories import HelpServiceFactory, LanguageFactory, open_portal
from tests.rig.fixtures import LONG_AGO, client_of, create_person

APPROVALS = "/admin/approvals/"
REASON = "The helpline has a new number."
DECIDES = {
    "portal_words": Role.OPERATOR,
    "portal_state": Role.OPERATOR,
    "help_service": Role.OPERATOR,
    "language": Role.OPERATOR,
    "account_role": Role.ADMINISTRATOR,
    "account_portals": Role.ADMINISTRATOR,
    "account_recovery": Role.ADMINISTRATOR,
    "account_languages": Role.ADMINISTRATOR,
    "account_vouching": Role.ADMINISTRATOR,
    "portal_group": Role.ADMINISTRATOR,
    "recipient_access": Role.ADMINISTRATOR,
    "setting_change": Role.ADMINISTRATOR,
    "source_key": Role.OPERATOR,
    "log_id": Role.AUDITOR,
}
CODES = sorted(DECIDES)
# One kind for each kind of row that a request is about: for rules of the one function that all kinds go through.
one_of_each_row = pytest.mark.parametrize(
    "waiting",
    [
        "portal_state",
        "help_service",
        "language",
        "account_role",
        "portal_group",
        "setting_change",
        "source_key",
        "log_id",
    ],
    indirect=True,
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request of some kind, the person who made it, and a colleague who may approve it."""

    kind: ApprovalKind
    request: ApprovalRequest
    by: User
    second: User

    @property
    def path(self) -> str:
        return f"{APPROVALS}{self.request.pk}/"


def make_request(code: str, by: User, portal: Portal, account: User) -> ApprovalRequest:
    match code:
        case "portal_words":
            document = {**document_of(portal), "name": "Another name"}
            return request_words(by=by, portal=portal, document=document, reason=REASON)
        case "portal_state":
            return request_state(by=by, portal=portal, verb="suspend", reason=REASON)
        case "help_service":
            service = HelpServiceFactory.create(key=f"service-of-{portal.slug}")
            service.verified_on, service.verified_by = timezone.localdate(), "Olga"
            service.mark_verified()
            return request_service(by=by, service=service, reason=REASON)
        case "language":
            language = LanguageFactory.create(tag=f"xx-{portal.slug}")
            language.is_open = True
            return request_language(by=by, language=language, reason=REASON)
        case "setting_change":
            # Each request of a test is about another setting.
            rows = (row for row in EDITABLE.values() if not ApprovalRequest.objects.filter(setting=row.name).exists())
            row = next(row for row in rows if row.weakens is Weakens.MORE and row.kind is SettingKind.NUMBER)
            request = change_setting(by=by, row=row, value=str(row.bounds[1]), reason=REASON)
            assert isinstance(request, ApprovalRequest)
            return request
        case "source_key":
            source = add_source(by=by, name="Example Platform", kind="platform", portal=portal)
            expires_on = timezone.now().date() + timedelta(days=30)
            return request_key(by=by, source=source, quota=50, expires_on=expires_on, reason=REASON)
    return make_account_request(code, by, portal, account)


def make_account_request(code: str, by: User, portal: Portal, account: User) -> ApprovalRequest:
    match code:
        case "account_role":
            return request_role(by=by, user=account, role=Role.SENIOR)[0]
        case "account_portals":
            return request_portals(by=by, user=account, portals=[portal])
        case "account_recovery":
            return request_recovery(by=by, user=account)[0]
        case "account_languages":
            translator = create_person("amina", Role.TRANSLATOR)
            return request_languages(by=by, user=translator, rights={"ur": True}, reason=REASON)
        case "account_vouching":
            unknown = User.objects.create_user("nora", role=Role.OPERATOR)
            return request_vouching(by=by, accounts=[unknown], reason=REASON)
        case "recipient_access":
            officer = create_person("rosa", Role.RECIPIENT)
            police = unit("Example Police", by=account)
            return request_access(by=by, user=officer, recipient=police, reason=REASON)
        case "log_id":
            return request_name(by=by, log_id=LogId.objects.get(account=account), reason=REASON)
        case "portal_group":
            group = add_group(by=by, name="Central America")
            return request_group(by=by, group=group, members=[account], portals=[portal], reason=REASON)
    raise AssertionError(f"Make a request of kind {code} here.")


@pytest.fixture(params=CODES)
def waiting(request: pytest.FixtureRequest, belize: Portal, olga: User, adam: User, ben: User) -> Waiting:
    code = request.param
    match DECIDES[code]:
        case Role.OPERATOR:
            by, second = olga, create_person("otto", Role.OPERATOR)
        case Role.AUDITOR:
            by, second = create_person("axel", Role.AUDITOR), adam
        case _:
            by, second = adam, create_person("adele", Role.ADMINISTRATOR)
    return Waiting(KIND_BY_CODE[code], make_request(code, by, belize, ben), by, second)


def test_every_kind_is_tried_here() -> None:
    assert sorted(kind.code for kind in KINDS) == CODES
    assert {kind.code for kind in KINDS if kind.needs_recent_sign_in} == {
        "account_role",
        "account_portals",
        "account_recovery",
        "account_languages",
        "account_vouching",
        "recipient_access",
        "portal_group",
        "setting_change",
        "source_key",
        "log_id",
    }


# --- The verbs --------------------------------------------------------------------------------------------------------


def test_requester_cannot_approve_and_withdraws(waiting: Waiting) -> None:
    with pytest.raises(Denied, match="Another person must approve your request"):
        approve_request(waiting.kind, by=waiting.by, request=waiting.request)
    client = client_of(waiting.by)
    page = client.get(waiting.path).content.decode()
    assert 'disabled title="Another person must approve your request."' in page
    assert "Withdraw" in page
    assert client.post(f"{waiting.path}approve/").status_code == 403
    assert client.post(f"{waiting.path}decline/")["Location"] == APPROVALS
    waiting.request.refresh_from_db()
    assert (waiting.request.state, waiting.request.is_withdrawn) == ("declined", True)
    assert f"Withdrawn by {waiting.by}" in client.get(APPROVALS).content.decode()


def test_second_person_approves_or_declines(waiting: Waiting) -> None:
    client = client_of(waiting.second)
    page = client.get(waiting.path).content.decode()
    assert "disabled" not in page.split("button-group")[1].split("</form>")[0]
    assert "Decline" in page
    with transaction.atomic():
        assert client.post(f"{waiting.path}decline/")["Location"] == APPROVALS
        assert f"Declined by {waiting.second}" in client.get(APPROVALS).content.decode()
        transaction.set_rollback(True)
    now = timezone.now()
    approve_request(waiting.kind, by=waiting.second, request=waiting.request, now=now)
    waiting.request.refresh_from_db()
    assert (waiting.request.state, waiting.request.decided_by, waiting.request.decided_at) == (
        "approved",
        waiting.second,
        now,
    )
    assert f"Approved by {waiting.second}" in client.get(waiting.path).content.decode()


def test_request_that_is_not_decided_in_time_expires(waiting: Waiting) -> None:
    request, end = waiting.request, waiting.request.expires_at
    assert end - request.requested_at == timedelta(days=14)
    with pytest.raises(Denied, match="has expired"):
        approve_request(waiting.kind, by=waiting.second, request=request, now=end)
    assert expire_requests(KIND_BY_CODE, now=end - timedelta(seconds=1)) == 0
    assert (expire_requests(KIND_BY_CODE, now=end), expire_requests(KIND_BY_CODE, now=end)) == (1, 0)

    request.refresh_from_db()
    assert (request.state, request.decided_by, request.decided_at) == ("expired", None, end)
    event = AuditEvent.objects.latest("number")
    assert (event.action, event.actor, event.details["requested_by"]) == ("approval.expire", "", waiting.by.username)
    for verb in (approve_request, decline_request):
        with pytest.raises(Late):
            verb(waiting.kind, by=waiting.second, request=request)
    client = client_of(waiting.by)
    page = client.get(waiting.path).content.decode()
    assert "without a decision" in page
    assert "button-group" not in page
    assert "without a decision" in client.get(APPROVALS).content.decode()


def test_requester_under_another_name_is_no_second_person(waiting: Waiting) -> None:
    """The rule and the constraint compare accounts: one administrator could rename the only other operator."""
    User.objects.filter(pk=waiting.by.pk).update(username="another", name="Another")
    by = User.objects.get(pk=waiting.by.pk)
    with pytest.raises(Denied, match="Another person must approve your request"):
        approve_request(waiting.kind, by=by, request=waiting.request)
    assert client_of(by).post(f"{waiting.path}approve/").status_code == 403
    with pytest.raises(IntegrityError, match="approval_request_approved_by_another"), transaction.atomic():
        ApprovalRequest.objects.filter(pk=waiting.request.pk).update(
            state="approved", decided_by=by, decided_at=timezone.now()
        )


# Acts of one administrator on an account so that another person acts with it.
BEFORE_AND_AFTER: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
    ({}, {"username": "another"}),
    ({}, {"name": "Another"}),
    ({"role": Role.PARTNER}, {"role": None}),
    ({"is_active": False}, {"is_active": True}),
)


def test_account_made_or_changed_since_the_request_is_no_second_person(waiting: Waiting) -> None:
    newcomer = User.objects.create(username="newcomer", role=waiting.second.role)
    client = client_of(newcomer)
    assert "given its role after this was requested." in client.get(waiting.path).content.decode()
    assert client.post(f"{waiting.path}approve/").status_code == 403
    account = User.objects.filter(pk=waiting.second.pk)
    for before, after in BEFORE_AND_AFTER:
        with transaction.atomic():
            account.update(**before) if before else None
            account.update(**{name: value or waiting.second.role for name, value in after.items()})
            with pytest.raises(Denied, match="after this was requested"):
                approve_request(waiting.kind, by=account.get(), request=waiting.request)
            transaction.set_rollback(True)
    # Anything else that changes does not matter, and nothing makes an account older.
    account.update(email="second@example.org", last_login=timezone.now(), session_round=3, unchanged_since=LONG_AGO)
    User.objects.filter(pk=newcomer.pk).update(unchanged_since=LONG_AGO)
    assert User.objects.get(pk=newcomer.pk).unchanged_since == newcomer.unchanged_since
    approve_request(waiting.kind, by=account.get(), request=waiting.request)


@one_of_each_row
def test_decided_request_is_not_decided_again(waiting: Waiting) -> None:
    approve_request(waiting.kind, by=waiting.second, request=waiting.request)
    with pytest.raises(Late, match="already been decided"):
        approve_request(waiting.kind, by=waiting.second, request=waiting.request)
    with pytest.raises(Late, match="already been decided"):
        decline_request(waiting.kind, by=waiting.second, request=waiting.request)
    client = client_of(waiting.second)
    for act in ("approve", "decline"):
        answer = client.post(f"{waiting.path}{act}/")
        page = answer.content.decode()
        assert answer.status_code == 409
        assert '<p class="summary" role="alert">This request has already been decided.</p>' in page
        assert f"Approved by {waiting.second}" in page
        assert f'action="{waiting.path}' not in page


@one_of_each_row
def test_one_request_about_the_same_at_a_time(waiting: Waiting) -> None:
    with pytest.raises(AlreadyWaiting, match=f"made by {waiting.by}, is waiting"):
        request_approval(
            waiting.kind,
            by=waiting.second,
            about=waiting.request.about,
            payload=waiting.request.payload,
        )


@one_of_each_row
def test_request_of_another_kind_is_refused(waiting: Waiting) -> None:
    for kind in KINDS:
        if kind is not waiting.kind:
            for verb in (approve_request, decline_request):
                with pytest.raises(ValueError, match="is not of kind"):
                    verb(kind, by=waiting.second, request=waiting.request)


@one_of_each_row
@pytest.mark.django_db(transaction=True)
def test_two_who_approve_at_once_approve_once(waiting: Waiting) -> None:
    both = Barrier(2)
    said: list[str] = []

    def approve(by: User) -> None:
        both.wait()
        try:
            approve_request(waiting.kind, by=by, request=ApprovalRequest.objects.get(pk=waiting.request.pk))
            said.append("approved")
        except Denied as denied:
            said.append(str(denied.reason))
        finally:
            connection.close()

    third = create_person("third", Role(waiting.second.role))
    threads = [Thread(target=approve, args=[by]) for by in (waiting.second, third)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(said) == ["This request has already been decided.", "approved"]
    assert AuditEvent.objects.filter(action="approval.approve").count() == 1


EVENTS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    # By kind: the portal, the facts of each event, and those of the request alone.
    "portal_words": ("bz", {"changes": {"name": {"before": "Belize", "after": "Another name"}}}, {"reason": REASON}),
    "portal_state": ("bz", {"verb": "suspend"}, {"reason": REASON}),
    "language": (
        "",
        {"language": "xx-bz", "changes": {"is_open": {"before": False, "after": True}}},
        {"reason": REASON},
    ),
    "help_service": (
        "",
        {
            "key": "service-of-bz",
            "changes": {
                "verified_by": {"before": "", "after": "Olga"},
                "verified_digest": {
                    "before": "",
                    "after": HelpServiceFactory.build(key="service-of-bz").value_digest(),
                },
                "verified_on": {"before": None, "after": timezone.localdate().isoformat()},
            },
        },
        {"reason": REASON},
    ),
    "account_role": (
        "",
        {"account": "ben", "role_before": "analyst", "role": "senior", "portals": ["zm"], "all_portals": False},
        {},
    ),
    "account_portals": ("", {"account": "ben", "portals": ["bz"], "all_portals": False}, {}),
    "account_recovery": ("", {"account": "ben"}, {}),
    "account_languages": ("", {"account": "amina", "languages": ["ur"], "reviews": ["ur"]}, {"reason": REASON}),
    "account_vouching": ("", {}, {"reason": REASON}),
    "recipient_access": ("", {"account": "rosa"}, {"reason": REASON}),
    "portal_group": (
        "",
        {"group": "Central America", "members_before": [], "portals_before": [], "portals": ["bz"]},
        {"reason": REASON},
    ),
    "setting_change": (
        "",
        {"setting": "SESSION_IDLE_MINUTES", "changes": {"SESSION_IDLE_MINUTES": {"before": "30", "after": "120"}}},
        {"reason": REASON},
    ),
    "source_key": (
        "",
        {
            "name": "Example Platform",
            "scope": "bz",
            "quota": 50,
            "expires_on": str(timezone.now().date() + timedelta(days=30)),
        },
        {"reason": REASON},
    ),
    "log_id": ("", {}, {"reason": REASON}),
}


@pytest.mark.parametrize(
    ("verb", "action"), [(approve_request, "approval.approve"), (decline_request, "approval.decline")]
)
def test_request_and_decision_are_on_record(
    waiting: Waiting, belize: Portal, ben: User, verb: Callable[..., Any], action: str
) -> None:
    verb(waiting.kind, by=waiting.second, request=waiting.request)
    portal, facts, of_request = EVENTS[waiting.kind.code]
    facts = {"request": waiting.request.pk, "kind": waiting.kind.code, **facts}
    if waiting.kind.code == "account_vouching":
        accounts = LogId.objects.filter(account__in=waiting.request.payload["accounts"]).order_by("account")
        facts["accounts"] = list(accounts.values_list("value", flat=True))
    if waiting.request.group:
        facts["members"] = ["ben"]
    if waiting.kind.code == "recipient_access":
        facts["recipient"] = str(Recipient.objects.get(name="Example Police").pk)
    row = waiting.request.about
    assert row is not None
    about = (row._meta.label_lower, row.username if isinstance(row, User) else str(row.pk))
    found = AuditEvent.objects.filter(action__startswith="approval.").order_by("number")
    assert list(found.values_list("action", "actor", "object_type", "object_id", "portal", "details")) == [
        ("approval.request", waiting.by.username, *about, portal, {**facts, **of_request}),
        (
            action,
            waiting.second.username,
            *about,
            portal,
            {**facts, "requested_by": waiting.by.username},
        ),
    ]
    assert AuditEvent.objects.latest("number").action == action


# --- Who sees and decides ---------------------------------------------------------------------------------------------


def test_only_those_who_decide_a_kind_see_it(olga: User, adam: User) -> None:
    """One request of each kind: the list and the header are the same page for all of them."""
    makers = {Role.OPERATOR: olga, Role.ADMINISTRATOR: adam, Role.AUDITOR: create_person("axel", Role.AUDITOR)}
    requests = {}
    for number, (code, decider) in enumerate(DECIDES.items()):
        portal = open_portal(f"p{number}", f"Portal {number}", "en", country="XX")
        account = create_person(f"person{number}", Role.ANALYST)
        requests[code] = make_request(code, makers[decider], portal, account)
    for role in Role:
        pages_show_what_is_decided(create_person(f"caller-{role}", role), requests)


def pages_show_what_is_decided(caller: User, requests: dict[str, Any]) -> None:
    client, role = client_of(caller), Role(caller.role)
    decided_codes = [code for code in CODES if decides(role, code)]
    number, decides_any = len(decided_codes), bool(decided_codes)
    listed, header = client.get(APPROVALS), client.get("/admin/").content.decode()
    assert listed.status_code == (200 if decides_any else 403)
    # Beside the menu, in it, and on the dashboard.
    assert header.count(f"{number} approval request{'s' if number > 1 else ''}") == (3 if decides_any else 0)
    assert ("approval request" in header) is decides_any
    for code, request in requests.items():
        waiting = Waiting(KIND_BY_CODE[code], request, request.requested_by, caller)
        title, page = waiting.kind.title(request), client.get(waiting.path)
        if code in decided_codes:
            assert (page.status_code, title in listed.content.decode()) == (200, True), code
            assert f"<h1>{title}</h1>" in page.content.decode()
        else:
            assert page.status_code == (404 if decides_any else 403), code
            assert title not in listed.content.decode()
            check_refusal(client, waiting, caller, status=404 if decides_any else 403)


def decides(role: Role, code: str) -> bool:
    return role == DECIDES[code] or (code == "log_id" and role == Role.ADMINISTRATOR)


def check_refusal(client: Client, waiting: Waiting, caller: User, *, status: int) -> None:
    """The caller decides nothing: neither by address nor by verb."""
    for act in ("approve", "decline"):
        assert client.post(f"{waiting.path}{act}/").status_code == status
    for verb in (approve_request, decline_request):
        with pytest.raises(Denied):
            verb(waiting.kind, by=caller, request=waiting.request)
    with pytest.raises(Denied):
        request_approval(waiting.kind, by=caller, about=waiting.request.about, payload={})
    waiting.request.refresh_from_db()
    assert waiting.request.is_waiting


@pytest.mark.usefixtures("sessions_noted_later")
@pytest.mark.parametrize("code", ["portal_state", "account_recovery"])
def test_list_asks_as_many_queries_for_ten_as_for_one(
    code: str, olga: User, adam: User, django_assert_num_queries: Any
) -> None:
    by = olga if DECIDES[code] == Role.OPERATOR else adam
    second = create_person("second", DECIDES[code])
    client = client_of(second)
    for number in (1, 9):
        for each in range(number):
            portal = open_portal(f"p{number}{each}", f"Portal {number}{each}", "en", country="XX")
            account = create_person(f"person{number}{each}", Role.WELFARE)
            decline_request(KIND_BY_CODE[code], by=second, request=make_request(code, by, portal, account))
            make_request(code, by, portal, account)
        with django_assert_num_queries(6):
            assert client.get(APPROVALS).status_code == 200


# --- What the database refuses ----------------------------------------------------------------------------------------


def stored(olga: User, **changed: Any) -> ApprovalRequest:
    """Create a row in a transaction of its own."""
    values = {"kind": "portal_state", "requested_by": olga, "requested_at": timezone.now(), **changed}
    with transaction.atomic():
        return ApprovalRequest.objects.create(**values)


def test_database_refuses_what_is_impossible(belize: Portal, olga: User, adam: User, ben: User) -> None:
    now = timezone.now()
    of_portal, of_account = {"portal": belize}, {"account": ben}
    of_group = {"group": add_group(by=adam, name="Central America")}
    of_service = {"service": HelpServiceFactory.create()}
    of_language = {"language": LanguageFactory.create()}
    of_setting = {"setting": DecidedSetting.objects.create(name="SESSION_HOURS", effective_at=now)}
    of_log_id = {"log_id": LogId.objects.get(account=ben)}
    of_source = {"source": add_source(by=olga, name="Example Platform", kind="platform", portal=belize)}
    decided = {"state": "approved", "decided_by": adam, "decided_at": now}
    cases: list[tuple[str, list[dict[str, Any]]]] = [
        ("approval_request_about_one", [{}]),
        ("approval_request_about_one", [of_portal | of_account]),
        ("approval_request_about_one", [of_portal | of_service]),
        ("approval_request_one_waiting_for_portal", [of_portal, of_portal]),
        ("approval_request_one_waiting_for_account", [of_account, of_account]),
        ("approval_request_one_waiting_for_group", [of_group, of_group]),
        ("approval_request_one_waiting_for_service", [of_service, of_service]),
        ("approval_request_one_waiting_for_language", [of_language, of_language]),
        ("approval_request_one_waiting_for_setting", [of_setting, of_setting]),
        ("approval_request_one_waiting_for_source", [of_source, of_source]),
        ("approval_request_one_waiting_for_log_id", [of_log_id, of_log_id]),
        ("approval_request_decided_with_name_and_time", [of_portal | {"state": "declined"}]),
        ("approval_request_decided_with_name_and_time", [of_portal | {"state": "declined", "decided_by": adam}]),
        ("approval_request_decided_with_name_and_time", [of_portal | {"state": "declined", "decided_at": now}]),
        ("approval_request_decided_with_name_and_time", [of_portal | {"decided_by": adam, "decided_at": now}]),
        ("approval_request_decided_with_name_and_time", [of_portal | decided | {"state": "x"}]),
        ("approval_request_decided_with_name_and_time", [of_portal | {"state": "expired"}]),
        ("approval_request_decided_with_name_and_time", [of_portal | decided | {"state": "expired"}]),
        ("approval_request_approved_in_time", [of_portal | decided | {"expires_at": now}]),
        ("approval_request_approved_by_another", [of_portal | decided | {"decided_by": olga}]),
        ("approval_request_approved_by_another", [of_account | decided | {"decided_by": ben}]),
    ]
    assert {name for name, _rows in cases} == {each.name for each in ApprovalRequest._meta.constraints}
    for name, rows in cases:
        *before, refused = rows
        with transaction.atomic():
            for row in before:
                stored(olga, **row)
            with pytest.raises(IntegrityError, match=name):
                stored(olga, **refused)
            transaction.set_rollback(True)
    for row in (of_portal, of_account, of_portal | decided, of_account | decided):
        stored(olga, **row)

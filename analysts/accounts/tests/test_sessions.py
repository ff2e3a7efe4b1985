"""Session lifetime, ending all sessions, and re-authentication."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import RequestFactory
from procrastinate.contrib.django import app

from analysts.accounts import sessions
from analysts.accounts.approvals import request_recovery
from analysts.accounts.sessions import page_of
from analysts.accounts.sign_in import delays
from analysts.accounts.sign_in.views import factors_recorded
from analysts.accounts.tests.test_sign_in import PASSWORD, SECRET, enter
from analysts.accounts.tests.test_user_admin import LIST, change, fields_of
from analysts.codes import Role
from analysts.models import Incident, User
from analysts.pages import tasks
from analysts.tests.factories import incident_of
from audit.models import AuditEvent
from countries.models import Portal
from portal_site.environment import PROJECT
from tests.rig.fixtures import client_of
from tests.rig.routes import fill_route, is_staff, walk_routes

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def test_idle_session_ends_and_comes_back_to_its_page(ana: User, belize: Portal, clock: Any) -> None:
    client = client_of(ana)
    for _ in range(5):
        clock.shift(timedelta(minutes=29))
        assert client.get("/admin/queue/?portal=bz").status_code == 200
    clock.shift(timedelta(minutes=30))
    answer = client.get("/admin/queue/?portal=bz")

    assert answer["Location"] == "/accounts/login/?next=/admin/queue/%3Fportal%3Dbz"
    page = client.get(answer["Location"])
    assert "You were signed out after 30 minutes of inactivity. Sign in to continue." in page.content.decode()
    assert "What you sent was not saved." not in page.content.decode()
    assert enter(client, onward="/admin/queue/?portal=bz")["Location"] == "/admin/queue/?portal=bz"


def test_form_sent_too_late_says_so_and_leads_back_to_its_page(ana: User, belize: Portal, clock: Any) -> None:
    incident = incident_of(belize)
    client = client_of(ana)
    clock.shift(timedelta(minutes=31))
    answer = client.post(f"/admin/incidents/{incident.pk}/claim/", follow=True)

    assert answer.redirect_chain == [(f"/accounts/login/?next=/admin/incidents/{incident.pk}/", 302)]
    assert "What you sent was not saved." in answer.content.decode()
    assert Incident.objects.get().claimed_by is None


def test_session_ends_after_ten_hours_despite_activity(ana: User, belize: Portal, clock: Any) -> None:
    client = client_of(ana)
    for _ in range(29):
        clock.shift(timedelta(minutes=20))
        assert client.get("/admin/queue/").status_code == 200
    clock.shift(timedelta(minutes=20))
    answer = client.get("/admin/queue/", follow=True)
    assert "You were signed out because sessions end after 10 hours." in answer.content.decode()


def test_limits_are_settings(ana: User, belize: Portal, clock: Any, settings: Any) -> None:
    settings.SESSION_IDLE_MINUTES, settings.SESSION_HOURS = 5, 1
    client = client_of(ana)
    clock.shift(timedelta(minutes=5))
    assert client.get("/admin/queue/").status_code == 302


def test_session_is_written_once_a_minute_at_most(ana: User, belize: Portal, clock: Any) -> None:
    client = client_of(ana)

    def seen() -> str:
        return Session.objects.get().session_data

    before = seen()
    clock.shift(timedelta(seconds=59))
    client.get("/admin/queue/")
    assert seen() == before
    clock.shift(timedelta(seconds=1))
    client.get("/admin/queue/")
    assert seen() != before


def test_every_act_sent_without_a_session_leads_back_to_a_page_that_opens(
    sena: User, belize: Portal, adam: User
) -> None:
    arguments = {"incident_id": str(incident_of(belize).pk), "object_id": str(adam.pk), "user_id": str(adam.pk)}
    clients = [client_of(sena), client_of(adam)]
    wrong, acts = [], 0
    for route, pattern in walk_routes():
        if not is_staff(route) or "(?P<" in route:
            continue
        path = fill_route(route, pattern, arguments)
        page = page_of(path)
        acts += page != path
        if all(client.get(page).status_code == 405 for client in clients):
            wrong.append((path, page))
    assert wrong == []
    assert acts >= 14


# --- Ending all sessions ----------------------------------------------------------------------------------------------


def test_switched_off_and_on_again_is_signed_out(adam: User, ana: User, belize: Portal) -> None:
    hers = client_of(ana)
    client = client_of(adam)
    change(client, ana, is_active="")
    ana.refresh_from_db()
    change(client, ana, is_active="on")

    ana.refresh_from_db()
    assert ana.is_active
    assert hers.get("/admin/queue/").status_code == 302
    assert client_of(ana).get("/admin/queue/").status_code == 200


def test_new_role_ends_every_session_of_the_account(adam: User, ana: User, ben: User, belize: Portal) -> None:
    here, there, bens = client_of(ana), client_of(ana), client_of(ben)
    change(client_of(adam), ana, role="partner")
    ana.refresh_from_db()
    assert ana.role == "partner"

    # The session opens pages of neither the old nor the new role.
    for client in (here, there):
        for path in ("/admin/queue/", "/admin/countries/portal/"):
            assert client.get(path)["Location"] == f"/accounts/login/?next={path}"
    assert bens.get("/admin/queue/").status_code == 200
    assert [client_of(ana).get(path).status_code for path in ("/admin/queue/", "/admin/")] == [403, 200]


def test_ana_signs_out_everywhere(ana: User, ben: User, belize: Portal) -> None:
    here, there, bens = client_of(ana), client_of(ana), client_of(ben)
    assert here.get("/accounts/logout/everywhere/").status_code == 405
    answer = here.post("/accounts/logout/everywhere/", follow=True)

    assert "You are signed out in every browser." in answer.content.decode()
    assert {client.get("/admin/queue/").status_code for client in (here, there)} == {302}
    assert bens.get("/admin/queue/").status_code == 200
    event = AuditEvent.objects.get(action="user.sign_out_everywhere")
    assert (event.actor, event.object_id) == ("ana", "ana")


def test_second_factor_taken_away_ends_sessions_elsewhere(ana: User, belize: Portal) -> None:
    TOTP.activate(ana, SECRET)
    here, there = client_of(ana), client_of(ana)
    here.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert here.post("/accounts/mfa/totp/deactivate/").status_code == 302

    assert here.get("/admin/queue/").status_code == 200
    assert there.get("/admin/queue/").status_code == 302
    assert list(
        AuditEvent.objects.filter(actor="ana", action__startswith="user.").values_list("action", "details")
    ) == [("user.remove_factor", {"kind": "totp"})]


def test_change_of_the_password_is_on_record(ana: User) -> None:
    fields = {"oldpassword": PASSWORD, "password1": "another horse battery", "password2": "another horse battery"}
    client_of(ana).post("/accounts/password/change/", fields)
    event = AuditEvent.objects.get()
    assert (event.action, event.actor, event.details) == ("user.change_password", "ana", {})


# --- Re-authentication ------------------------------------------------------------------------------------------------


def test_role_is_given_only_by_who_is_there_now_and_nothing_typed_is_lost(
    adam: User, ana: User, belize: Portal, clock: Any
) -> None:
    client = client_of(adam)
    clock.shift(timedelta(minutes=5))
    path = f"{LIST}{ana.pk}/change/"
    # Reading does not require it.
    assert client.get(path).status_code == 200
    answer = client.post(f"{path}?_changelist_filters=q%3Dana", fields_of(ana, name="Ana Typed", role="partner"))
    assert answer["Location"] == f"/accounts/reauthenticate/?next={path.replace('/', '%2F')}"
    ana.refresh_from_db()
    assert (ana.name, ana.role) == ("Ana", "analyst")

    assert client.post(answer["Location"], {"password": "wrong horse battery", "next": path}).status_code == 200
    ana.refresh_from_db()
    assert ana.role == "analyst"
    answer = client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": path})
    assert answer["Location"] == f"{LIST}?q=ana"
    ana.refresh_from_db()
    assert (ana.name, ana.role) == ("Ana Typed", "partner")


def test_what_waited_is_forgotten_when_something_else_is_asked_for(
    adam: User, ana: User, belize: Portal, clock: Any
) -> None:
    client = client_of(adam)
    clock.shift(timedelta(minutes=5))
    client.post(f"{LIST}{ana.pk}/change/", fields_of(ana, role="operator"))
    client.post(f"/admin/accounts/{ana.pk}/recover/")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": f"{LIST}{ana.pk}/change/"})
    ana.refresh_from_db()
    assert ana.role == "analyst"


@pytest.mark.parametrize("act", ["add/", "change/", "recover", "approve"])
def test_power_over_accounts_asks_again(adam: User, ana: User, clock: Any, act: str) -> None:
    client = client_of(adam)
    clock.shift(timedelta(minutes=5))
    path = {
        "add/": f"{LIST}add/",
        "change/": f"{LIST}{ana.pk}/change/",
        "recover": f"/admin/accounts/{ana.pk}/recover/",
        "approve": f"/admin/approvals/{request_recovery(by=adam, user=ana)[0].pk}/approve/",
    }[act]
    assert client.post(path)["Location"].startswith("/accounts/reauthenticate/?next=")
    assert User.objects.count() == 2


def test_reveal_asks_again_after_hours_of_work(ana: User, belize: Portal, clock: Any) -> None:
    incident = incident_of(belize)
    path = f"/admin/incidents/{incident.pk}/reveal/"
    client = client_of(ana)
    for _ in range(10):
        clock.shift(timedelta(minutes=23))
        client.get("/admin/queue/")
    asked = {"reason": "advice"}
    assert client.post(path, asked)["Location"] == f"/admin/incidents/{incident.pk}/"
    clock.shift(timedelta(minutes=10))
    answer = client.post(path, asked)
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    # She continues where she was.
    answer = client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": path})
    assert answer["Location"] == f"/admin/incidents/{incident.pk}/"
    assert AuditEvent.objects.filter(action="incident.reveal").count() == 2


def test_password_is_set_only_by_who_is_there_now(ana: User, clock: Any) -> None:
    ana.set_unusable_password()
    ana.save()
    TOTP.activate(ana, SECRET)
    client = client_of(ana)
    clock.shift(timedelta(minutes=5))
    fields = {"password1": "another horse battery", "password2": "another horse battery"}
    answer = client.post("/accounts/password/set/", fields)
    assert answer["Location"] == "/accounts/mfa/reauthenticate/?next=%2Faccounts%2Fpassword%2Fset%2F"
    # Passwords are not stored in the session.
    assert "another horse" not in str(Session.objects.get().get_decoded())


def test_what_waits_holds_no_cookie(adam: User, ana: User, clock: Any) -> None:
    client = client_of(adam)
    clock.shift(timedelta(minutes=5))
    client.post(f"{LIST}{ana.pk}/change/", fields_of(ana, name="Typed Name"))
    waiting = str(Session.objects.get().get_decoded())
    assert "Typed+Name" in waiting
    assert client.cookies["session"].value not in waiting


def test_rows_of_ended_sessions_are_deleted(ana: User, clock: Any) -> None:
    client_of(ana)
    tasks.delete_old_sessions(timestamp=0)
    assert Session.objects.count() == 1
    clock.shift(timedelta(hours=10, seconds=1))
    tasks.delete_old_sessions(timestamp=0)
    assert Session.objects.count() == 0


def test_rows_of_sessions_are_cleared_as_often_as_promised() -> None:
    [job] = [each for each in app.periodic_registry.periodic_tasks.values() if each.task.name.endswith("old_sessions")]
    promised = " ".join((PROJECT / "SECURITY.md").read_text().split())

    assert job.cron == tasks.HOURLY
    assert "Session rows are cleared hourly" in promised


# --- Requests under way while sessions end ----------------------------------------------------------------------------


def test_second_factor_under_way_does_not_outlive_the_end_of_its_session(ana: User) -> None:
    """Otherwise the administrator who created an account could keep a passkey in it after its role is approved."""

    def add(request: Any) -> HttpResponse:
        Authenticator.objects.create(user=request.user, type=Authenticator.Type.WEBAUTHN, data={})
        return HttpResponse()

    request: Any = RequestFactory().post("/accounts/mfa/webauthn/add/")
    request.session, request.user = client_of(ana).session, User.objects.get(pk=ana.pk)
    factors_recorded(add)(request)
    assert Authenticator.objects.filter(user=ana).count() == 1

    sessions.end_all(User.objects.get(pk=ana.pk))
    with pytest.raises(PermissionDenied):
        factors_recorded(add)(request)
    assert Authenticator.objects.filter(user=ana).count() == 1


@pytest.mark.django_db(transaction=True)
def test_second_factor_and_the_end_of_sessions_wait_for_each_other(ana: User) -> None:
    """Ending sessions and removing second factors also covers one that is being added at the same time."""
    request: Any = RequestFactory().post("/accounts/mfa/webauthn/add/")
    request.session, request.user = client_of(ana).session, User.objects.get(pk=ana.pk)
    ended = threading.Event()

    def end() -> None:
        try:
            with transaction.atomic():
                sessions.end_all(User.objects.get(pk=ana.pk))
                ended.set()
                Authenticator.objects.filter(user=ana).delete()
        finally:
            connection.close()

    def add(request: Any) -> HttpResponse:
        ender.start()
        assert not ended.wait(1)
        Authenticator.objects.create(user=request.user, type=Authenticator.Type.WEBAUTHN, data={})
        return HttpResponse()

    ender = threading.Thread(target=end)
    factors_recorded(add)(request)
    ender.join()
    assert not Authenticator.objects.filter(user=ana).exists()


def test_password_under_way_does_not_bring_back_what_was_taken_away(ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    begin = delays.begin_attempt

    def meanwhile(*args: Any) -> delays.SignInAttempt:
        User.objects.filter(pk=ana.pk).update(role=Role.OPERATOR, is_active=False, session_round=7)
        return begin(*args)

    monkeypatch.setattr(delays, "begin_attempt", meanwhile)
    fields = {"oldpassword": PASSWORD, "password1": "another horse battery", "password2": "another horse battery"}
    assert client_of(ana).post("/accounts/password/change/", fields).status_code == 403
    ana.refresh_from_db()
    assert (ana.role, ana.is_active, ana.session_round) == (Role.OPERATOR, False, 7)
    assert ana.check_password(PASSWORD)

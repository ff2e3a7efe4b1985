"""Admin of accounts: permissions, sessions ended by a change, and audit events."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.db import models, transaction
from django.db.models.base import ModelBase
from django.test import Client, RequestFactory

from analysts.accounts.account_forms import EditForm
from analysts.codes import Role
from analysts.models import EntryCode, User
from audit.actions import JSON
from audit.changes import describe_text
from audit.models import AuditEvent
from audit.staff_admin import StaffModelAdmin
from countries.models import ApprovalRequest, Portal
from tests.rig.fixtures import client_of, create_person

LIST = "/admin/analysts/user/"
PASSWORD = "correct horse battery"


def fields_of(user: User, **changed: Any) -> dict[str, Any]:
    fields = {
        "username": user.username,
        "name": user.name,
        "email": user.email,
        "role": user.role,
        "portals": [portal.pk for portal in user.portals.all()],
        "language": user.language,
        "is_active": "on" if user.is_active else "",
    }
    return {name: value for name, value in (fields | changed).items() if value != ""}


def change(client: Client, user: User, **changed: Any) -> int:
    return client.post(f"{LIST}{user.pk}/change/", fields_of(user, **changed)).status_code


def last_event() -> tuple[str, str, str, dict[str, Any]]:
    event = AuditEvent.objects.latest("number")
    return event.action, event.actor, event.object_id, event.details


def add(client: Client, role: Role, *portals: Portal, **more: Any) -> Any:
    form = {"username": "nora", "name": "Nora", "role": role, "portals": [portal.pk for portal in portals]}
    return client.post(f"{LIST}add/", form | more)


def test_adam_makes_an_account(adam: User, belize: Portal) -> None:
    first = add(client_of(adam), Role.PARTNER, belize, language="es")

    nora = User.objects.get(username="nora")
    assert (nora.role, nora.language, list(nora.portals.all())) == (Role.PARTNER, "es", [belize])
    assert (nora.is_active, nora.has_usable_password()) == (True, False)
    changes = {
        "username": {"before": None, "after": describe_text("nora")},
        "name": {"before": None, "after": describe_text("Nora")},
        "role": {"before": None, "after": "partner"},
        "language": {"before": None, "after": "es"},
        "portals": {"added": ["bz"], "removed": []},
    }
    event = AuditEvent.objects.get(action="user.add")
    details = {"role": "partner", "changes": changes}
    assert (event.actor, event.object_id, event.details) == ("adam", nora.log_id.pk, details)
    # One half of Nora's code for each administrator. They are not stored in plain text.
    adele = create_person("adele", Role.ADMINISTRATOR)
    request = ApprovalRequest.objects.waiting().get()
    second = client_of(adele).post(f"/admin/approvals/{request.pk}/approve/")
    pages = (first.content + second.content).decode()
    halves = re.findall(r'id="(?:first|second)-half" dir="ltr">([0-9A-Z-]+)<', pages)
    assert [len(half) for half in halves] == [14, 14]
    assert not EntryCode.objects.filter(first_half__in=halves).exists()
    fields = {"username": "Nora ", "first": halves[0].lower(), "second": halves[1].replace("-", " ")}
    answer = Client().post("/accounts/enter/", fields | {"password": PASSWORD, "again": PASSWORD})
    assert answer["Location"] == "/accounts/login/"
    nora.refresh_from_db()
    assert nora.check_password(PASSWORD)
    assert PASSWORD not in str(list(AuditEvent.objects.values_list("details")))


def test_change_is_on_record_with_old_and_new_values(adam: User, ana: User, belize: Portal, zambia: Portal) -> None:
    assert change(client_of(adam), ana, role=Role.PARTNER, portals=[zambia.pk], username="ana-b", name="Ana B") == 302

    changes = {
        "username": {"before": describe_text("ana"), "after": describe_text("ana-b")},
        "name": {"before": describe_text("Ana"), "after": describe_text("Ana B")},
        "role": {"before": "analyst", "after": "partner"},
        "portals": {"added": ["zm"], "removed": ["bz"]},
    }
    details = {"role": "partner", "changes": changes}
    assert last_event() == ("user.change", "adam", "ana", details)
    ana.refresh_from_db()
    assert (ana.role, list(ana.portals.all())) == (Role.PARTNER, [zambia])


# One change of each field that an administrator can edit, and what its event says.
EDITS: dict[str, tuple[Any, JSON]] = {
    "username": ("olga-b", {"before": describe_text("olga"), "after": describe_text("olga-b")}),
    "name": ("Olga B", {"before": describe_text("Olga"), "after": describe_text("Olga B")}),
    "email": ("olga@example.org", {"before": None, "after": describe_text("olga@example.org")}),
    "role": ("partner", {"before": "operator", "after": "partner"}),
    "portals": (["zm"], {"added": ["zm"], "removed": ["bz"]}),
    "all_portals": ("on", {"before": False, "after": True}),
    "language": ("es", {"before": "", "after": "es"}),
    "is_active": ("", {"before": True, "after": False}),
}


def test_every_field_that_an_administrator_edits_is_on_record(adam: User, olga: User, zambia: Portal) -> None:
    assert set(EDITS) == set(EditForm.base_fields)
    client = client_of(adam)
    for name, (value, expected) in EDITS.items():
        olga.refresh_from_db()
        value = [zambia.pk] if name == "portals" else value
        with transaction.atomic():
            assert change(client, olga, **{name: value}) == 302, name
            assert AuditEvent.objects.filter(action="user.change").latest("number").details["changes"] == {
                name: expected
            }
            transaction.set_rollback(True)


def test_sessions_end_with_the_role(adam: User, ana: User, belize: Portal) -> None:
    hers = client_of(ana)
    assert hers.get("/admin/queue/").status_code == 200
    # A new name does not sign her out.
    change(client_of(adam), ana, name="Ana B")
    assert hers.get("/admin/queue/").status_code == 200
    change(client_of(adam), ana, role=Role.PARTNER)
    assert hers.get("/admin/queue/").status_code == 302


def test_sessions_end_when_switched_off(adam: User, ana: User, belize: Portal) -> None:
    hers = client_of(ana)
    change(client_of(adam), ana, is_active="")

    assert hers.get("/admin/queue/").status_code == 302
    ana.refresh_from_db()
    assert ana.is_active is False


def test_adam_cannot_open_reports_to_himself(adam: User, ana: User, belize: Portal) -> None:
    client = client_of(adam)
    for role in (Role.ANALYST, Role.SENIOR):
        page = client.post(f"{LIST}{adam.pk}/change/", fields_of(adam, role=role, portals=[belize.pk]))
        assert page.status_code == 200
        assert "You cannot give yourself a role that needs approval." in page.content.decode()
    adam.refresh_from_db()
    assert (adam.role, adam.portals.count()) == (Role.ADMINISTRATOR, 0)
    assert AuditEvent.objects.count() == 0
    # He can request it for others.
    assert change(client, ana, role=Role.SENIOR) == 302
    ana.refresh_from_db()
    assert ana.role == Role.ANALYST


def test_adam_sets_no_password(adam: User, ana: User, belize: Portal) -> None:
    hers, before = client_of(ana), ana.password
    form = {"password1": "another horse battery", "password2": "another horse battery", "usable_password": "true"}
    client_of(adam).post(f"{LIST}{ana.pk}/password/", form | {"set-password": "1"})
    change(client_of(adam), ana, password="another horse battery", password1="another horse battery")

    ana.refresh_from_db()
    assert ana.password == before
    assert hers.get("/admin/queue/").status_code == 200


def test_accounts_are_never_deleted(adam: User, ana: User) -> None:
    client = client_of(adam)
    assert client.post(f"{LIST}{ana.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(LIST, {"action": "delete_selected", "_selected_action": [ana.pk], "post": "yes"})
    assert User.objects.filter(pk=ana.pk).count() == 1


def test_page_shows_nothing_of_the_password(adam: User, ana: User) -> None:
    page = client_of(adam).get(f"{LIST}{ana.pk}/change/").content.decode()

    assert "Lost password or second factor" in page
    assert "password/" not in page.replace("/accounts/password/change/", "")
    for piece in ("argon2", "salt", ana.password.rpartition("$")[2][:6]):
        assert piece not in page


@pytest.mark.parametrize("username", ["ana", "sena", "olga", "petra", "axel", "willa"])
def test_accounts_are_closed_to_everybody_else(username: str, adam: User, request: pytest.FixtureRequest) -> None:
    client = client_of(request.getfixturevalue(username))

    for path in (LIST, f"{LIST}add/", f"{LIST}{adam.pk}/change/"):
        assert client.get(path).status_code == 403
    assert client.post(f"/admin/accounts/{adam.pk}/recover/").status_code == 403
    assert change(client, adam, name="Changed") == 403
    adam.refresh_from_db()
    assert adam.name == "Adam"


def test_pages_of_libraries_are_not_there(adam: User) -> None:
    labels = {model._meta.label for model in admin.site._registry}
    assert labels == {
        "analysts.User",
        "analysts.LegalText",
        "analysts.MaskedTerm",
        "analysts.RouteExample",
        "analysts.RouteRule",
        "analysts.SenderIdentity",
        "audit.AuditEvent",
        "countries.Portal",
        "countries.HelpService",
        "countries.Language",
    }
    for path in ("auth/group", "account/emailaddress", "mfa/authenticator", "procrastinate/procrastinatejob"):
        assert client_of(adam).get(f"/admin/{path}/").status_code == 404


LOOKUPS = ("", "exact", "startswith", "regex", "contains", "gte", "in", "isnull", "length", "id__exact", "pk")
OFFERED = {
    "analysts.User": {"role__exact", "is_active__exact", "portals__id__exact", "portals__isnull"},
    "analysts.LegalText": set(),
    "analysts.MaskedTerm": set(),
    "analysts.RouteExample": set(),
    "analysts.RouteRule": set(),
    "analysts.SenderIdentity": set(),
    "countries.Portal": {"state__exact"},
    "countries.HelpService": set(),
    "countries.Language": set(),
    # Names of the filter form, which accepts their values only.
    "audit.AuditEvent": {"action", "role", "actor", "portal", "number"},
}


def lookups_of(model: type[models.Model], depth: int = 3) -> Iterator[str]:
    """Every field of the model and of rows that it leads to, with look-ups of every kind."""
    for field in model._meta.get_fields():
        yield from ("__".join(filter(None, (field.name, lookup))) for lookup in LOOKUPS)
        if isinstance(field.related_model, ModelBase) and depth > 1:
            yield from (f"{field.name}__{lookup}" for lookup in lookups_of(field.related_model, depth - 1))


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model._meta.label)
def test_no_list_can_be_asked_about_what_it_does_not_offer(model: type[models.Model]) -> None:
    """Otherwise an administrator could guess a password hash, or a portal's access phrase, letter by letter."""
    model_admin, request = admin.site._registry[model], RequestFactory().get("/")
    tried = set(lookups_of(model))
    assert len(tried) > 30
    allowed = {lookup for lookup in tried if model_admin.lookup_allowed(lookup, "1", request)}
    assert allowed == OFFERED[model._meta.label]


def test_every_model_admin_closes_what_the_admin_takes_beyond_its_pages() -> None:
    assert all(isinstance(model_admin, StaffModelAdmin) for model_admin in admin.site._registry.values())


@pytest.mark.parametrize(
    "lookup",
    [
        "password__startswith=argon2",
        "email__startswith=a",
        "session_round=0",
        "portals__access_phrase__startswith=a",
        "portals__texts__welcome__startswith=a",
    ],
)
def test_list_cannot_be_asked_about_what_it_does_not_show(adam: User, ana: User, lookup: str) -> None:
    assert client_of(adam).get(f"{LIST}?{lookup}").status_code == 400


def test_list_is_filtered_by_what_it_offers(adam: User, ana: User, belize: Portal) -> None:
    client = client_of(adam)
    for lookup in ("role__exact=analyst", "is_active__exact=1", f"portals__id__exact={belize.pk}"):
        page = client.get(f"{LIST}?{lookup}")
        assert page.status_code == 200, lookup
        assert ">ana<" in page.content.decode(), lookup


def test_edit_under_way_takes_back_nothing_decided_meanwhile(
    adam: User, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = fields_of(ana, name="Ana B")
    client = client_of(adam)
    checked = EditForm.clean_is_active

    def meanwhile(form: EditForm) -> bool:
        User.objects.filter(pk=ana.pk).update(role=Role.OPERATOR, session_round=7)
        return checked(form)

    monkeypatch.setattr(EditForm, "clean_is_active", meanwhile)
    assert client.post(f"{LIST}{ana.pk}/change/", fields).status_code == 302
    ana.refresh_from_db()
    assert (ana.name, ana.role, ana.session_round) == ("Ana B", Role.OPERATOR, 7)

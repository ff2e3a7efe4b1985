"""Help services in the admin site: unverified ones change directly, others by two operators."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from analysts.codes import Role
from analysts.models import User
from audit.models import AuditEvent
from countries.models import ApprovalRequest, HelpService, Portal
from countries.public import published
from countries.public.network.hotlines import listed_hotlines
from countries.staff.contacts.service_approvals import FIELDS
from countries.tests.factories import HelpServiceFactory
from tests.rig.fixtures import ClientResponse, client_of, create_person

pytestmark = pytest.mark.urls("portal_site.urls_staff")

LIST = "/admin/countries/helpservice/"
TODAY = timezone.localdate


def change(client: Client, service: HelpService, **changed: object) -> ClientResponse:
    stored = {name: getattr(service, name) for name in FIELDS}
    values = {name: "" if value is None else value for name, value in stored.items()}
    return client.post(f"{LIST}{service.pk}/change/", values | changed)


def verification(**more: object) -> dict[str, object]:
    return {"verified_by": "Olga", "verified_on": TODAY().isoformat(), "reason": "Read on its own page.", **more}


def test_new_service_is_unverified(olga: User) -> None:
    client = client_of(olga)
    fields = {"key": "new", "kind": "pictures", "name": "New", "website": "https://example.org/", "position": "1"}
    assert client.post(f"{LIST}add/", fields | verification()).status_code == 302
    assert HelpService.objects.get(key="new").verified_on is None
    changes = AuditEvent.objects.get().details["changes"]
    assert changes == {name: {"before": None, "after": fields[name]} for name in ("kind", "name", "website")}


def test_list_says_what_waits_to_be_verified_and_where_it_was_found(olga: User, settings: Any, tmp_path: Path) -> None:
    HelpServiceFactory.create(name="Waiting", source="a directory")
    HelpServiceFactory.create(name="Checked", verified_on=date(2026, 11, 1), verified_by="Olga")
    page = " ".join(client_of(olga).get(f"{LIST}?o=5").content.decode().split())
    assert "a directory" in page
    services, hotlines = page.split('id="hotlines"')
    assert services.count("no: the public does not see it") == 1
    assert "1 November 2026, by Olga" in services
    shipped = listed_hotlines()
    assert hotlines.count("no: the public does not see it") == hotlines.count("unverified: ") == len(shipped) > 30
    own = tmp_path / "hotlines.toml"
    row = '[[hotline]]\ncountry = "DE"\nname = "{}"\nwebsite = "https://example.org/"\nsource = "its page"\n'
    own.write_text(f'{row.format("One")}verified_on = 2026-11-01\n{row.format("Two")}verified_by = "Olga"\n')
    settings.HOTLINES_FILE = str(own)
    # A day without a person verifies nothing, nor a person without a day.
    assert client_of(olga).get(LIST).content.decode().split('id="hotlines"')[1].count("no: the public") == 2
    assert [each.verified for each in listed_hotlines()] == [False, False]
    own.with_name("checked.toml").write_text(f'{row.format("One")}verified_on = 2026-11-01\nverified_by = "Olga"\n')
    settings.HOTLINES_FILE = str(own.with_name("checked.toml"))
    assert "1 November 2026, by Olga" in " ".join(client_of(olga).get(LIST).content.decode().split())


def test_dashboard_counts_services_that_wait_to_be_verified(olga: User, ana: User) -> None:
    HelpServiceFactory.create(verified_on=date(2026, 11, 1), verified_by="Olga")
    assert "not verified" not in client_of(olga).get("/admin/").content.decode()
    HelpServiceFactory.create()
    assert (
        "1 help service is not verified: the public does not see it" in client_of(olga).get("/admin/").content.decode()
    )
    assert "not verified" not in client_of(ana).get("/admin/").content.decode()


def test_unverified_service_changes_directly_and_its_key_never(olga: User) -> None:
    service = HelpServiceFactory.create(key="one")
    before = service.name
    assert change(client_of(olga), service, name="Another", key="two").status_code == 302
    service.refresh_from_db()
    assert (service.name, service.key) == ("Another", "one")
    assert not ApprovalRequest.objects.exists()
    changes = {"name": {"before": before, "after": "Another"}}
    assert AuditEvent.objects.get().details == {"key": "one", "changes": changes}


def test_verification_has_effect_once_another_operator_approves(olga: User, belize: Portal) -> None:
    service = HelpServiceFactory.create(name="Old name")
    response = change(client_of(olga), service, **verification(name="New name"))
    request = ApprovalRequest.objects.get()
    assert response["Location"] == f"/admin/approvals/{request.pk}/"
    service.refresh_from_db()
    assert (service.name, service.is_verified) == ("Old name", False)

    assert client_of(olga).post(f"/admin/approvals/{request.pk}/approve/").status_code == 403
    otto = client_of(create_person("otto", Role.OPERATOR))
    page = otto.get(f"/admin/approvals/{request.pk}/").content.decode()
    assert all(words in page for words in ("Help service: check carefully", "New ", "Read on its own page."))
    assert otto.post(f"/admin/approvals/{request.pk}/approve/").status_code == 302
    service.refresh_from_db()
    assert (service.name, service.verified_by, service.is_verified) == ("New name", "Olga", True)
    published.clear_cache()
    assert [each.name for each in published.portals_by_slug()["bz"].services] == ["New name"]


@pytest.mark.parametrize(
    "changed",
    [
        {"phone": "116 111"},
        {"verified_on": "", "verified_by": "", "verified_digest": ""},
    ],
)
def test_verified_service_changes_by_a_request_only(olga: User, changed: dict[str, object]) -> None:
    service = HelpServiceFactory.create(verified_on=TODAY(), verified_by="Olga")
    change(client_of(olga), service, **(changed | {"reason": "A new number."}))
    changes = ApprovalRequest.objects.get().payload["changes"]
    assert {name: pair["after"] or "" for name, pair in changes.items()} == changed
    before = HelpService.objects.values().get()
    assert (before["phone"], before["verified_by"]) == ("", "Olga")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (verification(reason=" "), "Give a reason"),
        (verification(verified_by=""), "Say who verified the service."),
        (verification(verified_on=""), "Say when the service was verified."),
        (verification(source=""), "Enter the source of these details"),
        (verification(verified_on="2999-01-01"), "This day is in the future."),
        ({"website": ""}, "Enter a telephone number or a web site."),
        ({"min_age": "18", "max_age": "17"}, "The youngest age is above the oldest one."),
        ({"countries": "gb"}, "Codes of ISO 3166-1 with a space between them."),
        ({"languages": "English"}, "Language tags with a space between them."),
    ],
)
def test_form_says_what_is_missing(olga: User, changed: dict[str, Any], said: str) -> None:
    service = HelpServiceFactory.create()
    response = change(client_of(olga), service, **changed)
    assert response.status_code == 200
    assert said in response.content.decode()
    assert not ApprovalRequest.objects.exists()


def test_second_request_and_one_that_changes_nothing_are_refused(olga: User) -> None:
    service = HelpServiceFactory.create(verified_on=TODAY(), verified_by="Olga")
    client = client_of(olga)
    assert "Nothing differs from what is stored." in change(client, service, reason="None.").content.decode()
    change(client, service, name="Another", reason="Renamed.")
    refused = change(client, service, name="Yet another", reason="Renamed.")
    assert "Another request about this is waiting." in refused.content.decode()
    assert ApprovalRequest.objects.count() == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"phone": "", "website": ""},
        {"kind": "unknown"},
        {"min_age": 18, "max_age": 17},
        {"verified_on": "2026-11-24"},
        {"verified_by": "Olga"},
        {"verified_on": "2026-11-24", "verified_by": "Olga", "source": ""},
    ],
)
def test_database_refuses(db: None, fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        HelpServiceFactory.create(**fields)

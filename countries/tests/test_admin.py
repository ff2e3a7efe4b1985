"""The operators' pages: what they may save, that every save is on the record, and who sees what."""

from collections.abc import Callable
from typing import Any

import pytest
from django.forms import BaseForm
from django.http import HttpResponse
from django.test import Client

from analysts.models import User
from audit.models import AuditEvent
from countries import published
from countries.models import ContactKind, Portal, PortalState
from countries.tests.factories import open_portal
from portal_site.tests.fixtures import client_of

LIST = "/admin/countries/portal/"


@pytest.fixture
def belize(belize: Portal) -> Portal:
    """Not open yet: what the public sees takes a second person, in `test_changes`."""
    belize.state = PortalState.DRAFT
    belize.save()
    return belize


@pytest.fixture
def live(belize: Portal) -> Portal:
    belize.state = PortalState.LIVE
    belize.save()
    return belize


def page_of(portal: Portal) -> str:
    return f"{LIST}{portal.pk}/change/"


def filled_in(client: Client, address: str) -> dict[str, Any]:
    """What a browser would send if the form at this address were saved untouched."""
    context = client.get(address).context
    forms: list[BaseForm] = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    fields = {field.html_name: field.field.prepare_value(field.value()) for form in forms for field in form}
    return {name: value for name, value in fields.items() if value is not None and value is not False}


def save(client: Client, address: str, **changes: Any) -> HttpResponse:
    return client.post(address, filled_in(client, address) | changes)  # type: ignore[return-value]


def errors_of(response: HttpResponse) -> list[str]:
    assert response.status_code == 200
    return list(response.context["errors"])  # type: ignore[attr-defined]


def events() -> list[tuple[str, str, str, str, dict[str, Any]]]:
    return list(AuditEvent.objects.values_list("action", "actor", "portal", "object_id", "details"))


def test_save_of_a_portal_is_recorded_with_the_names_of_what_changed(belize: Portal, olga: User) -> None:
    contact = belize.contacts.get()
    partner = belize.partners.get()
    response = save(
        client_of(olga),
        page_of(belize),
        **{
            "brand_colour": "#123456",
            "legal_age": "17",
            "texts-0-title": "A secret title",
            "contacts-TOTAL_FORMS": "2",
            "contacts-0-id": str(contact.pk),
            "contacts-1-portal": str(belize.pk),
            "contacts-1-kind": ContactKind.POLICE,
            "contacts-1-name": "A secret name",
            "contacts-1-position": "0",
            "partners-0-id": str(partner.pk),
            "partners-0-DELETE": "on",
        },
    )

    assert response.status_code == 302
    assert events() == [
        (
            "portal.change",
            "olga",
            "bz",
            str(belize.pk),
            {
                "changes": [
                    {"how": "changed", "what": "portal", "fields": ["Legal age", "Brand colour"]},
                    {"how": "changed", "what": "portal text", "fields": ["Title"]},
                    {"how": "added", "what": "contact", "fields": []},
                    {"how": "deleted", "what": "partner", "fields": []},
                ]
            },
        )
    ]


def test_save_of_a_new_portal_is_recorded(belize: Portal, olga: User) -> None:
    response = save(client_of(olga), f"{LIST}add/", slug="gh", name="Ghana", country="GH")

    assert response.status_code == 302
    ghana = Portal.objects.get(slug="gh")
    assert ghana.state == PortalState.DRAFT
    assert events() == [
        (
            "portal.add",
            "olga",
            "gh",
            str(ghana.pk),
            {"changes": [{"how": "added", "what": "portal", "fields": []}]},
        )
    ]


def test_save_in_urdu_is_recorded_in_the_same_words(belize: Portal, olga: User) -> None:
    olga.language = "ur"
    olga.save()
    save(client_of(olga), page_of(belize), legal_age="17")
    assert [details["changes"][0]["fields"] for *_, details in events()] == [["Legal age"]]


def test_save_is_undone_when_it_cannot_be_recorded(belize: Portal, olga: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**event: Any) -> None:
        raise RuntimeError("The record is not writable.")

    client = client_of(olga)
    form = filled_in(client, page_of(belize))
    monkeypatch.setattr("countries.admin.record", broken)
    with pytest.raises(RuntimeError):
        client.post(page_of(belize), form | {"legal_age": "17"})
    belize.refresh_from_db()
    assert belize.legal_age == 18


def test_save_is_shown_to_the_public_at_once(
    belize: Portal, olga: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    assert published.portals()["bz"].legal_age == 18
    with django_capture_on_commit_callbacks(execute=True):
        save(client_of(olga), page_of(belize), legal_age="17")
    assert published.portals()["bz"].legal_age == 17


@pytest.mark.parametrize("colour", ["#ffc533", "#777777", "white"])
def test_colour_on_which_white_cannot_be_read_is_refused(belize: Portal, olga: User, colour: str) -> None:
    assert len(errors_of(save(client_of(olga), page_of(belize), brand_colour=colour))) == 1
    belize.refresh_from_db()
    assert belize.brand_colour == "#003f87"
    assert events() == []


def test_colour_may_be_typed_in_capitals(belize: Portal, olga: User) -> None:
    save(client_of(olga), page_of(belize), brand_colour="#0B5D1E")
    belize.refresh_from_db()
    assert belize.brand_colour == "#0b5d1e"


@pytest.mark.parametrize("state", [PortalState.DRAFT, PortalState.SCHEDULED])
def test_portal_the_public_knows_does_not_vanish(live: Portal, olga: User, state: PortalState) -> None:
    assert len(errors_of(save(client_of(olga), page_of(live), state=state, reason="Why"))) == 1
    live.refresh_from_db()
    assert live.state == PortalState.LIVE


@pytest.mark.parametrize("state", [PortalState.SUSPENDED, PortalState.CLOSED])
def test_portal_is_suspended_or_closed_by_its_form(live: Portal, olga: User, state: PortalState) -> None:
    assert save(client_of(olga), page_of(live), state=state, reason="Why").status_code == 302
    live.refresh_from_db()
    assert live.state == state


def test_restricted_portal_needs_an_access_phrase(belize: Portal, olga: User) -> None:
    client = client_of(olga)
    assert len(errors_of(save(client, page_of(belize), state="restricted"))) == 1
    assert save(client, page_of(belize), state="restricted", access_phrase="phrase").status_code == 302


def test_portal_opens_with_a_text_in_its_default_language_only(live: Portal, olga: User) -> None:
    client = client_of(olga)
    for changes in ({"default_language": "fr"}, {"texts-0-DELETE": "on"}):
        response = save(client, page_of(live), reason="Why", **changes)
        assert errors_of(response) == ["Add a text in the default language before the public sees the portal."]


def test_address_of_a_portal_never_changes(belize: Portal, olga: User) -> None:
    assert save(client_of(olga), page_of(belize), slug="other").status_code == 302
    belize.refresh_from_db()
    assert belize.slug == "bz"


@pytest.mark.parametrize("slug", ["admin", "static", "BZ", "b z", "bz"])
def test_address_that_is_taken_or_odd_is_refused(belize: Portal, olga: User, slug: str) -> None:
    response = save(client_of(olga), f"{LIST}add/", slug=slug, name="Another")
    assert len(errors_of(response)) >= 1
    assert Portal.objects.count() == 1


def test_portal_is_never_deleted(belize: Portal, olga: User) -> None:
    client = client_of(olga)
    assert client.post(f"{LIST}{belize.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(LIST, {"action": "delete_selected", "_selected_action": str(belize.pk), "post": "yes"})
    assert Portal.objects.filter(pk=belize.pk).exists()
    assert f"{LIST}{belize.pk}/delete/" not in client.get(page_of(belize)).content.decode()


def test_partner_sees_the_own_portal_and_changes_nothing(belize: Portal, zambia: Portal, petra: User) -> None:
    client = client_of(petra)
    page = client.get(LIST).content.decode()
    assert "Belize" in page
    assert "Zambia" not in page
    assert client.get(page_of(belize)).status_code == 200
    assert client.post(page_of(belize), {"legal_age": "17"}).status_code == 403
    assert client.get(f"{LIST}add/").status_code == 403
    # Django leads away from what is not there, to the index.
    assert client.get(page_of(zambia)).status_code == 302
    assert client.post(page_of(zambia), {"legal_age": "17"}).status_code in (302, 403)
    assert set(Portal.objects.values_list("legal_age", flat=True)) == {18}
    assert events() == []


@pytest.mark.parametrize("name", ["ana", "sena", "axel", "willa", "adam"])
def test_portals_are_not_open_to_other_roles(belize: Portal, name: str, request: pytest.FixtureRequest) -> None:
    client = client_of(request.getfixturevalue(name))
    assert client.get(LIST).status_code == 403
    assert client.get(page_of(belize)).status_code == 403
    assert client.post(page_of(belize), {"legal_age": "17"}).status_code == 403


def test_portals_are_not_open_to_a_stranger(belize: Portal, client: Client) -> None:
    for address in (LIST, page_of(belize)):
        assert client.get(address).status_code == 302


@pytest.mark.parametrize("count", [1, 30])
def test_list_costs_the_same_for_one_portal_and_for_thirty(
    belize: Portal, olga: User, count: int, django_assert_num_queries: Callable[..., Any]
) -> None:
    for number in range(count - 1):
        open_portal(f"p{number}", f"Portal {number}", "en", "fr", country="")
    client = client_of(olga)
    # Session and user; the count, the unfiltered count, the page of portals, and their texts.
    with django_assert_num_queries(6):
        assert client.get(LIST).status_code == 200


def test_list_shows_languages_and_contacts_to_verify(belize: Portal, olga: User) -> None:
    belize.contacts.update(verified_on=None)
    page = client_of(olga).get(LIST).content.decode()
    assert '<td class="field-languages">English, Español</td>' in page
    assert '<td class="field-unverified">1</td>' in page

"""Names and notes of contacts and partners by language, on the portal's admin page and in approval requests."""

from typing import Any

import pytest
from django.test import Client

from analysts.models import User
from audit.models import AuditEvent
from countries.models import Portal, PortalState
from countries.staff.document.differences import find_differences
from countries.staff.document.portal_document import document_of
from countries.staff.workspace.tests.test_admin import errors_of, filled_in, page_of
from tests.rig.fixtures import client_of


@pytest.fixture
def draft(belize: Portal) -> Portal:
    belize.state = PortalState.DRAFT
    belize.save()
    return belize


def save_named(client: Client, portal: Portal, step: str, **changes: str) -> Any:
    ids = {"contacts-0-id": portal.contacts.get().pk, "partners-0-id": portal.partners.get().pk}
    return client.post(page_of(portal, step), filled_in(client, page_of(portal, step)) | ids | changes)


def test_operator_names_contacts_and_partners_in_each_language(draft: Portal, olga: User) -> None:
    client = client_of(olga)
    named = {
        "contacts-0-name_in_es": "Ayuda a la infancia",
        "contacts-0-note_in_es": "Gratis",
        "contacts-0-name_language": "English",
    }
    save_named(client, draft, "help", **named)
    save_named(client, draft, "partners", **{"partners-0-name_in_es": "Policía"})
    assert list(draft.contacts.get().texts.values_list("language", "name", "note")) == [
        ("es", "Ayuda a la infancia", "Gratis")
    ]
    assert draft.contacts.get().name_language == "en"
    assert draft.partners.get().texts.get().name == "Policía"
    contact, partner = draft.contacts.get(), draft.partners.get()

    def added(name: str) -> dict[str, object]:
        return {"language": {"before": None, "after": "es"}, "name": {"before": None, "after": name}}

    assert [event.details["changes"] for event in AuditEvent.objects.order_by("number")] == [
        {
            "contacts": {
                f"{contact.kind}, {contact.name}": {
                    "name_language": {"before": "", "after": "en"},
                    "languages": {"es": added("Ayuda a la infancia") | {"note": {"before": None, "after": "Gratis"}}},
                }
            }
        },
        {"partners": {f"{partner.name}, {partner.role}": {"languages": {"es": added("Policía")}}}},
    ]
    # Shown again, kept by a save of something else, and removed when emptied.
    assert 'value="Ayuda a la infancia"' in client.get(page_of(draft, "help")).content.decode()
    save_named(client, draft, "help", leave_to="https://example.org/weather")
    assert draft.contacts.get().texts.count() == 1
    save_named(client, draft, "help", **{"contacts-0-name_in_es": "", "contacts-0-note_in_es": ""})
    assert draft.contacts.get().texts.count() == 0


def test_note_without_a_name_is_refused(draft: Portal, olga: User) -> None:
    response = save_named(client_of(olga), draft, "help", **{"contacts-0-note_in_es": "Gratis"})
    assert [str(error) for error in errors_of(response)] == ["Enter the name in this language as well."]


@pytest.mark.parametrize(("step", "rows"), [("help", "contacts"), ("partners", "partners")])
def test_form_that_claims_too_many_rows_is_refused_and_drawn_with_few(
    draft: Portal, olga: User, step: str, rows: str
) -> None:
    response = save_named(client_of(olga), draft, step, **{f"{rows}-TOTAL_FORMS": "9" * 20})
    assert str(errors_of(response)[0]) == "Please submit at most 200 forms."
    assert response.content.decode().count(f'name="{rows}-199-position"') == 1
    assert f'name="{rows}-200-position"' not in response.content.decode()


def test_partner_who_reads_the_page_sees_no_empty_fields(belize: Portal, petra: User) -> None:
    page = client_of(petra).get(page_of(belize, "help")).content.decode()
    assert "Child helpline" in page
    assert "Name in Español" not in page


def test_difference_names_the_language(belize: Portal) -> None:
    before = document_of(belize)
    contact = belize.contacts.get()
    contact.texts.create(language="es", name="Ayuda a la infancia")
    [found] = find_differences(before, document_of(belize))
    assert (found.part, found.field) == ("contacts", "texts.name")
    assert (found.label, found.after) == ("name (Español)", "Ayuda a la infancia")
    assert (found.how, found.row, found.misleads) == ("changed", "child_helpline, Child helpline", True)

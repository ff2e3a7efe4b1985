"""Checks of contacts: which are due, who records one and how, and what ends it."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from analysts.models import User
from audit.models import AuditEvent
from audit.permissions import Denied
from countries.models import CheckMethod, Contact, ContactCheck, Portal, PortalState
from countries.staff.contacts.contact_checks import (
    check_contact,
    contacts_due,
    is_due,
    visible_contacts_due,
    with_last_check,
)
from countries.staff.document.portal_document import document_of
from countries.tests.factories import ContactFactory
from tests.rig.fixtures import client_of

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
TODAY = date(2026, 5, 4)
PAGE = "/admin/contacts/"


@pytest.fixture
def police(belize: Portal) -> Contact:
    """Last checked a day too long ago; the portal's other contact is not due."""
    belize.contacts.update(verified_on=TODAY - timedelta(days=180))
    return ContactFactory.create(
        portal=belize, kind="police", name="Police", phone="911", verified_on=TODAY - timedelta(days=181)
    )


def due() -> list[str]:
    names = sorted(contact.name for contact in contacts_due(TODAY))
    assert names == sorted(each.name for each in with_last_check(Contact.objects.all()) if is_due(each, TODAY))
    return names


def test_contact_is_due_after_the_days_of_the_setting(police: Contact, settings: object) -> None:
    assert due() == ["Police"]
    settings.CONTACT_CHECK_DAYS = 181  # type: ignore[attr-defined] # the fixture
    assert due() == []
    Contact.objects.filter(pk=police.pk).update(verified_on=None, verified_by="")
    assert due() == ["Police"]


def test_only_contacts_of_portals_that_the_public_sees_are_counted(police: Contact) -> None:
    assert visible_contacts_due(TODAY).count() == 1
    Portal.objects.update(state=PortalState.DRAFT)
    assert visible_contacts_due(TODAY).count() == 0


def test_check_counts_until_the_contact_changes(police: Contact, olga: User) -> None:
    before = document_of(police.portal)
    check_contact(by=olga, contact=police, how=CheckMethod.WEBSITE, now=NOW)
    assert due() == []
    # Nothing that the public sees, or a second operator is asked about, has changed.
    assert document_of(police.portal) == before
    Contact.objects.filter(pk=police.pk).update(phone="912")
    assert due() == ["Police"]
    details = {"contact": police.pk, "kind": "police", "how": "website"}
    assert list(AuditEvent.objects.values_list("action", "actor", "portal", "details")) == [
        ("contact.check", "olga", "bz", details)
    ]


def test_unverified_contact_is_not_checked(police: Contact, olga: User) -> None:
    Contact.objects.filter(pk=police.pk).update(verified_on=None, verified_by="")
    with pytest.raises(Denied, match="not verified yet"):
        check_contact(by=olga, contact=police, how=CheckMethod.TELEPHONED)
    page = client_of(olga).get(f"{PAGE}?portal={police.portal_id}").content.decode()
    assert "Verify it on the portal’s page first." in page


@pytest.mark.parametrize("name", ["ana", "sena", "petra", "axel", "willa", "adam"])
def test_only_operators_check_contacts(police: Contact, name: str, request: pytest.FixtureRequest) -> None:
    user: User = request.getfixturevalue(name)
    with pytest.raises(Denied, match="Only operators"):
        check_contact(by=user, contact=police, how=CheckMethod.TELEPHONED)
    assert client_of(user).get(PAGE).status_code == 403


def test_other_way_needs_words(police: Contact, olga: User) -> None:
    with pytest.raises(ValidationError, match="Say in which other way"):
        check_contact(by=olga, contact=police, how=CheckMethod.OTHER, words=" ")
    assert check_contact(by=olga, contact=police, how=CheckMethod.OTHER, words="A letter.").words == "A letter."
    assert check_contact(by=olga, contact=police, how=CheckMethod.TELEPHONED, words="Left over.").words == ""


def test_operator_checks_with_one_click_and_sees_who_did(police: Contact, olga: User) -> None:
    client = client_of(olga)
    forms = re.findall("<form.*?</form>", client.get(PAGE).content.decode(), re.DOTALL)
    own = [form for form in forms if f'action="{PAGE}{police.pk}/check/"' in form]
    # The Enter key in the field presses the only button of its form.
    assert [re.findall('name="how" value="([a-z]+)"', form) for form in own] == [
        ["telephoned", "website", "confirmed"],
        ["other"],
    ]
    answer = client.post(f"{PAGE}{police.pk}/check/", {"how": "confirmed"}, follow=True)
    assert "“Police”: checked today, confirmed by the service itself." in answer.content.decode()
    assert "Police" not in [row.contact.name for row in client.get(PAGE).context["rows"]]
    page = client.get(f"{PAGE}?portal={police.portal_id}").content.decode()
    assert "by olga: confirmed by the service itself." in page


def test_refused_check_keeps_what_was_typed(police: Contact, olga: User) -> None:
    client = client_of(olga)
    for sent, error in (
        ({"how": "other", "words": " "}, "Say in which other way the contact was checked."),
        ({"how": "other", "words": "x" * 201}, "at most 200 characters"),
        ({"how": "guessed", "words": "typed"}, "guessed is not one of the available choices"),
    ):
        answer = client.post(f"{PAGE}{police.pk}/check/", sent)
        assert answer.status_code == 422
        assert error in answer.content.decode()
        assert sent["words"].strip() in answer.content.decode()
    assert not ContactCheck.objects.exists()
    assert client.post(f"{PAGE}999999/check/", {"how": "telephoned"}).status_code == 404
    assert client.get(f"{PAGE}?portal=999999").status_code == 404
    assert client.get(f"{PAGE}?portal=x").status_code == 200

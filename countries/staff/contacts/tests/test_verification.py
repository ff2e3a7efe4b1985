"""A verification holds only while the verified details are the same: on pages, checklists and the approver's view."""

import pytest
from django.utils import timezone

from analysts.codes import Role
from analysts.models import User
from audit.permissions import Denied
from countries.models import ApprovalRequest, CheckMethod, Contact, ContactKind, Portal
from countries.public import published
from countries.staff.contacts.contact_checks import check_contact, visible_contacts_due
from countries.staff.contacts.service_approvals import HELP_SERVICE
from countries.staff.document.exchange import build_export, parse_upload
from countries.staff.document.portal_document import apply_document, document_of
from countries.staff.requests.approvals import approve_request
from countries.staff.workspace.portal_approvals import PORTAL_WORDS
from countries.staff.workspace.tests.test_admin import filled_in, page_of
from countries.tests.factories import ContactFactory, HelpServiceFactory
from tests.rig.fixtures import client_of, create_person

REASON = "The number has changed."


@pytest.fixture
def otto(db: None) -> User:
    """The second operator."""
    return create_person("otto", Role.OPERATOR)


@pytest.fixture
def emergency(belize: Portal) -> Contact:
    belize.contacts.all().delete()
    return ContactFactory.create(portal=belize, kind=ContactKind.EMERGENCY, name="Emergency", phone="112")


def request_change(by: User, portal: Portal, **changed: str) -> ApprovalRequest:
    """Save the form of contacts of a live portal; returns the approval request."""
    client, address = client_of(by), page_of(portal, "help")
    fields = {f"contacts-0-{name}": value for name, value in changed.items()}
    assert client.post(address, {**filled_in(client, address), "reason": REASON, **fields}).status_code == 302
    return ApprovalRequest.objects.waiting().get()


def numbers(portal: Portal) -> list[str]:
    """The telephone numbers that the public reads."""
    published.clear_cache()
    return [contact.phone for contact in published.portals_by_slug()[portal.slug].contacts]


def approval_page(by: User, request: ApprovalRequest) -> str:
    return " ".join(client_of(by).get(f"/admin/approvals/{request.pk}/").content.decode().split())


def test_changed_emergency_number_is_not_shown_as_verified(
    belize: Portal, emergency: Contact, olga: User, otto: User
) -> None:
    assert numbers(belize) == ["112"]
    request = request_change(olga, belize, phone="911")
    page = approval_page(otto, request)
    assert "Not verified since it changed" in page
    assert "Verified by Olga" not in page
    approve_request(PORTAL_WORDS, by=otto, request=request)
    assert numbers(belize) == []


@pytest.mark.parametrize(
    "marks",
    [
        {"verified_by": "Otto"},
        # The same person on the same day.
        {"verified_again": "on"},
    ],
)
def test_number_that_is_verified_anew_is_public_once_approved(
    belize: Portal, emergency: Contact, olga: User, otto: User, marks: dict[str, str]
) -> None:
    request = request_change(olga, belize, phone="911", **marks)
    page = approval_page(otto, request)
    assert "Not verified since it changed" not in page
    assert f"Verified by {marks.get('verified_by', 'Olga')} on" in page
    approve_request(PORTAL_WORDS, by=otto, request=request)
    assert numbers(belize) == ["911"]


def test_name_and_day_typed_again_alone_are_a_request_too(
    belize: Portal, emergency: Contact, olga: User, otto: User
) -> None:
    """A number changed by another way than the form: the box is all that differs."""
    Contact.objects.filter(pk=emergency.pk).update(phone="911")
    form = client_of(olga).get(page_of(belize, "help")).text
    assert "Not verified since it changed. Olga verified the earlier details on" in form
    request = request_change(olga, belize, verified_again="on")
    assert "the details with the mark" in approval_page(otto, request)
    approve_request(PORTAL_WORDS, by=otto, request=request)
    assert numbers(belize) == ["911"]


def test_changed_source_leaves_the_verification(belize: Portal, emergency: Contact, olga: User, otto: User) -> None:
    request = request_change(olga, belize, source="Another page of the police")
    approve_request(PORTAL_WORDS, by=otto, request=request)
    assert numbers(belize) == ["112"]


def test_number_changed_in_an_imported_file_is_not_verified(belize: Portal, emergency: Contact) -> None:
    """Not even if the operator checked all marks of the file: this row says itself that it has changed."""
    file = build_export(document_of(belize))
    same, changed = (parse_upload(text.encode(), checked=True) for text in (file, file.replace("112", "911")))
    for document, is_verified in ((same, True), (changed, False)):
        apply_document(belize, document)
        assert belize.contacts.get().is_verified is is_verified
    # A file from before digests states what it says.
    old = "\n".join(line for line in file.splitlines() if not line.startswith("verified_digest"))
    apply_document(belize, parse_upload(old.encode(), checked=True))
    assert belize.contacts.get().is_verified
    apply_document(belize, parse_upload(file.encode(), checked=False))
    assert belize.contacts.get().verified_digest == ""


def test_changed_contact_is_due_for_a_check_which_one_operator_alone_cannot_record(
    belize: Portal, emergency: Contact, olga: User
) -> None:
    assert not visible_contacts_due(timezone.localdate()).exists()
    Contact.objects.filter(pk=emergency.pk).update(phone="911")
    assert list(visible_contacts_due(timezone.localdate())) == [emergency]
    page = client_of(olga).get("/admin/contacts/").text
    assert "Not verified since it changed. Olga verified the earlier details on" in page
    with pytest.raises(Denied, match="not verified since it changed"):
        check_contact(by=olga, contact=emergency, how=CheckMethod.TELEPHONED)


def test_partner_is_shown_while_it_is_as_it_was_confirmed(belize: Portal, olga: User, otto: User) -> None:
    client, address = client_of(olga), page_of(belize, "partners")
    for box, shown in ((), []), ({"partners-0-verified_again": "on"}, ["https://other.example.org/"]):
        fields = {"partners-0-website": "https://other.example.org/", "reason": REASON, **dict(box)}
        assert client.post(address, {**filled_in(client, address), **fields}).status_code == 302
        approve_request(PORTAL_WORDS, by=otto, request=ApprovalRequest.objects.waiting().get())
        published.clear_cache()
        assert [partner.website for partner in published.portals_by_slug()["bz"].partners] == shown
    belize.partners.update(website="https://third.example.org/")
    assert "is not confirmed since it changed" in client.get(page_of(belize, "launch")).text


def test_changed_help_service_is_not_shown_as_verified(belize: Portal, olga: User, otto: User) -> None:
    service = HelpServiceFactory.create(verified_on=timezone.localdate(), verified_by="Olga", phone="116 000")
    client, address = client_of(olga), f"/admin/countries/helpservice/{service.pk}/change/"
    for box, shown in ((), []), ({"verified_again": "on"}, ["116 111"]):
        form = client.get(address).context["adminform"].form
        values = {field.html_name: field.value() for field in form if field.html_name != "verified_again"}
        typed = {name: "" if value is None else value for name, value in values.items()}
        client.post(address, {**typed, "phone": "116 111", "reason": REASON, **dict(box)})
        request = ApprovalRequest.objects.waiting().get()
        page = approval_page(otto, request)
        assert ("Not verified since it changed. Olga verified" in page) is not bool(box)
        approve_request(HELP_SERVICE, by=otto, request=request)
        published.clear_cache()
        assert [row.phone for row in published.portals_by_slug()["bz"].services] == shown
        lapsed = "Not verified since it changed" in client.get("/admin/countries/helpservice/").text
        assert lapsed is not bool(box)

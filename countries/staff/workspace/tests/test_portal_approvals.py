"""Approval requests for public portals: a change has no effect until a second operator approves it.

The rules of all kinds of request are in analysts/pages/tests/test_approvals.py.
"""

import re
from contextlib import nullcontext
from itertools import product
from threading import Thread
from time import sleep
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from analysts.codes import Role
from analysts.models import User
from audit.models import AuditEvent
from audit.permissions import Denied
from countries.models import ApprovalRequest, Portal, PortalState
from countries.staff.document.differences import diff_pieces, find_differences
from countries.staff.document.portal_document import Document, apply_document, document_of
from countries.staff.requests.approvals import approve_request, decline_request, digest_of
from countries.staff.workspace.actions import replace_portal
from countries.staff.workspace.permissions import NotReady
from countries.staff.workspace.portal_approvals import PORTAL_STATE, PORTAL_WORDS, request_state, request_words
from countries.staff.workspace.tests.test_admin import errors_of, filled_in, page_of, save
from countries.states import Verb, sources
from countries.tests.factories import complete_portal
from tests.rig.fixtures import client_of, create_person

REASON = "The helpline has a new number."
REVIEW = "/admin/approvals/"


@pytest.fixture
def otto(db: None) -> User:
    """The second operator."""
    return create_person("otto", Role.OPERATOR)


def renamed(portal: Portal, name: str = "Another name") -> Document:
    return {**document_of(portal), "name": name, "access_phrase": "open sesame"}


def requested(portal: Portal, by: User, **changed: Any) -> ApprovalRequest:
    return request_words(by=by, portal=portal, document=renamed(portal) | changed, reason=REASON)


def reviewed(request: ApprovalRequest, user: User) -> str:
    return client_of(user).get(f"{REVIEW}{request.pk}/").content.decode()


def events() -> list[tuple[str, str, str, dict[str, Any]]]:
    return list(AuditEvent.objects.order_by("number").values_list("action", "actor", "portal", "details"))


def test_change_has_no_effect_until_another_operator_approves(belize: Portal, olga: User, otto: User) -> None:
    before = document_of(belize)
    request = requested(belize, olga)
    assert document_of(Portal.objects.get(pk=belize.pk)) == before

    approve_request(PORTAL_WORDS, by=otto, request=request)

    assert document_of(Portal.objects.get(pk=belize.pk)) == renamed(belize)
    changes = {"access_phrase": "changed", "name": {"before": "Belize", "after": "Another name"}}
    facts = {"request": request.pk, "kind": "portal_words", "changes": changes}
    assert events() == [
        ("approval.request", "olga", "bz", {**facts, "reason": REASON}),
        ("approval.approve", "otto", "bz", {**facts, "requested_by": "olga"}),
    ]


def test_declined_change_has_no_effect(belize: Portal, olga: User, otto: User) -> None:
    decline_request(PORTAL_WORDS, by=otto, request=requested(belize, olga))
    belize.refresh_from_db()
    assert belize.name == "Belize"
    assert [event[0] for event in events()] == ["approval.request", "approval.decline"]


def test_change_of_a_portal_that_changed_since_is_not_approved(belize: Portal, olga: User, otto: User) -> None:
    request = requested(belize, olga)
    belize.contacts.update(phone="117")
    with pytest.raises(Denied, match="has changed since"):
        approve_request(PORTAL_WORDS, by=otto, request=request)
    assert belize.contacts.get().phone == "117"
    decline_request(PORTAL_WORDS, by=otto, request=request)
    assert requested(belize, olga).is_waiting


def test_one_request_about_a_portal_at_a_time(belize: Portal, zambia: Portal, olga: User, otto: User) -> None:
    requested(belize, olga)
    with pytest.raises(ValidationError, match="made by olga, is waiting"):
        requested(belize, otto)
    with pytest.raises(ValidationError, match="made by olga, is waiting"):
        request_state(by=otto, portal=belize, verb="suspend", reason=REASON)
    assert requested(zambia, otto).portal == zambia


@pytest.mark.parametrize(
    ("changed", "reason", "message"),
    [
        ({}, REASON, "Nothing differs"),
        ({"name": "B"}, "  ", "Give a reason"),
        ({"legal_age": 99}, REASON, "legal_age"),
        ({"texts": []}, REASON, "default language"),
    ],
)
def test_change_that_could_not_be_approved_is_not_requested(
    belize: Portal, olga: User, changed: dict[str, Any], reason: str, message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        request_words(by=olga, portal=belize, document=document_of(belize) | changed, reason=reason)
    assert not ApprovalRequest.objects.exists()
    assert events() == []


def test_portal_the_public_does_not_see_needs_no_second_person(belize: Portal, olga: User) -> None:
    belize.state = PortalState.DRAFT
    belize.save()
    with pytest.raises(Denied, match="change it directly"):
        requested(belize, olga)
    assert save(client_of(olga), page_of(belize), name="Changed").status_code == 302
    belize.refresh_from_db()
    assert belize.name == "Changed"


@pytest.mark.parametrize("name", ["ana", "sena", "petra", "axel", "willa", "adam"])
def test_only_operators_can_request_portal_changes(belize: Portal, name: str, request: pytest.FixtureRequest) -> None:
    other = request.getfixturevalue(name)
    with pytest.raises(Denied):
        requested(belize, other)
    with pytest.raises(Denied):
        request_state(by=other, portal=belize, verb="suspend", reason=REASON)
    assert not ApprovalRequest.objects.exists()


@pytest.mark.parametrize(
    ("step", "changes", "fields"),
    [
        ("country", {"legal_age": "17"}, ["legal_age"]),
        ("words", {"texts-0-title": "A new title"}, ["texts.title"]),
        ("help", {"contacts-0-phone": "117"}, ["contacts.phone"]),
        ("partners", {"partners-0-DELETE": "on"}, ["partners.confirmed", "partners.name", "partners.role"]),
        ("look", {"brand_colour": "#123456"}, ["brand_colour"]),
        ("test", {"access_phrase": "another phrase"}, ["access_phrase"]),
        ("launch", {"launch_source": "The press"}, ["launch_source"]),
    ],
)
def test_save_of_a_step_of_a_visible_portal_is_requested_and_taken_back(
    belize: Portal, olga: User, otto: User, step: str, changes: dict[str, str], fields: list[str]
) -> None:
    before = document_of(belize)
    ids = {"contacts-0-id": str(belize.contacts.get().pk), "partners-0-id": str(belize.partners.get().pk)}
    response = save(client_of(olga), page_of(belize, step), **ids, **changes, reason=REASON)

    request = ApprovalRequest.objects.get()
    assert response.status_code == 302
    assert response.headers["Location"] == f"{REVIEW}{request.pk}/"
    assert document_of(Portal.objects.get(pk=belize.pk)) == before
    assert [event[0] for event in events()] == ["approval.request"]
    assert set(events()[0][3]["changes"]) == {field.partition(".")[0] for field in fields}

    page = reviewed(request, otto)
    for value in changes.values():
        assert value in page or value == "on"
    assert client_of(otto).post(f"{REVIEW}{request.pk}/approve/").status_code == 302
    after = document_of(Portal.objects.get(pk=belize.pk))
    found = find_differences(before, after)
    assert sorted({f"{each.part}.{each.field}" if each.part else each.field for each in found}) == fields


def test_save_without_reason_or_beside_a_waiting_request_keeps_what_was_typed(belize: Portal, olga: User) -> None:
    client = client_of(olga)
    response = save(client, page_of(belize), name="Typed")
    assert errors_of(response) == ["This field is required."]

    requested(belize, olga)
    response = save(client, page_of(belize), name="Typed", reason=REASON)
    assert len(errors_of(response)) == 1
    assert "is waiting" in str(errors_of(response))
    assert 'value="Typed"' in response.content.decode()
    assert ApprovalRequest.objects.count() == 1
    belize.refresh_from_db()
    assert belize.name == "Belize"


def test_form_of_a_draft_asks_for_no_reason(belize: Portal, olga: User) -> None:
    assert 'name="reason"' in client_of(olga).get(page_of(belize)).content.decode()
    belize.state = PortalState.DRAFT
    belize.save()
    assert 'name="reason"' not in client_of(olga).get(page_of(belize)).content.decode()


def test_page_shows_reason_portal_and_preview(belize: Portal, olga: User, otto: User) -> None:
    request = requested(belize, olga)
    page = reviewed(request, otto)
    assert REASON in page
    assert f"/preview/?change={request.pk}" in page
    assert belize.name in page


def test_approval_that_breaks_a_rule_by_now_says_so(belize: Portal, olga: User, otto: User) -> None:
    request = requested(belize, olga)
    payload = {**request.payload, "document": renamed(belize) | {"legal_age": 99}}
    ApprovalRequest.objects.filter(pk=request.pk).update(payload=payload)
    response = client_of(otto).post(f"{REVIEW}{request.pk}/approve/")
    assert response.status_code == 422
    assert "Ensure this value is less than or equal to 21." in response.content.decode()
    request.refresh_from_db()
    assert request.is_waiting


def test_portal_the_public_sees_moves_once_another_operator_approves(belize: Portal, olga: User, otto: User) -> None:
    page = f"/admin/countries/portal/{belize.pk}/state/"
    assert client_of(olga).post(page, {"verb": "suspend", "reason": REASON}).status_code == 302
    belize.refresh_from_db()
    assert belize.state == PortalState.LIVE
    second = client_of(otto).post(page, {"verb": "close", "reason": "Another"})
    assert second.status_code == 422
    assert "is waiting" in second.content.decode()

    request = ApprovalRequest.objects.get()
    # Without the bar above every page.
    _, _, page_below = reviewed(request, otto).partition('id="header"')
    assert re.findall("<strong>(.*)</strong>", page_below)[:2] == ["otto", "Suspend"]
    assert "Belize: Suspend</a>" in client_of(otto).get(REVIEW).content.decode()
    assert client_of(otto).post(f"{REVIEW}{request.pk}/approve/").status_code == 302
    belize.refresh_from_db()
    assert belize.state == PortalState.SUSPENDED
    assert "Approved by otto" in reviewed(request, otto)
    assert "Belize: Suspend</a>" in client_of(otto).get(REVIEW).content.decode()
    assert [event[:2] for event in events()] == [
        ("approval.request", "olga"),
        ("portal.suspend", "otto"),
        ("approval.approve", "otto"),
    ]


def test_launch_is_reviewed_with_its_checklist_and_not_approved_while_it_has_open_items(olga: User, otto: User) -> None:
    ghana = complete_portal("gh", "Ghana", "en", state=PortalState.RESTRICTED, access_phrase="open sesame")
    request = request_state(by=olga, portal=ghana, verb="launch", reason=REASON)
    assert "Launch checklist: 100 % done" in reviewed(request, otto)
    # The document does not contain the test report, so the digest is unchanged.
    Portal.objects.update(tested_on=None)
    page = reviewed(request, otto)
    assert "Test report" in page
    assert 'disabled title="The launch checklist is not complete."' in page
    with pytest.raises(NotReady):
        approve_request(PORTAL_STATE, by=otto, request=request)


def test_move_that_is_not_possible_is_not_requested(belize: Portal, olga: User) -> None:
    with pytest.raises(Denied, match="Not possible while"):
        request_state(by=olga, portal=belize, verb="reopen", reason=REASON)
    assert not ApprovalRequest.objects.exists()


def test_differences_tell_what_came_what_went_and_what_changed(belize: Portal) -> None:
    before = document_of(belize)
    belize.contacts.create(kind="police", name="Police", phone="911")
    belize.partners.all().delete()
    belize.texts.filter(language="en").update(welcome="Report the name of a page.")
    found = find_differences(before, document_of(belize))

    assert [(f"{each.part}.{each.field}", each.row, each.how) for each in found] == [
        ("texts.welcome", "en", "changed"),
        ("contacts.kind", "police, Police", "added"),
        ("contacts.name", "police, Police", "added"),
        ("contacts.phone", "police, Police", "added"),
        ("partners.name", "Police, partner", "removed"),
        ("partners.role", "Police, partner", "removed"),
        ("partners.confirmed", "Police, partner", "removed"),
    ]
    assert [each.misleads for each in found] == [False, True, True, True, False, False, False]
    words = {piece.how: piece.words for piece in found[0].pieces}
    assert (words["removed"], words["added"]) != ("", "")


@pytest.mark.parametrize("size", [10, 20_000])
def test_pieces_make_both_texts_again(size: int) -> None:
    before, after = "one two\nthree " * size, "one 2\nthree four " * size
    found = list(diff_pieces(before, after))
    assert "".join(piece.words for piece in found if piece.how != "added") == before
    assert "".join(piece.words for piece in found if piece.how != "removed") == after


def test_differences_are_whole_words_in_any_script() -> None:
    found = [(piece.how, piece.words) for piece in diff_pieces("ایک دو تین", "ایک چار تین")]
    assert found == [("same", "ایک "), ("removed", "دو "), ("added", "چار "), ("same", "تین")]


def test_second_operator_reviews_differences_checklist_contacts_and_preview_on_one_page(
    pakistan: Portal, olga: User, otto: User
) -> None:
    document = document_of(pakistan)
    document["contacts"][0] |= {"phone": "1099"}
    document["texts"][1] |= {"title": "نیا نام"}
    document["brand_colour"] = "#123456"
    request = request_words(by=olga, portal=pakistan, document=document, reason=REASON)
    page = reviewed(request, otto)

    assert "<ins>1099</ins>" in page
    assert '<span class="visually-hidden">removed: </span><del>116</del>' in page
    assert "<ins>نیا نام</ins>" in page
    version = page.partition('id="requested-contacts"')[2]
    assert '<bdi dir="ltr">1099</bdi>' in version
    assert "Launch checklist:" in page
    start = f"/admin/countries/portal/{pakistan.pk}/preview/live-change-{request.pk}/pk/"
    # The language whose text differs.
    assert f'src="{start}ur/"' in page
    assert f'href="{start}en/"' in page
    framed = client_of(otto).get(f"{start}ur/").content.decode()
    assert "نیا نام" in framed
    # Reviewing changes nothing.
    assert document_of(Portal.objects.get(pk=pakistan.pk))["brand_colour"] == "#01411c"


def test_change_is_on_the_record_without_the_access_phrase(belize: Portal, olga: User, otto: User) -> None:
    approve_request(PORTAL_WORDS, by=otto, request=requested(belize, olga))
    assert "sesame" not in str(events())


def test_access_phrase_is_not_kept_with_a_decided_request(belize: Portal, olga: User, otto: User) -> None:
    decline_request(PORTAL_WORDS, by=olga, request=requested(belize, olga))
    approve_request(PORTAL_WORDS, by=otto, request=requested(belize, olga))
    belize.refresh_from_db()
    assert belize.access_phrase == "open sesame"
    for request in ApprovalRequest.objects.all():
        assert request.payload["document"] == {**renamed(belize), "access_phrase": ""}


@pytest.mark.parametrize("state", [PortalState.DRAFT, PortalState.SCHEDULED])
def test_portal_that_was_tried_out_is_not_changed_by_one_before_it_opens(
    belize: Portal, olga: User, otto: User, state: PortalState
) -> None:
    Portal.objects.update(state=state, tested_on=timezone.localdate())
    before = document_of(belize)
    response = save(client_of(olga), page_of(belize, "look"), brand_colour="#123456", reason="No review")
    assert response.headers["Location"] == f"{REVIEW}{ApprovalRequest.objects.get().pk}/"
    assert document_of(Portal.objects.get()) == before

    approve_request(PORTAL_WORDS, by=otto, request=ApprovalRequest.objects.get())
    assert Portal.objects.get().brand_colour == "#123456"


# The states in which one operator changes a portal alone: the public has never seen it, and no report was sent to it.
ALONE = {(PortalState.DRAFT, False), (PortalState.SCHEDULED, False)}


def test_second_operator_is_needed_in_every_state_that_the_public_may_know(olga: User) -> None:
    """By each way of changing a portal: its page, a file, and each verb of its state."""
    ghana = complete_portal("gh", "Ghana", "en", state=PortalState.DRAFT, access_phrase="phrase")
    client, page = client_of(olga), page_of(ghana, "look")
    filled = filled_in(client, page) | {"brand_colour": "#123456", "reason": REASON}
    stored, tried = Portal.objects.filter(pk=ghana.pk), set()
    for state, tested in product(PortalState, (False, True)):
        case, alone = f"{state}, tested: {tested}", (state, tested) in ALONE
        tested_on = timezone.localdate() if tested else None
        stored.update(state=state, tested_on=tested_on, brand_colour="#003f87")
        with transaction.atomic():
            assert client.post(page, filled).status_code == 302
            assert (stored.get().brand_colour == "#123456") is alone, case
            assert ApprovalRequest.objects.exists() is not alone, case
            transaction.set_rollback(True)
        with transaction.atomic():
            document = {**document_of(stored.get()), "brand_colour": "#123456"}
            with nullcontext() if alone else pytest.raises(Denied, match="another operator must approve"):
                replace_portal(by=olga, portal=ghana, document=document, reason=REASON)
            transaction.set_rollback(True)
        for verb in (verb for verb in Verb if state in sources(verb)):
            with transaction.atomic():
                sent = {"verb": verb.value, "reason": REASON, "opens_on": "2099-01-01"}
                client.post(
                    f"/admin/countries/portal/{ghana.pk}/state/", sent | {"launched_on": str(timezone.localdate())}
                )
                portal = stored.get()
                if (portal.state, portal.opens_on) != (state, None):
                    tried.add(verb)
                    assert alone, f"{case}: {verb}"
                elif ApprovalRequest.objects.exists():
                    tried.add(verb)
                    assert not alone, f"{case}: {verb}"
                transaction.set_rollback(True)
    assert tried == set(Verb)


def test_document_applied_by_hand_is_what_approving_does(belize: Portal, olga: User, otto: User) -> None:
    request = requested(belize, olga)
    assert request.kind == PORTAL_WORDS.code
    with transaction.atomic():
        apply_document(Portal.objects.get(pk=belize.pk), renamed(belize))
        by_hand = digest_of(document_of(Portal.objects.get(pk=belize.pk)))
        transaction.set_rollback(True)
    approve_request(PORTAL_WORDS, by=otto, request=request)
    assert digest_of(document_of(Portal.objects.get(pk=belize.pk))) == by_hand


@pytest.mark.django_db(transaction=True)
def test_save_of_a_draft_beside_its_launch_does_not_take_the_launch_back(belize: Portal, olga: User) -> None:
    Portal.objects.update(state=PortalState.DRAFT)
    client = client_of(olga)

    def save_it() -> None:
        try:
            save(client, page_of(belize, "look"), brand_colour="#123456", reason="Why not")
        finally:
            connection.close()

    saving = Thread(target=save_it)
    with transaction.atomic():
        Portal.objects.update(state=PortalState.LIVE)
        saving.start()
        _wait_for_a_lock()
    saving.join()

    portal = Portal.objects.get()
    assert (portal.state, portal.brand_colour != "#123456") == (PortalState.LIVE, True)
    assert ApprovalRequest.objects.get().requested_by == olga


def _wait_for_a_lock() -> None:
    for _again in range(100):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted", [])
            if cursor.fetchone() != (0,):
                return
        sleep(0.1)
    pytest.fail("No transaction is waiting.")

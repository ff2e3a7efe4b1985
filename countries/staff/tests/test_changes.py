"""Two people for what the public sees: what is asked for has no effect until somebody else confirms it."""

import re
from threading import Barrier, Thread
from time import sleep
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from analysts.codes import Role
from analysts.models import User
from audit.models import AuditEvent
from audit.permissions import Denied
from countries.models import Change, ChangeKind, ChangeState, Portal, PortalState
from countries.staff import changes
from countries.staff.differences import differences, pieces
from countries.staff.document import Document, apply, digest_of, document_of
from countries.staff.tests.test_admin import errors_of, page_of, save
from tests.rig.fixtures import client_of, person

REASON = "The helpline has a new number."
REVIEW = "/admin/countries/changes/"


@pytest.fixture
def otto(db: None) -> User:
    """The second operator."""
    return person("otto", Role.OPERATOR)


def renamed(portal: Portal, name: str = "Another name") -> Document:
    return {**document_of(portal), "name": name, "access_phrase": "open sesame"}


def asked(portal: Portal, by: User, **changed: Any) -> Change:
    return changes.ask_words(by=by, portal=portal, document=renamed(portal) | changed, reason=REASON)


def reviewed(change: Change, user: User) -> str:
    return client_of(user).get(f"{REVIEW}{change.pk}/").content.decode()


def events() -> list[tuple[str, str, str, dict[str, Any]]]:
    return list(AuditEvent.objects.order_by("number").values_list("action", "actor", "portal", "details"))


def test_change_has_no_effect_until_another_operator_confirms(belize: Portal, olga: User, otto: User) -> None:
    before = document_of(belize)
    change = asked(belize, olga)
    assert document_of(Portal.objects.get(pk=belize.pk)) == before

    changes.confirm(by=otto, change=change)

    assert document_of(Portal.objects.get(pk=belize.pk)) == renamed(belize)
    assert events() == [
        ("portal.ask_change", "olga", "bz", {"kind": "words", "reason": REASON, "fields": ["access_phrase", "name"]}),
        (
            "portal.confirm_change",
            "otto",
            "bz",
            {"kind": "words", "asked_by": "olga", "fields": ["access_phrase", "name"]},
        ),
    ]


def test_asker_cannot_confirm_but_takes_it_back(belize: Portal, olga: User) -> None:
    change = asked(belize, olga)
    with pytest.raises(Denied, match="Somebody else has to confirm"):
        changes.confirm(by=olga, change=change)
    changes.refuse(by=olga, change=change)
    belize.refresh_from_db()
    assert belize.name == "Belize"
    assert [event[0] for event in events()] == ["portal.ask_change", "portal.refuse_change"]


def test_database_keeps_one_person_from_being_both(belize: Portal, olga: User) -> None:
    change = asked(belize, olga)
    with pytest.raises(IntegrityError, match="change_confirmed_by_another"), transaction.atomic():
        Change.objects.filter(pk=change.pk).update(
            state=ChangeState.CONFIRMED, decided_by="olga", decided_at=timezone.now()
        )


def test_change_of_a_portal_that_changed_since_is_not_confirmed(belize: Portal, olga: User, otto: User) -> None:
    change = asked(belize, olga)
    belize.contacts.update(phone="117")
    with pytest.raises(Denied, match="has changed since"):
        changes.confirm(by=otto, change=change)
    assert belize.contacts.get().phone == "117"
    changes.refuse(by=otto, change=change)
    assert asked(belize, olga).state == ChangeState.OPEN


def test_portal_has_one_open_change_at_a_time(belize: Portal, zambia: Portal, olga: User, otto: User) -> None:
    asked(belize, olga)
    with pytest.raises(ValidationError, match="asked for by olga, waits already"):
        asked(belize, otto)
    assert asked(zambia, otto).portal == zambia


@pytest.mark.parametrize(
    ("changed", "reason", "message"),
    [
        ({}, REASON, "Nothing is different"),
        ({"name": "B"}, "  ", "Say why"),
        ({"legal_age": 99}, REASON, "legal_age"),
        ({"texts": []}, REASON, "default language"),
    ],
)
def test_change_that_could_not_be_confirmed_is_not_asked_for(
    belize: Portal, olga: User, changed: dict[str, Any], reason: str, message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        changes.ask_words(by=olga, portal=belize, document=document_of(belize) | changed, reason=reason)
    assert not Change.objects.exists()
    assert events() == []


def test_portal_the_public_does_not_see_needs_no_second_person(belize: Portal, olga: User) -> None:
    belize.state = PortalState.DRAFT
    belize.save()
    with pytest.raises(Denied, match="change it directly"):
        asked(belize, olga)
    assert save(client_of(olga), page_of(belize), name="Changed").status_code == 302
    belize.refresh_from_db()
    assert belize.name == "Changed"


@pytest.mark.parametrize("name", ["ana", "sena", "petra", "axel", "willa", "adam"])
def test_nobody_but_operators_asks_or_decides(
    belize: Portal, olga: User, name: str, request: pytest.FixtureRequest
) -> None:
    somebody = request.getfixturevalue(name)
    with pytest.raises(Denied):
        asked(belize, somebody)
    change = asked(belize, olga)
    for verb in (changes.confirm, changes.refuse):
        with pytest.raises(Denied):
            verb(by=somebody, change=change)
    client = client_of(somebody)
    assert client.get(REVIEW).status_code == 403
    assert client.get(f"{REVIEW}{change.pk}/").status_code == 403
    for act in ("confirm", "refuse"):
        assert client.post(f"{REVIEW}{change.pk}/{act}/").status_code == 403
    change.refresh_from_db()
    assert change.state == ChangeState.OPEN


@pytest.mark.django_db(transaction=True)
def test_two_who_confirm_at_once_confirm_once(belize: Portal, olga: User, otto: User) -> None:
    change = asked(belize, olga)
    both = Barrier(2)
    said: list[str] = []

    def confirm(by: User) -> None:
        both.wait()
        try:
            changes.confirm(by=by, change=Change.objects.get(pk=change.pk))
            said.append("confirmed")
        except Denied as denied:
            said.append(str(denied.reason))
        finally:
            connection.close()

    threads = [Thread(target=confirm, args=[by]) for by in (otto, person("oona", Role.OPERATOR))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(said) == ["Somebody else has decided this already.", "confirmed"]
    assert [event[0] for event in events()] == ["portal.ask_change", "portal.confirm_change"]


def test_save_of_a_visible_portal_is_asked_for_and_taken_back(belize: Portal, olga: User, otto: User) -> None:
    before = document_of(belize)
    response = save(
        client_of(olga),
        page_of(belize),
        **{
            "reason": REASON,
            "brand_colour": "#123456",
            "texts-0-title": "A new title",
            "contacts-0-id": str(belize.contacts.get().pk),
            "contacts-0-phone": "117",
            "partners-0-id": str(belize.partners.get().pk),
            "partners-0-DELETE": "on",
        },
    )

    change = Change.objects.get()
    assert response.status_code == 302
    assert response.headers["Location"] == f"{REVIEW}{change.pk}/"
    assert document_of(Portal.objects.get(pk=belize.pk)) == before
    assert [event[0] for event in events()] == ["portal.ask_change"]
    assert events()[0][3]["fields"] == [
        "brand_colour", "contacts.phone", "partners.confirmed", "partners.name", "partners.role", "texts.title",
    ]  # fmt: skip

    page = client_of(otto).get(f"{REVIEW}{change.pk}/")
    assert "<ins>A new title</ins>" in page.content.decode()
    assert client_of(otto).post(f"{REVIEW}{change.pk}/confirm/").status_code == 302
    belize.refresh_from_db()
    assert belize.brand_colour == "#123456"
    assert belize.contacts.get().phone == "117"
    assert belize.texts.get(language="en").title == "A new title"
    assert not belize.partners.exists()


def test_save_without_reason_or_beside_an_open_change_keeps_what_was_typed(belize: Portal, olga: User) -> None:
    client = client_of(olga)
    response = save(client, page_of(belize), name="Typed")
    assert errors_of(response) == ["This field is required."]

    asked(belize, olga)
    response = save(client, page_of(belize), name="Typed", reason=REASON)
    assert len(errors_of(response)) == 1
    assert "waits already" in str(errors_of(response))
    assert 'value="Typed"' in response.content.decode()
    assert Change.objects.count() == 1
    belize.refresh_from_db()
    assert belize.name == "Belize"


def test_form_of_a_draft_asks_for_no_reason(belize: Portal, olga: User) -> None:
    assert 'name="reason"' in client_of(olga).get(page_of(belize)).content.decode()
    belize.state = PortalState.DRAFT
    belize.save()
    assert 'name="reason"' not in client_of(olga).get(page_of(belize)).content.decode()


def test_asker_is_shown_why_they_cannot_confirm(belize: Portal, olga: User, otto: User) -> None:
    change = asked(belize, olga)
    own = client_of(olga).get(f"{REVIEW}{change.pk}/").content.decode()
    others = client_of(otto).get(f"{REVIEW}{change.pk}/").content.decode()
    assert 'disabled title="Somebody else has to confirm what you asked for."' in own
    assert "Take it back" in own
    assert "disabled" not in others.split("button-group")[1].split("</form>")[0]
    assert client_of(olga).post(f"{REVIEW}{change.pk}/confirm/").status_code == 403
    assert REASON in others
    assert f"/preview/?change={change.pk}" in others
    assert belize.name in others


def test_confirmation_that_breaks_a_rule_by_now_is_told(belize: Portal, olga: User, otto: User) -> None:
    change = asked(belize, olga)
    Change.objects.filter(pk=change.pk).update(document=renamed(belize) | {"legal_age": 99})
    response = client_of(otto).post(f"{REVIEW}{change.pk}/confirm/", follow=True)
    assert "Ensure this value is less than or equal to 21." in response.content.decode()
    change.refresh_from_db()
    assert change.state == ChangeState.OPEN


def test_portal_the_public_sees_moves_once_another_operator_confirms(belize: Portal, olga: User, otto: User) -> None:
    page = f"/admin/countries/portal/{belize.pk}/state/"
    assert client_of(olga).post(page, {"verb": "suspend", "reason": REASON}).status_code == 302
    belize.refresh_from_db()
    assert belize.state == PortalState.LIVE
    second = client_of(otto).post(page, {"verb": "close", "reason": "Another"})
    assert second.status_code == 422
    assert "waits already" in second.content.decode()

    change = Change.objects.get()
    with pytest.raises(Denied, match="Somebody else"):
        changes.confirm(by=olga, change=change)
    assert re.findall("<strong>(.*)</strong>", reviewed(change, otto)) == ["otto", "Suspend"]
    assert "Belize: Suspend</a>" in client_of(otto).get(REVIEW).content.decode()
    assert client_of(otto).post(f"{REVIEW}{change.pk}/confirm/").status_code == 302
    belize.refresh_from_db()
    assert belize.state == PortalState.SUSPENDED
    assert "waits" not in reviewed(change, otto)
    assert "Belize: Suspend</a>" in client_of(otto).get(REVIEW).content.decode()
    assert [event[:2] for event in events()] == [
        ("portal.ask_change", "olga"),
        ("portal.suspend", "otto"),
        ("portal.confirm_change", "otto"),
    ]


def test_move_that_is_not_possible_is_not_asked_for(belize: Portal, olga: User) -> None:
    with pytest.raises(Denied, match="Not possible while"):
        changes.ask_state(by=olga, portal=belize, verb="reopen", reason=REASON)
    assert not Change.objects.exists()


def test_differences_tell_what_came_what_went_and_what_changed(belize: Portal) -> None:
    before = document_of(belize)
    belize.contacts.create(kind="police", name="Police", phone="911")
    belize.partners.all().delete()
    belize.texts.filter(language="en").update(welcome="Report the name of a page.")
    found = differences(before, document_of(belize))

    assert [(each.name, each.row, each.how) for each in found] == [
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
    found = list(pieces(before, after))
    assert "".join(piece.words for piece in found if piece.how != "added") == before
    assert "".join(piece.words for piece in found if piece.how != "removed") == after


def test_change_is_on_the_record_without_the_access_phrase(belize: Portal, olga: User, otto: User) -> None:
    changes.confirm(by=otto, change=asked(belize, olga))
    assert "sesame" not in str(events())


def test_access_phrase_is_not_kept_with_a_decided_change(belize: Portal, olga: User, otto: User) -> None:
    changes.refuse(by=olga, change=asked(belize, olga))
    changes.confirm(by=otto, change=asked(belize, olga))
    belize.refresh_from_db()
    assert belize.access_phrase == "open sesame"
    for document in Change.objects.values_list("document", flat=True):
        assert document == {**renamed(belize), "access_phrase": ""}


@pytest.mark.parametrize("state", [PortalState.DRAFT, PortalState.SCHEDULED])
def test_portal_that_was_tried_out_is_not_changed_by_one_before_it_opens(
    belize: Portal, olga: User, otto: User, state: PortalState
) -> None:
    Portal.objects.update(state=state, tested_on=timezone.localdate())
    before = document_of(belize)
    response = save(client_of(olga), page_of(belize), brand_colour="#123456", reason="Nobody looks")
    assert response.headers["Location"] == f"{REVIEW}{Change.objects.get().pk}/"
    assert document_of(Portal.objects.get()) == before

    changes.confirm(by=otto, change=Change.objects.get())
    assert Portal.objects.get().brand_colour == "#123456"


def test_document_applied_by_hand_is_what_confirming_does(belize: Portal, olga: User, otto: User) -> None:
    change = asked(belize, olga)
    assert change.kind == ChangeKind.WORDS
    with transaction.atomic():
        apply(Portal.objects.get(pk=belize.pk), renamed(belize))
        by_hand = digest_of(document_of(Portal.objects.get(pk=belize.pk)))
        transaction.set_rollback(True)
    changes.confirm(by=otto, change=change)
    assert digest_of(document_of(Portal.objects.get(pk=belize.pk))) == by_hand


@pytest.mark.django_db(transaction=True)
def test_save_of_a_draft_beside_its_launch_does_not_take_the_launch_back(belize: Portal, olga: User) -> None:
    Portal.objects.update(state=PortalState.DRAFT)
    client = client_of(olga)

    def save_it() -> None:
        try:
            save(client, page_of(belize), brand_colour="#123456", reason="Why not")
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
    assert Change.objects.get().asked_by == "olga"


def _wait_for_a_lock() -> None:
    for _again in range(100):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted", [])
            if cursor.fetchone() != (0,):
                return
        sleep(0.1)
    pytest.fail("Nobody waits.")

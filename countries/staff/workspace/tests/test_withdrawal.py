"""Withdrawal: one operator takes something wrong off every public page at once, a second one decides."""

from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from analysts.accounts import alarms, operator_mails
from analysts.codes import Role
from analysts.models import User
from analysts.pages.approvals import KIND_BY_CODE
from analysts.pages.tasks import ALARMS
from audit.models import AuditEvent
from audit.permissions import Denied, Late
from countries.models import (
    ApprovalRequest,
    Contact,
    ContactKind,
    ItemKind,
    MediaType,
    Picture,
    Portal,
    PortalState,
    PortalText,
    PortalTextPart,
    ServiceKind,
    Withdrawal,
    WithdrawalOutcome,
    WithdrawnItem,
)
from countries.models.picture import build_picture
from countries.models.verification import digest_of_values
from countries.public import published
from countries.public.help.situations import Situation
from countries.staff.document.portal_document import document_of
from countries.staff.document.steps import PortalStep
from countries.staff.requests.approvals import approve_request
from countries.staff.workspace import lifecycle, portal_approvals, withdrawal
from countries.staff.workspace.permissions import NotReady
from countries.staff.workspace.withdrawal_items import DANGER_BOX, count_numbers, offered_items
from countries.tests.factories import (
    ContactFactory,
    HelpServiceFactory,
    PartnerFactory,
    complete_portal,
    review_texts,
    store_verified,
)
from tests.rig.fixtures import client_of, create_person

REASON = "The number reaches a company."
WRONG = "0800-WRONG"
LOGO = build_picture(b"a placeholder, which no browser draws", MediaType.PNG, 40, 40)


@pytest.fixture
def otto(olga: User) -> User:
    return create_person("otto", Role.OPERATOR)


@pytest.fixture
def ghana(db: None) -> Portal:
    """A live portal with two contacts of each kind, two help services, a picture of each place, and all texts."""
    portal = complete_portal("gh", "Ghana", "en", country="GH", state=PortalState.LIVE)
    for kind in ContactKind:
        ContactFactory.create(portal=portal, kind=kind, name=f"Second {kind.value}", phone="117", position=9)
        # Each kind has another one that stays.
        ContactFactory.create(portal=portal, kind=kind, name=f"Third {kind.value}", phone="118", position=10)
    return portal


def page_of(portal: Portal) -> str:
    return f"/admin/countries/portal/{portal.pk}/withdraw/"


def public_pages(portal: Portal, visitor: Client) -> str:
    """All pages without a form of the portal, one after the other."""
    home = f"/{portal.slug}/en/"
    help_pages = [f"{home}help/", *(f"{home}help/{situation.value}/" for situation in Situation)]
    addresses = [f"/{portal.slug}/frame.svg", f"{home}about/", f"{home}report/", f"{home}status/", *help_pages]
    return "\n".join([read_page(visitor, home), *(visitor.get(address).content.decode() for address in addresses)])


def read_page(visitor: Client, address: str) -> str:
    # The copy goes when a change is committed, which no test does.
    published.clear_cache()
    return visitor.get(address).content.decode()


def last_event() -> tuple[str, str, dict[str, Any]]:
    event = AuditEvent.objects.order_by("-number")[0]
    return event.action, event.actor, event.details


def withdraw(by: User, portal: Portal, item: str, **more: Any) -> Withdrawal:
    return withdrawal.withdraw_item(by=by, portal=portal, item=item, reason=REASON, **more)


# --- Each kind of item, on each page ----------------------------------------------------------------------------------


def wrong_contact(kind: ContactKind) -> Callable[[Portal], str]:
    def create(portal: Portal) -> str:
        return f"contact:{ContactFactory.create(portal=portal, kind=kind, name='Wrong', phone=WRONG).pk}"

    return create


def wrong_partner(portal: Portal) -> str:
    return f"partner:{PartnerFactory.create(portal=portal, name=WRONG).pk}"


def wrong_service(portal: Portal) -> str:
    HelpServiceFactory.create(phone="119", verified_on=timezone.localdate(), verified_by="Olga")
    service = HelpServiceFactory.create(phone=WRONG, verified_on=timezone.localdate(), verified_by="Olga")
    return f"service:{service.pk}"


def wrong_text(part: PortalTextPart) -> Callable[[Portal], str]:
    def create(portal: Portal) -> str:
        state = {"suspended_message": PortalState.SUSPENDED, "closed_message": PortalState.CLOSED}.get(part.value)
        if state:
            Portal.objects.filter(pk=portal.pk).update(state=state)
        portal.texts.update(**{part.value: WRONG})
        review_texts(portal, part)
        return f"text:{portal.texts.get().pk}:{part.value}"

    return create


def wrong_picture(place: str) -> Callable[[Portal], str]:
    def create(portal: Portal) -> str:
        LOGO.save()
        owner = portal.partners.all() if place == "partner" else Portal.objects.filter(pk=portal.pk)
        owner.update(**{"logo" if place == "partner" else place: LOGO})
        return f"picture:{LOGO.digest}"

    return create


CASES: dict[str, Callable[[Portal], str]] = {
    **{f"contact-{kind.value}": wrong_contact(kind) for kind in ContactKind},
    **{f"text-{part.value}": wrong_text(part) for part in PortalTextPart},
    **{f"picture-{place}": wrong_picture(place) for place in ("logo", "crest", "partner")},
    "partner": wrong_partner,
    "service": wrong_service,
}


# The portal's own logo is drawn into the frame of its pages.
SIGNS = {
    "picture-logo": b64encode(LOGO.content).decode(),
    "picture-crest": LOGO.digest,
    "picture-partner": LOGO.digest,
}


@pytest.mark.parametrize("case", CASES)
def test_operator_takes_each_kind_off_every_page_and_a_second_one_lifts_that(
    ghana: Portal, olga: User, otto: User, visitor: Client, case: str
) -> None:
    item = CASES[case](ghana)
    sign = SIGNS.get(case, WRONG)
    assert sign in public_pages(ghana, visitor)

    answer = client_of(olga).post(page_of(ghana), {"item": item, "reason": REASON})

    assert (answer.status_code, answer.headers.get("Location")) == (302, page_of(ghana))
    pages = public_pages(ghana, visitor)
    assert sign not in pages
    assert REASON not in pages
    action, actor, details = last_event()
    assert (action, actor, details["item"], details["reason"]) == (
        *("portal.withdraw_item", "olga"),
        *(item.partition(":")[0], REASON),
    )
    row = Withdrawal.objects.get()
    withdrawal.decide_withdrawal(by=otto, withdrawal=row, outcome="lifted")
    assert sign in public_pages(ghana, visitor)
    assert last_event()[0] == "portal.lift_withdrawal"


def test_every_kind_is_tried() -> None:
    assert {case.partition("-")[0] for case in CASES} == set(ItemKind.values)


def test_picture_that_is_withdrawn_is_served_no_more(ghana: Portal, olga: User, visitor: Client) -> None:
    item = wrong_picture("logo")(ghana)
    address = f"/gh/pictures/{LOGO.digest}.png"
    assert visitor.get(address).status_code == 200
    withdraw(olga, ghana, item)
    published.clear_cache()
    assert visitor.get(address).status_code == 404
    assert Picture.objects.filter(pk=LOGO.pk).exists()


def test_two_clicks_from_every_step(belize: Portal, olga: User, petra: User) -> None:
    for step in PortalStep:
        page = client_of(olga).get(f"/admin/countries/portal/{belize.pk}/{step}/").content.decode()
        assert page.count(f'href="{page_of(belize)}"') == 1
    assert client_of(petra).get(page_of(belize)).status_code == 403
    Portal.objects.update(state=PortalState.DRAFT)
    assert page_of(belize) not in client_of(olga).get(f"/admin/countries/portal/{belize.pk}/words/").content.decode()
    with pytest.raises(Denied, match="cannot see this portal"):
        withdraw(olga, belize, f"contact:{belize.contacts.get().pk}")


# --- The last number --------------------------------------------------------------------------------------------------


@pytest.fixture
def alone(db: None) -> Portal:
    """A live portal with one contact of each needed kind."""
    return complete_portal("zw", "Zimbabwe", "en", country="ZW", state=PortalState.LIVE)


def only(portal: Portal, kind: ContactKind) -> str:
    return f"contact:{portal.contacts.get(kind=kind).pk}"


def set_numbers(portal: Portal) -> None:
    numbers = {ContactKind.EMERGENCY: "911", ContactKind.POLICE: "912", ContactKind.CHILD_HELPLINE: "913"}
    for kind, number in numbers.items():
        for contact in portal.contacts.filter(kind=kind):
            contact.phone = number
            store_verified(contact)


def test_last_number_of_the_danger_box_needs_a_stand_in(alone: Portal, olga: User, visitor: Client) -> None:
    set_numbers(alone)
    item, client = only(alone, ContactKind.EMERGENCY), client_of(olga)
    answer = client.post(page_of(alone), {"item": item, "reason": REASON})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "the box “Is a child in danger now?”" in page
    assert f"{REASON}</textarea>" in page
    assert f'value="{item}"' in page
    assert "tel:911" in read_page(visitor, "/zw/en/")
    assert not WithdrawnItem.objects.exists()

    police = alone.contacts.get(kind=ContactKind.POLICE)
    assert client.post(page_of(alone), {"item": item, "reason": REASON, "stand_in": police.pk}).status_code == 302
    home = read_page(visitor, "/zw/en/")
    assert ("tel:911" in home, "tel:912" in home) == (False, True)

    # The stand-in is now the last number of the box.
    with pytest.raises(withdrawal.LastNumber):
        withdraw(olga, alone, only(alone, ContactKind.POLICE))


def test_last_number_goes_without_a_stand_in_only_once_a_second_operator_agrees(
    alone: Portal, olga: User, otto: User, visitor: Client
) -> None:
    set_numbers(alone)
    item = only(alone, ContactKind.EMERGENCY)
    sent = {"item": item, "reason": REASON, "asks_second": "on"}
    assert client_of(olga).post(page_of(alone), sent).status_code == 302
    assert "tel:911" in read_page(visitor, "/zw/en/")
    assert last_event()[0] == "portal.request_withdrawal"

    decision = {"withdrawal": Withdrawal.objects.get().pk, "outcome": "confirmed"}
    assert client_of(otto).post(f"{page_of(alone)}decide/", decision).status_code == 302
    home = read_page(visitor, "/zw/en/")
    assert "tel:911" not in home
    assert "Call the emergency number or the police where you are, at once." in home


def test_no_page_loses_its_last_number_however_much_is_withdrawn(alone: Portal, olga: User) -> None:
    set_numbers(alone)
    for kind in ServiceKind:
        HelpServiceFactory.create(kind=kind, phone="119", verified_on=timezone.localdate(), verified_by="Olga")
    before = count_numbers(published.as_stored(alone.pk))
    outcomes = []
    for offered in offered_items(alone.pk):
        if offered.item.kind in (ItemKind.CONTACT, ItemKind.SERVICE):
            with suppress(withdrawal.LastNumber):
                outcomes.append(withdraw(olga, alone, offered.value))
    after = count_numbers(published.as_stored(alone.pk))
    assert outcomes
    assert {door for door, number in after.items() if number} == {door for door, number in before.items() if number}
    assert set(before) == {DANGER_BOX, *(situation.value for situation in Situation)}
    # As many as possible were taken off: each page has as few as the others allow.
    assert sum(after.values()) < sum(before.values())


def test_service_is_the_last_number_of_another_portal_too(alone: Portal, ghana: Portal, olga: User) -> None:
    service = HelpServiceFactory.create(phone="119", verified_on=timezone.localdate(), verified_by="Olga")
    alone.contacts.all().delete()
    with pytest.raises(withdrawal.LastNumber, match="Zimbabwe"):
        withdraw(olga, ghana, f"service:{service.pk}")


@pytest.mark.parametrize("which", ["itself", "none", "unverified", "withdrawn", "regulator"])
def test_stand_in_is_another_contact_that_is_shown(ghana: Portal, olga: User, which: str) -> None:
    contact, police = (ghana.contacts.filter(kind=kind).first() for kind in (ContactKind.EMERGENCY, ContactKind.POLICE))
    assert contact is not None
    assert police is not None
    stand_in = {"itself": contact.pk, "none": 10**9}.get(which, police.pk)
    if which == "unverified":
        ghana.contacts.filter(pk=police.pk).update(verified_on=None, verified_by="")
    if which == "withdrawn":
        withdraw(olga, ghana, f"contact:{police.pk}")
    if which == "regulator":
        ghana.contacts.filter(pk=police.pk).update(kind=ContactKind.REGULATOR)
    with pytest.raises(Denied, match="stand in"):
        withdraw(olga, ghana, f"contact:{contact.pk}", stand_in=stand_in)


# --- Two people -------------------------------------------------------------------------------------------------------


@pytest.fixture
def waiting(ghana: Portal, olga: User, otto: User) -> Withdrawal:
    return withdraw(olga, ghana, wrong_contact(ContactKind.POLICE)(ghana))


@pytest.mark.parametrize("outcome", ["confirmed", "lifted"])
def test_first_operator_decides_nothing(waiting: Withdrawal, ghana: Portal, olga: User, outcome: str) -> None:
    with pytest.raises(Denied, match="Another operator"):
        withdrawal.decide_withdrawal(by=olga, withdrawal=waiting, outcome=outcome)
    page = client_of(olga).get(page_of(ghana)).content.decode()
    assert page.count("disabled") == 2
    rows = Withdrawal.objects.filter(pk=waiting.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(outcome=outcome, decided_by=olga, decided_at=timezone.now())


def test_account_made_after_the_withdrawal_is_no_second_person(waiting: Withdrawal) -> None:
    late = create_person("late", Role.OPERATOR)
    late.unchanged_since = timezone.now() + timedelta(seconds=1)
    with pytest.raises(Denied, match="was created"):
        withdrawal.decide_withdrawal(by=late, withdrawal=waiting, outcome="lifted")


def test_decision_is_made_once_and_the_loser_is_informed(waiting: Withdrawal, ghana: Portal, otto: User) -> None:
    sent = {"withdrawal": waiting.pk, "outcome": "confirmed"}
    assert client_of(otto).post(f"{page_of(ghana)}decide/", sent).status_code == 302
    assert client_of(otto).post(f"{page_of(ghana)}decide/", sent).status_code == 409
    with pytest.raises(Late):
        withdrawal.decide_withdrawal(by=otto, withdrawal=waiting, outcome="lifted")
    with pytest.raises(ValueError, match="replaced"):
        withdrawal.decide_withdrawal(by=otto, withdrawal=waiting, outcome="replaced")
    odd = {"withdrawal": "x" * 40, "outcome": "confirmed"}
    assert client_of(otto).post(f"{page_of(ghana)}decide/", odd).status_code == 409


def test_item_is_withdrawn_once(waiting: Withdrawal, ghana: Portal, otto: User) -> None:
    with pytest.raises(Denied, match="already"):
        withdraw(otto, ghana, f"contact:{waiting.key}")
    with pytest.raises(Denied, match="no such item"):
        withdraw(otto, ghana, "contact:0")


@pytest.mark.parametrize("is_decided", [False, True])
def test_value_that_two_operators_approved_is_shown(
    waiting: Withdrawal, ghana: Portal, olga: User, otto: User, visitor: Client, is_decided: bool
) -> None:
    if is_decided:
        withdrawal.decide_withdrawal(by=otto, withdrawal=waiting, outcome="confirmed")
    document = document_of(Portal.objects.get(pk=ghana.pk))
    # A change of something else brings nothing back.
    document["legal_source"] = "Another act"
    approve(portal_approvals.request_words(by=olga, portal=ghana, document=document, reason="An act."), otto)
    assert WRONG not in public_pages(ghana, visitor)
    assert withdrawal.end_replaced() == 0
    for row in document["contacts"]:
        if row["phone"] == WRONG:
            row["phone"] = "0800-RIGHT"
            row["verified_digest"] = digest_of_values([row[name] for name in Contact.VERIFIED], [])
    approve(portal_approvals.request_words(by=olga, portal=ghana, document=document, reason="Corrected."), otto)
    pages = public_pages(ghana, visitor)
    assert ("0800-RIGHT" in pages, WRONG in pages) == (True, False)
    assert withdrawal.end_replaced() == (0 if is_decided else 1)
    outcome = Withdrawal.objects.get().outcome
    assert outcome == (WithdrawalOutcome.CONFIRMED if is_decided else WithdrawalOutcome.REPLACED)


def approve(request: ApprovalRequest, by: User) -> None:
    approve_request(KIND_BY_CODE[request.kind], by=by, request=request)


def test_portal_is_not_launched_while_its_emergency_number_is_withdrawn(alone: Portal, olga: User, otto: User) -> None:
    set_numbers(alone)
    row = withdraw(olga, alone, only(alone, ContactKind.EMERGENCY), asks_second=True)
    withdrawal.decide_withdrawal(by=otto, withdrawal=row, outcome="confirmed")
    Portal.objects.filter(pk=alone.pk).update(state=PortalState.CLOSED)
    with pytest.raises(NotReady) as refused:
        lifecycle.transition_portal(by=olga, portal=alone, verb="launch", reason="Again.")
    assert [item.key for item in refused.value.items] == ["contact_emergency"]


# --- Alarm, dashboard, history ----------------------------------------------------------------------------------------


def test_alarm_is_sent_every_hour_until_a_second_operator_decides(
    waiting: Withdrawal, olga: User, otto: User, settings: Any
) -> None:
    settings.ALERT_EMAILS = ["duty@hotline.example"]
    User.objects.filter(pk=olga.pk).update(email="olga@hotline.example")
    raised = []
    for minutes in (0, 1, 59, 60, 120):
        at = waiting.withdrawn_at + timedelta(minutes=minutes)
        raised.append(operator_mails.raise_emergency_alarm(now=at))
        alarms.send_due_alarms(ALARMS, now=at)
    assert raised == [1, 0, 0, 1, 1]
    assert [message.to for message in mail.outbox] == [["duty@hotline.example", "olga@hotline.example"]] * 3
    assert "1 withdrawal from the public pages by one operator waits." in str(mail.outbox[0].body)
    assert not any(words in str(mail.outbox[0].message()) for words in ("Ghana", REASON, WRONG))
    withdrawal.decide_withdrawal(by=otto, withdrawal=waiting, outcome="confirmed")
    assert operator_mails.raise_emergency_alarm(now=waiting.withdrawn_at + timedelta(hours=4)) == 0


def test_dashboard_and_history_name_it(waiting: Withdrawal, ghana: Portal, otto: User, ana: User) -> None:
    assert f'href="{page_of(ghana)}"' in client_of(otto).get("/admin/").content.decode()
    assert page_of(ghana) not in client_of(ana).get("/admin/").content.decode()
    history = client_of(otto).get(f"/admin/countries/portal/{ghana.pk}/history/").content.decode()
    for words in ("Withdrawn from the public pages by one operator", "police: Wrong", REASON):
        assert words in history


@pytest.mark.parametrize(
    "fields",
    [
        {"reason": REASON},
        {"item": "contact:1"},
        {"item": "contact:1", "reason": " \n"},
        {"item": "x" * 200, "reason": REASON},
        {"item": "text:1", "reason": REASON},
        {"item": "nothing", "reason": REASON, "stand_in": "x"},
    ],
)
def test_odd_form_is_refused_with_what_was_typed(ghana: Portal, olga: User, fields: dict[str, str]) -> None:
    answer = client_of(olga).post(page_of(ghana), fields)
    assert answer.status_code == 422
    assert fields.get("reason", "").strip() in answer.content.decode()
    assert not Withdrawal.objects.exists()


def test_text_that_is_withdrawn_leaves_a_portal_with_a_title(ghana: Portal, olga: User, visitor: Client) -> None:
    text = PortalText.objects.get(portal=ghana)
    withdraw(olga, ghana, f"text:{text.pk}:title")
    assert "– Ghana</title>" in read_page(visitor, "/gh/en/")

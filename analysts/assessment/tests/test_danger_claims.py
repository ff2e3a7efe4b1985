"""A report of a child in danger does not lie in a hand: its claim ends soon unless something is done."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from analysts.accounts.alarms import send_due_alarms
from analysts.assessment import actions, drafts
from analysts.assessment.actions import claims
from analysts.assessment.actions.entering import enter_address
from analysts.codes import EntryOrigin, Role, UndoReason
from analysts.codes.letter_topics import WithdrawReason
from analysts.incidents.actions import add_note
from analysts.models import Alarm, AlarmKind, AlertReason, ChildAlert, Incident, User
from analysts.pages.tasks import ALARMS
from analysts.states import State
from analysts.takedown.alerts.actions import tell_police_now, withdraw_alert
from analysts.tests.factories import assessed_not_found, claimed, incident_of
from analysts.welfare.viewing import record_copy, record_masked_words, record_related, record_reveal, record_words
from audit.models import AuditEvent
from countries.models import Contact, ContactKind, Portal
from countries.tests.factories import ContactFactory
from reports.addresses import find_addresses
from tests.rig.fixtures import client_of, create_person

NOW = timezone.now()
MINUTE = timedelta(minutes=1)
DANGER = {"facts": ["child_in_danger"]}


@pytest.fixture(autouse=True)
def _stopped_clock() -> Iterator[None]:
    """For pages, which ask what time it is: a claim of this file ends ten minutes after NOW."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def danger(belize: Portal) -> Incident:
    return incident_of(belize, "https://danger.example/1", details=DANGER)


@pytest.fixture
def police(belize: Portal) -> Contact:
    return ContactFactory.create(portal=belize, kind=ContactKind.POLICE, phone="911")


def end_of(incident: Incident) -> datetime | None:
    return Incident.objects.get(pk=incident.pk).claimed_until


def call(incident: Incident, by: User, to: Contact, now: datetime) -> ChildAlert:
    return tell_police_now(by=by, incident=incident, to=to, not_the_danger=True, reason=AlertReason.NOW, now=now)


# --- Next -------------------------------------------------------------------------------------------


def test_next_returns_to_the_danger_that_one_holds(belize: Portal, danger: Incident, ana: User, sena: User) -> None:
    other = incident_of(belize, "https://danger.example/2", details=DANGER)
    claimed(danger, ana, now=NOW)
    number = AuditEvent.objects.count()
    assert actions.claim_next(by=ana, portal=belize, now=NOW + MINUTE) == danger
    assert AuditEvent.objects.count() == number
    assert end_of(danger) == NOW + 10 * MINUTE
    # Only the holder, and only while the claim lasts.
    assert actions.claim_next(by=sena, now=NOW + MINUTE) == other
    page = client_of(ana).post("/admin/queue/next/")
    assert page.headers["Location"] == f"/admin/incidents/{danger.pk}/"
    assert actions.claim_next(by=ana, now=NOW + 10 * MINUTE) is None


@pytest.mark.parametrize("end", ["assess", "skip", "release", "hand_over"])
def test_next_goes_on_once_the_danger_left_the_hand(
    end: str, belize: Portal, danger: Incident, ana: User, sena: User
) -> None:
    other = incident_of(belize, "https://calm.example/1")
    if end == "assess":
        assessed_not_found(danger, ana)
    else:
        held = claimed(danger, ana)
        more = {"to": sena} if end == "hand_over" else {}
        getattr(actions, end)(by=ana, incident=held, fence=held.fence, **more)
    expected = danger if end == "release" else other
    assert actions.claim_next(by=ana) == expected


def test_next_claims_another_while_one_without_danger_is_held(belize: Portal, ana: User) -> None:
    claimed(incident_of(belize), ana)
    other = incident_of(belize, "https://calm.example/1")
    assert actions.claim_next(by=ana) == other


# --- The claim --------------------------------------------------------------------------------------

type Work = Callable[[Incident, User, datetime], Any]
WORK: dict[str, Work] = {
    "still on it": lambda row, ana, now: claims.renew(by=ana, incident=row, fence=row.fence, now=now),
    "words": lambda row, ana, now: record_words(by=ana, incident=row, now=now),
    "reveal": lambda row, ana, now: record_reveal(by=ana, incident=row, now=now),
    "masked words": lambda row, ana, now: record_masked_words(by=ana, incident=row, now=now),
    "related": lambda row, ana, now: record_related(by=ana, incident=row, others=[row], now=now),
    "copy": lambda row, ana, now: record_copy(by=ana, incident=row, now=now),
    "note": lambda row, ana, now: add_note(by=ana, incident=row, text="Words", now=now),
    "draft": lambda row, ana, now: drafts.save_draft(by=ana, incident=row, act="assess", fields={}, now=now),
}


@pytest.mark.parametrize("name", WORK)
def test_work_of_the_holder_keeps_the_claim_for_ten_minutes_more(
    name: str, belize: Portal, danger: Incident, ana: User
) -> None:
    held, calm = (claimed(row, ana, now=NOW) for row in (danger, incident_of(belize)))
    assert (end_of(danger), end_of(calm)) == (NOW + 10 * MINUTE, NOW + 30 * MINUTE)
    later = NOW + 9 * MINUTE
    WORK[name](held, ana, later)
    WORK[name](calm, ana, later)
    assert end_of(danger) == later + 10 * MINUTE
    assert end_of(calm) == (later if name == "still on it" else NOW) + 30 * MINUTE
    assert actions.expire_claims(now=NOW + 19 * MINUTE - timedelta(microseconds=1)) == 0


@pytest.mark.parametrize("name", ["reveal", "note", "draft"])
def test_work_of_others_keeps_no_claim(name: str, danger: Incident, ana: User, sena: User) -> None:
    held = claimed(danger, ana, now=NOW)
    later = NOW + 9 * MINUTE
    if name == "reveal":
        record_reveal(by=sena, incident=held, reason="advice", now=later)
    else:
        WORK[name](held, sena, later)
    assert end_of(danger) == NOW + 10 * MINUTE


def test_work_on_a_page_from_before_extends_no_later_claim(danger: Incident, ana: User) -> None:
    before = claimed(danger, ana, now=NOW)
    actions.release(by=ana, incident=before, fence=before.fence, now=NOW)
    claimed(danger, ana, now=NOW)
    drafts.save_draft(by=ana, incident=before, act="assess", fields={}, now=NOW + 9 * MINUTE)
    assert end_of(danger) == NOW + 10 * MINUTE


def test_shorter_claims_of_the_hotline_hold(danger: Incident, ana: User, settings: Any) -> None:
    settings.CLAIM_MINUTES = 5
    claimed(danger, ana, now=NOW)
    assert end_of(danger) == NOW + 5 * MINUTE


def test_undone_verdict_starts_ten_minutes(danger: Incident, ana: User) -> None:
    assessment = assessed_not_found(danger, ana)
    actions.undo(by=ana, incident=danger, assessment=assessment, reason=UndoReason.SLIP, now=assessment.at)
    assert end_of(danger) == assessment.at + 10 * MINUTE


@pytest.mark.parametrize("is_own", [True, False])
def test_call_suspends_the_ten_minutes(is_own: bool, danger: Incident, police: Contact, ana: User, sena: User) -> None:
    claimed(danger, ana, now=NOW)
    later = NOW + 5 * MINUTE
    alert = call(danger, ana if is_own else sena, police, later)
    assert end_of(danger) == later + 30 * MINUTE
    assert actions.shorten_danger_claims(now=later) == 0
    # A call that was wrong suspends nothing.
    withdraw_alert(by=sena, incident=danger, alert=alert, reason=WithdrawReason.MISTAKE, now=later)
    assert actions.shorten_danger_claims(now=later) == 1
    assert end_of(danger) == later + 10 * MINUTE


def test_danger_reported_during_a_claim_shortens_it(belize: Portal, ana: User, sena: User) -> None:
    calm = claimed(incident_of(belize, "https://calm.example/1"), sena, now=NOW)
    held = claimed(incident_of(belize), ana, now=NOW)
    incident_of(belize, details=DANGER)
    # The minute of the report's arrival shows nowhere.
    assert end_of(held) == NOW + 30 * MINUTE
    assert actions.shorten_danger_claims(now=NOW + MINUTE) == 1
    assert (end_of(held), end_of(calm)) == (NOW + 11 * MINUTE, NOW + 30 * MINUTE)
    assert actions.shorten_danger_claims(now=NOW + MINUTE) == 0


# --- The mail ---------------------------------------------------------------------------------------


def write_mails(now: datetime) -> list[Any]:
    send_due_alarms(ALARMS, now=now + timedelta(hours=1))
    return [message for message in mail.outbox if "waits again" in message.body]


@pytest.fixture
def _desk(ana: User, ben: User, sena: User, settings: Any) -> None:
    settings.ALERT_EMAILS = ["duty@example.org"]
    for user in (ana, ben, sena):
        User.objects.filter(pk=user.pk).update(email=f"{user}@example.org")


@pytest.mark.usefixtures("_desk")
def test_readers_of_the_portal_learn_of_an_end_without_work(danger: Incident, belize: Portal, ana: User) -> None:
    create_person("olga", Role.OPERATOR, belize)
    User.objects.filter(username="olga").update(email="olga@example.org")
    claimed(danger, ana, now=NOW)
    Alarm.objects.all().delete()
    assert actions.expire_claims(now=NOW + 10 * MINUTE) == 1
    danger.refresh_from_db()
    assert danger.state == State.WAITING
    [message] = write_mails(NOW)
    assert sorted(message.to) == ["ana@example.org", "duty@example.org", "sena@example.org"]
    for word in ("ana", "belize", "danger.example", str(danger)):
        assert word not in f"{message.subject} {message.body}".lower()


@pytest.mark.usefixtures("_desk")
def test_address_of_the_hotline_has_all_analysts_as_readers(ana: User) -> None:
    [address] = find_addresses("https://entered.example/1")
    entered = enter_address(
        by=ana, address=address, origin=EntryOrigin.POLICE, portal=None, in_danger=True, note="", now=NOW
    )
    claimed(entered, ana, now=NOW)
    actions.expire_claims(now=NOW + 10 * MINUTE)
    [message] = write_mails(NOW)
    assert sorted(message.to) == ["ana@example.org", "ben@example.org", "duty@example.org", "sena@example.org"]


@pytest.mark.usefixtures("_desk")
def test_no_mail_once_an_analyst_has_it_again(danger: Incident, ana: User, sena: User) -> None:
    claimed(danger, ana, now=NOW)
    actions.expire_claims(now=NOW + 10 * MINUTE)
    claimed(danger, sena, now=NOW + 10 * MINUTE)
    assert write_mails(NOW) == []
    assert not Alarm.objects.filter(kind=AlarmKind.RETURNED).exists()


@pytest.mark.usefixtures("_desk")
def test_end_of_other_claims_tells_the_desk_nothing(belize: Portal, danger: Incident, ana: User) -> None:
    claimed(incident_of(belize), ana, now=NOW)
    assert actions.expire_claims(now=NOW + 30 * MINUTE) == 1
    assert not Alarm.objects.filter(kind=AlarmKind.RETURNED).exists()


@pytest.mark.usefixtures("_desk")
def test_readers_learn_of_what_an_account_held_that_was_switched_off(danger: Incident, ana: User) -> None:
    claimed(danger, ana, now=NOW)
    assert claims.pass_on_claim(danger, ana, to=None, by=None, now=NOW)
    assert Alarm.objects.filter(kind=AlarmKind.RETURNED).exists()


# --- The page ---------------------------------------------------------------------------------------


def test_page_of_the_holder_says_so_and_offers_one_key(belize: Portal, danger: Incident, ana: User, sena: User) -> None:
    claimed(danger, ana)
    calm = claimed(incident_of(belize), ana)
    page = client_of(ana).get(f"/admin/incidents/{danger.pk}/").content.decode()
    assert 'id="danger-claim"' in page
    assert "Still on it" in page
    for user, incident in ((sena, danger), (ana, calm)):
        other = client_of(user).get(f"/admin/incidents/{incident.pk}/").content.decode()
        assert 'id="danger-claim"' not in other
    assert "Still on it" not in client_of(ana).get(f"/admin/incidents/{calm.pk}/").content.decode()


def test_bar_and_card_count_what_waits(belize: Portal, danger: Incident, ana: User, sena: User) -> None:
    incident_of(belize, "https://danger.example/2", details=DANGER)
    claimed(danger, sena)
    page = client_of(ana).get("/admin/")
    assert "Child in danger now, according to a report: 1 incident" in " ".join(page.content.decode().split())
    listed = client_of(ana).get("/admin/queue/?view=danger").content.decode()
    assert str(danger) not in listed

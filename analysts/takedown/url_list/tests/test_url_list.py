"""Tests of the URL list: listing, reasons against listing, entry reviews and removal."""

from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analysts.assessment import actions
from analysts.codes import Closing
from analysts.codes.recipient_kinds import ReferralKind
from analysts.incidents.contents import opening
from analysts.models import Chase, Clearance, DropReason, Incident, PoliceHold, Referral, UrlListEntry, User
from analysts.models.recipient import Recipient
from analysts.states import State
from analysts.takedown.chase_lifecycle import end_chase
from analysts.takedown.facts import redaction
from analysts.takedown.url_list import entries
from analysts.takedown.url_list.actions import keep_listed, list_address, list_waiting, take_off
from analysts.takedown.url_list.entries import OffReason
from analysts.tests.chases import found_gone
from analysts.tests.factories import assessed_illegal, assessed_not_found, incident_of
from analysts.tests.sections import ALL_OPEN
from audit.models import AuditEvent
from audit.permissions import Denied
from countries.models import Portal
from tests.rig.fixtures import client_of

ADDRESS = "https://example.org/gallery"


def illegal(portal: Portal, by: User, address: str = ADDRESS) -> Incident:
    incident = incident_of(portal, address)
    assessed_illegal(incident, by)
    incident.refresh_from_db()
    return incident


def listed(incident: Incident, by: User) -> UrlListEntry:
    entry = list_address(by=by, incident=incident)
    assert entry is not None
    return entry


def events(incident: Incident, *of: str) -> list[tuple[str, str, object]]:
    wanted = AuditEvent.objects.filter(object_id=str(incident.pk), action__in=[f"incident.{each}" for each in of])
    return [(event.action, event.actor, event.details) for event in wanted.order_by("number")]


def ask_police(incident: Incident, by: User) -> PoliceHold:
    police = Recipient.objects.create(kind="police", name="Example Police")
    return PoliceHold.objects.create(incident=incident, police=police, by=by, at=timezone.now())


def grant(hold: PoliceHold, by: User, answer: Clearance = Clearance.GRANTED) -> None:
    hold.answer, hold.answered_on, hold.reference = answer, date(2026, 11, 25), "12/26"
    hold.recorded_by, hold.recorded_at = by, timezone.now()
    hold.save()


# --- On the list ------------------------------------------------------------------------------------------------------


def test_illegal_address_goes_on_the_list_sealed_and_on_record(belize: Portal, ana: User) -> None:
    incident, now = illegal(belize, ana), timezone.now()
    entry = list_address(by=ana, incident=incident, now=now)

    assert entry is not None
    assert (entry.version, entry.added_on, entry.removed_on) == (1, now.date(), None)
    assert entry.review_on == now.date() + timedelta(days=settings.URL_LIST_REVIEW_DAYS)
    assert opening.unseal_copy(UrlListEntry.objects.get()) == ADDRESS
    assert b"example.org" not in bytes(entry.sealed)
    referral = Referral.objects.get()
    assert (referral.kind, referral.recipient, referral.by, referral.at) == ("url_list", "URL list", ana, now)
    incident.refresh_from_db()
    assert incident.state == State.ACTING
    assert events(incident, "list") == [("incident.list", "ana", {"version": 1})]


def test_listing_again_changes_nothing(belize: Portal, ana: User) -> None:
    incident = illegal(belize, ana)
    assert listed(incident, ana) == listed(incident, ana)
    assert (UrlListEntry.objects.count(), Referral.objects.count()) == (1, 1)
    assert UrlListEntry.objects.get().version == 1


def test_referral_that_a_route_made_is_not_made_again(belize: Portal, ana: User) -> None:
    incident = illegal(belize, ana)
    made = Referral.objects.create(
        incident=incident,
        assessment=incident.assessments.get(),
        kind=ReferralKind.URL_LIST,
        recipient="Members",
        by=ana,
        at=timezone.now(),
    )
    listed(incident, ana)
    assert Referral.objects.get() == made


def test_only_what_is_illegal_and_not_over_goes_on_the_list(belize: Portal, ana: User) -> None:
    waiting, other = incident_of(belize, "https://example.org/one"), incident_of(belize, "https://example.org/two")
    assessed_not_found(other, ana)
    over = illegal(belize, ana)
    actions.close(by=ana, incident=over, closing=Closing.EXHAUSTED)
    for incident in (waiting, other, over):
        with pytest.raises(Denied, match="open incidents with an illegal verdict"):
            list_address(by=ana, incident=incident)
    assert not UrlListEntry.objects.exists()


def test_chase_without_an_illegal_verdict_lists_nothing(belize: Portal, ana: User) -> None:
    incident = illegal(belize, ana)
    incident.assessments.update(undone_at=timezone.now(), undone_by=ana, undo_reason="slip")
    with pytest.raises(Denied, match="open incidents with an illegal verdict"):
        list_address(by=ana, incident=incident)
    page = client_of(ana).post(f"/admin/incidents/{incident.pk}/url-list/add/")
    assert page.status_code == 403
    assert "Only open incidents with an illegal verdict can be put on the URL list." in page.content.decode()
    assert not UrlListEntry.objects.exists()


def test_stranger_to_the_portal_and_operator_list_nothing(belize: Portal, ana: User, ben: User, olga: User) -> None:
    incident = illegal(belize, ana)
    for by, reason in ((ben, "does not exist"), (olga, "Only analysts can open reports")):
        with pytest.raises(Denied, match=reason):
            list_address(by=by, incident=incident)
    assert not UrlListEntry.objects.exists()


# --- Reasons against listing ------------------------------------------------------------------------------------------


def test_address_that_may_lead_to_a_person_waits_until_it_is_confirmed(
    belize: Portal, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    incident = illegal(belize, ana, f"{ADDRESS}?token=aB3dE5gH7jK9mN1pQ3")
    assert list_address(by=ana, incident=incident) is None
    assert not UrlListEntry.objects.exists()
    assert list_waiting(by=ana, incident=incident, now=timezone.now()) is None

    monkeypatch.setattr("analysts.takedown.facts.redaction.address_to_share", lambda incident: ADDRESS)
    entry = list_waiting(by=ana, incident=incident, now=timezone.now())
    assert entry is not None
    assert opening.unseal_copy(entry) == ADDRESS
    waits = ("incident.list", "ana", {"waits": "confirmation"})
    assert events(incident, "list") == [waits, waits, ("incident.list", "ana", {"version": 1})]


def test_incident_without_a_listing_request_stays_off_the_list_after_confirmation(belize: Portal, ana: User) -> None:
    incident = illegal(belize, ana)
    assert list_waiting(by=ana, incident=incident, now=timezone.now()) is None
    assert not UrlListEntry.objects.exists()
    assert events(incident, "list") == []


def test_nothing_is_listed_before_the_police_grant_it(belize: Portal, ana: User) -> None:
    incident, now = illegal(belize, ana), timezone.now()
    hold = ask_police(incident, ana)
    assert list_address(by=ana, incident=incident) is None
    grant(hold, ana, Clearance.REFUSED)
    assert list_waiting(by=ana, incident=incident, now=now) is None
    assert not UrlListEntry.objects.exists()
    grant(hold, ana)
    assert list_waiting(by=ana, incident=incident, now=now) is not None


def test_what_cannot_be_opened_waits(belize: Portal, ana: User) -> None:
    incident = illegal(belize, ana)
    Incident.objects.update(sealed_address=b"", sealed_mask=b"")
    assert list_address(by=ana, incident=incident) is None
    assert events(incident, "list") == [("incident.list", "ana", {"waits": "address"})]


def test_address_shortened_later_is_an_entry_of_its_own(
    belize: Portal, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    incident = illegal(belize, ana)
    first = listed(incident, ana)
    monkeypatch.setattr("analysts.takedown.facts.redaction.address_to_share", lambda incident: "https://example.org/")
    second = list_waiting(by=ana, incident=incident, now=timezone.now())

    assert second is not None
    first.refresh_from_db()
    assert (first.version, first.removed_on is not None) == (2, True)
    assert (second.version, second.removed_on) == (3, None)
    assert opening.unseal_copy(second) == "https://example.org/"


def test_what_may_not_leave_in_these_words_any_more_is_off_the_list_while_it_waits(
    belize: Portal, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    incident = illegal(belize, ana)
    entry = listed(incident, ana)

    def unconfirmed(of: Incident) -> str:
        raise redaction.Unconfirmed([])

    monkeypatch.setattr("analysts.takedown.facts.redaction.address_to_share", unconfirmed)
    assert list_waiting(by=ana, incident=incident, now=timezone.now()) is None
    entry.refresh_from_db()
    assert entry.removed_on is not None
    assert events(incident, "list", "take_off")[-1] == ("incident.take_off", "ana", {"waits": "confirmation"})


def test_what_cannot_be_opened_here_stays_on_the_list(belize: Portal, ana: User) -> None:
    incident = illegal(belize, ana)
    listed(incident, ana)
    Incident.objects.update(sealed_address=b"", sealed_mask=b"")
    incident.refresh_from_db()
    assert list_waiting(by=ana, incident=incident, now=timezone.now()) is None
    assert UrlListEntry.objects.filter(removed_on=None).exists()


# --- Reviewed and taken off -------------------------------------------------------------------------------------------


def test_entry_that_is_kept_is_reviewed_later_and_no_news(belize: Portal, ana: User) -> None:
    incident = illegal(belize, ana)
    listed(incident, ana)
    later = timezone.now() + timedelta(days=31)
    entry = keep_listed(by=ana, incident=incident, now=later)
    assert entry.review_on == later.date() + timedelta(days=settings.URL_LIST_REVIEW_DAYS)
    assert UrlListEntry.objects.get().version == 1
    assert events(incident, "keep_listed") == [("incident.keep_listed", "ana", {"review_on": str(entry.review_on)})]


def test_entry_is_taken_off_with_a_reason_and_may_come_back(belize: Portal, ana: User) -> None:
    incident, now = illegal(belize, ana), timezone.now()
    listed(incident, ana)
    take_off(by=ana, incident=incident, reason=OffReason.TOO_WIDE, now=now)

    entry = UrlListEntry.objects.get()
    assert (entry.version, entry.removed_on) == (2, now.date())
    assert Referral.objects.get().ended_at == now
    assert events(incident, "take_off") == [("incident.take_off", "ana", {"reason": "too_wide"})]
    with pytest.raises(Denied, match="no longer on the URL list"):
        take_off(by=ana, incident=incident, reason=OffReason.WRONG)
    with pytest.raises(Denied, match="no longer on the URL list"):
        keep_listed(by=ana, incident=incident)
    # An address that was taken off is not listed again automatically.
    assert list_waiting(by=ana, incident=incident, now=now) is None
    assert listed(incident, ana).version == 3
    assert Referral.objects.get().ended_at is None


def test_what_only_waits_can_be_taken_off_too(belize: Portal, ana: User) -> None:
    incident = illegal(belize, ana)
    hold = ask_police(incident, ana)
    assert list_address(by=ana, incident=incident) is None
    take_off(by=ana, incident=incident, reason=OffReason.WRONG)
    grant(hold, ana)
    assert list_waiting(by=ana, incident=incident, now=timezone.now()) is None


def test_entry_goes_when_the_content_is_gone(belize: Portal, ana: User) -> None:
    incident = illegal(belize, ana)
    listed(incident, ana)
    found_gone(incident, ana)
    entry = UrlListEntry.objects.get()
    assert (entry.version, entry.removed_on is not None) == (2, True)


def test_incident_closed_as_exhausted_stays_on_the_url_list(belize: Portal, ana: User) -> None:
    incident = illegal(belize, ana)
    listed(incident, ana)
    Chase.objects.update(removed_at=timezone.now(), removed_in_a_row=1)
    actions.close(by=ana, incident=incident, closing=Closing.EXHAUSTED)
    assert UrlListEntry.objects.get().removed_on is None
    # A single availability check does not count as a removal.
    assert [referral.removed_at for referral in Referral.objects.all()] == [None]
    assert (
        "It is no longer checked" in client_of(ana).get(f"/admin/incidents/{incident.pk}/", ALL_OPEN).content.decode()
    )

    take_off(by=ana, incident=incident, reason=OffReason.WRONG)
    assert UrlListEntry.objects.get().removed_on is not None


def test_end_of_the_work_keeps_the_list_for_itself_only_at_the_last(belize: Portal, ana: User) -> None:
    incident = illegal(belize, ana)
    listed(incident, ana)
    with CaptureQueriesContext(connection) as asked, transaction.atomic():
        end_chase(incident, reason=DropReason.ENDED, now=timezone.now())

    tables = ("analysts_chase", "analysts_referral", "analysts_noticeitem", "analysts_urllist", "analysts_incident")
    changes = [query["sql"] for query in asked if query["sql"].startswith("UPDATE")]
    changed = [next(table for table in tables if f'"{table}' in sql) for sql in changes]
    before = ["analysts_referral", "analysts_chase", "analysts_noticeitem", "analysts_incident"]
    assert changed == [*before, *["analysts_urllist"] * 2]
    # The chase is locked before any change.
    [locked] = [n for n, query in enumerate(asked) if "FOR UPDATE" in query["sql"] and "_chase" in query["sql"]]
    assert locked < min(n for n, query in enumerate(asked) if "analysts_urllist" in query["sql"])


# --- Concurrency ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_listers_at_once_get_versions_of_their_own(belize: Portal, ana: User) -> None:
    incidents = [illegal(belize, ana, f"https://example.org/{number}") for number in range(8)]
    start, failed = Barrier(len(incidents)), list[Exception]()

    def list_one(incident: Incident) -> None:
        try:
            start.wait()
            list_address(by=ana, incident=incident)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [Thread(target=list_one, args=[incident]) for incident in incidents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert sorted(UrlListEntry.objects.values_list("version", flat=True)) == list(range(1, 9))


@pytest.mark.django_db(transaction=True)
def test_one_incident_listed_twice_at_once_has_one_entry(belize: Portal, ana: User) -> None:
    incident = illegal(belize, ana)
    start = Barrier(2)

    def list_it() -> None:
        start.wait()
        list_address(by=ana, incident=incident)
        connection.close()

    threads = [Thread(target=list_it) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [entry.version for entry in UrlListEntry.objects.all()] == [1]
    assert entries.open_referral_of(incident) is not None

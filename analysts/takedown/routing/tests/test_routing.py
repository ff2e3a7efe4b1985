"""Confirming routes, adding recipients and police clearance: referrals, notices and audit events."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from analysts.assessment import actions
from analysts.codes import Closing
from analysts.incidents.permissions import check_can_undo
from analysts.models import (
    Chase,
    Clearance,
    DropReason,
    Incident,
    Notice,
    NoticeItem,
    PoliceHold,
    Purpose,
    Recipient,
    RecipientKind,
    Referral,
    Route,
    RouteStep,
    UrlListEntry,
    User,
)
from analysts.states import State
from analysts.takedown.chasing.lists import due_items, to_do_counts, waiting_of
from analysts.takedown.notices import manual_actions, rendering, texts
from analysts.takedown.notices.sending import mark_sent
from analysts.takedown.routing import catalogue, clearance, holds, page_section, to_do
from analysts.takedown.routing.actions import ask_police, confirm_route, record_clearance, refer
from analysts.tests.chases import found_gone
from analysts.tests.factories import assessed_illegal, incident_of
from analysts.tests.places import found_in, host, placed, recipient
from analysts.tests.sections import ALL_OPEN
from audit.models import AuditEvent
from audit.permissions import Denied, Late
from countries.models import Portal
from tests.rig.fixtures import client_of

pytestmark = pytest.mark.usefixtures("rules")

HOLD, HOST, LATER = RouteStep.POLICE_HOLD, RouteStep.NOTICE_HOST, RouteStep.NOTICE_HOST_LATER
HOTLINE, POLICE, LIST = RouteStep.HOTLINE, RouteStep.POLICE, RouteStep.URL_LIST
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ADDRESS = "https://example.org/gallery"


@pytest.fixture
def rules(db: None) -> None:
    catalogue.load_rules()


@pytest.fixture
def british_police(sena: User) -> Recipient:
    return recipient(RecipientKind.POLICE, "Police of the United Kingdom", "GB", verified_by=sena)


@pytest.fixture
def belizean_police(sena: User) -> Recipient:
    return recipient(RecipientKind.POLICE, "Police of Belize", "BZ", verified_by=sena)


@pytest.fixture
def german_hotline(sena: User) -> Recipient:
    return recipient(RecipientKind.HOTLINE, "Hotline of Germany", "DE", verified_by=sena)


def confirmed(incident: Incident, by: User, *steps: RouteStep, now: datetime = MONDAY, **more: Any) -> Route:
    return confirm_route(by=by, incident=incident, steps=steps, now=now, **more)


def to_leave() -> list[tuple[str, str]]:
    """Return (recipient, kind of referral) for each planned notice."""
    items = NoticeItem.objects.filter(dropped="").order_by("notice__made_at", "notice__recipient__name")
    return list(items.values_list("notice__recipient__name", "referral__kind"))


def open_referrals(incident: Incident) -> set[tuple[str, str]]:
    return set(incident.referrals.filter(ended_at=None).values_list("kind", "recipient"))


def events(incident: Incident) -> list[tuple[str, str, Any]]:
    found = AuditEvent.objects.filter(object_id=str(incident.pk)).order_by("number")
    return [(event.action, event.actor, event.details) for event in found]


def reason_of(denied: pytest.ExceptionInfo[Denied]) -> str:
    return str(denied.value.reason)


# --- The three default routes -----------------------------------------------------------------------


def test_country_with_a_hotline_goes_there(belize: Portal, ana: User, german_hotline: Recipient) -> None:
    incident = found_in(belize, ana, "DE", now=MONDAY)
    route = confirmed(incident, ana, HOTLINE, LIST)

    assert (route.steps, route.proposed, route.reason, route.country, route.trace) == (
        [HOTLINE, LIST],
        [HOTLINE, LIST],
        "",
        "DE",
        1,
    )
    incident.refresh_from_db()
    assert incident.state == State.ACTING
    assert open_referrals(incident) == {("hotline", "Hotline of Germany"), ("url_list", "URL list")}
    assert to_leave() == [("Hotline of Germany", "hotline")]
    assert UrlListEntry.objects.filter(incident=incident, removed_on=None).exists()
    assert Chase.objects.get().routed_trace == 1
    assert not holds.is_blocked(incident)
    *_, listed, last = events(incident)
    assert listed[0] == "incident.list"
    assert last == (
        "incident.confirm_route",
        "ana",
        {
            "route": str(route.pk),
            "country": "DE",
            "trace": 1,
            "proposed": ["hotline", "url_list"],
            "steps": ["hotline", "url_list"],
        },
    )


def test_other_country_goes_to_the_police_and_later_to_the_host(
    belize: Portal, ana: User, belizean_police: Recipient
) -> None:
    incident = found_in(belize, ana, "BZ", now=MONDAY)
    confirmed(incident, ana, POLICE, LATER, LIST)

    assert to_leave() == [("Police of Belize", "police")]
    later = Referral.objects.get(kind="takedown")
    assert (later.recipient, later.not_before, later.to) == ("Example Hosting", MONDAY + 48 * HOUR, host())


def test_own_country_asks_the_police_and_nothing_else_leaves(
    belize: Portal, ana: User, british_police: Recipient
) -> None:
    incident = found_in(belize, ana, "GB", now=MONDAY)
    confirmed(incident, ana, HOLD, HOST, LIST)

    hold = PoliceHold.objects.get()
    assert (hold.police, hold.by, hold.at, hold.answer) == (british_police, ana, MONDAY, "")
    assert holds.is_blocked(incident)
    assert open_referrals(incident) == {
        ("police", "Police of the United Kingdom"),
        ("takedown", "Example Hosting"),
        ("url_list", "URL list"),
    }
    # Only the clearance request is sent: no notice, and no entry on the URL list.
    assert to_leave() == [("Police of the United Kingdom", "police")]
    assert not UrlListEntry.objects.exists()


# --- Clearance --------------------------------------------------------------------------------------


def test_police_are_waited_for_from_when_the_request_was_sent(
    belize: Portal, ana: User, british_police: Recipient, settings: Any
) -> None:
    incident = found_in(belize, ana, "GB", now=MONDAY)
    confirmed(incident, ana, HOLD, HOST, LIST)
    assert to_do.POLICE not in to_do_counts(ana, MONDAY + DAY)
    notice, sent_at = Notice.objects.get(), MONDAY + 2 * DAY
    settings.PUBLIC_URL = "https://report.example.org"
    texts.load_shipped_texts()
    mark_sent(notice, rendering.render_letter(notice), by=None, now=sent_at)

    assert PoliceHold.objects.get().sent_at == sent_at
    due = due_items(Chase.objects.get(), waiting_of(Chase.objects.get()), now=sent_at)
    assert [(each.kind, each.since) for each in due if each.kind == to_do.POLICE] == [(to_do.POLICE, sent_at)]


def test_granted_lets_out_what_was_held_back(belize: Portal, ana: User, british_police: Recipient) -> None:
    incident = found_in(belize, ana, "GB", now=MONDAY)
    confirmed(incident, ana, HOLD, HOST, LIST)
    answer = record_clearance(
        by=ana,
        incident=incident,
        answer=Clearance.GRANTED,
        answered_on=date(2026, 3, 3),
        reference="OP 12/26",
        called_back=True,
        now=MONDAY + 2 * DAY,
    )

    assert (answer.answer, answer.answered_on, answer.reference) == ("granted", date(2026, 3, 3), "OP 12/26")
    assert (answer.recorded_by, answer.recorded_at) == (ana, MONDAY + 2 * DAY)
    assert not holds.is_blocked(incident)
    # The request had not been sent yet; the decision makes it redundant.
    assert to_leave() == [("Example Hosting", "takedown")]
    assert NoticeItem.objects.get(referral__kind="police").dropped == DropReason.TAKEN_BACK
    assert UrlListEntry.objects.filter(incident=incident, removed_on=None).exists()
    assert events(incident)[-1] == (
        "incident.record_clearance",
        "ana",
        {
            "hold": str(answer.pk),
            "answer": "granted",
            "answered_on": "2026-03-03",
            "called_back": True,
            "phone": british_police.phone,
        },
    )


def test_later_notice_counts_from_the_clearance(belize: Portal, ana: User, british_police: Recipient) -> None:
    incident = found_in(belize, ana, "GB", now=MONDAY)
    confirmed(incident, ana, HOLD, LATER, reason="The host helps the police.")
    assert Referral.objects.get(kind="takedown").not_before == MONDAY + 48 * HOUR
    granted(incident, ana, MONDAY + 3 * DAY)
    assert Referral.objects.get(kind="takedown").not_before == MONDAY + 3 * DAY + 48 * HOUR
    assert to_leave() == []


def granted(incident: Incident, by: User, now: datetime, answer: Clearance = Clearance.GRANTED) -> PoliceHold:
    decision: dict[str, Any] = {"answer": answer, "answered_on": now.date(), "reference": "OP 12/26"}
    return record_clearance(by=by, incident=incident, called_back=True, now=now, **decision)


def test_refused_keeps_everything_back_until_they_are_asked_again_and_grant_it(
    belize: Portal, ana: User, british_police: Recipient
) -> None:
    incident = found_in(belize, ana, "GB", now=MONDAY)
    confirmed(incident, ana, HOLD, HOST, LIST)
    granted(incident, ana, MONDAY + HOUR, Clearance.REFUSED)
    assert holds.is_blocked(incident)
    assert to_leave() == []
    assert not UrlListEntry.objects.exists()

    ask_police(by=ana, incident=incident, now=MONDAY + DAY)
    assert to_leave() == [("Police of the United Kingdom", "police")]
    with pytest.raises(Denied) as denied:
        ask_police(by=ana, incident=incident, now=MONDAY + DAY)
    assert reason_of(denied) == "The police have been asked for clearance and have not decided yet."

    granted(incident, ana, MONDAY + 2 * DAY)
    assert to_leave() == [("Example Hosting", "takedown")]
    assert UrlListEntry.objects.filter(incident=incident).count() == 1
    assert [action for action, _by, _details in events(incident)][-5:] == [
        "incident.record_clearance",
        "incident.list",
        "incident.ask_police",
        "incident.list",
        "incident.record_clearance",
    ]


def test_what_is_on_the_url_list_is_off_it_until_the_police_grant_it(
    belize: Portal, ana: User, british_police: Recipient
) -> None:
    incident = found_in(belize, ana, "GB", now=MONDAY)
    confirmed(incident, ana, HOST, LIST, reason="The police know.")
    listed = UrlListEntry.objects.get(removed_on=None)
    ask_police(by=ana, incident=incident, now=MONDAY + HOUR)
    listed.refresh_from_db()
    assert (listed.removed_on, listed.version) == (MONDAY.date(), 2)
    assert events(incident)[-2] == ("incident.take_off", "ana", {"waits": "clearance"})

    granted(incident, ana, MONDAY + DAY, Clearance.REFUSED)
    assert not UrlListEntry.objects.filter(removed_on=None).exists()
    ask_police(by=ana, incident=incident, now=MONDAY + DAY)
    granted(incident, ana, MONDAY + 2 * DAY)
    assert UrlListEntry.objects.get(removed_on=None).version == 3


def test_route_that_asks_the_police_again_removes_the_url_list_entry(
    belize: Portal, ana: User, british_police: Recipient, german_hotline: Recipient
) -> None:
    incident = found_in(belize, ana, "DE", now=MONDAY)
    confirmed(incident, ana, HOST, LIST, reason="The hotline knows.")
    placed(incident, "GB", host("Other Hosting"), now=MONDAY + HOUR)
    # This route has no step for the URL list: the entry of the previous route would remain.
    confirmed(incident, ana, HOLD, HOST, reason="Members have it already.", now=MONDAY + 2 * HOUR)
    assert not UrlListEntry.objects.filter(removed_on=None).exists()
    granted(incident, ana, MONDAY + DAY)
    assert UrlListEntry.objects.filter(removed_on=None).exists()


def test_grant_is_a_claim_until_the_police_were_called_back(
    belize: Portal, ana: User, british_police: Recipient
) -> None:
    incident = found_in(belize, ana, "GB", now=MONDAY)
    confirmed(incident, ana, HOLD, HOST, LIST)
    decision: dict[str, Any] = {"answered_on": MONDAY.date(), "reference": "12/26", "now": MONDAY + DAY}
    with pytest.raises(Denied) as denied:
        record_clearance(by=ana, incident=incident, answer=Clearance.GRANTED, **decision)
    assert "called the police back" in reason_of(denied)
    assert holds.is_blocked(incident)
    hold = holds.latest_hold(incident)
    assert hold is not None
    fields = {"answer": "granted", "answered_on": MONDAY.date(), "reference": "12/26"}
    assert set(clearance.record_form(hold, fields, now=MONDAY + DAY).errors) == {"called_back"}
    assert not clearance.record_form(hold, {**fields, "called_back": "on"}, now=MONDAY + DAY).errors
    # A refusal keeps everything back: it needs no call.
    refused = record_clearance(by=ana, incident=incident, answer=Clearance.REFUSED, **decision)
    assert refused.is_called_back is False


@pytest.mark.parametrize(
    ("answered_on", "reference", "reason"),
    [
        (date(2026, 3, 6), "12/26", "This date is in the future."),
        (date(2026, 3, 1), "12/26", "This date is before the clearance request."),
        (date(2026, 3, 2), "  ", "A decision needs a date and a reference."),
        (date(2026, 3, 2), "about example.org/gallery", "This text contains an address. Remove it."),
        (date(2026, 3, 2), "about 192.0.2.7", "This text contains an address. Remove it."),
    ],
)
def test_answer_of_the_police_is_one_that_can_be(
    belize: Portal, ana: User, british_police: Recipient, answered_on: date, reference: str, reason: str
) -> None:
    incident = found_in(belize, ana, "GB", now=MONDAY)
    confirmed(incident, ana, HOLD, HOST, LIST)
    decision: dict[str, Any] = {"answer": Clearance.GRANTED, "answered_on": answered_on, "reference": reference}
    with pytest.raises(Denied) as denied:
        record_clearance(by=ana, incident=incident, called_back=True, now=MONDAY + 3 * DAY, **decision)
    assert reason_of(denied) == reason
    assert holds.is_blocked(incident)


@pytest.mark.parametrize(
    ("zone", "asked", "answered", "answered_on"),
    [
        # Requested on Monday evening local time, and decided the same evening.
        ("America/Belize", MONDAY + 16 * HOUR, MONDAY + 17 * HOUR, date(2026, 3, 2)),
        # Tuesday morning local time.
        ("Pacific/Auckland", MONDAY + 3 * HOUR, MONDAY + 4 * HOUR, date(2026, 3, 3)),
    ],
)
def test_answer_is_dated_by_the_calendar_of_the_police(
    belize: Portal,
    ana: User,
    british_police: Recipient,
    zone: str,
    asked: datetime,
    answered: datetime,
    answered_on: date,
) -> None:
    Recipient.objects.filter(pk=british_police.pk).update(time_zone=zone)
    incident = found_in(belize, ana, "GB", now=MONDAY)
    confirmed(incident, ana, HOLD, HOST, LIST, now=asked)
    decision: dict[str, Any] = {"answer": Clearance.GRANTED, "reference": "12/26", "called_back": True, "now": answered}
    for day, reason in ((answered_on - DAY, "This date is before"), (answered_on + DAY, "This date is in the future")):
        with pytest.raises(Denied) as denied:
            record_clearance(by=ana, incident=incident, answered_on=day, **decision)
        assert reason_of(denied).startswith(reason)
    hold = holds.latest_hold(incident)
    assert hold is not None
    form = clearance.record_form(hold, now=answered)
    attrs = form.fields["answered_on"].widget.attrs
    assert (attrs["min"], attrs["max"]) == (str(answered_on), str(answered_on))
    # A date that is left empty is that of the day on which they were called back.
    sent = {"answer": "granted", "reference": "12/26", "called_back": "on"}
    form = clearance.record_form(hold, sent, now=answered)
    assert (form.is_valid(), form.cleaned_data["answered_on"]) == (True, answered_on)
    assert record_clearance(by=ana, incident=incident, answered_on=answered_on, **decision).answered_on == answered_on


def test_answer_is_recorded_once(belize: Portal, ana: User, sena: User, british_police: Recipient) -> None:
    incident = found_in(belize, ana, "GB", now=MONDAY)
    with pytest.raises(Denied) as denied:
        granted(incident, ana, MONDAY)
    assert reason_of(denied) == "The police have not been asked for clearance."
    confirmed(incident, ana, HOLD, HOST, LIST)
    granted(incident, sena, MONDAY + HOUR)
    with pytest.raises(Denied) as denied:
        granted(incident, ana, MONDAY + HOUR, Clearance.REFUSED)
    assert reason_of(denied) == "The decision of the police has already been recorded."


def test_police_are_asked_in_a_letter_of_its_own(
    belize: Portal, ana: User, british_police: Recipient, settings: Any
) -> None:
    settings.HOTLINE_NAME, settings.PUBLIC_URL = "Example Hotline", "https://report.hotline.example"
    texts.load_shipped_texts(now=MONDAY)
    confirmed(found_in(belize, ana, "GB", now=MONDAY), ana, HOLD, HOST, LIST)
    [question] = Notice.objects.all()
    assert (question.recipient, question.purpose) == (british_police, Purpose.CLEARANCE)
    letter = rendering.render_letter(question)
    assert "Clearance request" in letter.subject
    assert "confirm whether we may issue a takedown notice" in letter.body


def test_police_in_the_route_are_notified_only_once(belize: Portal, ana: User, british_police: Recipient) -> None:
    incident = found_in(belize, ana, "GB", now=MONDAY)
    confirmed(incident, ana, HOLD, HOST, POLICE, LIST, reason="They want to know of every one.")
    assert Referral.objects.filter(kind="police").count() == 1
    granted(incident, ana, MONDAY + HOUR)
    assert to_leave() == [("Police of the United Kingdom", "police"), ("Example Hosting", "takedown")]


def over_and_found_again(incident: Incident, by: User, country: str, now: datetime) -> None:
    """Close the incident as removed, then reopen it, assess it as illegal again and trace it to `country`."""
    found_gone(incident, by, now=now)
    actions.reopen(by=by, incident=Incident.objects.get(pk=incident.pk), now=now)
    assessed_illegal(Incident.objects.get(pk=incident.pk), by, now=now)
    placed(incident, country, host(), now=now)


@pytest.mark.parametrize(("country", "steps"), [("GB", (HOLD, HOST, LIST)), ("DE", (HOTLINE, LIST))])
def test_question_that_was_never_answered_is_put_again_where_the_work_begins_again(
    belize: Portal,
    ana: User,
    british_police: Recipient,
    german_hotline: Recipient,
    country: str,
    steps: tuple[RouteStep, ...],
) -> None:
    incident = found_in(belize, ana, "GB", now=MONDAY)
    confirmed(incident, ana, HOLD, HOST, LIST)
    over_and_found_again(incident, ana, country, MONDAY + DAY)
    assert to_leave() == []

    confirmed(incident, ana, *steps, now=MONDAY + DAY)
    assert to_leave() == [("Police of the United Kingdom", "police")]
    assert PoliceHold.objects.count() == 1
    granted(incident, ana, MONDAY + 2 * DAY)
    expected = ("Example Hosting", "takedown") if country == "GB" else ("Hotline of Germany", "hotline")
    assert to_leave() == [expected]
    assert ("police", "Police of the United Kingdom") not in open_referrals(incident)


# --- Other steps than proposed ----------------------------------------------------------------------


def test_other_steps_need_a_reason(belize: Portal, ana: User, german_hotline: Recipient) -> None:
    incident = found_in(belize, ana, "DE", now=MONDAY)
    for reason in ("", "  "):
        with pytest.raises(Denied) as denied:
            confirmed(incident, ana, HOTLINE, HOST, LIST, reason=reason)
        assert reason_of(denied) == "Give a reason for choosing steps other than those proposed."
    with pytest.raises(Denied) as denied:
        confirmed(incident, ana, HOTLINE, HOST, LIST, reason="As of https://example.net/page")
    assert reason_of(denied) == "This text contains an address. Remove it."
    assert not Route.objects.exists()

    route = confirmed(incident, ana, LIST, HOST, HOTLINE, reason="The hotline is closed this week.")
    assert (route.steps, route.reason) == ([HOTLINE, LIST, HOST], "The hotline is closed this week.")
    assert set(to_leave()) == {("Hotline of Germany", "hotline"), ("Example Hosting", "takedown")}
    # Typed reasons are not copied to the audit log.
    assert "closed this week" not in str(events(incident))


def test_reason_is_not_kept_where_nothing_was_changed(belize: Portal, ana: User, german_hotline: Recipient) -> None:
    incident = found_in(belize, ana, "DE", now=MONDAY)
    assert confirmed(incident, ana, LIST, HOTLINE, reason="Typed, and ticked again.").reason == ""


def test_no_step_at_all_is_refused(belize: Portal, ana: User) -> None:
    incident = found_in(belize, ana, "DE", now=MONDAY)
    with pytest.raises(Denied) as denied:
        confirmed(incident, ana, reason="There is nothing to be done.")
    assert reason_of(denied) == "Choose at least one step. If nothing can be done, close the incident with a reason."


def test_route_needs_an_existing_or_named_recipient(belize: Portal, ana: User) -> None:
    incident = found_in(belize, ana, "DE", now=MONDAY)
    with pytest.raises(Denied) as denied:
        confirmed(incident, ana, HOTLINE, LIST)
    assert reason_of(denied) == "Name the recipient: hotline."
    with pytest.raises(Denied) as denied:
        confirmed(incident, ana, HOTLINE, LIST, recipients={RecipientKind.HOTLINE: "example.org/gallery"})
    assert reason_of(denied) == "This name contains an address or the reported site. Name the organisation."

    confirmed(incident, ana, HOTLINE, LIST, recipients={RecipientKind.HOTLINE: "Hotline of Germany"})
    made = Recipient.objects.get(kind=RecipientKind.HOTLINE)
    assert (made.name, made.country, made.is_usable) == ("Hotline of Germany", "DE", False)


@pytest.mark.parametrize(
    "name", ["example.org", "Example.ORG.", "https://example.org", "Owner of example.org", "192.0.2.7", "example.net/a"]
)
def test_recipient_name_must_not_contain_the_reported_site(
    belize: Portal, ana: User, german_hotline: Recipient, name: str
) -> None:
    """The reported address is a page of example.org; the host name alone identifies it as well."""
    incident = found_in(belize, ana, "DE", now=MONDAY)
    confirmed(incident, ana, HOTLINE, LIST)
    request: dict[str, Any] = {"kind": RecipientKind.OWNER, "reason": "r", "now": MONDAY}
    with pytest.raises(Denied) as denied:
        refer(by=ana, incident=incident, name=name, **request)
    assert reason_of(denied) == "This name contains an address or the reported site. Name the organisation."
    assert not Recipient.objects.filter(kind=RecipientKind.OWNER).exists()
    assert refer(by=ana, incident=incident, name="example.net", **request).recipient == "example.net"


def test_the_one_that_something_may_be_sent_to_comes_first(
    belize: Portal, ana: User, german_hotline: Recipient
) -> None:
    recipient(RecipientKind.HOTLINE, "An unverified hotline", "DE")
    incident = found_in(belize, ana, "DE", now=MONDAY)
    confirmed(incident, ana, HOTLINE, LIST)
    assert to_leave() == [("Hotline of Germany", "hotline")]


def test_owner_and_platform_are_named(belize: Portal, ana: User, german_hotline: Recipient) -> None:
    incident = found_in(belize, ana, "DE", now=MONDAY)
    steps = (HOTLINE, LIST, RouteStep.NOTICE_OWNER, RouteStep.NOTICE_PLATFORM)
    named = {RecipientKind.OWNER: "Example Gallery", RecipientKind.PLATFORM: "Example Social"}
    confirmed(incident, ana, *steps, recipients=named, reason="Both answer.")
    kinds = {(to.kind, to.name) for to in Recipient.objects.exclude(pk__in=[german_hotline.pk, host().pk])}
    assert kinds == {("owner", "Example Gallery"), ("platform", "Example Social")}
    assert {name for name, _kind in to_leave()} == {"Hotline of Germany", "Example Gallery", "Example Social"}


def test_host_notified_at_once_gets_no_later_notice(belize: Portal, ana: User, belizean_police: Recipient) -> None:
    incident = found_in(belize, ana, "BZ", now=MONDAY)
    route = confirmed(incident, ana, POLICE, HOST, LATER, LIST, reason="It is urgent.")
    assert route.steps == [POLICE, LIST, HOST]
    assert Referral.objects.get(kind="takedown").not_before is None


def test_later_notice_that_no_rule_proposes_waits_as_long(belize: Portal, ana: User, german_hotline: Recipient) -> None:
    incident = found_in(belize, ana, "DE", now=MONDAY)
    confirmed(incident, ana, HOTLINE, LATER, LIST, reason="The hotline is slow.")
    assert Referral.objects.get(kind="takedown").not_before == MONDAY + 48 * HOUR


# --- Once for each verdict and hosting --------------------------------------------------------------


def test_confirmed_once_a_place(belize: Portal, ana: User, sena: User, german_hotline: Recipient) -> None:
    incident = found_in(belize, ana, "DE", now=MONDAY)
    confirmed(incident, ana, HOTLINE, LIST)
    with pytest.raises(Late) as late:
        confirmed(incident, sena, HOTLINE, LIST)
    assert reason_of(late) == "A colleague has just confirmed the route. Nothing was done twice."
    assert Route.objects.count() == 1
    assert to_leave() == [("Hotline of Germany", "hotline")]


def test_route_is_refused_when_the_hosting_changed_since_the_page_was_opened(
    belize: Portal, ana: User, german_hotline: Recipient
) -> None:
    incident = found_in(belize, ana, "DE", now=MONDAY)
    placed(incident, "BZ", host("Other Hosting"), now=MONDAY + HOUR)
    with pytest.raises(Late) as late:
        confirmed(incident, ana, HOTLINE, LIST, trace=1)
    assert reason_of(late) == "The hosting has changed since you opened the page. Check the route proposed for it now."
    assert not Route.objects.exists()


def test_moved_incident_notifies_new_recipients_and_ends_the_old_referrals(
    belize: Portal, ana: User, sena: User, german_hotline: Recipient, belizean_police: Recipient
) -> None:
    incident = found_in(belize, ana, "DE", now=MONDAY)
    confirmed(incident, ana, HOTLINE, HOST, LIST, reason="Both.")
    chase = placed(incident, "BZ", host("Other Hosting"), now=MONDAY + DAY)
    assert chase.has_moved

    confirmed(incident, sena, POLICE, LATER, LIST, now=MONDAY + DAY, trace=2)
    assert not Chase.objects.get().has_moved
    assert open_referrals(incident) == {
        ("police", "Police of Belize"),
        ("takedown", "Other Hosting"),
        ("url_list", "URL list"),
    }
    assert to_leave() == [("Police of Belize", "police")]
    assert set(NoticeItem.objects.exclude(dropped="").values_list("dropped", flat=True)) == {DropReason.MOVED}

    # After a move back, the recipients of the first hosting are notified again.
    placed(incident, "DE", host(), now=MONDAY + 2 * DAY)
    confirmed(incident, ana, HOTLINE, LIST, now=MONDAY + 2 * DAY)
    assert open_referrals(incident) == {("hotline", "Hotline of Germany"), ("url_list", "URL list")}
    assert to_leave() == [("Hotline of Germany", "hotline")]
    assert [(route.country, route.trace) for route in incident.routes.all()] == [("DE", 1), ("BZ", 2), ("DE", 3)]


def test_nothing_leaves_after_a_move_until_a_person_confirms(
    belize: Portal, ana: User, british_police: Recipient, german_hotline: Recipient
) -> None:
    incident = found_in(belize, ana, "GB", now=MONDAY)
    confirmed(incident, ana, HOLD, HOST, LIST)
    placed(incident, "DE", host("Other Hosting"), now=MONDAY + DAY)
    granted(incident, ana, MONDAY + DAY)
    assert to_leave() == []
    confirmed(incident, ana, HOTLINE, LIST, now=MONDAY + DAY)
    assert to_leave() == [("Hotline of Germany", "hotline")]


def test_move_does_not_answer_for_the_police(
    belize: Portal, ana: User, british_police: Recipient, german_hotline: Recipient
) -> None:
    incident = found_in(belize, ana, "GB", now=MONDAY)
    confirmed(incident, ana, HOLD, HOST, LIST)
    placed(incident, "DE", host("Other Hosting"), now=MONDAY + DAY)
    confirmed(incident, ana, HOTLINE, LIST, now=MONDAY + DAY)
    # The unsent clearance request is still sent, for the new hosting.
    assert to_leave() == [("Police of the United Kingdom", "police")]
    assert NoticeItem.objects.get(dropped="").trace == 2
    granted(incident, ana, MONDAY + 2 * DAY)
    assert to_leave() == [("Hotline of Germany", "hotline")]


def test_clearance_is_of_one_place(belize: Portal, ana: User, british_police: Recipient) -> None:
    incident = found_in(belize, ana, "GB", now=MONDAY)
    confirmed(incident, ana, HOLD, HOST, LIST)
    granted(incident, ana, MONDAY)
    placed(incident, "GB", host("Other Hosting"), now=MONDAY + DAY)
    confirmed(incident, ana, HOLD, HOST, LIST, now=MONDAY + DAY)
    assert PoliceHold.objects.count() == 2
    assert holds.is_blocked(incident)


def test_new_verdict_confirms_the_same_place_without_telling_anybody_twice(
    belize: Portal, ana: User, sena: User, british_police: Recipient
) -> None:
    incident = found_in(belize, ana, "GB", now=MONDAY)
    confirmed(incident, ana, HOLD, HOST, LIST)
    granted(incident, ana, MONDAY)
    before, planned = open_referrals(incident), to_leave()
    actions.reopen(by=ana, incident=incident, now=MONDAY + DAY)
    assessed_illegal(Incident.objects.get(pk=incident.pk), sena, now=MONDAY + DAY)

    confirmed(incident, sena, HOLD, HOST, LIST, now=MONDAY + DAY)
    assert open_referrals(incident) == before
    assert to_leave() == planned
    assert PoliceHold.objects.count() == 1
    incident.refresh_from_db()
    assert incident.state == State.ACTING


def test_what_moved_while_another_verdict_is_waited_for_is_confirmed_at_once(
    belize: Portal, ana: User, german_hotline: Recipient, belizean_police: Recipient
) -> None:
    incident = found_in(belize, ana, "DE", now=MONDAY)
    confirmed(incident, ana, HOTLINE, LIST)
    actions.reopen(by=ana, incident=incident, now=MONDAY + DAY)
    placed(incident, "BZ", host("Other Hosting"), now=MONDAY + DAY)
    confirmed(incident, ana, POLICE, LATER, LIST, now=MONDAY + DAY)
    incident.refresh_from_db()
    assert incident.state == State.WAITING
    assert to_leave() == [("Police of Belize", "police")]


# --- Refusals ---------------------------------------------------------------------------------------


def test_place_has_to_be_agreed_first(belize: Portal, ana: User) -> None:
    incident = found_in(belize, ana, "DE", now=MONDAY)
    Chase.objects.update(trace=0, traced_at=None, country="")
    with pytest.raises(Denied) as denied:
        confirmed(incident, ana, HOTLINE, LIST)
    assert reason_of(denied) == "Trace the hosting first: at least three methods have to agree."


def test_what_is_over_goes_nowhere(belize: Portal, ana: User, german_hotline: Recipient) -> None:
    incident = found_in(belize, ana, "DE", now=MONDAY)
    found_gone(incident, ana, now=MONDAY)
    acts: list[Callable[[], object]] = [
        lambda: confirmed(incident, ana, HOTLINE, LIST),
        lambda: ask_police(by=ana, incident=incident, now=MONDAY),
        lambda: refer(by=ana, incident=incident, kind=RecipientKind.OWNER, name="Example", reason="r", now=MONDAY),
    ]
    for act in acts:
        with pytest.raises(Denied) as denied:
            act()
        assert reason_of(denied) == "Only open incidents with an illegal verdict can be referred."
    assert not Referral.objects.exists()


@pytest.mark.parametrize("who", ["ben", "olga", "petra", "axel", "willa", "adam"])
def test_only_analysts_of_its_portals_say_where_it_goes(
    belize: Portal, ana: User, who: str, british_police: Recipient, request: pytest.FixtureRequest
) -> None:
    person: User = request.getfixturevalue(who)
    incident = found_in(belize, ana, "GB", now=MONDAY)
    if who != "ben":
        person.portals.set([belize])
    acts: list[Callable[[], object]] = [
        lambda: confirmed(incident, person, HOLD, HOST, LIST),
        lambda: ask_police(by=person, incident=incident, now=MONDAY),
        lambda: granted(incident, person, MONDAY),
        lambda: refer(by=person, incident=incident, kind=RecipientKind.OWNER, name="Example", reason="r", now=MONDAY),
    ]
    for act in acts:
        with pytest.raises(Denied):
            act()
    assert not Referral.objects.exists()
    assert not PoliceHold.objects.exists()


# --- Additional recipients --------------------------------------------------------------------------


def test_adding_a_recipient_requires_a_reason(belize: Portal, ana: User, german_hotline: Recipient) -> None:
    incident = found_in(belize, ana, "DE", now=MONDAY)
    confirmed(incident, ana, HOTLINE, LIST)
    request: dict[str, Any] = {"kind": RecipientKind.REGISTRAR, "name": "Example Names", "now": MONDAY + HOUR}
    with pytest.raises(Denied) as denied:
        refer(by=ana, incident=incident, reason=" ", **request)
    assert reason_of(denied) == "Give a reason for adding this recipient."

    made = refer(by=ana, incident=incident, reason="The host does not answer.", **request)
    assert (made.kind, made.recipient, made.reason) == ("takedown", "Example Names", "The host does not answer.")
    assert to_leave() == [("Hotline of Germany", "hotline"), ("Example Names", "takedown")]
    assert events(incident)[-1][::2] == (
        "incident.refer",
        {"kind": "registrar", "referral": str(made.pk), "to": str(made.to_id)},
    )
    with pytest.raises(Late) as late:
        refer(by=ana, incident=incident, reason="Again.", **request)
    assert reason_of(late) == "This incident is already referred to this recipient."


def test_recipient_can_be_added_only_after_the_new_route_is_approved(
    belize: Portal, ana: User, german_hotline: Recipient, client: Client
) -> None:
    incident = found_in(belize, ana, "DE", now=MONDAY)
    confirmed(incident, ana, HOTLINE, LIST)
    placed(incident, "DE", host("Other Hosting"), now=MONDAY + DAY)
    incident = Incident.objects.get(pk=incident.pk)
    request: dict[str, Any] = {"kind": RecipientKind.REGISTRAR, "name": "Example Names", "reason": "r"}
    client.force_login(ana)
    page = reverse("admin:incident", args=[incident.pk])
    with pytest.raises(Denied) as denied:
        refer(by=ana, incident=incident, now=MONDAY + DAY, **request)
    assert reason_of(denied) == "The agreed hosting has changed. Approve the new route first."
    assert reverse("admin:refer", args=[incident.pk]) not in client.get(page, ALL_OPEN).content.decode()

    confirmed(incident, ana, HOTLINE, LIST, now=MONDAY + DAY)
    assert reverse("admin:refer", args=[incident.pk]) in client.get(page, ALL_OPEN).content.decode()
    refer(by=ana, incident=incident, now=MONDAY + DAY, **request)
    assert set(to_leave()) == {("Hotline of Germany", "hotline"), ("Example Names", "takedown")}


def test_one_more_recipient_is_held_back_like_the_rest(belize: Portal, ana: User, british_police: Recipient) -> None:
    incident = found_in(belize, ana, "GB", now=MONDAY)
    confirmed(incident, ana, HOLD, HOST, LIST)
    refer(by=ana, incident=incident, kind=RecipientKind.OWNER, name="Example Gallery", reason="r", now=MONDAY)
    assert to_leave() == [("Police of the United Kingdom", "police")]
    granted(incident, ana, MONDAY + HOUR)
    assert set(to_leave()) == {("Example Hosting", "takedown"), ("Example Gallery", "takedown")}


def one_of_two(portal: Portal, by: User) -> Incident:
    """Return one of two incidents in the same notice, which is still open for more."""
    incident, other = (found_in(portal, by, "DE", f"{ADDRESS}/{each}", now=MONDAY) for each in "ab")
    for each in (incident, other):
        confirmed(each, by, HOTLINE, LIST)
    return incident


def take_back(incident: Incident, by: User, *, all_of_it: bool) -> None:
    """Cancel the whole notice, or leave out the incident alone, which keeps the notice open."""
    item = NoticeItem.objects.get(incident=incident)
    if all_of_it:
        manual_actions.cancel(by=by, notice=item.notice, now=MONDAY)
    else:
        manual_actions.leave_out(by=by, item=item, now=MONDAY)


@pytest.mark.parametrize("all_of_it", [True, False])
def test_cancelled_notice_is_not_sent_with_a_later_referral(
    belize: Portal, ana: User, german_hotline: Recipient, all_of_it: bool
) -> None:
    incident = one_of_two(belize, ana)
    take_back(incident, ana, all_of_it=all_of_it)
    before = to_leave()

    refer(by=ana, incident=incident, kind=RecipientKind.REGISTRAR, name="Example Names", reason="r", now=MONDAY + HOUR)
    assert to_leave() == [*before, ("Example Names", "takedown")]


def test_form_without_what_it_needs_is_shown_again(belize: Portal, ana: User, british_police: Recipient) -> None:
    incident = found_in(belize, ana, "GB", now=MONDAY)
    page, client = reverse("admin:incident", args=[incident.pk]), client_of(ana)
    ask_police(by=ana, incident=incident, now=MONDAY)
    assert client.post(f"{page}clearance/", {"answer": "refused"}).status_code == 422
    granted(incident, ana, MONDAY, Clearance.REFUSED)
    for act in ("route", "refer", "ask-police"):
        assert client.post(f"{page}{act}/").status_code == 422
    assert PoliceHold.objects.count() == 1


@pytest.mark.parametrize("all_of_it", [True, False])
def test_what_was_taken_back_by_mistake_leaves_once_a_person_says_so(
    belize: Portal, ana: User, german_hotline: Recipient, all_of_it: bool
) -> None:
    incident = one_of_two(belize, ana)
    before = to_leave()
    take_back(incident, ana, all_of_it=all_of_it)
    if all_of_it:
        before = before[1:]
    again: dict[str, Any] = {"kind": RecipientKind.HOTLINE, "name": german_hotline.name, "reason": "A slip."}
    assert [each.status for each in page_section.referral_rows(incident, None, MONDAY)] == ["cancelled"]

    refer(by=ana, incident=incident, **again, now=MONDAY + HOUR)
    assert to_leave() == before
    assert open_referrals(incident) == {("hotline", german_hotline.name), ("url_list", "URL list")}
    assert [each.status for each in page_section.referral_rows(incident, None, MONDAY)] == ["to be notified"]
    with pytest.raises(Late):
        refer(by=ana, incident=incident, **again, now=MONDAY + HOUR)


def test_police_that_were_asked_keep_a_verdict_from_being_taken_back(
    belize: Portal, ana: User, british_police: Recipient
) -> None:
    """Undoing the verdict would delete the chase and leave a clearance request without an incident to act on."""
    incident = found_in(belize, ana, "GB", now=MONDAY)
    check_can_undo(ana, incident.assessments.get(), now=MONDAY)
    ask_police(by=ana, incident=incident, now=MONDAY)
    incident.refresh_from_db()
    assert incident.state == State.ACTING
    with pytest.raises(Denied):
        check_can_undo(ana, incident.assessments.get(), now=MONDAY)
    assert Chase.objects.filter(incident=incident, ended_at=None).exists()

    # Confirming the route does not create a second request.
    confirmed(incident, ana, HOLD, HOST, LIST)
    assert PoliceHold.objects.count() == 1
    assert to_leave() == [("Police of the United Kingdom", "police")]


def test_second_request_is_sent_to_police_already_notified(
    belize: Portal, ana: User, belizean_police: Recipient
) -> None:
    incident = found_in(belize, ana, "BZ", now=MONDAY)
    confirmed(incident, ana, POLICE, LATER, LIST)
    referral = Referral.objects.get(kind="police")
    hold = ask_police(by=ana, incident=incident, now=MONDAY + HOUR)
    referral.refresh_from_db()
    assert referral.ended_at == MONDAY + HOUR
    assert hold.police == belizean_police
    assert to_leave() == [("Police of Belize", "police")]


# --- Locking ----------------------------------------------------------------------------------------


def locks(asked: Iterable[dict[str, str]]) -> list[str]:
    """Return the names of the locked tables, in the order of the statements."""
    found = (re.search(r'FROM "analysts_(\w+)".* FOR UPDATE', each["sql"]) for each in asked)
    return [match[1] for match in found if match]


def test_letters_are_locked_at_once_in_one_order_and_opened_in_one(
    belize: Portal, ana: User, british_police: Recipient, german_hotline: Recipient
) -> None:
    first, second = found_in(belize, ana, "DE", now=MONDAY), found_in(belize, ana, "DE", f"{ADDRESS}/b", now=MONDAY)
    both: dict[str, Any] = {"steps": (HOST, HOTLINE, LIST), "reason": "Both."}
    with CaptureQueriesContext(connection) as asked:
        confirm_route(by=ana, incident=first, now=MONDAY, **both)
    opened = [each["sql"] for each in asked if each["sql"].startswith('INSERT INTO "analysts_notice"')]
    ids = sorted([host().pk, german_hotline.pk])
    assert [pk.hex in sql for pk, sql in zip(ids, opened, strict=True)] == [True, True]

    with CaptureQueriesContext(connection) as asked:
        confirm_route(by=ana, incident=second, now=MONDAY, **both)
    [at_once, *_one_by_one] = [
        each["sql"] for each in asked if re.search(r'"analysts_notice".*FOR UPDATE', each["sql"])
    ]
    assert all(pk.hex in at_once for pk in ids)
    assert re.search(r'ORDER BY "analysts_notice"."id" ASC FOR UPDATE', at_once)


def test_answer_of_the_police_locks_the_chase_before_the_letters(
    belize: Portal, ana: User, british_police: Recipient
) -> None:
    incident = found_in(belize, ana, "GB", now=MONDAY)
    confirmed(incident, ana, HOLD, HOST, LIST)
    with CaptureQueriesContext(connection) as asked:
        granted(incident, ana, MONDAY + HOUR)
    found = locks(asked)
    assert found.index("incident") < found.index("chase") < found.index("notice")


# --- Reports without a web address ------------------------------------------------------------------

WORDS_ONLY = "A profile in a game, the name was Placeholder123."


def test_incident_without_address_has_no_chase_and_keeps_its_referral_until_closed(belize: Portal, ana: User) -> None:
    incident = incident_of(belize, WORDS_ONLY, now=MONDAY)
    assessed_illegal(incident, ana, now=MONDAY)
    assert not Chase.objects.exists()
    referral = refer(
        by=ana,
        incident=incident,
        kind=RecipientKind.POLICE,
        name="Police of Belize",
        reason="By telephone.",
        now=MONDAY,
    )
    assert referral.noticed_at == MONDAY
    assert not NoticeItem.objects.exists()
    with pytest.raises(Denied):
        confirm_route(by=ana, incident=incident, steps=[POLICE], now=MONDAY)
    actions.close(by=ana, incident=incident, closing=Closing.EXHAUSTED, now=MONDAY + HOUR)
    referral.refresh_from_db()
    assert (referral.ended_at, referral.removed_at) == (MONDAY + HOUR, None)


def test_page_of_incident_without_address_offers_recording_a_referral_but_no_letter(
    belize: Portal, ana: User, client: Client
) -> None:
    incident = incident_of(belize, WORDS_ONLY)
    client.force_login(ana)
    page = reverse("admin:incident", args=[incident.pk])
    assert "Record a referral" not in client.get(page, ALL_OPEN).content.decode()
    assessed_illegal(incident, ana)
    assert "Record a referral" in client.get(page, ALL_OPEN).content.decode()
    said = {"kind": "police", "name": "Police of Belize", "reason": "By telephone."}
    answer = client.post(reverse("admin:refer", args=[incident.pk]), said, follow=True).content.decode()
    assert "Referral recorded." in answer
    answer = client.get(page, ALL_OPEN).content.decode()
    assert "Police of Belize" in answer
    assert "notified on" in answer
    assert 'id="hosting"' not in answer

"""The to-do page, the takedown status on the incident page, and the forms there."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.formats import date_format

from analysts.accounts.sign_in.adapters import Backend
from analysts.codes.appeals import Appellant
from analysts.codes.systemic_cases import SystemicReason
from analysts.incidents.priority import PriorityReason
from analysts.models import (
    AlertReason,
    Assessment,
    AvailabilityCheck,
    Channel,
    Chase,
    CheckOutcome,
    ChildAlert,
    Clearance,
    DeadReason,
    DropReason,
    Incident,
    NextStep,
    Notice,
    NoticeItem,
    NoticeState,
    PoliceHold,
    Purpose,
    Recipient,
    RecipientKind,
    Redaction,
    Referral,
    User,
)
from analysts.takedown.appeals.actions import file_appeal
from analysts.takedown.chase_lifecycle import end_chase
from analysts.takedown.chasing import due_page, forms
from analysts.takedown.chasing.actions import check, escalate
from analysts.takedown.chasing.lists import TO_DO, ListedKind, to_do_counts, waiting_of
from analysts.takedown.chasing.page_section import TakedownStatus
from analysts.takedown.chasing.to_do import CHECK, CHECK_REMOVAL, CHECKS, ESCALATE, LOOK
from analysts.takedown.next_steps.actions import refresh_next_step
from analysts.takedown.notices import texts
from analysts.takedown.notices.actions import plan_notice
from analysts.takedown.notices.corrections import correct_letter
from analysts.takedown.notices.redaction_review import confirm_redaction
from analysts.takedown.notices.rendering import render_letter
from analysts.takedown.notices.replies import intake as reply_intake
from analysts.takedown.notices.to_do import BY_HAND, DEAD, UNCONFIRMED_REDACTION
from analysts.takedown.recipients.actions import change_recipient, close_down
from analysts.takedown.routing import to_do as routing_to_do
from analysts.takedown.routing.actions import ask_police, record_clearance
from analysts.takedown.routing.to_do import MOVED, ROUTE, UNVERIFIED
from analysts.takedown.systemic_cases.actions import send_systemic_case
from analysts.takedown.to_do_kinds import ToDoKind
from analysts.takedown.tracing.to_do import TRACE
from analysts.tests.chases import found_gone, office, routed
from analysts.tests.factories import assessed_cleared, assessed_illegal, assessed_not_found, incident_of
from analysts.tests.notices import mark_as_sent
from analysts.tests.replies import answered
from analysts.tests.sections import ALL_OPEN, content_of
from audit.models import AuditEvent
from audit.permissions import Denied, Late
from countries.models import ContactKind, Portal
from reports.models import SealingKey
from reports.notices import AnswerKind
from tests.rig.fixtures import client_of

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
HOST, REGISTRAR = RecipientKind.HOST, RecipientKind.REGISTRAR
POLICE, HOTLINE = RecipientKind.POLICE, RecipientKind.HOTLINE
DUE = "/admin/to-do/"


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def verdict(belize: Portal, ana: User, now: datetime) -> Assessment:
    return assessed_illegal(incident_of(belize, now=now - 11 * DAY), ana, now=now - 10 * DAY)


def shown(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())


def lines(page: Any) -> list[tuple[str, str, str]]:
    return [(line.name, line.place, line.why) for line in page.context["lines"]]


def kinds(page: Any) -> list[tuple[str, str]]:
    return [(count.kind.name, count.number) for count in page.context["kinds"]]


def takedown_section_of(user: User, incident_id: uuid.UUID) -> TakedownStatus:
    """The section of the incident's page, as its template gets it."""
    page = client_of(user).get(f"/admin/incidents/{incident_id}/", ALL_OPEN)
    return content_of(page, TakedownStatus)


def due_on_page(user: User, incident_id: uuid.UUID) -> set[ListedKind]:
    """The kinds of the due to-dos of the incident's takedown, as its page has them."""
    page = client_of(user).get(f"/admin/incidents/{incident_id}/")
    return {due.kind for due in page.context["facts"].due}


def first_notice(verdict: Assessment, to: Recipient, now: datetime) -> NoticeItem:
    routed(verdict, [to])
    item = plan_notice(referral=Referral.objects.get(), interval=0, purpose=Purpose.FIRST, by=None, now=now)
    assert item is not None
    return item


def request_sent(verdict: Assessment, police: Recipient, now: datetime) -> PoliceHold:
    return PoliceHold.objects.create(incident=verdict.incident, police=police, by=verdict.by, at=now, sent_at=now)


def test_untraced_incident_is_due_and_leads_to_its_section(verdict: Assessment, ana: User) -> None:
    page = client_of(ana).get(DUE)

    # A check is also due: there has been none for ten days.
    assert kinds(page) == [("trace", "1"), ("check", "1")]
    assert lines(page) == [
        (str(verdict.incident), "", "The verdict is illegal. Three methods must agree on the hosting.")
    ]
    # From there the page leads to the next one of its kind.
    assert f'href="/admin/incidents/{verdict.incident_id}/?todo=trace#hosting"' in page.content.decode()
    [line] = page.context["lines"]
    assert (line.row.portals, line.owner, line.due_for, line.row.age) == (["Belize"], "", "10 days", "11 days")
    event = AuditEvent.objects.latest("number")
    assert (event.action, event.details) == ("queue.view", {"view": "due", "what": "trace"})


def test_chosen_kind_is_shown_and_nonsense_is_not_asked_for(verdict: Assessment, ana: User) -> None:
    client = client_of(ana)

    assert client.get(DUE, {"what": "check"}).context["kind"] == CHECK
    assert client.get(DUE, {"what": "nonsense"}).context["kind"] == TRACE
    assert "Nothing of this kind is due." in shown(client.get(DUE, {"what": "police"}))


def test_no_list_names_an_address(verdict: Assessment, ana: User, now: datetime) -> None:
    routed(verdict, [office(HOST, ana, at=now)], first_notified_at=now - 9 * DAY)
    for what in TO_DO:
        assert "example.org" not in client_of(ana).get(DUE, {"what": what.name}).content.decode()


def test_other_portals_and_roles_see_nothing(
    verdict: Assessment, zambia: Portal, belize: Portal, ben: User, olga: User, now: datetime
) -> None:
    olga.portals.set([belize])

    assert kinds(client_of(ben).get(DUE)) == []
    assert "Nothing is due." in shown(client_of(ben).get(DUE))
    assert client_of(olga).get(DUE).status_code == 403


def test_what_is_over_is_not_due(belize: Portal, ana: User, verdict: Assessment, now: datetime) -> None:
    assessed_not_found(incident_of(belize, "https://example.org/other", now=now - 9 * DAY), ana, now=now - 8 * DAY)
    for days in (1, 2, 3):
        at = verdict.at + days * DAY
        check(by=ana, incident=verdict.incident, outcome=CheckOutcome.GONE, now=at)

    assert to_do_counts(ana, now) == {}


def test_answer_of_the_police_is_not_waited_for_once_the_work_is_over(
    belize: Portal, ana: User, sena: User, verdict: Assessment, now: datetime
) -> None:
    police = office(POLICE, sena, at=now)
    other = assessed_illegal(incident_of(belize, "https://example.org/other", now=now - 9 * DAY), ana, now=now - DAY)
    for each in (verdict, other):
        routed(each, [])
        PoliceHold.objects.create(incident=each.incident, police=police, by=ana, at=now, sent_at=now)
    found_gone(verdict.incident, ana, now=now)

    assert to_do_counts(ana, now)[routing_to_do.POLICE] == 1
    assert [name for name, _place, _why in lines(client_of(ana).get(DUE, {"what": "police"}))] == [str(other.incident)]


@pytest.mark.parametrize("what", [ROUTE, MOVED, ESCALATE, routing_to_do.POLICE, UNVERIFIED], ids=lambda kind: kind.name)
def test_each_kind_is_found_by_list_and_page_alike(
    verdict: Assessment, ana: User, sena: User, now: datetime, what: ToDoKind[Any]
) -> None:
    host = office(HOST, None if what == UNVERIFIED else sena, at=now)
    chase = routed(verdict, [host], first_notified_at=None if what == UNVERIFIED else now - 8 * DAY)
    match what.name:
        case "route":
            Chase.objects.update(routed_trace=None, noticed_at=None)
        case "moved":
            Chase.objects.update(trace=2)
        case "police":
            request_sent(verdict, office(POLICE, ana, at=now), now)
    chase.refresh_from_db()
    from_page = due_on_page(ana, chase.incident_id)

    assert what in from_page
    assert set(to_do_counts(ana, now)) == from_page
    [line] = client_of(ana).get(DUE, {"what": what.name}).context["lines"]
    assert line.name == str(verdict.incident)


def test_reminders_that_stop_because_an_recipient_changed_are_due(
    verdict: Assessment, ana: User, sena: User, olga: User, now: datetime
) -> None:
    host = office(HOST, sena, at=now)
    chase = routed(verdict, [host], first_notified_at=now - DAY)
    assert UNVERIFIED not in to_do_counts(ana, now)

    change_recipient(by=olga, recipient=host, details={"email": "new@example.org"}, now=now)
    assert to_do_counts(ana, now)[UNVERIFIED] == 1
    assert UNVERIFIED in due_on_page(ana, chase.incident_id)
    assert "1 recipient waits for a second person" in client_of(olga).get("/admin/").text

    # Taking the recipient out of use ends its reminders on purpose.
    close_down(by=olga, recipient=host, now=now)
    assert UNVERIFIED not in to_do_counts(ana, now)


@pytest.mark.parametrize(
    ("state", "what", "why"),
    [
        (
            NoticeState.READY,
            BY_HAND,
            "This recipient is not notified by e-mail. Send the notice and record it as sent.",
        ),
        (NoticeState.DEAD, DEAD, "the mail server was unavailable for too long"),
    ],
)
def test_letter_that_waits_for_a_person_is_one_line(
    verdict: Assessment, ana: User, sena: User, now: datetime, state: NoticeState, what: ToDoKind[Any], why: str
) -> None:
    item = first_notice(verdict, office(HOST, sena, at=now), now - HOUR)
    dead = {"dead_reason": DeadReason.AWAY, "tried_at": now} if state == NoticeState.DEAD else {}
    Notice.objects.update(state=state, next_try_at=None, **dead)
    page = client_of(ana).get(DUE, {"what": what.name})

    assert lines(page) == [(item.notice.reference, "Example hosting provider", why)]
    assert page.context["lines"][0].url == f"/admin/incidents/{verdict.incident_id}/?todo={what.name}#notices"
    assert (">urgent</span>" in page.content.decode()) == (what == DEAD)
    waiting = waiting_of(Chase.objects.get())
    assert (waiting["by_hand"] is not None, waiting["dead"] is not None) == (what == BY_HAND, what == DEAD)


def make_due(what: ToDoKind[Any], verdict: Assessment, by: User, now: datetime) -> None:
    """Make only `what` due, apart from the check, which is always due."""
    match what.name:
        case "trace" | "check":
            return
        case "route":
            routed(verdict, [])
            Chase.objects.update(routed_trace=None)
        case "moved":
            routed(verdict, [])
            Chase.objects.update(trace=2)
        case "unverified":
            routed(verdict, [office(HOST, None)])
        case "police":
            routed(verdict, [])
            request_sent(verdict, office(POLICE, by, at=now), now)
        case "escalate":
            routed(verdict, [office(HOST, by, at=now)], first_notified_at=now - 8 * DAY)
        case "systemic_cases":
            send_systemic_case(by=by, incident=verdict.incident, reason=SystemicReason.LAW, now=now - 15 * DAY)
        case "alert" | "wrong_alert":
            make_alert_due(what, verdict, by, now)
        case _:
            make_letter_due(what, verdict, by, now)


def make_alert_due(what: ToDoKind[Any], verdict: Assessment, by: User, now: datetime) -> None:
    incident = verdict.incident
    if what.name == "wrong_alert":
        incident = incident_of(Portal.objects.get(pk=incident.portals[0]), "https://example.org/cleared", now=now - DAY)
    # A verdict has ended `child_in_danger`.
    Incident.objects.filter(pk=incident.pk).update(priority_reasons=[PriorityReason.CHILD_IN_DANGER])
    incident.refresh_from_db()
    contact = {"kind": ContactKind.POLICE, "name": "Example Police", "phone": "911"}
    ChildAlert.objects.create(incident=incident, **contact, reason=AlertReason.NOW, by=by, at=now - HOUR)
    if what.name == "wrong_alert":
        assessed_cleared(incident, by)


def make_letter_due(what: ToDoKind[Any], verdict: Assessment, by: User, now: datetime) -> None:
    """Make due what waits for a person once a letter is planned."""
    match what.name:
        case "redaction":
            first_notice(verdict, office(HOST, by, at=now), now - HOUR)
            NoticeItem.objects.update(dropped=DropReason.UNCONFIRMED)
        case "by_hand":
            first_notice(verdict, office(HOST, by, at=now), now - HOUR)
            Notice.objects.update(state=NoticeState.READY, next_try_at=None)
        case "dead":
            first_notice(verdict, office(HOST, by, at=now), now - HOUR)
            dead = {"dead_reason": DeadReason.AWAY, "tried_at": now}
            Notice.objects.update(state=NoticeState.DEAD, next_try_at=None, **dead)
        case "reply":
            item = first_notice(verdict, office(HOST, by, at=now), now - HOUR)
            answered(item.notice, now=now)
            reply_intake.take_in(now=now)
        case "appeals":
            file_appeal(by=by, incident=verdict.incident, appellant=Appellant.OWNER, note="placeholder", now=now)
        case "review":
            routed(verdict, [office(HOST, by, at=now)], first_notified_at=now - 8 * DAY)
            refresh_next_step(verdict.incident, now=now)
        case "check_removal":
            item = first_notice(verdict, office(HOST, by, at=now), now - HOUR)
            answered(item.notice, AnswerKind.REMOVED, now=now)
            reply_intake.take_in(now=now)
        case "look":
            routed(verdict, [])
            Chase.objects.update(unseen_since=now)
        case "correction":
            item = first_notice(verdict, office(HOST, by, at=now), now - HOUR)
            mark_as_sent(item.notice, now=now - HOUR)
            end_chase(verdict.incident, reason=DropReason.ENDED, now=now)
            item.notice.refresh_from_db()
            correct_letter(item, by=by, now=now - HOUR)
            Recipient.objects.update(verified_on=None, verified_by=None)
        case _:
            raise AssertionError(f"Nothing makes {what.name} due.")


@pytest.mark.parametrize("what", TO_DO, ids=lambda kind: kind.name)
def test_what_is_due_leads_to_a_section_that_is_there(
    verdict: Assessment, ana: User, sena: User, now: datetime, what: ToDoKind[Any]
) -> None:
    make_due(what, verdict, sena, now)
    client = client_of(sena if what.name in ("appeals", "alert", "systemic_cases") else ana)
    [line] = client.get(DUE, {"what": what.name}).context["lines"]
    path, _, section = line.url.partition("#")
    page = client.get(path).content.decode()

    assert len(re.findall(rf'<(?:section|form) [^>]*id="{section}"', page)) == 1
    # The incident page itself leads to what is folded in there.
    target = "plan_next_step" if section == "next-step" else what.target
    assert page.count(f'id="{target}"') == 1
    # Who reviews a date may do the step itself: the button leads there, beside the form for another date. With a
    # correction or a wrong alert there is no takedown, so that nothing else is due there.
    assert what.name in ("review", "correction", "wrong_alert") or f'href="#{target}"' in page


def test_unconfirmed_redaction_is_due_until_it_is_confirmed(
    verdict: Assessment, ana: User, sena: User, now: datetime
) -> None:
    item = first_notice(verdict, office(HOST, sena, at=now), now - HOUR)
    NoticeItem.objects.update(dropped=DropReason.UNCONFIRMED)
    assert UNCONFIRMED_REDACTION in to_do_counts(ana, now)
    key = SealingKey.objects.filter(key_class="addresses").latest("month")
    Redaction.objects.create(incident=item.incident, found=["share"], is_shortened=False, key=key, by=ana, at=now)

    assert UNCONFIRMED_REDACTION not in to_do_counts(ana, now)
    assert waiting_of(Chase.objects.get())["redaction"] is None


def test_page_asks_at_once_what_may_leave_of_an_address(belize: Portal, ana: User, sena: User, now: datetime) -> None:
    """Waiting until a notice went without the address would cost an hour of content online and a notice."""
    personal = incident_of(belize, "https://example.org/gallery?share_id=one", now=now - HOUR)
    assessed_illegal(personal, ana, now=now - HOUR)
    plain = incident_of(belize, "https://example.org/gallery/2", now=now - HOUR)
    assessed_illegal(plain, ana, now=now - HOUR)
    asked = {each: UNCONFIRMED_REDACTION in due_on_page(ana, each.pk) for each in (personal, plain)}
    assert asked == {personal: True, plain: False}
    confirm_redaction(by=ana, incident=personal, address="https://example.org/gallery", now=now)
    assert UNCONFIRMED_REDACTION not in due_on_page(ana, personal.pk)


@pytest.mark.usefixtures("sessions_noted_later")
def test_counts_ask_twice_and_lists_cost_the_same_for_one_and_ten(
    belize: Portal, ana: User, sena: User, now: datetime
) -> None:
    client, host = client_of(ana), office(HOST, sena, at=now)

    def grow(number: int) -> None:
        for each in range(number):
            incident = incident_of(belize, f"https://example.org/{number}/{each}", now=now - 11 * DAY)
            routed(assessed_illegal(incident, ana, now=now - 10 * DAY), [host], first_notified_at=now - 9 * DAY)

    def costs() -> list[int]:
        found = []
        for what in TO_DO:
            with CaptureQueriesContext(connection) as captured:
                client.get(DUE, {"what": what.name})
            found.append(len(captured))
        return found

    grow(1)
    client.get(DUE)
    one = costs()
    grow(10)

    assert costs() == one
    # As in a request, with the user's portals loaded.
    asking = Backend().get_user(ana.pk)
    assert asking is not None
    with CaptureQueriesContext(connection) as captured:
        assert to_do_counts(asking, now) == {CHECK: 11, ESCALATE: 11}
    # Which kinds there can be, and how many.
    assert len(captured) == 2


def test_pages_are_turned(belize: Portal, ana: User, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(due_page, "ROWS_PER_PAGE", 5)
    for each in range(6):
        incident = incident_of(belize, f"https://example.org/{each}", now=now - 3 * DAY)
        assessed_illegal(incident, ana, now=now - 2 * DAY - each * HOUR)
    first, second = (client_of(ana).get(DUE, {"what": "trace", "page": page}) for page in (1, 2))

    assert (len(first.context["lines"]), len(second.context["lines"])) == (5, 1)
    # The longest waiting come first.
    since = [line.since for line in [*first.context["lines"], *second.context["lines"]]]
    assert since == sorted(since)


def test_dashboard_counts_what_is_urgent_and_what_she_follows_up(
    verdict: Assessment, ana: User, sena: User, now: datetime
) -> None:
    """The to-do list counts the rest."""
    client = client_of(ana)
    first_notice(verdict, office(HOST, sena, at=now), now - HOUR)
    assert counts_on_dashboard(client) == []
    Notice.objects.update(state=NoticeState.DEAD, next_try_at=None, dead_reason=DeadReason.AWAY, tried_at=now)
    NextStep.objects.update(owner=ana, review_at=now)
    assert counts_on_dashboard(client) == [("to-do/?what=dead", "1")]
    assert '<a href="/admin/to-do/?whose=mine">' in client.get("/admin/").text


def counts_on_dashboard(client: Client) -> list[tuple[str, str]]:
    """The link and number of each row of the card."""
    page = client.get("/admin/").content.decode()
    return re.findall(r'<a href="/admin/(to-do/\?[^"]*|url-list/)">(\d+)</a>', page)


# --- On the incident's page -------------------------------------------------------------------------


def test_check_is_entered_on_the_page(verdict: Assessment, ana: User) -> None:
    page = f"/admin/incidents/{verdict.incident_id}/"
    answer = client_of(ana).post(f"{page}check/", {"outcome": "gone", "at": ""})

    assert answer["Location"] == f"{page}#status"
    assert AvailabilityCheck.objects.get().outcome == CheckOutcome.GONE
    assert "1 of 3 checks in a row" in shown(client_of(ana).get(page))


@pytest.mark.parametrize(
    ("hours", "outcome", "counts"),
    [(24, "gone", True), (12, "gone", True), (11, "gone", False), (0, "gone", False), (0, "unclear", True)],
)
def test_check_that_counts_for_nothing_says_from_when_the_next_counts(
    verdict: Assessment, ana: User, now: datetime, hours: int, outcome: str, counts: bool
) -> None:
    """An unclear check is none that found it removed, so nothing is missing of it."""
    Chase.objects.update(since=now - timedelta(days=3))
    earlier = check(by=ana, incident=verdict.incident, outcome=CheckOutcome.GONE, now=now - hours * HOUR)
    page = f"/admin/incidents/{verdict.incident_id}/"
    client = client_of(ana)
    client.post(f"{page}check/", {"outcome": outcome, "at": ""})
    answer = shown(client.get(page))
    time = date_format(timezone.localtime(earlier.at + 12 * HOUR), "j M Y, H:i")
    sentence = f"The check of {verdict.incident} counts for nothing. 1 of 3: the next counts from {time}."
    assert (sentence in answer) is not counts
    number, starts = (2, timezone.now() + 12 * HOUR) if counts and outcome == "gone" else (1, earlier.at + 12 * HOUR)
    time = date_format(timezone.localtime(starts), "j M Y, H:")
    opened = shown(client.get(page, ALL_OPEN))
    assert f"{number} of 3 checks in a row The next counts from {time}" in opened


@pytest.mark.parametrize("kind", CHECKS, ids=lambda kind: kind.name)
def test_check_from_a_list_of_checks_leads_to_the_next_one(
    verdict: Assessment, belize: Portal, ana: User, now: datetime, kind: ToDoKind[Chase]
) -> None:
    """Its form is open on the page of each."""
    other = assessed_illegal(incident_of(belize, "https://other.example.org/"), ana, now=now).incident
    due = {LOOK: {"unseen_since": now}, CHECK_REMOVAL: {"removal_reported_at": now}, CHECK: {"since": now - 3 * DAY}}
    Chase.objects.update(**due[kind])
    client = client_of(ana)
    pages = [f"/admin/incidents/{pk}/" for pk in (verdict.incident_id, other.pk)]
    texts_of_pages = [client.get(page, {"todo": kind.name}).content.decode() for page in pages]
    assert all('class="enter-check" open' in " ".join(text.split()) for text in texts_of_pages)
    answer = client.post(f"{pages[0]}check/", {"outcome": "online", "at": "", "todo": kind.name})
    assert client.get(answer["Location"])["Location"] == f"{pages[1]}?todo={kind.name}#status-body"
    answer = client.post(f"{pages[1]}check/", {"outcome": "online", "at": "", "todo": kind.name})
    assert client.get(answer["Location"])["Location"] == f"/admin/to-do/?what={kind.name}"


def test_reply_that_it_is_removed_makes_the_next_check_due(verdict: Assessment, ana: User, now: datetime) -> None:
    check(by=ana, incident=verdict.incident, outcome=CheckOutcome.ONLINE, now=now - HOUR)
    item = first_notice(verdict, office(HOST, ana, at=now), now - HOUR)
    assert {CHECK, CHECK_REMOVAL}.isdisjoint(to_do_counts(ana, now))
    answered(item.notice, AnswerKind.REMOVED, now=now)
    reply_intake.take_in(now=now)

    assert to_do_counts(ana, now)[CHECK_REMOVAL] == 1
    assert takedown_section_of(ana, verdict.incident_id).check_again_at == now
    check(by=ana, incident=verdict.incident, outcome=CheckOutcome.GONE, now=now)
    assert {CHECK, CHECK_REMOVAL}.isdisjoint(to_do_counts(ana, now))
    # From now on the checks have their own times: an earlier one would not count.
    answered(item.notice, AnswerKind.REMOVED, now=now)
    reply_intake.take_in(now=now)
    assert takedown_section_of(ana, verdict.incident_id).check_again_at == now + DAY


def test_refused_check_comes_back_as_it_was_typed(verdict: Assessment, ana: User) -> None:
    page = f"/admin/incidents/{verdict.incident_id}/"
    future = client_of(ana).post(f"{page}check/", {"outcome": "gone", "at": "2999-01-01T12:00"})
    nothing = client_of(ana).post(f"{page}check/", {"at": "2026-01-01T12:00"})

    assert (future.status_code, nothing.status_code) == (403, 422)
    assert "This time is in the future." in shown(future)
    assert 'value="2999-01-01T12:00"' in future.content.decode()
    assert AvailabilityCheck.objects.count() == 0


def test_ended_chase_says_since_when_it_is_gone(verdict: Assessment, ana: User) -> None:
    for days in (1, 2, 3):
        check(by=ana, incident=verdict.incident, outcome=CheckOutcome.GONE, now=verdict.at + days * DAY)
    page = client_of(ana).get(f"/admin/incidents/{verdict.incident_id}/", ALL_OPEN)

    assert "Removed since" in shown(page)
    assert "If the URL is reported again, the incident returns to the queue with its history." in shown(page)
    assert "/check/" not in page.content.decode()


def test_page_says_when_the_machine_reminds_next(verdict: Assessment, ana: User, sena: User, now: datetime) -> None:
    first_notified_at = now - 4 * DAY - HOUR
    chase = routed(
        verdict, [office(REGISTRAR, sena, at=now), office(HOTLINE, sena, at=now)], first_notified_at=first_notified_at
    )
    # The registrar is reminded after the sixth interval, the hotline never.
    assert takedown_section_of(ana, chase.incident_id).reminder_at == first_notified_at + 6 * DAY
    incident = chase.incident
    Referral.objects.filter(to__kind=REGISTRAR).update(ended_at=now)
    assert takedown_section_of(ana, chase.incident_id).reminder_at is None
    Referral.objects.update(ended_at=None)
    # No reminder while a person has to decide.
    hold = PoliceHold.objects.create(incident=incident, police=office(POLICE, sena, at=now), by=ana, at=now)
    assert takedown_section_of(ana, chase.incident_id).reminder_at is None
    hold.delete()
    for known in ({"trace": 2}, {"routed_trace": None}, {"removed_in_a_row": 1, "removed_at": now}):
        Chase.objects.update(**{"trace": 1, "routed_trace": 1, "removed_in_a_row": 0, "removed_at": None, **known})
        assert takedown_section_of(ana, chase.incident_id).reminder_at is None


# --- Escalation -------------------------------------------------------------------------------------


@pytest.fixture
def chased(verdict: Assessment, ana: User, sena: User, now: datetime) -> Chase:
    return routed(verdict, [office(HOST, sena, at=now)], first_notified_at=now - 8 * DAY)


def test_escalation_notifies_another_recipient_and_is_due_again_after_a_week(
    chased: Chase, ana: User, sena: User, now: datetime
) -> None:
    registrar = office(REGISTRAR, sena, at=now)
    assert ESCALATE in to_do_counts(ana, now)
    referral = escalate(by=ana, incident=chased.incident, to=registrar, now=now)
    item = NoticeItem.objects.get()
    chased.refresh_from_db()

    assert (referral.to, referral.kind, item.referral, item.interval, item.notice.purpose) == (
        registrar,
        "takedown",
        referral,
        0,
        "first",
    )
    assert chased.escalated_at == now
    assert ESCALATE not in to_do_counts(ana, now + 6 * DAY)
    assert ESCALATE in to_do_counts(ana, now + 7 * DAY)
    event = AuditEvent.objects.latest("number")
    details = {"to": str(registrar.pk), "kind": "registrar", "referral": str(referral.pk)}
    assert (event.action, event.details) == ("incident.escalate", details)


@pytest.mark.parametrize(
    ("to_whom", "subject", "says"),
    [
        (
            REGISTRAR,
            "Notice about a domain registered through you: child sexual abuse material (CSAM)",
            "We are Example Hotline",
        ),
        (HOST, "Urgent: child sexual abuse material (CSAM) on your network", "We have been asking you since"),
    ],
)
def test_letter_of_an_escalation_can_be_written(
    chased: Chase, ana: User, sena: User, now: datetime, settings: Any, to_whom: RecipientKind, subject: str, says: str
) -> None:
    settings.PUBLIC_URL, settings.HOTLINE_NAME = "https://report.hotline.example", "Example Hotline"
    texts.load_shipped_texts(now=now)
    to = Recipient.objects.filter(kind=to_whom).first() or office(to_whom, sena, at=now)
    escalate(by=ana, incident=chased.incident, to=to, now=now)
    notice = Notice.objects.get()
    letter = render_letter(notice)

    assert letter.subject == f"[{notice.reference}] {subject}"
    assert says in letter.body


@pytest.mark.parametrize("known", [{"removed_in_a_row": 1}, {"trace": 2}])
def test_escalation_that_would_be_refused_is_not_proposed(
    chased: Chase, ana: User, now: datetime, known: dict[str, int]
) -> None:
    Chase.objects.update(**known, **({"removed_at": now} if "removed_in_a_row" in known else {}))
    section = takedown_section_of(ana, chased.incident_id)

    assert ESCALATE not in to_do_counts(ana, now)
    assert ESCALATE not in due_on_page(ana, chased.incident_id)
    assert not section.escalation_is_due


def test_police_asked_for_clearance_may_be_notified_later(chased: Chase, ana: User, sena: User, now: datetime) -> None:
    """The clearance request ended with the decision of the police; an escalation is a separate notice."""
    police = office(POLICE, sena, at=now)
    ask_police(by=ana, incident=chased.incident, police=police, now=now)
    answer: dict[str, Any] = {"answer": Clearance.GRANTED, "answered_on": now.date(), "reference": "12/26"}
    record_clearance(by=ana, incident=chased.incident, called_back=True, now=now, **answer)
    referral = escalate(by=ana, incident=chased.incident, to=police, now=now + HOUR)

    assert referral.ended_at is None
    assert [item.referral for item in NoticeItem.objects.filter(dropped="")] == [referral]


def test_escalation_is_refused_with_reason(chased: Chase, ana: User, sena: User, now: datetime) -> None:
    registrar = office(REGISTRAR, sena, at=now)
    unknown = office(POLICE, None)

    def refused(to: Recipient) -> str:
        with pytest.raises(Denied) as denied:
            escalate(by=ana, incident=chased.incident, to=to, now=now)
        return str(denied.value.reason)

    assert refused(unknown) == "This recipient is not verified."
    hold = PoliceHold.objects.create(incident=chased.incident, police=unknown, by=ana, at=now)
    assert refused(registrar) == "The police have not granted clearance. Nothing can be sent."
    hold.delete()
    Chase.objects.update(trace=2)
    assert refused(registrar) == "The agreed hosting has changed. Approve the new route first."
    Chase.objects.update(trace=1, removed_in_a_row=1, removed_at=now)
    assert refused(registrar) == "The latest availability check found it removed."
    Chase.objects.update(removed_in_a_row=0, removed_at=None, noticed_at=None)
    assert refused(registrar) == "No notice has been sent yet. Confirm the route first."
    assert not Referral.objects.filter(to=registrar).exists()


def test_same_recipient_is_not_notified_twice_at_the_same_time(
    chased: Chase, ana: User, sena: User, now: datetime
) -> None:
    registrar = office(REGISTRAR, sena, at=now)
    escalate(by=ana, incident=chased.incident, to=registrar, now=now)
    with pytest.raises(Late):
        escalate(by=ana, incident=chased.incident, to=registrar, now=now + HOUR)


def offered(user: User, chase: Chase) -> list[str]:
    """The recipients that the escalation form offers, in order."""
    page = client_of(user).get(f"/admin/incidents/{chase.incident_id}/", ALL_OPEN).content.decode()
    [select] = re.findall(r'<select[^>]*id="escalate_to".*?</select>', page, re.DOTALL)
    return [name.strip() for name in re.findall(r"<option[^>]*>([^<]*)</option>", select)]


def test_escalation_form_lists_host_and_notified_recipients_first_and_no_other_hosts(
    verdict: Assessment, ana: User, sena: User, now: datetime
) -> None:
    notified, host = office(REGISTRAR, sena, at=now), office(HOST, sena, name="Example Hosting", at=now)
    routed(verdict, [notified], first_notified_at=now - 8 * DAY)
    # Traced again, and the route confirmed for it.
    Chase.objects.update(provider=host, trace=F("trace") + 1, routed_trace=F("trace") + 1)
    elsewhere = office(HOST, sena, name="Other Hosting", at=now)
    police, unverified = office(POLICE, sena, name="A police force", at=now), office(HOTLINE, None)
    chase = Chase.objects.get()

    registrar = f"{notified} ({notified.get_kind_display()})"
    assert offered(ana, chase) == [
        "–",
        f"Example Hosting ({host.get_kind_display()})",
        registrar,
        f"A police force ({police.get_kind_display()})",
    ]
    # An unrelated host is offered once it has a referral.
    Referral.objects.update(to=elsewhere)
    assert f"Other Hosting ({elsewhere.get_kind_display()})" in offered(ana, chase)[1:3]
    assert offered(ana, chase)[-1] == registrar
    assert unverified.name not in " ".join(offered(ana, chase))


def test_page_offers_so_many_at_most_and_asks_once(
    chased: Chase, ana: User, sena: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "MOST_OFFERED", 5)
    client = client_of(ana)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(f"/admin/incidents/{chased.incident_id}/", ALL_OPEN)
        return len(captured)

    cost()
    one = cost()
    for number in range(9):
        office(POLICE, sena, name=f"Police {number}", at=now)
    assert cost() == one
    names = offered(ana, chased)
    assert len(names) == 1 + 5
    assert names[1].startswith(f"{chased.provider} (")


def test_escalation_by_hand_needs_no_mail(chased: Chase, ana: User, sena: User, now: datetime) -> None:
    police = office(POLICE, sena, at=now)
    police.channel, police.email = Channel.BY_HAND, ""
    police.mark_verified()
    police.save()
    page = f"/admin/incidents/{chased.incident_id}/"
    answer = client_of(ana).post(f"{page}escalate/", {"to": police.pk})

    assert answer["Location"] == f"{page}#status"
    assert Referral.objects.get(to=police).kind == "police"

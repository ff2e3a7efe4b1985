"""Letters before a verdict: what they say, to whom, that nothing follows from them, and the corrections that do."""

import csv
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from analysts.assessment import actions
from analysts.assessment.publishing import publish_outcomes
from analysts.codes import REASONS, UndoReason, Verdict
from analysts.codes.letter_topics import WithdrawReason
from analysts.codes.recipient_kinds import REFERRED, RecipientKind, kinds_that_are
from analysts.figures.rollups import recount_all_days
from analysts.incidents.permissions import check_can_merge
from analysts.models import (
    AlertReason,
    ChildAlert,
    DailyFigure,
    Incident,
    NextStep,
    Notice,
    NoticeItem,
    NoticeState,
    PoliceHold,
    Purpose,
    Recipient,
    Referral,
    User,
)
from analysts.takedown.alerts.actions import see_alerts, tell_police_now, withdraw_alert
from analysts.takedown.alerts.forms import TellPoliceNow
from analysts.takedown.alerts.permissions import check_can_withdraw, recipients_to_alert
from analysts.takedown.chasing.lists import to_do_counts
from analysts.takedown.notices import sending
from analysts.takedown.notices.case_facts.facts import case_words
from analysts.takedown.notices.corrections import update_corrections
from analysts.takedown.notices.placeholders import faults_of_body
from analysts.takedown.notices.redaction_review import confirm_redaction
from analysts.takedown.notices.replies.actions import record_reply
from analysts.takedown.notices.tests.test_sending import _words as _words
from analysts.takedown.notices.tests.test_sending import server as server
from analysts.takedown.routing import permissions as routing
from analysts.takedown.routing.actions import withdraw_referral
from analysts.takedown.routing.permissions import open_referrals
from analysts.tests.factories import assessed_cleared, assessed_illegal, incident_of
from analysts.tests.inboxes import inbox_of
from analysts.tests.moody_mail import MoodyServer
from analysts.tests.notices import host, planned, referred
from audit.permissions import Denied, Late, why_not
from countries.models import Portal
from reports.models import Receipt
from reports.notices import AnswerKind, RecipientAnswer
from tests.rig.fixtures import client_of

NOON = datetime.fromisoformat("2026-11-24T12:00:00+00:00")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WORDS = "placeholder words of the reporter"
DANGER: dict[str, Any] = {"description": WORDS, "facts": ["child_in_danger"]}
ADDRESS = "https://example.org/gallery"
WRITTEN_TO = kinds_that_are(lambda kind: kind.is_alerted)
LANGUAGES = {"en": "Belize", "de": "Belize", "es": "Belice", "fr": "Belize", "pt": "Belize"}


@pytest.fixture(autouse=True)
def _hotline(settings: Any) -> None:
    settings.HOTLINE_TELEPHONE, settings.HOTLINE_TEAM = "+44 20 7946 0000", "Example desk"


@pytest.fixture
def incident(belize: Portal, server: MoodyServer) -> Incident:
    return incident_of(belize, ADDRESS, now=NOON, details=DANGER)


def office(kind: RecipientKind, by: User, **fields: Any) -> Recipient:
    return host(by=by, **{"name": f"Example {kind.value}", "kind": kind, "country": "BZ", **fields})


def write(incident: Incident, by: User, to: Recipient, now: datetime = NOON) -> ChildAlert:
    incident = Incident.objects.get(pk=incident.pk)
    return tell_police_now(by=by, incident=incident, to=to, not_the_danger=True, reason=AlertReason.NOW, now=now)


def send_all(now: datetime) -> None:
    for pk in Notice.objects.exclude(state=NoticeState.SENT).values_list("pk", flat=True):
        sending.attempt_delivery(notice_id=pk, now=now)


def body_of(letter: EmailMessage) -> str:
    body = letter.get_body()
    assert body is not None
    return str(body.get_content())


def rows_of(letter: EmailMessage) -> list[dict[str, str]]:
    [table] = letter.iter_attachments()
    return list(csv.DictReader(table.get_content().splitlines()))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", WRITTEN_TO)
def test_letter_says_first_that_nothing_is_assessed(
    kind: RecipientKind, language: str, incident: Incident, ana: User, server: MoodyServer
) -> None:
    write(incident, ana, office(kind, ana, languages=[language]))
    send_all(NOON)
    [letter] = server.taken
    text = body_of(letter)
    assert text.splitlines()[0] == case_words(language)["call_script"]
    reference = Notice.objects.get().reference
    assert reference in str(letter["Subject"])
    for fact in (reference, "hxxps://example[.]org/gallery", LANGUAGES[language], "+44 20 7946 0000"):
        assert fact in text
    [row] = rows_of(letter)
    cells = {"number": "1", "address": ADDRESS, "category": "not assessed", "country": "BZ"}
    assert row == dict.fromkeys(("first_notice", "provider", "network"), "") | cells
    # Neither words nor the day of the report, nor a link to answer by.
    assert not any(part in letter.as_string() for part in (WORDS, "2026-11-24", "/notice/"))


def test_nothing_else_follows_from_a_letter(incident: Incident, ana: User, sena: User) -> None:
    def state() -> tuple[object, ...]:
        publish_outcomes(now=NOON + DAY)
        recount_all_days(last=NOON.date())
        rows = (Incident.objects, Receipt.objects, DailyFigure.objects, Referral.objects, NextStep.objects)
        return tuple(list(objects.order_by("pk").values()) for objects in rows)

    before = state()
    write(incident, ana, office(RecipientKind.POLICE, ana))
    send_all(NOON)
    assert Notice.objects.get().state == NoticeState.SENT
    assert state() == before
    # As for a call, a senior analyst has to know.
    assert [kind.name for kind in to_do_counts(sena, NOON)] == ["alert"]
    see_alerts(by=sena, incident=incident)


def test_letter_waits_for_a_verified_recipient(incident: Incident, ana: User, server: MoodyServer) -> None:
    to = Recipient.objects.create(kind=RecipientKind.PROTECTION, name="Example Office", country="BZ", email="a@b.test")
    form = TellPoliceNow(incident=incident)
    assert "not verified: the letter waits" in str(form)
    write(incident, ana, to)
    send_all(NOON)
    assert server.taken == []
    assert "correction" in [kind.name for kind in to_do_counts(ana, NOON)]


@pytest.mark.parametrize("case", ["elsewhere", "provider", "words", "personal", "twice", "closed", "withdrawn"])
def test_letter_is_refused(case: str, belize: Portal, zambia: Portal, incident: Incident, ana: User) -> None:
    to = office(RecipientKind.POLICE, ana, country="ZM" if case == "elsewhere" else "BZ")
    match case:
        case "provider":
            to = office(RecipientKind.HOST, ana)
        case "words":
            incident = incident_of(belize, "", now=NOON, details=DANGER)
        case "personal":
            incident = incident_of(belize, "https://example.org/p?igsh=abcDEF123456", now=NOON, details=DANGER)
        case "twice":
            write(incident, ana, to)
        case "closed":
            Recipient.objects.update(closed_on=NOON.date())
        case "withdrawn":
            alert = write(incident, ana, to)
            withdraw_alert(by=ana, incident=incident, alert=alert, reason=WithdrawReason.FACTS, now=NOON)
    with pytest.raises(Denied):
        write(incident, ana, to)


@pytest.mark.parametrize("kind", RecipientKind)
def test_offices_of_its_countries_and_of_none_are_written_to(
    kind: RecipientKind, zambia: Portal, incident: Incident, ana: User
) -> None:
    for country in ("BZ", "", "ZM"):
        office(kind, ana, country=country, name=f"Example office {country}")
    countries = set(recipients_to_alert(incident).values_list("country", flat=True))
    assert countries == ({"BZ", ""} if kind in WRITTEN_TO else set())


def test_redaction_is_confirmed_before_the_letter(belize: Portal, ana: User, server: MoodyServer) -> None:
    address = "https://example.org/p?user=ana@example.org"
    incident, police = incident_of(belize, address, now=NOON, details=DANGER), office(RecipientKind.POLICE, ana)
    assert "confirm the redaction first" in str(TellPoliceNow(incident=incident))
    with pytest.raises(Denied, match="Confirm its redaction"):
        write(incident, ana, police)
    confirm_redaction(by=ana, incident=incident, address="https://example.org/p", now=NOON)
    write(incident, ana, police)
    send_all(NOON)
    assert "ana@" not in server.taken[0].as_string()


def test_recipient_with_an_inbox_gets_the_letter_itself(
    incident: Incident, ana: User, sena: User, server: MoodyServer
) -> None:
    police = office(RecipientKind.POLICE, ana)
    inbox_of(police, by=sena, now=NOON)
    write(incident, ana, police)
    send_all(NOON)
    assert case_words("en")["call_script"] in body_of(server.taken[0])


def test_text_without_the_first_line_is_refused() -> None:
    body = "Dear all,\n{unassessed}\n{reference} {addresses}\n{country}\n{team}\n{mailbox}\n{telephone}"
    faults = [str(fault) for fault in faults_of_body(body, RecipientKind.POLICE, Purpose.ALERT)]
    assert faults == ["Line 1: The first line has to be {unassessed}."]
    assert not faults_of_body(body.removeprefix("Dear all,\n"), RecipientKind.POLICE, Purpose.ALERT)
    assert faults_of_body("{unassessed}\n{legal_ground}", RecipientKind.POLICE, Purpose.ALERT)


# --- Corrections --------------------------------------------------------------------------------------


def clear(incident: Incident, by: User) -> None:
    assessed_cleared(incident, by, now=NOON + DAY)


def withdraw(incident: Incident, by: User) -> None:
    for alert in ChildAlert.objects.filter(withdrawn_reason=""):
        withdraw_alert(by=by, incident=incident, alert=alert, reason=WithdrawReason.FACTS, now=NOON + DAY)
    for row in Referral.objects.filter(ended_at=None):
        withdraw_referral(by=by, incident=incident, referral=row, reason=WithdrawReason.RECIPIENT, now=NOON + DAY)


def clear_after_illegal(incident: Incident, by: User) -> None:
    assessed_illegal(incident, by, now=NOON + HOUR)
    reassess_cleared(incident, by)


def reassess_cleared(incident: Incident, by: User) -> None:
    Incident.objects.update(state="acting")
    actions.reopen(by=by, incident=Incident.objects.get(pk=incident.pk), now=NOON + DAY)
    assessed_cleared(Incident.objects.get(pk=incident.pk), by, now=NOON + DAY)


def alerted(portal: Portal, by: User, to: Recipient) -> Incident:
    incident = incident_of(portal, ADDRESS, now=NOON, details=DANGER)
    write(incident, by, to)
    return incident


def referred_first(portal: Portal, by: User, to: Recipient) -> Incident:
    referral = referred(portal, by, to, ADDRESS, now=NOON)
    assert planned(referral, by=by, now=NOON - HOUR)
    Incident.objects.update(state="acting")
    return Incident.objects.get(pk=referral.incident_id)


type Event = Callable[[Incident, User], None]
# How a recipient was written to, the kinds that are, and every event that corrects such a letter.
WRITTEN: tuple[tuple[Callable[[Portal, User, Recipient], Incident], list[RecipientKind], tuple[Event, ...]], ...] = (
    (alerted, WRITTEN_TO, (clear, withdraw, clear_after_illegal)),
    (referred_first, REFERRED, (withdraw, reassess_cleared)),
)
# Each kind with each event; the letter arrives before it and after it in turn, so that both meet both.
CORRECTED = [
    (begin, kind, event, (row + column) % 2 == 0)
    for begin, kinds, events in WRITTEN
    for row, kind in enumerate(kinds)
    for column, event in enumerate(events)
]


@pytest.mark.parametrize(("begin", "kind", "event", "on_its_way"), CORRECTED)
def test_each_letter_is_corrected_once(
    begin: Callable[[Portal, User, Recipient], Incident],
    kind: RecipientKind,
    event: Event,
    on_its_way: bool,
    belize: Portal,
    ana: User,
    server: MoodyServer,
) -> None:
    incident = begin(belize, ana, office(kind, ana))
    attempt = sending.begin_attempt(Notice.objects.get().pk, now=NOON)
    assert attempt is not None
    if not on_its_way:
        sending.mark_sent(attempt.notice, attempt.letter, by=None, now=NOON)
    event(incident, ana)
    if on_its_way:
        sending.mark_sent(attempt.notice, attempt.letter, by=None, now=NOON + DAY)
    for hours in (25, 26):
        send_all(NOON + hours * HOUR)
        update_corrections(Incident.objects.get(pk=incident.pk), by=ana, now=NOON + hours * HOUR)

    [letter] = server.taken
    assert attempt.notice.reference in body_of(letter)
    [row] = rows_of(letter)
    assert row["category"] == "withdrawn"
    if begin is alerted:
        assert not row.get("first_reported")
    assert NoticeItem.objects.filter(dropped="", corrects__isnull=False).count() == 1


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if verdict != Verdict.NOT_ILLEGAL])
def test_other_verdicts_correct_no_alert(verdict: Verdict, belize: Portal, ana: User, server: MoodyServer) -> None:
    incident = alerted(belize, ana, office(RecipientKind.POLICE, ana))
    send_all(NOON)
    if verdict == Verdict.ILLEGAL:
        assessed_illegal(incident, ana, now=NOON + DAY)
    else:
        assessed_cleared(incident, ana, verdict=verdict, reason=sorted(REASONS[verdict])[0], now=NOON + DAY)
    send_all(NOON + 2 * DAY)
    assert len(server.taken) == 1


@pytest.mark.parametrize("event", [clear, withdraw, lambda incident, by: assessed_illegal(incident, by, now=NOON)])
def test_letter_that_has_not_left_is_stopped(event: Event, belize: Portal, ana: User, server: MoodyServer) -> None:
    event(alerted(belize, ana, office(RecipientKind.POLICE, ana)), ana)
    send_all(NOON + 2 * DAY)
    assert (server.taken, Notice.objects.get().state) == ([], NoticeState.DROPPED)


def test_undone_verdict_stops_the_correction_and_lets_the_analyst_write_again(
    belize: Portal, ana: User, server: MoodyServer
) -> None:
    police = office(RecipientKind.POLICE, ana)
    incident = alerted(belize, ana, police)
    assessment = assessed_cleared(incident, ana, now=NOON)
    incident = Incident.objects.get(pk=incident.pk)
    actions.undo(by=ana, incident=incident, assessment=assessment, reason=UndoReason.SLIP, now=NOON)
    write(incident, ana, police)
    send_all(NOON + HOUR)
    assert len(server.taken) == 1
    assert ChildAlert.objects.count() == 1


def test_undone_verdict_keeps_the_correction_of_a_withdrawn_alert(belize: Portal, ana: User) -> None:
    incident = alerted(belize, ana, office(RecipientKind.POLICE, ana))
    send_all(NOON)
    withdraw(incident, ana)
    assessment = assessed_cleared(incident, ana, now=NOON + DAY)
    incident = Incident.objects.get(pk=incident.pk)
    actions.undo(by=ana, incident=incident, assessment=assessment, reason=UndoReason.SLIP, now=NOON + DAY)
    assert NoticeItem.objects.filter(dropped="", corrects__isnull=False).count() == 1


def test_alert_keeps_its_incident_apart_until_the_verdict(belize: Portal, ana: User) -> None:
    incident = alerted(belize, ana, office(RecipientKind.POLICE, ana))
    other = incident_of(belize, "https://example.org/other", now=NOON)
    with pytest.raises(Denied, match="were informed of this one"):
        check_can_merge(ana, incident, other)
    check_can_merge(ana, other, incident)


def test_recipient_that_got_a_referral_since_is_told_by_its_withdrawal(belize: Portal, ana: User) -> None:
    police = office(RecipientKind.POLICE, ana)
    incident = alerted(belize, ana, police)
    verdict = assessed_illegal(incident, ana, now=NOON)
    Referral.objects.create(
        incident=incident, assessment=verdict, kind="police", to=police, by=ana, at=NOON, noticed_at=NOON + HOUR
    )
    alert = ChildAlert.objects.get()
    with pytest.raises(Denied, match="Withdraw the referral"):
        withdraw_alert(by=ana, incident=incident, alert=alert, reason=WithdrawReason.FACTS, now=NOON + DAY)


ALERT: dict[str, Any] = {"kind": "police", "name": "Example Police", "reason": "now", "at": NOON}
WITHDRAWN = {"withdrawn_reason": "facts", "withdrawn_at": NOON}
REFERRED_SINCE: dict[str, Any] = {"kind": "police", "at": NOON, "noticed_at": NOON}


@pytest.mark.parametrize(
    ("alert", "referral", "reason"),
    [
        ({}, REFERRED_SINCE, "Withdraw the referral"),
        ({}, REFERRED_SINCE | {"noticed_at": NOON - HOUR}, ""),
        ({}, REFERRED_SINCE | {"to": "another"}, ""),
        ({}, REFERRED_SINCE | {"incident": "another"}, ""),
        ({"to": None, "phone": "911"}, REFERRED_SINCE | {"to": None}, ""),
        (WITHDRAWN, REFERRED_SINCE | {"to": "another"}, "withdrawn or corrected already"),
        ({"corrected_at": NOON}, REFERRED_SINCE | {"to": "another"}, "withdrawn or corrected already"),
        ({"incident": "another"}, REFERRED_SINCE | {"to": "another"}, "withdrawn or corrected already"),
    ],
)
def test_each_alert_is_withdrawn_once_unless_a_referral_followed(
    alert: dict[str, Any], referral: dict[str, Any], reason: str, belize: Portal, incident: Incident, ana: User
) -> None:
    other = incident_of(belize, "https://example.org/other", now=NOON)
    police, another = (office(RecipientKind.POLICE, ana, name=name) for name in ("Example Police", "Other Police"))
    # One more that may be withdrawn.
    ChildAlert.objects.create(**ALERT | {"incident": incident, "by": ana, "to": another})
    rows: dict[str, dict[str, Any]] = {"incident": {"another": other}, "to": {"another": another}}
    alert = {"incident": incident, "to": police, "by": ana} | alert
    referral = {"incident": incident, "to": police, "by": ana} | referral
    for values in (alert, referral):
        values |= {name: by_text[values[name]] for name, by_text in rows.items() if values[name] == "another"}
    for name in ("withdrawn", "corrected"):
        if f"{name}_at" in alert:
            alert[f"{name}_by"] = ana
    Referral.objects.create(assessment=assessed_illegal(referral["incident"], ana, now=NOON), **referral)
    answer = why_not(check_can_withdraw, ana, incident, ChildAlert.objects.create(**ALERT | alert))
    assert (bool(answer), reason in answer) == (bool(reason), True)


def test_reply_to_an_alert_is_not_recorded(incident: Incident, ana: User) -> None:
    write(incident, ana, office(RecipientKind.POLICE, ana))
    send_all(NOON)
    with pytest.raises(Denied, match="asks for no reply"):
        record_reply(by=ana, notice=Notice.objects.get(), answer=RecipientAnswer(AnswerKind.CONTESTED, "placeholder"))
    page = client_of(ana).get(f"/admin/notices/{Notice.objects.get().pk}/").content.decode()
    assert "asks for no reply" in page
    assert "No reply yet" not in page


# --- Withdrawing a referral ---------------------------------------------------------------------------


def test_open_referrals_to_recipients_are_withdrawn_but_a_clearance_request(belize: Portal, ana: User) -> None:
    police = office(RecipientKind.POLICE, ana)
    incident = referred_first(belize, ana, office(RecipientKind.REGISTRAR, ana))
    referral = incident.referrals.get()

    def add(**values: Any) -> Referral:
        of = {"incident": incident, "assessment": referral.assessment, "kind": "police", "to": police}
        return Referral.objects.create(**of | {"by": ana, "at": NOON} | values)

    request, ended, listed = add(), add(ended_at=NOON), add(kind="url_list", to=None)
    other = referred(belize, ana, office(RecipientKind.HOST, ana), "https://example.org/other", now=NOON)
    assert set(open_referrals(incident)) == {referral, request}
    for row, answer, reason in (
        (referral, "", ""), (request, "", "clearance request"), (request, "granted", ""), (request, None, ""),
        *((row, "", "ended already") for row in (listed, other)), (ended, "granted", "ended already"),
    ):  # fmt: skip
        latest = None if answer is None else PoliceHold(police=police, answer=answer)
        refusal = why_not(routing.check_can_withdraw, ana, incident, row, latest)
        assert (bool(refusal), reason in refusal) == (bool(reason), True), (row.kind, answer)


def test_withdrawn_referral_ends_its_steps(belize: Portal, ana: User, server: MoodyServer) -> None:
    incident = referred_first(belize, ana, office(RecipientKind.REGISTRAR, ana))
    referral = Referral.objects.get()
    withdrawn = withdraw_referral(
        by=ana, incident=incident, referral=referral, reason=WithdrawReason.MISTAKE, now=NOON + HOUR
    )
    assert (withdrawn.ended_at, withdrawn.withdrawn_by) == (NOON + HOUR, ana)
    send_all(NOON + 2 * DAY)
    assert server.taken == []
    with pytest.raises(Late):
        withdraw_referral(by=ana, incident=incident, referral=referral, reason=WithdrawReason.FACTS)
    assert not NoticeItem.objects.filter(dropped="").exists()

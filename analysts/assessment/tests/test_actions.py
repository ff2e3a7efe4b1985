"""Actions on incidents: permissions, changes of rows, audit events, and lost races."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from analysts.assessment import actions
from analysts.codes import AgeBand, Closing, HoldReason, Reason, RevealReason, Severity, Sex, Verdict
from analysts.incidents.contents import opening
from analysts.models import Assessment, Incident, RecipientKind, Referral, User
from analysts.retention import actions as retention_actions
from analysts.states import State
from analysts.takedown.routing.actions import refer
from analysts.tests.factories import assessed_illegal, assessed_not_found, claimed, incident_of, report_of
from analysts.welfare import viewing
from audit.chain import verify_chain
from audit.models import AuditEvent
from audit.permissions import Denied, Late
from countries.models import Portal
from reports import receipts
from reports.actions import look_up
from reports.tests.codes import code_of


def last_event() -> tuple[str, str, dict[str, Any]]:
    event = AuditEvent.objects.latest("number")
    return event.action, event.actor, event.details


def test_claim_takes_the_incident_for_a_time(belize: Portal, ana: User) -> None:
    now = timezone.now()
    incident = claimed(incident_of(belize), ana, now=now)

    assert (incident.state, incident.claimed_by, incident.claimed_until, incident.fence) == (
        State.CLAIMED,
        ana,
        now + timedelta(minutes=30),
        1,
    )
    assert last_event() == ("incident.claim", "ana", {})
    assert AuditEvent.objects.latest("number").portal == "bz"


def test_claim_of_a_claimed_incident_is_refused_with_reason(belize: Portal, ana: User, sena: User) -> None:
    incident = claimed(incident_of(belize), ana)

    with pytest.raises(Denied) as denied:
        actions.claim(by=sena, incident=incident)
    assert str(denied.value.reason) == "A colleague is working on this incident."
    assert AuditEvent.objects.filter(actor="sena").count() == 0


def test_incident_of_another_portal_does_not_exist(belize: Portal, zambia: Portal, ben: User) -> None:
    incident = incident_of(belize)

    with pytest.raises(Denied) as denied:
        actions.claim(by=ben, incident=incident)
    assert str(denied.value.reason) == "This incident does not exist."
    assert actions.claim_next(by=ben) is None


@pytest.mark.parametrize("who", ["olga", "petra", "axel", "willa", "adam"])
def test_roles_without_content_can_do_nothing(
    belize: Portal, ana: User, who: str, request: pytest.FixtureRequest
) -> None:
    person: User = request.getfixturevalue(who)
    # Even for their own portal: access to content depends on the role alone.
    person.portals.set([belize])
    report = report_of(belize)
    incident = report.sightings.get().incident
    acts: list[Callable[[], object]] = [
        lambda: actions.claim(by=person, incident=incident),
        lambda: actions.claim_next(by=person),
        lambda: viewing.record_reveal(by=person, incident=incident),
        lambda: viewing.view_incident(by=person, incident=incident, revealed=False),
        lambda: viewing.view_queue(by=person, filters={}),
        lambda: actions.release(by=person, incident=incident, fence=0),
        lambda: actions.reopen(by=person, incident=incident),
        lambda: refer(by=person, incident=incident, kind=RecipientKind.POLICE, name="x", reason="r"),
        lambda: actions.close(by=person, incident=incident, closing=Closing.EXHAUSTED),
        lambda: actions.ask_reporter(by=person, report=report, incident=incident, question="?"),
        lambda: actions.assess(by=person, incident=incident, fence=0, verdict=Verdict.ILLEGAL),
        lambda: actions.hand_over(by=person, incident=incident, to=person, fence=0),
        lambda: retention_actions.place_hold(
            by=person, incident=incident, reason=HoldReason.POLICE, review_on=date(2999, 1, 1)
        ),
        lambda: retention_actions.release_hold(by=person, incident=incident),
    ]
    for act in acts:
        with pytest.raises(Denied):
            act()
    assert not AuditEvent.objects.exists()


def test_inactive_analyst_can_do_nothing(belize: Portal, ana: User) -> None:
    incident = incident_of(belize)
    ana.is_active = False

    with pytest.raises(Denied):
        actions.claim(by=ana, incident=incident)


def test_claim_next_takes_the_most_urgent_then_the_oldest(belize: Portal, zambia: Portal, ana: User) -> None:
    now = timezone.now()
    young = incident_of(belize, "example.org/young", now=now)
    old = incident_of(belize, "example.org/old", now=now - timedelta(days=1))
    urgent = incident_of(belize, "example.org/urgent", now=now, details={"facts": ["live_stream"]})
    incident_of(zambia, "example.org/elsewhere", details={"facts": ["child_in_danger"]})

    assert [actions.claim_next(by=ana) for _ in range(4)] == [urgent, old, young, None]


def test_claim_next_of_one_portal(belize: Portal, zambia: Portal, sena: User) -> None:
    incident_of(belize, "example.org/a", details={"facts": ["child_in_danger"]})
    there = incident_of(zambia, "example.org/b")

    assert actions.claim_next(by=sena, portal=zambia) == there
    assert actions.claim_next(by=sena, portal=zambia) is None


@pytest.mark.django_db(transaction=True)
def test_claim_next_never_gives_one_incident_twice(belize: Portal, ana: User, sena: User) -> None:
    for number in range(24):
        incident_of(belize, f"example.org/{number}")
    taken: list[Incident] = []

    def take(by: User) -> None:
        try:
            while incident := actions.claim_next(by=by):
                taken.append(incident)
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=[by]) for by in (ana, sena, ana, sena)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(taken) == len(set(taken)) == 24
    assert AuditEvent.objects.filter(action="incident.claim").count() == 24
    assert verify_chain().faults == []


def test_release_puts_it_back(belize: Portal, ana: User) -> None:
    incident = claimed(incident_of(belize), ana)

    incident = actions.release(by=ana, incident=incident, fence=incident.fence)
    assert (incident.state, incident.claimed_by, incident.claimed_until) == (State.WAITING, None, None)
    assert last_event() == ("incident.release", "ana", {})


def test_release_of_a_colleagues_claim_is_for_seniors(belize: Portal, ana: User, sena: User) -> None:
    mine = claimed(incident_of(belize, "example.org/a"), ana)
    hers = claimed(incident_of(belize, "example.org/b"), sena)

    with pytest.raises(Denied):
        actions.release(by=ana, incident=hers, fence=hers.fence)
    assert actions.release(by=sena, incident=mine, fence=mine.fence).state == State.WAITING


def test_hand_over_moves_the_claim(belize: Portal, ana: User, sena: User, ben: User, olga: User) -> None:
    incident = claimed(incident_of(belize), ana)

    for other in (ben, olga):
        with pytest.raises(Denied):
            actions.hand_over(by=ana, incident=incident, to=other, fence=incident.fence)
    handed = actions.hand_over(by=ana, incident=incident, to=sena, fence=incident.fence)
    assert (handed.claimed_by, handed.fence) == (sena, 2)
    assert last_event() == ("incident.hand_over", "ana", {"to": "sena"})
    with pytest.raises(Denied):
        actions.assess(by=ana, incident=incident, fence=1, verdict=Verdict.NOT_ILLEGAL, reason=Reason.OTHER)


def test_expired_claim_goes_back_and_a_late_save_is_refused(belize: Portal, ana: User) -> None:
    now = timezone.now()
    incident = claimed(incident_of(belize), ana, now=now)
    assert actions.expire_claims(now=now + timedelta(minutes=29)) == 0
    assert actions.expire_claims(now=now + timedelta(minutes=31)) == 1
    assert last_event() == ("incident.expire", "", {"holder": "ana"})

    again = claimed(incident, ana)
    with pytest.raises(Late):
        actions.assess(
            by=ana, incident=incident, fence=incident.fence, verdict=Verdict.NOT_ILLEGAL, reason=Reason.OTHER
        )
    again.refresh_from_db()
    assert again.state == State.CLAIMED
    assert not Assessment.objects.exists()


def test_illegal_verdict_waits_for_action(belize: Portal, ana: User) -> None:
    incident = incident_of(belize)
    assessment = assessed_illegal(incident, ana)

    incident.refresh_from_db()
    assert (incident.state, incident.claimed_by) == (State.ASSESSED, None)
    assert (assessment.severity, assessment.age_band, assessment.sex) == (
        Severity.C,
        AgeBand.AGE_11_13,
        Sex.GIRLS,
    )
    codes = {"verdict": "illegal", "severity": "C", "reason": "", "stage": "first"}
    assert last_event() == ("incident.assess", "ana", codes)


@pytest.mark.parametrize("verdict", [Verdict.NOT_ILLEGAL, Verdict.NOT_ASSESSED, Verdict.OUTSIDE_REMIT])
def test_any_other_verdict_closes(belize: Portal, ana: User, verdict: Verdict) -> None:
    incident = claimed(incident_of(belize), ana)
    actions.assess(by=ana, incident=incident, fence=1, verdict=verdict, reason=Reason.OTHER)

    incident.refresh_from_db()
    assert (incident.state, incident.closing) == (State.CLOSED, Closing.NOT_ACTIONED)


SEEN = {"verdict": Verdict.ILLEGAL, "basis": "seen"}


@pytest.mark.parametrize(
    "fields",
    [
        SEEN,
        {**SEEN, "severity": "A", "age_band": "0-2"},
        {**SEEN, "severity": "A", "age_band": "0-2", "sex": "girls", "reason": "other"},
        {"verdict": Verdict.NOT_ILLEGAL},
        {"verdict": Verdict.NOT_ILLEGAL, "reason": "other", "severity": "A"},
        {"verdict": Verdict.NOT_ILLEGAL, "reason": "made up"},
        {"verdict": "perhaps", "reason": "other"},
    ],
)
def test_database_refuses_half_a_verdict(belize: Portal, ana: User, fields: dict[str, Any]) -> None:
    incident = claimed(incident_of(belize), ana)

    with pytest.raises(IntegrityError), transaction.atomic():
        actions.assess(by=ana, incident=incident, fence=1, **fields)
    incident.refresh_from_db()
    assert incident.state == State.CLAIMED


def test_assess_needs_the_claim(belize: Portal, ana: User, sena: User) -> None:
    incident = incident_of(belize)
    with pytest.raises(Denied):
        actions.assess(by=ana, incident=incident, fence=0, verdict=Verdict.NOT_ILLEGAL, reason=Reason.OTHER)
    claimed(incident, ana)
    with pytest.raises(Denied):
        actions.assess(by=sena, incident=incident, fence=1, verdict=Verdict.NOT_ILLEGAL, reason=Reason.OTHER)


def test_referrals_are_a_set(belize: Portal, ana: User) -> None:
    incident = incident_of(belize)
    with pytest.raises(Denied):
        refer(by=ana, incident=incident, kind=RecipientKind.HOST, name="Example Hosting", reason="r")
    assessed_illegal(incident, ana)
    refer(by=ana, incident=incident, kind=RecipientKind.HOST, name="Example Hosting", reason="r")
    refer(by=ana, incident=incident, kind=RecipientKind.POLICE, name="Belize Police Department", reason="r")
    with pytest.raises(Late):
        refer(by=ana, incident=incident, kind=RecipientKind.HOST, name="Example Hosting", reason="r")

    incident.refresh_from_db()
    assert incident.state == State.ACTING
    assert {(referral.kind, referral.recipient) for referral in Referral.objects.all()} == {
        ("takedown", "Example Hosting"),
        ("police", "Belize Police Department"),
    }


def test_close_and_reopen(belize: Portal, ana: User) -> None:
    incident = incident_of(belize)
    assessed_illegal(incident, ana)
    # Only a verdict closes as not actioned, and only availability checks close as removed.
    for closing in (Closing.NOT_ACTIONED, Closing.GONE):
        with pytest.raises(Denied):
            actions.close(by=ana, incident=incident, closing=closing)
    closed = actions.close(by=ana, incident=incident, closing=Closing.EXHAUSTED)
    assert (closed.state, closed.closing, closed.closed_on) == (
        State.CLOSED,
        Closing.EXHAUSTED,
        timezone.now().date(),
    )

    reopened = actions.reopen(by=ana, incident=incident)
    assert (reopened.state, reopened.closing, reopened.closed_on) == (State.WAITING, "", None)
    assert last_event()[0] == "incident.reopen"


def test_question_reaches_the_receipt_and_stays_readable_for_staff(belize: Portal, ana: User) -> None:
    report = report_of(belize)
    code = code_of(report.receipt_id)
    incident = report.sightings.get().incident
    actions.ask_reporter(by=ana, report=report, incident=incident, question="Which page of the gallery?")

    found = look_up(receipts.derive_credentials(code))
    assert found is not None
    assert [message.text for message in found.messages] == ["Which page of the gallery?"]
    assert [question.text for question in opening.unseal_all_questions([report])[report.pk]] == [
        "Which page of the gallery?"
    ]
    assert last_event()[2] == {"report": str(report.pk), "characters": 26}


def test_question_only_about_a_report_of_ones_own_portal(belize: Portal, zambia: Portal, ana: User, ben: User) -> None:
    here, there = report_of(belize), report_of(zambia)
    incident = here.sightings.get().incident

    with pytest.raises(Denied):
        actions.ask_reporter(by=ana, report=there, incident=incident, question="?")
    actions.ask_reporter(by=ben, report=there, incident=incident, question="?")


def test_views_are_on_record(belize: Portal, ana: User) -> None:
    incident = incident_of(belize)
    viewing.view_queue(by=ana, filters={"portal": "bz"})
    viewing.view_incident(by=ana, incident=incident, revealed=False)
    viewing.record_reveal(by=ana, incident=incident, reason=RevealReason.ADVICE)
    viewing.record_reveal(by=ana, incident=claimed(incident, ana))

    assert list(AuditEvent.objects.order_by("number").values_list("action", "details")) == [
        ("queue.view", {"portal": "bz"}),
        ("incident.view", {"revealed": False}),
        ("incident.reveal", {"reason": "advice"}),
        ("incident.claim", {}),
        ("incident.reveal", {}),
    ]


def test_danger_is_considered_once_assessed(belize: Portal, ana: User) -> None:
    incident = incident_of(belize, details={"facts": ["child_in_danger"]})
    assessed_not_found(incident, ana)
    assert not Incident.objects.in_danger().exists()

    actions.reopen(by=ana, incident=incident)
    assert not Incident.objects.in_danger().exists()


def test_staff_with_decisions_cannot_be_deleted(belize: Portal, ana: User) -> None:
    assessed_illegal(incident_of(belize), ana)

    with pytest.raises(IntegrityError):
        ana.delete()

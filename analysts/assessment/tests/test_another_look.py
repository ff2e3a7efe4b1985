"""A reporter asks for another look at what was closed: an analyst gets it; the verdict remains until the next one."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import timezone

from analysts.assessment import actions
from analysts.assessment.actions.outcomes import reopen_due
from analysts.assessment.intake import run as intake
from analysts.assessment.publishing import facts_of, public_reason, publish_outcomes
from analysts.assessment.tests.test_publishing import shown
from analysts.codes import Reason, ReviewStage, Verdict
from analysts.incidents.priority import PriorityReason
from analysts.models import Incident, Report, User
from analysts.pages.tests.test_incident_page import reveal, url
from analysts.pages.tests.test_incident_page import shown as text_of
from analysts.states import State
from analysts.tests.factories import (
    assessed_cleared,
    assessed_illegal,
    assessed_not_found,
    claimed,
    incident_of,
    report_of,
)
from countries.models import Portal
from countries.public import published
from reports import actions as reporters
from reports import receipts
from reports.models import Submission, SubmissionKind
from reports.outcomes import PublicState, public_state
from reports.tests.codes import code_of
from tests.rig.fixtures import client_of

REASON = "It is on the second page, behind the picture."
AGAIN = [("again", "", 1)]
# The reasons of a verdict that each closes an incident, by verdict.
VERDICTS = [
    *((Verdict.NOT_ILLEGAL, reason) for reason in (Reason.BELOW_THRESHOLD, Reason.AGE_UNCLEAR, Reason.OTHER)),
    *((Verdict.OUTSIDE_REMIT, reason) for reason in (Reason.ADULT, Reason.OTHER)),
    *((Verdict.NOT_ASSESSED, reason) for reason in (Reason.CONTENT_NOT_FOUND, Reason.PASSWORD_PROTECTED, Reason.OTHER)),
]


@pytest.fixture(autouse=True)
def _each_minute(db: None, settings: Any) -> None:
    settings.PUBLISH_EVERY = "minute"


@pytest.fixture
def report(belize: Portal) -> Report:
    return report_of(belize, now=timezone.now() - timedelta(days=3))


@pytest.fixture
def incident(report: Report) -> Incident:
    return report.sightings.get().incident


def ask_again(report: Report, *, text: str = REASON, now: datetime | None = None) -> None:
    reporters.store_submission(
        credentials=receipts.derive_credentials(code_of(report.pk)),
        kind=SubmissionKind.AGAIN,
        payload={"again": text},
        portal=published.portals_by_slug()[report.portal.slug],
        language="en",
        now=now,
    )
    intake.take_in(now=now)


def as_it_is(incident: Incident) -> Incident:
    return Incident.objects.get(pk=incident.pk)


def published_state(report: Report) -> list[tuple[str, str, int]]:
    publish_outcomes()
    return shown(report.pk)


@pytest.mark.parametrize(("verdict", "reason"), VERDICTS)
def test_it_returns_to_an_analyst_where_the_table_says_so_and_the_verdict_stands(
    report: Report, incident: Incident, belize: Portal, ana: User, verdict: Verdict, reason: Reason
) -> None:
    of_another = report_of(belize, now=timezone.now() - timedelta(days=3))
    assessment = assessed_cleared(incident, ana, verdict=verdict, reason=reason)
    before = published_state(report)
    ask_again(report)
    offered = public_reason(assessment).row.may_look_again

    # Any text that a reporter adds is read; only these say so on the receipt.
    assert (as_it_is(incident).state, as_it_is(incident).round) == (State.WAITING, 2)
    assert PriorityReason.REOPENED in as_it_is(incident).priority_reasons
    assert report.sightings.get().asked_again is offered
    assert list(incident.assessments.in_force()) == [assessment]
    assert (published_state(report) == AGAIN) is offered
    cleared = verdict in (Verdict.NOT_ILLEGAL, Verdict.OUTSIDE_REMIT)
    assert (published_state(of_another) == before) is cleared


def test_state_follows_the_second_look(report: Report, incident: Incident, ana: User, ben: User, sena: User) -> None:
    assessed_cleared(incident, ana)
    ask_again(report)
    states = [published_state(report)]
    claimed(incident, sena)
    states.append(published_state(report))
    held = as_it_is(incident)
    actions.confirm_unchanged(by=sena, incident=held, fence=held.fence)
    states.append(published_state(report))

    assert states == [AGAIN, [("being_assessed", "", 1)], [("closed", "not_illegal", 1)]]


def test_illegal_at_the_second_look_is_answered_so(report: Report, incident: Incident, ana: User, sena: User) -> None:
    assessed_not_found(incident, ana)
    ask_again(report)
    assessed_illegal(incident, sena)

    assert published_state(report) == [("being_assessed", "", 1)]


def test_it_waits_as_long_as_a_further_report_would(
    report: Report, incident: Incident, belize: Portal, ana: User, settings: Any
) -> None:
    settings.REOPEN_DAYS = 30
    others = [report_of(belize, now=timezone.now() - timedelta(days=3)) for _ in range(2)]
    assessed_cleared(incident, ana)
    now = timezone.now()
    ask_again(others[0], now=now)
    assessed_cleared(incident, ana)
    # Its content was seen and cleared a second time: the others wait, and say so.
    for other in (report, others[1]):
        ask_again(other, now=now)
    waiting = as_it_is(incident)
    assert (waiting.state, waiting.round) == (State.CLOSED, 2)
    assert waiting.reopens_at
    assert waiting.reopens_at > now + timedelta(days=29)
    assert published_state(report) == published_state(others[1]) == AGAIN
    reopen_due(now=now + timedelta(days=31))

    assert (as_it_is(incident).state, as_it_is(incident).round) == (State.WAITING, 3)


def test_one_of_several_addresses_returns_alone(belize: Portal, ana: User) -> None:
    report = report_of(belize, "example.org/a example.org/b example.org/c")
    first, second, third = (sighting.incident for sighting in report.sightings.order_by("pk"))
    assessed_cleared(first, ana)
    assessed_illegal(second, ana)
    assessed_cleared(third, ana, verdict=Verdict.OUTSIDE_REMIT)
    ask_again(report)

    assert [as_it_is(each).state for each in (first, second, third)] == [State.WAITING, State.ASSESSED, State.CLOSED]
    assert published_state(report) == [("again", "", 1), ("being_assessed", "", 1), ("closed", "outside_remit", 1)]


def test_incident_that_waits_already_answers_it_with_its_present_round(
    report: Report, incident: Incident, belize: Portal, ana: User
) -> None:
    assessed_cleared(incident, ana)
    report_of(belize)
    assert (as_it_is(incident).state, published_state(report)) == (State.WAITING, [("closed", "not_illegal", 1)])
    ask_again(report)

    assert as_it_is(incident).round == report.sightings.get().round == 2
    assert published_state(report) == AGAIN


def test_second_review_of_the_present_round_goes_on(
    report: Report, incident: Incident, belize: Portal, ana: User, sena: User, settings: Any
) -> None:
    assessed_cleared(incident, ana)
    report_of(belize)
    settings.SECOND_REVIEW_PERCENT = 100
    assessed_cleared(incident, ana)
    ask_again(report)
    second = as_it_is(incident)
    assert (second.state, second.stage, second.round) == (State.WAITING, ReviewStage.SECOND, 2)
    assert published_state(report) == [("being_assessed", "", 1)]
    assessed_cleared(incident, sena)

    assert published_state(report) == [("closed", "not_illegal", 1)]


def test_merged_and_split_incidents_take_it_along(
    report: Report, incident: Incident, belize: Portal, ana: User
) -> None:
    into = incident_of(belize, "https://mirror.example.net/gallery", now=timezone.now() - timedelta(days=3))
    actions.merge(by=ana, incident=incident, into=into, compared=True)
    assessed_cleared(into, ana)
    ask_again(report)
    assert (as_it_is(into).state, published_state(report)) == (State.WAITING, AGAIN)
    actions.split(by=ana, incident=as_it_is(into), report=report)

    assert report.sightings.get().incident == incident
    assert published_state(report) == AGAIN


def test_address_that_was_not_compared_is_offered_no_other_look(
    report: Report, incident: Incident, belize: Portal, ana: User
) -> None:
    into = incident_of(belize, "https://mirror.example.net/gallery", now=timezone.now() - timedelta(days=3))
    actions.merge(by=ana, incident=incident, into=into)
    assessed_cleared(into, ana)

    assert published_state(report) == [("being_assessed", "", 1)]


def test_reason_stands_apart_from_the_first_words(report: Report, incident: Incident, ana: User) -> None:
    assessed_cleared(incident, ana)
    ask_again(report, text=f"{REASON} https://example.org/gallery/2")
    client = client_of(ana)
    reveal(client, incident)
    page = text_of(client.get(url(incident)))

    assert f"Why to look again {REASON}" in page
    kinds = Submission.objects.filter(receipt=report.pk).values_list("kind", flat=True)
    assert sorted(kinds) == ["again", "report"]
    # A page that the reason names is a further address of the same report.
    assert report.sightings.count() == 2


def test_second_reason_of_a_receipt_is_refused_by_the_database(report: Report, incident: Incident, ana: User) -> None:
    assessed_cleared(incident, ana)
    ask_again(report)
    with pytest.raises(reporters.AskedAlready):
        ask_again(report, text="Another reason.")
    first = Submission.objects.get(kind=SubmissionKind.AGAIN)
    first.pk, first.digest = None, b"2" * 32
    with pytest.raises(IntegrityError, match="submission_again_once"):
        first.save(force_insert=True)


def test_verdict_of_before_is_no_longer_among_the_facts(report: Report, incident: Incident, ana: User) -> None:
    assessed_cleared(incident, ana)
    ask_again(report)
    facts = facts_of(report.sightings.get())

    assert public_state(facts) == (PublicState.AGAIN, None)
    assert not facts.closed_reason

"""A verdict answers the reports received before it: a later one reopens its incident and waits for its own answer."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from unittest.mock import MagicMock

import pytest
from django.db.models import F

from analysts.assessment import actions, publishing
from analysts.assessment.flood import folding as floods
from analysts.assessment.intake import reopening
from analysts.assessment.tests.test_publishing import shown
from analysts.codes import Closing, Reason, ReviewStage, UndoReason, Verdict
from analysts.models import Assessment, DisplayPreferences, Incident, RecipientKind, Referral, Report, User
from analysts.pages.tests.test_incident_page import shown as page_of
from analysts.pages.tests.test_incident_page import url
from analysts.states import State
from analysts.tests.chases import office, routed
from analysts.tests.factories import (
    assessed_cleared,
    assessed_illegal,
    assessed_not_found,
    claimed,
    incident_of,
    report_of,
)
from audit.models import AuditEvent
from audit.permissions import Denied
from countries.models import Portal
from reports.tests.codes import code_of
from tests.rig.fixtures import client_of

MONDAY = datetime(2026, 3, 9, 9, 20, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WAITS = [("received", "", 1)]
BEGUN = [("being_assessed", "", 1)]
CLEARED = [("closed", "not_illegal", 1)]


@pytest.fixture(autouse=True)
def _each_minute(settings: Any) -> None:
    settings.PUBLISH_EVERY = "minute"


def says(report: Report) -> list[tuple[str, str, int]]:
    publishing.publish_outcomes()
    return shown(report.pk)


@pytest.fixture
def first(belize: Portal, ana: User) -> Report:
    """A report whose address was found not illegal on Monday."""
    report = report_of(belize, now=MONDAY)
    assessed_cleared(report.sightings.get().incident, ana, now=MONDAY + 10 * HOUR)
    return report


@pytest.fixture
def incident(first: Report) -> Incident:
    return first.sightings.get().incident


@pytest.mark.parametrize(
    ("verdict", "reason", "public"),
    [
        (Verdict.NOT_ILLEGAL, Reason.VIRTUAL, "not_illegal"),
        (Verdict.OUTSIDE_REMIT, Reason.ADULT, "outside_remit"),
    ],
)
def test_verdict_answers_only_the_reports_before_it(
    belize: Portal, ana: User, verdict: Verdict, reason: Reason, public: str
) -> None:
    before = report_of(belize, now=MONDAY)
    incident = before.sightings.get().incident
    assessed_cleared(incident, ana, now=MONDAY + HOUR, verdict=verdict, reason=reason)
    after = report_of(belize, now=MONDAY + DAY)

    assert Incident.objects.get().state == State.WAITING
    assert (says(before), says(after)) == ([("closed", public, 1)], WAITS)
    claimed(incident, ana, now=MONDAY + DAY)
    assert (says(before), says(after)) == ([("closed", public, 1)], BEGUN)


def test_report_of_the_hour_of_the_verdict_is_answered_if_it_was_there(belize: Portal, ana: User) -> None:
    before = report_of(belize, now=MONDAY)
    assessed_cleared(before.sightings.get().incident, ana, now=MONDAY + timedelta(minutes=5))
    after = report_of(belize, now=MONDAY + timedelta(minutes=10))

    assert (says(before), says(after)) == (CLEARED, WAITS)


def test_report_taken_in_late_is_answered_by_a_verdict_given_after_it(first: Report, belize: Portal) -> None:
    late = report_of(belize, now=MONDAY + HOUR)

    assert Incident.objects.get().state == State.CLOSED
    assert says(late) == CLEARED


def test_swapped_content_is_acted_on_and_the_earlier_reporter_keeps_the_answer(
    first: Report, incident: Incident, belize: Portal, ana: User
) -> None:
    second = report_of(belize, now=MONDAY + DAY)
    verdict = assessed_illegal(incident, ana, now=MONDAY + DAY)
    routed(verdict, [office(RecipientKind.HOST, ana, at=MONDAY)], first_notified_at=MONDAY + 2 * DAY)
    Incident.objects.update(unpublished=True)

    assert (says(first), says(second)) == (CLEARED, [("notice_sent", "", 1)])


def test_address_is_reopened_once_in_a_set_number_of_days(
    first: Report, incident: Incident, belize: Portal, ana: User, settings: Any
) -> None:
    second = report_of(belize, now=MONDAY + DAY)
    assessed_cleared(incident, ana, now=MONDAY + DAY + HOUR)
    third = report_of(belize, now=MONDAY + 2 * DAY)
    incident.refresh_from_db()

    assert (incident.state, incident.round) == (State.CLOSED, 2)
    assert (says(first), says(second), says(third)) == (CLEARED, CLEARED, WAITS)
    # It is not forgotten: the incident comes back when the days have passed.
    due = MONDAY.replace(minute=0) + DAY + timedelta(days=settings.REOPEN_DAYS)
    assert incident.reopens_at == due
    assert actions.reopen_due(now=due - HOUR) == 0
    assert actions.reopen_due(now=due) == 1
    back = Incident.objects.get()
    assert (back.state, back.round, back.reopens_at) == (State.WAITING, 3, None)
    assert says(third) == WAITS
    assessed_cleared(incident, ana, now=due + HOUR)
    assert (says(third), actions.reopen_due(now=due + DAY)) == (CLEARED, 0)


def test_later_report_after_the_days_reopens_at_once(
    first: Report, incident: Incident, belize: Portal, ana: User
) -> None:
    report_of(belize, now=MONDAY + DAY)
    assessed_cleared(incident, ana, now=MONDAY + DAY + HOUR)
    report_of(belize, now=MONDAY + 9 * DAY)

    incident.refresh_from_db()
    assert (incident.state, incident.round) == (State.WAITING, 3)


def test_danger_reopens_within_the_days(first: Report, incident: Incident, belize: Portal, ana: User) -> None:
    report_of(belize, now=MONDAY + DAY)
    assessed_cleared(incident, ana, now=MONDAY + DAY + HOUR)
    danger = report_of(belize, now=MONDAY + DAY + 2 * HOUR, details={"facts": ["child_in_danger"]})

    incident.refresh_from_db()
    assert (incident.state, incident.priority) == (State.WAITING, 10)
    assert (says(first), says(danger)) == (CLEARED, WAITS)


def test_content_that_could_not_be_assessed_is_looked_at_again_at_once(belize: Portal, ana: User) -> None:
    first = report_of(belize, now=MONDAY)
    incident = first.sightings.get().incident
    for hours in (1, 3):
        assessed_not_found(incident, ana, now=MONDAY + hours * HOUR)
        again = report_of(belize, now=MONDAY + (hours + 1) * HOUR)
        incident.refresh_from_db()
        assert incident.state == State.WAITING
        assert (says(first), says(again)) == (BEGUN, WAITS)


def test_verdict_made_again_answers_the_report_that_waited(
    first: Report, incident: Incident, belize: Portal, ana: User
) -> None:
    report_of(belize, now=MONDAY + DAY)
    made = assessed_cleared(incident, ana, now=MONDAY + DAY + HOUR)
    third = report_of(belize, now=MONDAY + DAY + HOUR)
    minutes = timedelta(minutes=1)
    actions.undo(by=ana, incident=incident, assessment=made, reason=UndoReason.SLIP, now=made.at + minutes)
    incident.refresh_from_db()
    actions.assess(
        by=ana,
        incident=incident,
        fence=incident.fence,
        verdict=Verdict.NOT_ILLEGAL,
        reason=Reason.VIRTUAL,
        now=made.at + 2 * minutes,
    )

    incident.refresh_from_db()
    assert (incident.state, incident.reopens_at, says(third)) == (State.CLOSED, None, CLEARED)


def test_verdict_that_staff_doubt_is_shown_no_longer(first: Report, incident: Incident, ana: User) -> None:
    assert says(first) == CLEARED
    actions.reopen(by=ana, incident=incident)
    assert says(first) == BEGUN
    verdict = assessed_illegal(incident, ana)
    routed(verdict, [office(RecipientKind.HOST, ana, at=MONDAY)], first_notified_at=verdict.at)
    Incident.objects.update(unpublished=True)

    assert says(first) == [("notice_sent", "", 1)]


def test_more_words_of_an_answered_reporter_wait_for_their_own_answer(belize: Portal, ana: User) -> None:
    report = report_of(belize, now=MONDAY)
    incident = report.sightings.get().incident
    assessed_cleared(incident, ana, now=MONDAY + HOUR)
    report_of(belize, code=code_of(report.pk), details={"description": "it is back"}, now=MONDAY + DAY)

    assert Incident.objects.get().state == State.WAITING
    assert says(report) == WAITS


def test_address_named_later_in_details_is_as_late_as_they_are(
    first: Report, incident: Incident, belize: Portal, ana: User
) -> None:
    other = report_of(belize, "https://example.com/other", now=MONDAY)
    details = {"description": "also https://example.org/gallery"}
    report_of(belize, "https://example.com/other", code=code_of(other.pk), details=details, now=MONDAY + DAY)

    incident.refresh_from_db()
    assert incident.state == State.WAITING
    assert says(other) == [("received", "", 2)]


def test_merged_report_that_came_after_the_verdict_waits_for_its_own_answer(
    first: Report, incident: Incident, belize: Portal, ana: User
) -> None:
    early = incident_of(belize, "https://example.com/early", now=MONDAY)
    actions.merge(by=ana, incident=early, into=incident, now=MONDAY + DAY)
    assert Incident.objects.get(pk=incident.pk).state == State.CLOSED
    late = incident_of(belize, "https://example.com/late", now=MONDAY + DAY)
    report = late.sightings.get().report
    actions.merge(by=ana, incident=late, into=incident, now=MONDAY + DAY)

    assert Incident.objects.get(pk=incident.pk).state == State.WAITING
    assert (says(first), says(report)) == (CLEARED, WAITS)


def test_repeated_flood_returns_to_its_row(
    first: Report, incident: Incident, belize: Portal, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(floods, "ALIKE", 1)
    Incident.objects.filter(pk=incident.pk).update(flood=F("shape"), priority=0)
    another = incident_of(belize, "https://example.org/another", now=MONDAY + DAY)
    Incident.objects.filter(pk=another.pk).update(shape=bytes(incident.shape))
    report_of(belize, now=MONDAY + DAY)

    incident.refresh_from_db()
    assert (incident.state, incident.priority) == (State.WAITING, 0)


def test_waiting_report_reopens_no_flood_on_a_site_found_illegal_since(
    first: Report, incident: Incident, belize: Portal, ana: User
) -> None:
    Incident.objects.filter(pk=incident.pk).update(flood=F("shape"), priority=0, reopens_at=MONDAY + DAY)
    assessed_illegal(incident_of(belize, "https://example.org/another", now=MONDAY + 11 * HOUR), ana)

    assert actions.reopen_due(now=MONDAY + DAY) == 1
    incident.refresh_from_db()
    assert (incident.state, bytes(incident.flood)) == (State.WAITING, b"")
    assert incident.priority > 0


# --- "Unchanged, as on ..." ---------------------------------------------------------------------------


def test_unchanged_records_the_earlier_verdict_once_more(
    first: Report, incident: Incident, belize: Portal, ana: User
) -> None:
    second = report_of(belize, now=MONDAY + DAY)
    held = claimed(incident, ana)
    client = client_of(ana)
    page = page_of(client.get(url(incident)))
    assert "Unchanged, as on 9 Mar 2026: not illegal (virtual material)" in page
    # The evening of a day is the next one in New Zealand.
    DisplayPreferences.objects.create(user=ana, time_zone="Pacific/Auckland")
    assert "Unchanged, as on 10 Mar 2026" in page_of(client.get(url(incident)))
    assert client.post(url(incident, "unchanged"), {"fence": held.fence}).status_code == 302

    again, earlier = Assessment.objects.order_by("-at")
    assert (again.round, again.by, again.verdict, again.reason) == (2, ana, earlier.verdict, earlier.reason)
    incident.refresh_from_db()
    assert incident.state == State.CLOSED
    event = AuditEvent.objects.filter(action="incident.unchanged").get()
    assert (event.actor, event.details) == ("ana", {"as_on": "2026-03-09"})
    assert (says(first), says(second)) == (CLEARED, CLEARED)


def test_unchanged_is_refused_without_a_cleared_verdict_or_claim(
    first: Report, incident: Incident, belize: Portal, ana: User, sena: User
) -> None:
    new = claimed(incident_of(belize, "https://example.com/new"), ana)
    illegal = incident_of(belize, "https://example.com/illegal")
    assessed_illegal(illegal, ana)
    actions.reopen(by=ana, incident=illegal)
    report_of(belize, now=MONDAY + DAY)
    held = claimed(incident, sena)
    second_review = claimed(illegal, ana)
    Incident.objects.filter(pk=incident.pk).update(stage=ReviewStage.SECOND)
    for by, refused in ((ana, new), (ana, second_review), (ana, held), (sena, held)):
        with pytest.raises(Denied):
            actions.confirm_unchanged(by=by, incident=refused, fence=refused.fence)
    assert Referral.objects.count() == 0
    assert "Unchanged" not in page_of(client_of(ana).get(url(new)))


def test_unchanged_gets_a_second_review_where_verdicts_do(
    first: Report, incident: Incident, belize: Portal, ana: User, settings: Any
) -> None:
    settings.SECOND_REVIEW_VERDICTS = ["not_illegal"]
    second = report_of(belize, now=MONDAY + DAY)
    held = claimed(incident, ana)
    actions.confirm_unchanged(by=ana, incident=incident, fence=held.fence)

    incident.refresh_from_db()
    assert (incident.state, incident.stage) == (State.WAITING, ReviewStage.SECOND)
    assert says(second) == BEGUN


def closed_incident(verdict: Verdict | None = None, *, at: datetime = MONDAY, of_round: int = 1, **values: Any) -> Any:
    """An incident that was decided once, by the verdict if there is one."""
    latest = MagicMock(verdict=verdict, at=at, round=of_round) if verdict else None
    incident = MagicMock(
        **{"state": State.CLOSED, "closing": Closing.NOT_ACTIONED, "round": 1, "address_kind": ""} | values
    )
    in_force = incident.assessments.in_force.return_value
    in_force.first.return_value = in_force.filter.return_value.first.return_value = latest
    return incident


def test_decision_that_reports_put_in_doubt_is_the_verdict_or_the_end_of_the_takedown() -> None:
    chases = [MagicMock(ended_at=MONDAY - DAY), MagicMock(ended_at=MONDAY)]
    assert {
        (state, closing): reopening.decided_at(closed_incident(Verdict.NOT_ILLEGAL, state=state, closing=closing,
                                                               known_chases=chases))
        for state, closing in product(State, Closing)
    } == {
        (state, closing): MONDAY if state == State.CLOSED and closing in (Closing.GONE, Closing.NOT_ACTIONED) else None
        for state, closing in product(State, Closing)
    }  # fmt: skip
    assert reopening.decided_at(closed_incident(closing=Closing.GONE, known_chases=[])) is None
    assert reopening.decided_at(closed_incident()) is None


def test_decision_answers_reports_of_hours_that_ended_by_then() -> None:
    decided = closed_incident(Verdict.NOT_ILLEGAL)
    answered = [reopening.is_answered(decided, MONDAY - HOUR + timedelta(seconds=late)) for late in (-1, 0, 1)]
    assert answered == [True, True, False]
    account = closed_incident(Verdict.NOT_ILLEGAL, address_kind="account")
    assert not reopening.is_answered(account, MONDAY - DAY)
    assert reopening.is_answered(closed_incident(state=State.WAITING, address_kind="account"), MONDAY)


@pytest.mark.parametrize("verdict", Verdict)
def test_only_cleared_content_that_was_reopened_before_waits_its_days(
    verdict: Verdict, settings: Any, db: None
) -> None:
    settings.REOPEN_DAYS = 7
    cleared = verdict in (Verdict.NOT_ILLEGAL, Verdict.OUTSIDE_REMIT)
    again = closed_incident(verdict, round=2, waiting_since=MONDAY)
    assert reopening.may_reopen_at(again, now=MONDAY + DAY) == MONDAY + (7 if cleared else 1) * DAY
    assert reopening.may_reopen_at(again, now=MONDAY + 8 * DAY) == MONDAY + 8 * DAY
    for first in (closed_incident(verdict, waiting_since=MONDAY), closed_incident(round=2, waiting_since=MONDAY)):
        assert reopening.may_reopen_at(first, now=MONDAY + DAY) == MONDAY + DAY
    # Confirmed without a full assessment: only the verdict of the round before, of content that was cleared.
    for of_round, round_now, is_open in product((1, 2), (1, 2, 3), (True, False)):
        incident = closed_incident(verdict, of_round=of_round, round=round_now, is_open_to_review=is_open)
        earlier = reopening.earlier_verdict(incident)
        assert (earlier is not None) == (cleared and is_open and round_now > 1 and of_round == round_now - 1)


@pytest.mark.parametrize(("earlier", "kept"), [(None, DAY), (2 * HOUR, 2 * HOUR), (2 * DAY, DAY)])
def test_incident_is_reopened_at_the_earliest_moment_of_its_reports(
    monkeypatch: pytest.MonkeyPatch, earlier: timedelta | None, kept: timedelta
) -> None:
    monkeypatch.setattr(reopening, "may_reopen_at", lambda *_args, **_values: MONDAY + DAY)
    incident, sighting = closed_incident(reopens_at=earlier and MONDAY + earlier, round=3), MagicMock()
    reopening.wait_for_next_round(incident, sighting, now=MONDAY)
    assert (incident.reopens_at, sighting.round) == (MONDAY + kept, 4)
    incident.save.assert_called_once_with(update_fields=["reopens_at"])
    sighting.save.assert_called_once_with(update_fields=["round"])
    assert reopening.answer_waiting_reports(incident) == ["reopens_at"]
    incident.sightings.filter.assert_called_once_with(round__gt=3)
    assert incident.reopens_at is None
    assert reopening.answer_waiting_reports(incident) == []

"""Merging and splitting: what moves, what stays, and that every report keeps an incident."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import MagicMock

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analysts.assessment import actions, publishing
from analysts.assessment.actions import merging
from analysts.assessment.tests.test_publishing import shown
from analysts.codes import Closing, EntryOrigin, Fact, HoldReason, ReviewStage, Verdict
from analysts.codes.appeals import AppealOutcome, AppealReason, Appellant
from analysts.incidents import contents
from analysts.incidents.contents import opening
from analysts.incidents.priority import HIGHEST, URGENT, PriorityReason
from analysts.models import Appeal, EnteredAddress, Incident, Question, Report, Sighting, User
from analysts.models.incident_queries import LOWEST
from analysts.retention import actions as retention_actions
from analysts.states import State
from analysts.tests.factories import assessed_illegal, assessed_not_found, claimed, incident_of, report_of
from audit.models import AuditEvent
from audit.permissions import Denied, Late
from countries.models import Portal
from reports.addresses import find_addresses
from reports.models import the_hour
from reports.tests.codes import code_of

ONE, OTHER = "https://example.org/gallery", "https://mirror.example.net/gallery"
THIRD = "https://example.com/3"
DANGER = {"facts": ["child_in_danger"]}


def as_it_is(incident: Incident) -> Incident:
    return Incident.objects.get(pk=incident.pk)


def incidents_of(report: Report) -> set[Incident]:
    return {sighting.incident for sighting in report.sightings.all()}


def without_incident() -> list[Report]:
    """Reports that are not shown anywhere: all of their incidents are merged."""
    in_force = Sighting.objects.exclude(incident__closing=Closing.MERGED)
    return list(Report.objects.exclude(pk__in=in_force.values("report")))


@pytest.fixture
def one(belize: Portal) -> Incident:
    return incident_of(belize, ONE)


@pytest.fixture
def other(belize: Portal) -> Incident:
    return incident_of(belize, OTHER)


def test_merged_incident_gives_its_reports_to_the_other(one: Incident, other: Incident, ana: User) -> None:
    assert actions.merge(by=ana, incident=one, into=other) == other

    merged = as_it_is(one)
    assert (merged.state, merged.closing, merged.merged_into) == (State.CLOSED, Closing.MERGED, other)
    assert not merged.sightings.exists()
    assert set(other.sightings.values_list("merged_from", flat=True)) == {None, one.pk}
    assert PriorityReason.SEVERAL_REPORTS in as_it_is(other).priority_reasons
    assert without_incident() == []


def test_merging_is_on_record_for_both_without_an_address(one: Incident, other: Incident, ana: User) -> None:
    actions.merge(by=ana, incident=one, into=other)

    events = AuditEvent.objects.filter(action="incident.merge").order_by("number")
    assert list(events.values_list("actor", "object_id", "portal", "details")) == [
        ("ana", str(one.pk), "bz", {"into": str(other.pk), "count": 1, "compared": False}),
        ("ana", str(other.pk), "bz", {"from": str(one.pk), "count": 1, "compared": False}),
    ]


def test_each_spelling_of_a_merged_incident_is_kept_and_comes_back_with_a_split(
    one: Incident, other: Incident, belize: Portal, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = report_of(belize, f"{ONE}?utm_source=b")
    actions.merge(by=ana, incident=one, into=other)
    # The words of the report are erased earlier than its address.
    monkeypatch.setattr(contents, "compare_envelopes", lambda _report: [])

    spelt = [each.reported for sighting in other.sightings.all() for each in opening.unseal_spellings(sighting)]
    assert sorted(spelt) == sorted([ONE, OTHER, f"{ONE}?utm_source=b"])
    to = actions.split(by=ana, incident=as_it_is(other), report=report)
    assert to == one
    [sighting] = to.sightings.all()
    assert [each.reported for each in opening.unseal_spellings(sighting)] == [f"{ONE}?utm_source=b"]


def test_later_reports_of_a_merged_address_go_to_the_other(
    one: Incident, other: Incident, belize: Portal, ana: User
) -> None:
    actions.merge(by=ana, incident=one, into=other)
    later = report_of(belize, ONE)

    assert incidents_of(later) == {other}
    assert later.sightings.get().merged_from == one
    assert as_it_is(one).state == State.CLOSED


def test_report_that_names_both_keeps_both_and_counts_both(belize: Portal, ana: User, settings: Any) -> None:
    settings.PUBLISH_EVERY = "minute"
    both = report_of(belize, f"{ONE}\n{OTHER}")
    alone = report_of(belize, ONE)
    one, other = (Incident.objects.get(sightings__report=report) for report in (alone, report_of(belize, OTHER)))
    publishing.publish_outcomes()
    assert shown(both.pk) == [("received", "", 2)]
    actions.merge(by=ana, incident=one, into=other, compared=True)
    assessed_not_found(other, ana)
    publishing.publish_outcomes()

    assert incidents_of(both) == {one, other}
    assert shown(both.pk) == [("closed", "not_found", 2)]
    assert shown(alone.pk) == [("closed", "not_found", 1)]
    assert without_incident() == []


def test_more_about_a_merged_incident_is_about_the_other(belize: Portal, ana: User) -> None:
    both = report_of(belize, f"{ONE}\n{OTHER}")
    one, other = (Incident.objects.get(sightings__report=report_of(belize, address)) for address in (ONE, OTHER))
    actions.merge(by=ana, incident=one, into=other)
    assessed_not_found(other, ana)
    report_of(belize, ONE, code=code_of(both.pk), details=DANGER)

    assert (as_it_is(one).closing, as_it_is(other).state) == (Closing.MERGED, State.WAITING)
    assert as_it_is(other).child_in_danger


def test_what_was_merged_before_goes_along(one: Incident, other: Incident, belize: Portal, ana: User) -> None:
    third = incident_of(belize, "https://example.com/3")
    actions.merge(by=ana, incident=one, into=other)
    actions.merge(by=ana, incident=other, into=third)

    assert {as_it_is(one).merged_into, as_it_is(other).merged_into} == {third}
    assert incidents_of(report_of(belize, ONE)) == {third}
    assert set(third.sightings.values_list("merged_from", flat=True)) == {None, one.pk, other.pk}


def test_child_in_danger_is_carried_over(belize: Portal, other: Incident, ana: User) -> None:
    danger = incident_of(belize, ONE, details=DANGER)
    assessed_not_found(other, ana)
    actions.merge(by=ana, incident=danger, into=other)

    into = as_it_is(other)
    assert (into.state, into.child_in_danger, into.priority) == (State.WAITING, True, 10)
    assert not Incident.objects.in_danger().exclude(pk=into.pk).exists()


def test_child_in_danger_is_kept_and_facts_of_both_are_one(belize: Portal, one: Incident, ana: User) -> None:
    then = the_hour(timezone.now()) - timedelta(hours=30)
    danger = incident_of(belize, OTHER, details=DANGER, now=then)
    incident_of(belize, "https://example.com/3")
    actions.merge(by=ana, incident=one, into=danger)

    into = as_it_is(danger)
    assert (into.child_in_danger, into.first_sighted, into.last_sighted) == (True, then, one.last_sighted)
    assert into.priority == 10


def test_report_that_came_after_the_decision_brings_it_back(belize: Portal, other: Incident, ana: User) -> None:
    then = timezone.now() - timedelta(days=3)
    old = incident_of(belize, "https://example.com/old", now=then)
    assessed_not_found(old, ana, now=then)
    actions.merge(by=ana, incident=other, into=old)

    assert as_it_is(old).state == State.WAITING


@pytest.mark.parametrize(("minutes", "state"), [(59, State.WAITING), (60, State.CLOSED)])
def test_report_from_before_the_hour_of_the_decision_does_not(
    belize: Portal, other: Incident, one: Incident, ana: User, minutes: int, state: State
) -> None:
    """A later report of another address leaves it as it is, too."""
    later = one.first_sighted + timedelta(minutes=minutes)
    assessed_not_found(other, ana, now=later)
    report_of(belize, THIRD, now=later)
    actions.merge(by=ana, incident=one, into=other, now=later)

    assert as_it_is(other).state == state


def test_report_of_what_is_decided_gets_its_outcome(one: Incident, other: Incident, ana: User) -> None:
    assessed_illegal(other, ana)
    actions.merge(by=ana, incident=one, into=other)

    assert as_it_is(other).state == State.ASSESSED


def test_merge_is_refused(
    one: Incident, other: Incident, belize: Portal, zambia: Portal, ana: User, sena: User, olga: User, settings: Any
) -> None:
    foreign = incident_of(zambia, "https://example.com/foreign")
    held = incident_of(belize, "https://example.com/held")
    retention_actions.place_hold(
        by=sena, incident=held, reason=HoldReason.POLICE, review_on=timezone.now().date() + timedelta(days=9)
    )
    illegal = incident_of(belize, "https://example.com/illegal")
    assessed_illegal(illegal, ana)
    settings.SECOND_REVIEW_VERDICTS = [Verdict.ILLEGAL]
    once = incident_of(belize, "https://example.com/once")
    assessed_illegal(once, ana)
    assert as_it_is(once).stage == ReviewStage.SECOND
    taken = claimed(incident_of(belize, "https://example.com/taken"), sena)
    merged = incident_of(belize, "https://example.com/merged")
    actions.merge(by=ana, incident=merged, into=other)
    for incident, into in (
        (one, one),
        (one, foreign),
        (foreign, one),
        (held, one),
        (illegal, one),
        (once, one),
        (taken, one),
        (one, merged),
        (merged, one),
    ):
        before = as_it_is(incident)
        with pytest.raises(Denied):
            actions.merge(by=ana, incident=incident, into=into)
        assert (as_it_is(incident).state, as_it_is(incident).closing) == (before.state, before.closing)
    olga.portals.add(belize)
    with pytest.raises(Denied):
        actions.merge(by=olga, incident=one, into=other)


def test_merge_of_a_lost_claim_is_refused(one: Incident, other: Incident, ana: User) -> None:
    lost = claimed(one, ana).fence
    actions.release(by=ana, incident=one, fence=lost)
    held = claimed(one, ana).fence
    with pytest.raises(Late):
        actions.merge(by=ana, incident=one, into=other, fence=lost)
    actions.merge(by=ana, incident=one, into=other, fence=held)

    assert as_it_is(one).claimed_by is None


def test_merged_incident_is_not_reopened(belize: Portal, ana: User) -> None:
    report_of(belize, f"{ONE}\n{OTHER}")
    one, other = (Incident.objects.get(sightings__report=report_of(belize, address)) for address in (ONE, OTHER))
    actions.merge(by=ana, incident=one, into=other)
    with pytest.raises(Denied):
        actions.reopen(by=ana, incident=one)
    assessed_illegal(other, ana)
    with pytest.raises(Denied):
        actions.close(by=ana, incident=other, closing=Closing.MERGED)


def test_split_undoes_a_merge(one: Incident, other: Incident, belize: Portal, ana: User) -> None:
    [report] = Report.objects.filter(sightings__incident=one)
    actions.merge(by=ana, incident=one, into=other)
    assert actions.split(by=ana, incident=other, report=report) == one

    back = as_it_is(one)
    assert (back.state, back.closing, back.merged_into, back.round) == (State.WAITING, "", None, 1)
    assert back.priority >= 1
    assert back.priority_reasons == [PriorityReason.OPEN_WEB]
    assert incidents_of(report) == {one}
    assert report.sightings.get().merged_from is None
    assert PriorityReason.SEVERAL_REPORTS not in as_it_is(other).priority_reasons
    assert incidents_of(report_of(belize, ONE)) == {one}
    events = AuditEvent.objects.filter(action="incident.split").order_by("number")
    assert list(events.values_list("object_id", "details")) == [
        (str(other.pk), {"to": str(one.pk), "report": str(report.pk)}),
        (str(one.pk), {"from": str(other.pk), "report": str(report.pk)}),
    ]


def test_questions_to_a_report_move_with_its_address(belize: Portal, ana: User) -> None:
    """Questions about other addresses of the report, and to other reports, stay."""
    report, other_report = report_of(belize, f"{ONE}\n{OTHER}\n{THIRD}"), report_of(belize, THIRD)
    one, other, third = (
        Incident.objects.get(sightings__report=report_of(belize, each)) for each in (ONE, OTHER, THIRD)
    )
    into = incident_of(belize, "https://example.com/4")
    questions = [
        actions.ask_reporter(by=ana, incident=incident, report=to, question="Which page?").pk
        for incident, to in ((one, report), (other, report), (third, report), (third, other_report))
    ]

    def subjects() -> list[Incident]:
        return [Question.objects.get(pk=question).incident for question in questions]

    actions.merge(by=ana, incident=one, into=into)
    assert subjects() == [into, other, third, third]
    actions.split(by=ana, incident=into, report=report)
    assert subjects() == [one, other, third, third]
    new = actions.split(by=ana, incident=third, report=report)
    assert subjects() == [one, other, new, third]
    # A report that names both stays with both, and so do the questions.
    actions.merge(by=ana, incident=one, into=other)
    assert subjects() == [one, other, new, third]


def test_what_is_of_other_incidents_stays_there(
    one: Incident, other: Incident, belize: Portal, ana: User, sena: User
) -> None:
    third, now = incident_of(belize, THIRD), the_hour(timezone.now())
    for incident in (one, third):
        EnteredAddress.objects.create(
            incident=incident, portal=belize, origin=EntryOrigin.TELEPHONE, by=ana, entered_hour=now
        )
        Appeal.objects.create(incident=incident, appellant=Appellant.OWNER, received_at=now, entered_by=ana)
    closed = Appeal.objects.create(
        incident=one,
        appellant=Appellant.OWNER,
        received_at=now,
        entered_by=ana,
        outcome=AppealOutcome.UPHELD,
        reason=next(iter(AppealReason)),
        reviewed_by=sena,
        reviewed_at=now,
    )
    actions.merge(by=ana, incident=one, into=other)
    closed.refresh_from_db()
    assert closed.incident == one
    assert {entry.incident: entry.merged_from for entry in EnteredAddress.objects.all()} == {other: one, third: None}
    assert {appeal.incident for appeal in Appeal.objects.waiting()} == {other, third}


def test_merging_and_splitting_lock_what_was_merged_before_first(
    one: Incident, other: Incident, belize: Portal, ana: User
) -> None:
    """The order of intake: two of them at once never wait for each other."""
    third, merged = incident_of(belize, THIRD), [incident_of(belize, f"{THIRD}/{number}") for number in range(3)]
    for earlier, into in zip(merged, (one, other, other), strict=True):
        actions.merge(by=ana, incident=earlier, into=into)
    [report] = (sighting.report for sighting in other.sightings.filter(merged_from=merged[1]))

    def locked_first(act: Callable[[], object]) -> set[Incident]:
        with CaptureQueriesContext(connection) as queries:
            act()
        [first, *_later] = [query["sql"] for query in queries if "FOR UPDATE" in query["sql"]]
        return {incident for incident in Incident.objects.all() if incident.pk.hex in first.replace("-", "")}

    assert locked_first(lambda: actions.merge(by=ana, incident=one, into=third)) == {one, third}
    assert locked_first(lambda: actions.split(by=ana, incident=other, report=report)) == {other, merged[1]}


@pytest.mark.parametrize(
    ("priority", "state", "is_urgent"),
    [
        (URGENT - 1, State.WAITING, False),
        (URGENT, State.WAITING, True),
        (HIGHEST, State.WAITING, True),
        (URGENT, State.ASSESSED, False),
    ],
)
def test_tick_that_may_be_of_either_report_counts_for_the_one_that_is_split_off(
    priority: int,
    state: State,
    is_urgent: bool,
    one: Incident,
    belize: Portal,
    ana: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    report = report_of(belize, ONE, details={"facts": ["live_stream"]})
    Incident.objects.update(priority=priority, state=state)
    calls: dict[Incident, dict[str, Any]] = {}
    monkeypatch.setattr(merging, "set_priority", lambda incident, **values: calls.update({incident: values}))
    to = actions.split(by=ana, incident=one, report=report)
    stays = {one: {"facts": (), "urgent": False}} if state == State.WAITING else {}
    assert calls == stays | {to: {"facts": ["live_stream"], "urgent": is_urgent}}


def test_report_that_is_split_off_returns_to_where_its_address_is_now(
    one: Incident, other: Incident, belize: Portal, ana: User
) -> None:
    third, report = incident_of(belize, THIRD), report_of(belize, ONE)
    actions.merge(by=ana, incident=one, into=other)
    [first] = Report.objects.filter(sightings__incident=other, sightings__merged_from=one).exclude(pk=report.pk)
    assert actions.split(by=ana, incident=other, report=first) == one
    actions.merge(by=ana, incident=one, into=third)
    assert actions.split(by=ana, incident=other, report=report) == third
    assert report.sightings.get().merged_from == one


def test_report_whose_address_came_again_after_a_split_is_there_once(
    one: Incident, other: Incident, belize: Portal, ana: User
) -> None:
    reports = [*Report.objects.filter(sightings__incident=one), report_of(belize, ONE)]
    actions.merge(by=ana, incident=one, into=other)
    actions.split(by=ana, incident=other, report=reports[0])
    Sighting.objects.create(report=reports[1], incident=one, portal=belize)
    actions.split(by=ana, incident=other, report=reports[1])
    assert incidents_of(reports[1]) == {one}


def test_incident_of_a_flood_is_restored_to_the_queue(
    one: Incident, other: Incident, belize: Portal, ana: User
) -> None:
    Incident.objects.filter(pk=one.pk).update(flood=F("shape"), priority=LOWEST)
    [report] = Report.objects.filter(sightings__incident=one)
    actions.merge(by=ana, incident=one, into=other)
    back = as_it_is(actions.split(by=ana, incident=other, report=report))
    assert (bytes(back.flood), back.priority > LOWEST) == (b"", True)


@pytest.mark.parametrize(
    ("of_report", "of_rules", "of_incident", "chosen"),
    [(None, None, None, None), (None, None, "c", "c"), (None, "b", "c", "b"), ("a", "b", "c", "a")],
)
def test_split_off_incident_has_the_address_that_can_still_be_read(
    of_report: str | None,
    of_rules: str | None,
    of_incident: str | None,
    chosen: str | None,
    one: Incident,
    belize: Portal,
    ana: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    report = report_of(belize, ONE)
    for name, path in (("_find_address", of_report), ("_own_address", of_rules), ("_address_of", of_incident)):
        address = find_addresses(f"https://example.org/{path}")[0] if path else None
        monkeypatch.setattr(merging, name, lambda *_args, address=address: address)
    if chosen is None:
        with pytest.raises(Denied, match="can be read any longer"):
            actions.split(by=ana, incident=one, report=report)
        return
    opened = opening.unseal_address(as_it_is(actions.split(by=ana, incident=one, report=report)))
    assert opened is not None
    assert opened.reported == f"https://example.org/{chosen}"


@pytest.mark.parametrize(("decided_after", "round_of_report"), [(None, 1), (timedelta(0), 2), (timedelta(days=3), 1)])
def test_report_split_off_to_what_was_decided_waits_for_the_next_round_if_it_came_later(
    one: Incident, other: Incident, belize: Portal, ana: User, decided_after: timedelta | None, round_of_report: int
) -> None:
    """Its hour counts: one of the same hour may be about what was put there since."""
    reports = [*Report.objects.filter(sightings__incident=one), report_of(belize, ONE)]
    actions.merge(by=ana, incident=one, into=other)
    actions.split(by=ana, incident=other, report=reports[0])
    if decided_after is not None:
        assessed_not_found(one, ana, now=timezone.now() + decided_after)
    actions.split(by=ana, incident=other, report=reports[1])

    assert reports[1].sightings.get().round == round_of_report
    assert (as_it_is(one).reopens_at is not None) is (round_of_report == 2)


def test_split_makes_an_incident_of_its_own(belize: Portal, ana: User) -> None:
    stays = report_of(belize, ONE)
    goes = report_of(belize, "EXAMPLE.org/gallery?utm_source=x", details={"facts": ["child_in_danger", "live_stream"]})
    incident = Incident.objects.get()
    assert incidents_of(goes) == {incident}
    new = actions.split(by=ana, incident=incident, report=goes)

    assert new != incident
    assert incidents_of(goes) == {new}
    assert incidents_of(stays) == {incident}
    opened = opening.unseal_address(as_it_is(new))
    assert opened is not None
    # Sealed separately, as this reporter wrote it.
    assert opened.reported == "EXAMPLE.org/gallery?utm_source=x"
    assert (as_it_is(new).state, as_it_is(new).child_in_danger) == (State.WAITING, True)
    assert Fact.LIVE_STREAM in as_it_is(new).priority_reasons
    # New reports of the address still go to the original incident.
    assert incidents_of(report_of(belize, ONE)) == {incident}
    assert without_incident() == []


def test_split_off_incident_may_be_merged_again(belize: Portal, ana: User) -> None:
    report_of(belize, ONE)
    goes = report_of(belize, ONE)
    incident = Incident.objects.get()
    new = actions.split(by=ana, incident=incident, report=goes)
    actions.merge(by=ana, incident=new, into=incident)
    assert incidents_of(goes) == {incident}

    assert actions.split(by=ana, incident=incident, report=goes) == new


def test_words_may_be_merged_and_split(belize: Portal, other: Incident, ana: User) -> None:
    report = report_of(belize, "the gallery that everybody speaks of")
    words = report.sightings.get().incident
    actions.merge(by=ana, incident=words, into=other)
    assert incidents_of(report) == {other}

    assert actions.split(by=ana, incident=other, report=report) == words


def test_split_is_refused(one: Incident, belize: Portal, zambia: Portal, ana: User, ben: User, sena: User) -> None:
    [alone] = Report.objects.filter(sightings__incident=one)
    with pytest.raises(Denied):
        actions.split(by=ana, incident=one, report=alone)
    his = report_of(zambia, ONE)
    for by, report in ((ana, his), (ben, alone)):
        with pytest.raises(Denied):
            actions.split(by=by, incident=one, report=report)
    claimed(one, sena)
    with pytest.raises(Denied):
        actions.split(by=ana, incident=one, report=alone)
    assert incidents_of(his) == incidents_of(alone) == {one}


def test_no_report_is_ever_without_an_incident(belize: Portal, ana: User) -> None:
    addresses = [f"https://example.org/{number}" for number in range(4)]
    for first in addresses:
        report_of(belize, f"{first}\n{addresses[0]}")
    incidents = [Incident.objects.get(sightings__report=report_of(belize, address)) for address in addresses[1:]]
    steps = 0
    while True:
        waiting = [as_it_is(incident) for incident in incidents if as_it_is(incident).state == State.WAITING]
        if len(waiting) < 2:
            break
        actions.merge(by=ana, incident=waiting[0], into=waiting[1])
        assert without_incident() == []
        steps += 1
    [last] = waiting
    for report in Report.objects.filter(sightings__incident=last):
        if last.sightings.count() > 1:
            actions.split(by=ana, incident=last, report=report)
            assert without_incident() == []
            steps += 1
    assert steps > 6


MONDAY, HOUR = datetime(2026, 3, 9, 9, tzinfo=UTC), timedelta(hours=1)


@pytest.mark.parametrize(
    ("danger", "urgent", "reopens_at", "is_open", "returns"),
    [
        (False, False, None, False, False),
        (False, False, MONDAY + HOUR, False, False),
        (False, False, MONDAY, False, True),
        (True, False, None, False, True),
        (False, True, None, False, True),
        (True, False, MONDAY, True, False),
        (False, True, MONDAY - HOUR, True, False),
    ],
)
def test_merged_incident_returns_the_other_to_the_queue_if_it_adds_what_was_not_assessed(
    monkeypatch: pytest.MonkeyPatch,
    danger: bool,
    urgent: bool,
    reopens_at: datetime | None,
    is_open: bool,
    returns: bool,
) -> None:
    """The other takes over the earliest and latest time, the notices and the danger."""
    calls: dict[str, Any] = {}
    for name in ("return_to_queue", "set_priority", "save_incident"):
        monkeypatch.setattr(merging, name, lambda *args, name=name, **values: calls.update({name: (args, values)}))
    monkeypatch.setattr(merging, "leave_batch", lambda _incident, **_values: ["batch"])
    into, merged = (
        MagicMock(first_sighted=first, last_sighted=last, notices=notices, child_in_danger=False, flood=b"f", **values)
        for first, last, notices, values in (
            (MONDAY, MONDAY + HOUR, ["b", "a"], {"reopens_at": reopens_at, "is_open_to_review": is_open}),
            (MONDAY - HOUR, MONDAY + 2 * HOUR, ["c", "a"], {"priority_reasons": ["several"]}),
        )
    )
    merged.child_in_danger = danger
    # Urgent counts while it waits for its verdict.
    merged.is_open_to_review, merged.priority = urgent or danger, URGENT if urgent or not danger else LOWEST
    merging._take_over(into, merged, now=MONDAY)
    assert (into.first_sighted, into.last_sighted) == (MONDAY - HOUR, MONDAY + 2 * HOUR)
    assert (into.notices, into.child_in_danger) == (["a", "b", "c"], danger)
    assert ("return_to_queue" in calls) is returns
    # It needs an individual review, so it leaves its flood.
    assert (into.flood == b"", "set_priority" in calls) == (is_open, is_open)
    if is_open:
        assert calls["set_priority"] == ((into,), {"facts": ["several"], "urgent": urgent})
    assert calls["save_incident"] == (
        (into, "first_sighted", "last_sighted", "notices", "child_in_danger", "batch", "flood", "priority",
         "priority_reasons", "reopens_at"), {},
    )  # fmt: skip


def test_merging_and_splitting_store_what_they_return(
    one: Incident, other: Incident, belize: Portal, ana: User
) -> None:
    report = report_of(belize, ONE)
    into = actions.merge(by=ana, incident=claimed(one, ana), into=other)
    merged, to = as_it_is(one), actions.split(by=ana, incident=as_it_is(other), report=report)
    assert (merged.claimed_by, merged.claimed_until, merged.closed_on) == (None, None, timezone.now().date())
    # Reports move between them by the trigger, and the split is of a later moment.
    moving = {"portals", "portal_languages", "priority", "priority_reasons", "unpublished"}
    for row, stored in ((into, as_it_is(other)), (to, as_it_is(one))):
        fields = {field.attname for field in Incident._meta.concrete_fields} - moving
        assert [name for name in fields if getattr(row, name) != getattr(stored, name)] == []
    assert (to.state, to.closing, to.closed_on, to.merged_into, to.waiting_since) == (
        State.WAITING, "", None, None, the_hour(timezone.now()),
    )  # fmt: skip

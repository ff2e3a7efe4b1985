"""Blind second reviews, and the senior's decision on a disagreement."""

import uuid
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from analysts.assessment import actions
from analysts.assessment.timeline import Disagreement, assessments_known_to, find_disagreement
from analysts.codes import AgeBand, Closing, Reason, ReviewStage, Role, Severity, Sex, UndoReason, Verdict, VerdictBasis
from analysts.incidents.actions import add_note
from analysts.models import Agreement, Assessment, Incident, User
from analysts.states import State
from analysts.tests.factories import claimed, incident_of
from analysts.tests.sections import ALL_OPEN
from audit.permissions import Denied
from countries.models import Portal
from tests.rig.fixtures import client_of, create_person


@pytest.fixture
def always(settings: Any) -> None:
    settings.SECOND_REVIEW_VERDICTS = [Verdict.ILLEGAL, Verdict.NOT_ILLEGAL]


@pytest.fixture
def incident(always: None, belize: Portal, ben: User) -> Incident:
    ben.portals.add(belize)
    return incident_of(belize)


def illegal(incident: Incident, by: User, severity: Severity = Severity.B, **more: Any) -> Assessment:
    incident = claimed(Incident.objects.get(pk=incident.pk), by)
    return actions.assess(
        by=by,
        incident=incident,
        fence=incident.fence,
        verdict=Verdict.ILLEGAL,
        basis=VerdictBasis.SEEN,
        severity=severity,
        age_band=AgeBand.AGE_3_6,
        sex=Sex.BOYS,
        **more,
    )


def not_illegal(incident: Incident, by: User) -> Assessment:
    incident = claimed(Incident.objects.get(pk=incident.pk), by)
    return actions.assess(
        by=by, incident=incident, fence=incident.fence, verdict=Verdict.NOT_ILLEGAL, reason=Reason.NOT_SEXUALISED
    )


def as_it_is(incident: Incident) -> Incident:
    return Incident.objects.get(pk=incident.pk)


def test_second_review_agrees_and_decides(incident: Incident, ana: User, ben: User) -> None:
    illegal(incident, ana)
    waiting = as_it_is(incident)
    assert (waiting.state, waiting.stage, waiting.severity) == (State.WAITING, ReviewStage.SECOND, "")

    illegal(incident, ben)
    decided = as_it_is(incident)
    assert (decided.state, decided.stage, decided.severity) == (State.ASSESSED, ReviewStage.SECOND, "B")
    assert list(Agreement.objects.values_list("first", "second", "number")) == [("B", "B", 1)]


def test_nothing_is_done_about_it_before_both_looks_are_in(incident: Incident, ana: User) -> None:
    not_illegal(incident, ana)

    assert as_it_is(incident).state == State.WAITING
    with pytest.raises(Denied):
        actions.close(by=ana, incident=incident, closing=Closing.EXHAUSTED)


def test_own_incident_never_comes_back_for_the_second_review(incident: Incident, ana: User, ben: User) -> None:
    illegal(incident, ana)

    assert actions.claim_next(by=ana) is None
    with pytest.raises(Denied) as denied:
        actions.claim(by=ana, incident=incident)
    refusal = "You have already assessed this incident. A different analyst must do the next review."
    assert str(denied.value.reason) == refusal
    given = actions.claim_next(by=ben)
    assert given == incident
    with pytest.raises(Denied):
        actions.hand_over(by=ben, incident=incident, to=ana, fence=given.fence)


def test_reviewer_of_an_earlier_round_may_do_the_second_review_of_the_next(
    incident: Incident, ana: User, ben: User
) -> None:
    illegal(incident, ana)
    illegal(incident, ben)
    actions.reopen(by=ana, incident=as_it_is(incident))
    illegal(incident, ben)
    assert as_it_is(incident).stage == ReviewStage.SECOND
    assert actions.claim(by=ana, incident=incident).claimed_by == ana


@pytest.mark.parametrize("turned", [False, True])
def test_senior_sees_what_differs_and_not_whose_it_is(incident: Incident, ana: User, ben: User, turned: bool) -> None:
    first, second = (ben, ana) if turned else (ana, ben)
    illegal(incident, first, Severity.A if not turned else Severity.B)
    illegal(incident, second, Severity.B if not turned else Severity.A)
    assert find_disagreement(as_it_is(incident)) == Disagreement(
        shared=["3–6", "boys"],
        reviews=[(Verdict.ILLEGAL, [str(Severity.A.label)]), (Verdict.ILLEGAL, [str(Severity.B.label)])],
    )


def test_notes_and_history_of_a_disagreement_name_no_reviewer_until_it_is_decided(
    incident: Incident, ana: User, ben: User, sena: User
) -> None:
    """Their words may say whose verdict is which; the notes of others keep their names."""
    # Names that nothing else on the page has.
    User.objects.filter(pk=ana.pk).update(desk_name="Aurelia")
    User.objects.filter(pk=ben.pk).update(desk_name="Bertrand")
    cora = create_person("cora", Role.ANALYST, *ana.portals.all())
    add_note(by=cora, incident=incident, text="An album.")
    held = claimed(incident, cora)
    actions.hand_over(by=cora, incident=held, to=ana, fence=held.fence, note="Over to you.")
    held = as_it_is(incident)
    actions.release(by=ana, incident=held, fence=held.fence)
    for by, decide in ((ana, illegal), (ben, not_illegal)):
        add_note(by=by, incident=as_it_is(incident), text=f"Words about {decide.__name__}.")
        decide(incident, by)
    claimed(as_it_is(incident), sena)
    client, url = client_of(sena), f"/admin/incidents/{incident.pk}/"
    client.post(f"{url}reveal/")

    def read() -> tuple[bool, bool, bool, int]:
        page = client.get(url, ALL_OPEN).content.decode()
        words = all(text in page for text in ("Words about illegal.", "Words about not_illegal."))
        are_named = "Aurelia" in page or "Bertrand" in page
        return words, "cora" in page, are_named, page.count("One of the two reviewers")

    assert read() == (True, True, False, 2)
    assert "handed over" not in client.get(url, ALL_OPEN).content.decode().partition('id="history"')[2]
    # They know their own, and of the other as little.
    page = client_of(ana).get(url, ALL_OPEN).content.decode()
    assert "Bertrand" not in page
    held = as_it_is(incident)
    actions.release(by=sena, incident=held, fence=held.fence)
    illegal(incident, sena)
    client.post(f"{url}reveal/", {"reason": "advice"})
    assert read() == (True, True, True, 0)
    assert "handed over" in client.get(url, ALL_OPEN).content.decode().partition('id="history"')[2]


def test_disagreement_goes_to_a_senior_who_is_a_third(incident: Incident, ana: User, ben: User, sena: User) -> None:
    illegal(incident, ana, Severity.B)
    not_illegal(incident, ben)
    disputed = as_it_is(incident)
    assert (disputed.state, disputed.stage) == (State.WAITING, ReviewStage.SENIOR)
    assert [actions.claim_next(by=ana), actions.claim_next(by=ben)] == [None, None]

    ana.role = "senior"
    ana.save(update_fields=["role"])
    assert actions.claim_next(by=ana) is None
    illegal(incident, sena, Severity.C)
    decided = as_it_is(incident)
    assert (decided.state, decided.severity) == (State.ASSESSED, "C")
    # Both earlier reviews stay unchanged.
    looks = Assessment.objects.order_by("at").values_list("by__username", "stage", "severity", "verdict")
    assert list(looks) == [
        ("ana", "first", "B", "illegal"),
        ("ben", "second", "", "not_illegal"),
        ("sena", "senior", "C", "illegal"),
    ]
    assert list(Agreement.objects.values_list("first", "second", "number")) == [("B", "not_illegal", 1)]


def test_agreement_on_the_category_is_enough(incident: Incident, ana: User, ben: User) -> None:
    illegal(incident, ana)
    incident_now = claimed(as_it_is(incident), ben)
    actions.assess(
        by=ben,
        incident=incident_now,
        fence=incident_now.fence,
        verdict=Verdict.ILLEGAL,
        basis=VerdictBasis.SEEN,
        severity=Severity.B,
        age_band=AgeBand.AGE_7_10,
        sex=Sex.GIRLS,
    )
    assert as_it_is(incident).state == State.ASSESSED


def test_category_of_the_first_look_is_no_notice_before_the_second(incident: Incident, ana: User, ben: User) -> None:
    illegal(incident, ana, Severity.A, notices=["violence"])
    assert as_it_is(incident).notices == ["violence", "young"]

    illegal(incident, ben, Severity.A)
    assert as_it_is(incident).notices == ["severe", "violence", "young"]


def test_chance_decides_with_the_share_that_is_set(settings: Any, belize: Portal, ana: User) -> None:
    settings.SECOND_REVIEW_PERCENT = 100
    illegal(first := incident_of(belize, "https://one.example/1"), ana)
    settings.SECOND_REVIEW_PERCENT = 0
    illegal(second := incident_of(belize, "https://two.example/2"), ana)

    assert [as_it_is(first).state, as_it_is(second).state] == [State.WAITING, State.ASSESSED]


def test_database_refuses_two_looks_of_one_person(incident: Incident, ana: User) -> None:
    made = illegal(incident, ana)

    made.pk, made.stage, made._state.adding = None, ReviewStage.SECOND, True
    with pytest.raises(IntegrityError, match="assessment_once_a_person"), transaction.atomic():
        made.save(force_insert=True)


def test_reopened_incident_is_a_new_round_for_everybody(incident: Incident, ana: User, ben: User) -> None:
    illegal(incident, ana)
    illegal(incident, ben)
    actions.reopen(by=ana, incident=incident)

    again = as_it_is(incident)
    assert (again.round, again.stage, again.severity) == (2, ReviewStage.FIRST, "")
    illegal(incident, ana)
    assert as_it_is(incident).stage == ReviewStage.SECOND


def test_undo_of_a_first_look_takes_it_back_from_the_queue(incident: Incident, ana: User, ben: User) -> None:
    made = illegal(incident, ana, Severity.A)
    actions.undo(by=ana, incident=incident, assessment=made, reason=UndoReason.SLIP)

    mine = as_it_is(incident)
    assert (mine.state, mine.claimed_by, mine.stage, mine.notices) == (State.CLAIMED, ana, ReviewStage.FIRST, [])
    not_illegal_now = actions.assess(
        by=ana, incident=mine, fence=mine.fence, verdict=Verdict.NOT_ILLEGAL, reason=Reason.LINK_LIST
    )
    assert not_illegal_now.round == 1
    claimed(as_it_is(incident), ben)
    with pytest.raises(Denied) as denied:
        actions.undo(by=ana, incident=incident, assessment=not_illegal_now, reason=UndoReason.SLIP)
    assert str(denied.value.reason) == "The next review has already started."


def test_second_review_is_not_taken_back_as_it_would_not_be_blind_again(
    incident: Incident, ana: User, ben: User
) -> None:
    illegal(incident, ana)
    made = not_illegal(incident, ben)
    with pytest.raises(Denied) as denied:
        actions.undo(by=ben, incident=incident, assessment=made, reason=UndoReason.LOOKED_AGAIN)

    assert str(denied.value.reason) == "Both reviews are complete. Reopen the incident instead."
    assert list(Agreement.objects.values_list("first", "second", "number")) == [("B", "not_illegal", 1)]


def test_first_look_that_was_taken_back_is_hidden_and_its_author_has_no_second(
    incident: Incident, ana: User, ben: User
) -> None:
    made = illegal(incident, ana)
    mine = actions.undo(by=ana, incident=incident, assessment=made, reason=UndoReason.SLIP)
    actions.release(by=ana, incident=incident, fence=mine.fence)
    assert list(assessments_known_to(ben, as_it_is(incident))) == []
    assert list(assessments_known_to(ana, as_it_is(incident))) == [made]

    bens = not_illegal(incident, ben)
    assert actions.claim_next(by=ana) is None
    with pytest.raises(Denied):
        actions.claim(by=ana, incident=incident)
    bens.pk, bens.by, bens.stage, bens._state.adding = uuid.uuid4(), ana, ReviewStage.SECOND, True
    with pytest.raises(IntegrityError, match="has not assessed the incident in this round"), transaction.atomic():
        bens.save(force_insert=True)

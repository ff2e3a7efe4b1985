"""The sentences of a receipt: each is shown where its predicate holds, and nowhere else."""

from dataclasses import replace
from itertools import product

import pytest

from portal_site.environment import PROJECT
from reports.outcomes import (
    AddressFacts,
    ClosedReason,
    Outcome,
    PublicState,
    describe_outcomes,
    may_look_again,
    public_state,
)

# Every combination of facts that can be true of an address.
ALL_FACTS = [
    AddressFacts(
        assessment_begun=begun,
        notice_left=noticed,
        referral_left=referred,
        is_listed=listed,
        found_removed=removed,
        closed_reason=reason,
        asked_again=again,
    )
    for begun, noticed, referred, listed, removed, again in product([False, True], repeat=6)
    for reason in ("", *ClosedReason.values)
]
# Facts that must hold for a sentence to be true, written out once more: a mistake in a row is a difference.
NEEDS = {
    PublicState.RECEIVED: [],
    PublicState.AGAIN: ["asked_again"],
    PublicState.BEING_ASSESSED: ["assessment_begun"],
    PublicState.PASSED_ON: ["referral_left"],
    PublicState.NOTICE_SENT: ["notice_left"],
    PublicState.LISTED: ["is_listed", "notice_left"],
    PublicState.GONE: ["found_removed"],
    PublicState.CLOSED: ["closed_reason"],
}


def test_outcomes_of_a_new_receipt_say_that_it_was_received() -> None:
    assert describe_outcomes([]) == ["Your report has been received. It is waiting for an analyst."]
    assert public_state(AddressFacts()) == (PublicState.RECEIVED, None)


@pytest.mark.parametrize("state", PublicState)
def test_sentence_is_shown_only_where_its_facts_hold(state: PublicState) -> None:
    showing = [facts for facts in ALL_FACTS if public_state(facts)[0] is state]

    assert showing
    for facts in showing:
        assert all(getattr(facts, name) for name in NEEDS[state])
        for name in NEEDS[state]:
            spoilt = replace(facts, **{name: type(getattr(facts, name))()})
            assert not state.row.is_true(spoilt)
            assert public_state(spoilt)[0] is not state


@pytest.mark.parametrize("reason", ClosedReason)
def test_reason_is_shown_only_where_an_assessment_gave_it(reason: ClosedReason) -> None:
    showing = {facts.closed_reason for facts in ALL_FACTS if public_state(facts)[1] is reason}

    assert showing == {reason.value}


def test_nothing_beyond_the_assessment_is_shown_before_a_notice_has_left() -> None:
    before = [facts for facts in ALL_FACTS if not facts.has_left and not facts.closed_reason]

    begun = {PublicState.RECEIVED, PublicState.AGAIN, PublicState.BEING_ASSESSED}
    assert {public_state(facts)[0] for facts in before} == begun


@pytest.mark.parametrize("reason", ClosedReason)
def test_outcomes_tell_why_the_work_on_a_report_ended(reason: ClosedReason) -> None:
    assert describe_outcomes([("closed", reason.value, 1)]) == [
        f"The hotline has finished its work on your report. {reason.row.sentence}"
    ]


@pytest.mark.parametrize(
    ("outcomes", "sentences"),
    [
        ([("being_assessed", "", 1)], ["An analyst has begun to assess what you reported."]),
        ([("notice_sent", "", 1)], ["The hotline has asked for what you reported to be taken down."]),
        ([("gone", "", 1)], ["What you reported was checked several times and was no longer there."]),
        ([("closed", "", 1)], ["The hotline has finished its work on your report."]),
        (
            [("received", "", 2)],
            ["2 of the web addresses and accounts you reported have been received. They are waiting for an analyst."],
        ),
        (
            [("being_assessed", "", 1), ("listed", "", 2), ("gone", "", 3), ("closed", "not_found", 1)],
            [
                "An analyst has begun to assess 1 of the web addresses and accounts you reported.",
                "The hotline has asked for the removal of 2 of the web addresses you reported, and put "
                "them on a blocking list that companies use.",
                "3 of the web addresses and accounts you reported were checked several times and were no longer there.",
                "The hotline has finished its work on 1 of the web addresses and accounts you reported. "
                "It was no longer there when an analyst looked.",
            ],
        ),
    ],
    ids=["assessed", "asked", "gone", "closed", "two alike", "four ways"],
)
def test_outcomes_are_shown_alone_or_as_counts(outcomes: list[Outcome], sentences: list[str]) -> None:
    assert describe_outcomes(outcomes) == sentences


def test_reference_page_has_every_sentence() -> None:
    page = (PROJECT / "docs" / "reference" / "receipts.md").read_text(encoding="utf-8")
    for state in PublicState:
        assert f"| `{state.value}` | {state.row.alone} |" in page
    for reason in ClosedReason:
        assert f"| `{reason.value}` | {reason.row.sentence} |" in page


@pytest.mark.parametrize("outcome", [("lost", "", 1), ("closed", "bored", 1), ("action_taken", "", 1)])
def test_outcomes_outside_the_sets_are_refused(outcome: Outcome) -> None:
    with pytest.raises(ValueError, match="is not a valid"):
        describe_outcomes([outcome])


@pytest.mark.parametrize("reason", ClosedReason)
def test_only_what_was_missing_or_legal_may_be_looked_at_again(reason: ClosedReason) -> None:
    offered = may_look_again([("received", "", 1), ("closed", reason.value, 1)])

    assert offered is (reason in {ClosedReason.NOT_FOUND, ClosedReason.NOT_ILLEGAL})
    assert not may_look_again([(state.value, "", 1) for state in PublicState])

import pytest

from reports.outcomes import ALONE, COUNTED, ClosedReason, Outcome, PublicState, describe_outcomes


def test_outcomes_of_a_new_receipt_say_that_it_was_received() -> None:
    assert describe_outcomes([]) == ["Your report has been received. It waits for an analyst."]


def test_outcomes_have_words_for_every_state() -> None:
    assert (set(ALONE), set(COUNTED)) == (set(PublicState), set(PublicState))


@pytest.mark.parametrize("reason", ClosedReason)
def test_outcomes_tell_why_a_report_was_closed(reason: ClosedReason) -> None:
    assert describe_outcomes([("closed", reason.value, 1)]) == [
        f"Your report was closed without action. {reason.label}"
    ]


@pytest.mark.parametrize(
    ("outcomes", "sentences"),
    [
        ([("being_assessed", "", 1)], ["An analyst is assessing what you reported."]),
        (
            [("action_taken", "", 1)],
            ["The hotline has acted to have what you reported taken down."],
        ),
        (
            [("gone", "", 1)],
            ["What you reported is gone: it was checked several times and is no longer there."],
        ),
        ([("closed", "", 1)], ["Your report was closed without action."]),
        (
            [("received", "", 2)],
            ["2 of the addresses you reported have been received. They wait for an analyst."],
        ),
        (
            [("being_assessed", "", 1), ("gone", "", 3), ("closed", "not_found", 1)],
            [
                "1 of the addresses you reported is being assessed by an analyst.",
                "3 of the addresses you reported are gone: they were checked several times.",
                "1 of the addresses you reported was closed without action. "
                "Nothing was there any more when an analyst looked.",
            ],
        ),
    ],
    ids=["assessed", "acted", "gone", "closed", "two alike", "three ways"],
)
def test_outcomes_are_told_alone_or_as_counts(outcomes: list[Outcome], sentences: list[str]) -> None:
    assert describe_outcomes(outcomes) == sentences


@pytest.mark.parametrize("outcome", [("lost", "", 1), ("closed", "bored", 1)])
def test_outcomes_outside_the_sets_are_refused(outcome: Outcome) -> None:
    with pytest.raises(ValueError, match="is not a valid"):
        describe_outcomes([outcome])

"""Each coded reason is one row, which holds everything that other modules need to know about it."""

import pytest

from analysts.assessment.mappings import Action, Code, Scheme, default_mapping
from analysts.codes import REASONS, Reason, Verdict
from analysts.incidents.definitions import definition_of
from reports.outcomes import PublicState, describe_outcomes


@pytest.mark.parametrize("reason", Reason)
def test_reason_has_a_verdict_a_definition_a_mapping_and_a_public_sentence(reason: Reason) -> None:
    assert [verdict for verdict, reasons in REASONS.items() if reason in reasons]
    assert definition_of(reason) == str(reason.row.definition) != ""
    action = default_mapping()[Scheme.ICCAM_ACTION, Code("reason", reason.value)]
    assert action == reason.row.iccam_action
    assert action in ("", *Action.values)
    sentence = str(reason.row.closed_reason.row.sentence)
    assert describe_outcomes([(PublicState.CLOSED.value, reason.row.closed_reason.value, 1)])[0].endswith(sentence)


def test_each_verdict_but_illegal_has_reasons() -> None:
    assert {verdict for verdict, reasons in REASONS.items() if not reasons} == {Verdict.ILLEGAL}
    assert REASONS.keys() == set(Verdict)

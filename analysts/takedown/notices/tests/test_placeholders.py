"""Tests of the placeholders in notice texts and of the faults found in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysts.codes.recipient_kinds import REFERRED
from analysts.models import Purpose, RecipientKind
from analysts.models.notice import ANSWERS
from analysts.takedown.notices.placeholders import (
    COMPULSORY,
    DROPS_LINE,
    OF_A_LOOK,
    Placeholder,
    Unfilled,
    body_placeholders,
    compulsory_placeholders,
    faults_of_body,
    faults_of_subject,
    fill_placeholders,
)
from analysts.takedown.notices.texts import purposes_of_kind

HOST = RecipientKind.HOST
BODY = "Our reference: {reference}\n\nAnswer here:\n{answer_link}"
# Everything that a first notice to a hosting provider needs, and room for one line more: line 5.
WHOLE = BODY + "\n%s\n" + "\n".join(f"{{{placeholder}}}" for placeholder in COMPULSORY[HOST])
FIRST = [(kind, purpose) for kind in RecipientKind for purpose in purposes_of_kind(kind) if purpose.row.comes_first]


def find_fault_messages(body: str, purpose: Purpose = Purpose.FIRST) -> list[str]:
    return [str(fault) for fault in faults_of_body(body, HOST, purpose)]


def lines_of(placeholders: tuple[Placeholder, ...]) -> str:
    return "\n".join(f"{{{placeholder}}}" for placeholder in placeholders)


def test_every_kind_of_recipient_has_its_compulsory_facts() -> None:
    assert COMPULSORY.keys() == set(REFERRED)
    assert {purpose for _kind, purpose in FIRST} == {Purpose.FIRST, Purpose.CLEARANCE}
    for facts in COMPULSORY.values():
        assert {
            *(Placeholder.LEGAL_GROUND, Placeholder.ADDRESSES, Placeholder.GOOD_FAITH),
            *(Placeholder.PROVIDER, Placeholder.NETWORK, Placeholder.COUNTRY),
            *(Placeholder.TEAM, Placeholder.MAILBOX, Placeholder.TELEPHONE, Placeholder.WEB_PAGE),
        } <= set(facts)
    without_times = {kind for kind, facts in COMPULSORY.items() if not OF_A_LOOK & set(facts)}
    assert without_times == {RecipientKind.OWNER, RecipientKind.REGISTRAR}


@pytest.mark.parametrize(("kind", "purpose"), FIRST)
def test_first_notice_is_refused_without_any_one_of_its_compulsory_facts(kind: RecipientKind, purpose: Purpose) -> None:
    compulsory = compulsory_placeholders(kind, purpose)
    assert faults_of_body(lines_of(compulsory), kind, purpose) == []
    for missing in compulsory:
        body = lines_of(tuple(placeholder for placeholder in compulsory if placeholder != missing))
        [fault] = faults_of_body(body, kind, purpose)
        assert str(fault).startswith(f"{{{missing}}} is missing: ")


@pytest.mark.parametrize("kind", RecipientKind)
def test_times_and_status_stay_with_those_who_may_learn_them(kind: RecipientKind) -> None:
    # Answers to replies state no facts about addresses, and alerts none of a look.
    without = {*ANSWERS, Purpose.ALERT}
    assert not any(body_placeholders(kind, purpose) & OF_A_LOOK for purpose in without)
    for purpose in {*purposes_of_kind(kind)} - without:
        allowed = body_placeholders(kind, purpose)
        assert (allowed >= OF_A_LOOK, bool(allowed & OF_A_LOOK)) == (kind.row.sees_times, kind.row.sees_times)
        assert (Placeholder.SENDER_STATUS in allowed) == (kind == RecipientKind.PLATFORM)
        body = lines_of((*compulsory_placeholders(kind, purpose), Placeholder.SEEN_AT))
        messages = {str(fault) for fault in faults_of_body(body, kind, purpose)}
        assert bool(messages) is not kind.row.sees_times


@pytest.mark.parametrize("unknown", sorted(DROPS_LINE))
def test_unknown_fact_drops_its_line_and_nothing_else(unknown: Placeholder) -> None:
    values = dict.fromkeys(Placeholder, "x")
    text = f"Before\n\nFact: {{{unknown}}}\n\nAfter {{reference}}\n{{host}}"
    assert fill_placeholders(text, values) == "Before\n\nFact: x\n\nAfter x\nx"
    for missing in ({**values, unknown: ""}, {name: value for name, value in values.items() if name != unknown}):
        assert fill_placeholders(text, missing) == "Before\n\nAfter x\nx"


@pytest.mark.parametrize("fact", sorted(DROPS_LINE & body_placeholders(HOST, Purpose.FIRST)))
def test_fact_that_may_be_unknown_shares_its_line_with_no_other(fact: Placeholder) -> None:
    [fault] = find_fault_messages(WHOLE % f"{{{fact}}} {{good_faith}}")
    assert fault == f"Line 5: {{{fact}}} needs a line without other placeholders."
    assert find_fault_messages(WHOLE % f"Fact: {{{fact}}}.") == []


def test_fill_puts_each_in_once_and_reads_nothing_of_it_again() -> None:
    values = {Placeholder.REFERENCE: "{host} {0} {x.__class__}", Placeholder.HOST: "example[.]org"}
    assert fill_placeholders("{reference} at {host}, {reference}", values) == (
        "{host} {0} {x.__class__} at example[.]org, {host} {0} {x.__class__}"
    )


@pytest.mark.parametrize("text", ["{host}", "{reference}", "{unknown}"])
def test_fill_refuses_what_is_missing(text: str) -> None:
    with pytest.raises(Unfilled):
        fill_placeholders(text, {Placeholder.REFERENCE: ""})


@pytest.mark.parametrize(
    "body", [WHOLE % "", WHOLE % "{recipient} {hotline} {count} {host} {addresses} {answer_until}\n{letters_page}"]
)
def test_a_body_that_has_what_it_needs_has_no_faults(body: str) -> None:
    assert find_fault_messages(body) == []


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{referense}", "Unknown placeholder {referense}."),
        ("{hours}", "{hours} cannot be used here."),
        ("{reference.__class__}", "Brace outside a placeholder."),
        ("{reference!r}", "Brace outside a placeholder."),
        ("{0}", "Brace outside a placeholder."),
        ("{}", "Brace outside a placeholder."),
        ("{{reference}}", "Brace outside a placeholder."),
        ("}", "Brace outside a placeholder."),
        ("{REFERENCE}", "Brace outside a placeholder."),
        ("https://example.org", "Links come from {answer_link}, {web_page} and {letters_page} only."),
        ("www.example.org", "Links come from {answer_link}, {web_page} and {letters_page} only."),
    ],
)
def test_faults_say_what_is_wrong_and_where(line: str, fault: str) -> None:
    [message] = find_fault_messages(WHOLE % line)
    assert message.startswith(f"Line 5: {fault}")


def test_faults_name_what_a_body_needs() -> None:
    assert find_fault_messages("", Purpose.AGAIN) == [
        "{reference} is missing: our reference.",
        "{answer_link} is missing: the reply link.",
    ]


def test_what_came_before_is_for_later_letters_alone() -> None:
    later = WHOLE % "{first_sent} {hours}"
    assert find_fault_messages(later, Purpose.AGAIN) == find_fault_messages(later, Purpose.ESCALATION) == []
    assert len(find_fault_messages(later, Purpose.FIRST)) == 2


@pytest.mark.parametrize(
    "subject",
    [
        "",
        "No reference",
        "{reference} {host}",
        "{reference} {answer_link}",
        "{reference} {addresses}",
        "{reference}\nTo: x",
    ],
)
def test_a_subject_has_the_reference_no_address_and_one_line(subject: str) -> None:
    assert faults_of_subject(subject) != []
    assert faults_of_subject("[{reference}] {recipient}, {count}, {hotline}") == []


@given(st.text() | st.text("{}referncxyz._!:0 \n"))
def test_a_text_without_faults_can_be_filled(text: str) -> None:
    values = dict.fromkeys(Placeholder, "x")
    if not faults_of_body(BODY + text, HOST, Purpose.AGAIN):
        assert set(fill_placeholders(BODY + text, values)).isdisjoint("{}")

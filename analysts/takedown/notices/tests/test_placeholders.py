"""Tests of the placeholders in notice texts and of the faults found in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysts.models import Purpose
from analysts.takedown.notices.placeholders import (
    Placeholder,
    Unfilled,
    faults_of_body,
    faults_of_subject,
    fill_placeholders,
)

BODY = "Our reference: {reference}\n\nAnswer here:\n{answer_link}"


def find_fault_messages(body: str, purpose: Purpose = Purpose.FIRST) -> list[str]:
    return [str(fault) for fault in faults_of_body(body, purpose)]


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
    "body", [BODY, f"{BODY}\n{{recipient}} {{hotline}} {{count}} {{host}} {{addresses}} {{answer_until}}"]
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
        ("https://example.org", "The only link in a notice is {answer_link}."),
        ("www.example.org", "The only link in a notice is {answer_link}."),
    ],
)
def test_faults_say_what_is_wrong_and_where(line: str, fault: str) -> None:
    [said] = find_fault_messages(f"{BODY}\n{line}")
    assert said.startswith(f"Line 5: {fault}")


def test_faults_name_what_a_body_needs() -> None:
    assert find_fault_messages("") == [
        "{reference} is missing: our reference.",
        "{answer_link} is missing: the reply link; the only link in the letter.",
    ]


def test_what_came_before_is_for_later_letters_alone() -> None:
    later = f"{BODY}\n{{first_sent}} {{hours}}"
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
    if not faults_of_body(BODY + text, Purpose.AGAIN):
        assert set(fill_placeholders(BODY + text, values)).isdisjoint("{}")

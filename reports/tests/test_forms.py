import re
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict

from reports.fields import LONGEST_LINE, LONGEST_TEXT, PlainForm, WordsField
from reports.forms import AnswerForm, DetailsForm, ReportForm, StatusForm
from reports.receipts import code_from_nonce, format_code
from reports.report_text import SealedTick
from reports.tests.hostile import TEXTS

CODE = code_from_nonce(bytes(16))
# Every text of the details.
DETAILS = {name: field for name, field in DetailsForm.base_fields.items() if isinstance(field, WordsField)}


def posted(**fields: str | list[str]) -> MultiValueDict[str, str]:
    return MultiValueDict({name: value if isinstance(value, list) else [value] for name, value in fields.items()})


def codes_of(form: PlainForm) -> dict[str, list[str | None]]:
    return {name: [error.code for error in errors.as_data()] for name, errors in form.errors.items()}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_forms_keep_every_character(text: str) -> None:
    for name, form in (
        ("addresses", ReportForm(posted(addresses=text, as_it_is="yes"), access_phrase="")),
        ("description", DetailsForm(posted(description=text, as_it_is="yes"))),
        ("answer", AnswerForm(posted(answer=text, as_it_is="yes"))),
    ):
        assert form.is_valid(), name
        assert form.payload()[name] == text


@pytest.mark.parametrize("text", ["", " ", "\r\n\t", "\u00a0\u2003\u3000"])
def test_report_form_refuses_nothing_but_white_space(text: str) -> None:
    form = ReportForm(posted(addresses=text), access_phrase="")
    assert codes_of(form) == {"addresses": ["required"]}


def test_report_form_without_the_field_asks_for_it() -> None:
    assert codes_of(ReportForm(posted(), access_phrase="")) == {"addresses": ["required"]}


def test_report_form_refuses_one_character_too_many_and_counts_them() -> None:
    form = ReportForm(posted(addresses="😀" * (LONGEST_TEXT + 1)), access_phrase="")
    assert form.errors["addresses"] == [
        "This text has 20001 characters, and we can take at most 20000. Please shorten it."
    ]


@pytest.mark.parametrize("typed", ["blue mango", "  Blue   MANGO \r\n"])
def test_access_phrase_is_known_as_it_is_spoken(typed: str) -> None:
    assert ReportForm(posted(addresses="x", phrase=typed), access_phrase="Blue mango").is_valid()


@pytest.mark.parametrize(
    ("typed", "code"),
    [("", "required"), ("blue", "wrong_phrase"), ("bluemango", "wrong_phrase"), ("blue mango\0", "wrong_phrase")],
)
def test_access_phrase_that_differs_is_refused(typed: str, code: str) -> None:
    form = ReportForm(posted(addresses="x", phrase=typed), access_phrase="Blue mango")
    assert codes_of(form) == {"phrase": [code]}


def test_access_phrase_is_no_part_of_the_envelope() -> None:
    form = ReportForm(posted(addresses="x", phrase="blue mango"), access_phrase="blue mango")
    assert form.is_valid()
    assert form.payload() == {"addresses": "x"}


def test_report_form_omits_access_phrase_field_when_portal_has_none() -> None:
    assert list(ReportForm(access_phrase="").fields) == ["addresses", "platform", "account", "happened", "facts"]


def test_details_form_takes_any_part_alone() -> None:
    for name in DETAILS:
        assert DetailsForm(posted(**{name: "x"})).is_valid()
    assert DetailsForm(posted(facts=["live_stream"])).is_valid()


def test_details_form_seals_all_its_parts() -> None:
    texts = {name: f" {name}\0 " for name in DETAILS} | {"seen_on": ""}
    ticks = ["child_in_danger", "about_me", "grooming", "child_known", "login_needed", "payment_needed", "live_stream"]
    assert [value for value, _label in DetailsForm.base_fields["facts"].choices] == ticks  # type: ignore[attr-defined]
    form = DetailsForm(posted(**texts, facts=ticks))
    assert form.is_valid()
    assert form.payload() == {**texts, "facts": ticks}


@pytest.mark.parametrize("name", ReportForm.sealed_texts())
def test_report_form_takes_any_text_alone_with_its_ticks(name: str) -> None:
    form = ReportForm(posted(**{name: "x"}, facts=list(SealedTick.values)), access_phrase="")
    assert form.is_valid()
    assert form.payload() == {"addresses": "", name: "x", "facts": ["about_me", "grooming"]}


def test_report_form_needs_a_text_beside_a_tick_and_keeps_the_tick() -> None:
    form = ReportForm(posted(addresses=" ", facts="about_me"), access_phrase="")
    assert codes_of(form) == {"addresses": ["required"]}
    assert re.findall(r'value="(\w+)"[^>]* checked', str(form["facts"])) == ["about_me"]
    odd = ReportForm(posted(addresses="x", facts=["about_me", "child_in_danger"]), access_phrase="")
    assert codes_of(odd) == {"facts": ["invalid_choice"]}


@pytest.mark.parametrize("fields", [{}, {"description": " ", "found_on": "\t", "seen_on": "\u00a0"}])
def test_details_form_says_gently_that_it_is_empty(fields: dict[str, Any]) -> None:
    form = DetailsForm(posted(**fields))
    assert form.errors == {
        "description": ["You have not written anything yet. You can add something, or just close the page."]
    }


def test_details_form_refuses_a_tick_it_does_not_know() -> None:
    form = DetailsForm(posted(description="x", facts=["live_stream", "</script>\0"]))
    assert form.errors == {"facts": ["We did not understand one of the ticks. Please tick again."]}


def test_details_form_limits_each_text() -> None:
    longest = {name: field.limit for name, field in DETAILS.items()}
    assert longest.items() >= {("description", LONGEST_TEXT), ("found_on", LONGEST_LINE), ("seen_on", LONGEST_LINE)}
    form = DetailsForm(posted(**{name: "x" * (limit + 1) for name, limit in longest.items()}))
    assert codes_of(form) == {name: ["too_long"] for name in DETAILS}
    assert DetailsForm(posted(**{name: "x" * limit for name, limit in longest.items()})).is_valid()


def test_details_form_asks_for_the_code_only_where_it_is_needed() -> None:
    assert "code" not in DetailsForm().fields
    assert codes_of(DetailsForm(posted(description="x"), ask_code=True)) == {"code": ["required"]}


@pytest.mark.parametrize("typed", [CODE, format_code(CODE), f" {CODE.lower()} ", " ".join(CODE)])
def test_status_form_reads_a_code_in_any_spelling(typed: str) -> None:
    form = StatusForm(posted(code=typed))
    assert form.is_valid()
    assert form.cleaned_data == {"code": CODE}


@pytest.mark.parametrize("typed", [CODE[:-1], CODE + "0", "\0", "😀", "x" * 10_000, CODE[1:] + CODE[0]])
def test_status_form_reports_a_mistyped_code(typed: str) -> None:
    assert codes_of(StatusForm(posted(code=typed))) == {"code": ["mistyped"]}


def test_status_form_does_not_hang_the_code_on_its_error() -> None:
    error = StatusForm(posted(code="not a code")).errors.as_data()["code"][0]
    assert (error.__context__, error.__cause__) == (None, None)
    assert isinstance(error, ValidationError)


def test_answer_form_refuses_an_empty_answer() -> None:
    assert AnswerForm(posted(answer=" ")).errors == {"answer": ["Please write an answer first."]}


@pytest.mark.parametrize(
    "form", [ReportForm(access_phrase="x"), DetailsForm(ask_code=True), StatusForm(), AnswerForm()]
)
def test_forms_let_no_browser_cut_or_complete(form: PlainForm) -> None:
    drawn = [str(field) for field in form]
    assert [attribute for each in drawn for attribute in ("required", "maxlength") if f" {attribute}" in each] == []
    # Screen readers say it without calling a blank field wrong.
    required = {name for name, field in form.fields.items() if field.required}
    assert {field.name for field in form if 'aria-required="true"' in str(field)} == required
    assert [each for each in drawn if 'type="checkbox"' not in each and 'autocomplete="off"' not in each] == []

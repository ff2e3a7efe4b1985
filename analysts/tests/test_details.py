"""Every field of the details form is sealed, watched, shown to analysts and filled in by the demonstration.

The tests read the fields from the form, so that a new field cannot be missed.
"""

import random
from datetime import UTC, datetime
from uuid import UUID

from django import forms

from analysts.assessment.reports_section import LABELS, envelope_row
from analysts.codes import Fact
from analysts.demonstration.invented_words import invent_details
from analysts.incidents.contents.plaintexts import OpenEnvelope, Payload
from analysts.welfare.masked_words import BLANK, Blanks
from reports import privacy
from reports.fields import WordsField
from reports.forms import AnswerForm, DetailsForm, LookAgainForm, ReportForm, Tick
from reports.models import SubmissionKind
from reports.sources.items import ReportItem

# Fields that control the form and are not stored: the receipt, and the tick that sends a text unchanged.
STEERING = {"code", "as_it_is"}
# Not watched for personal data: a date is easily mistaken for a telephone number.
NOT_WATCHED = {"seen_on"}
DETAILS = {name: field for name, field in DetailsForm.base_fields.items() if name not in STEERING}


def test_every_field_of_the_details_is_sealed() -> None:
    assert DetailsForm.sealed_names() == list(DETAILS)


def test_every_field_of_the_details_is_words_or_ticks() -> None:
    kinds = {name: type(field) for name, field in DETAILS.items()}
    assert kinds == {**dict.fromkeys(DETAILS, WordsField), "facts": forms.MultipleChoiceField}


def test_every_text_of_the_details_is_watched_for_what_names_a_person() -> None:
    watched = {name for name, field in DetailsForm.sealed_texts().items() if field.watched}
    assert watched == DetailsForm.sealed_texts().keys() - NOT_WATCHED


def test_analysts_are_shown_every_text_that_is_sealed() -> None:
    with_texts = (ReportForm, DetailsForm, AnswerForm, LookAgainForm)
    typed = [name for form in with_texts for name in form.sealed_texts()]
    item = ReportItem.model_construct(None, **dict.fromkeys(ReportItem.model_fields, "x"))
    of_sources = [name for name in item.payload() if name not in {*typed, "facts"}]
    sealed = typed + of_sources
    assert list(LABELS) == sealed
    payload: Payload = {name: f"placeholder of {name}" for name in sealed}
    envelope = OpenEnvelope(UUID(int=1), SubmissionKind.DETAILS, datetime(2026, 1, 1, tzinfo=UTC), payload, False, None)
    shown = {
        label: "".join(part.display for part in text.opening)
        for label, text in envelope_row(envelope, Blanks([])).parts
    }
    assert shown == {str(label): payload[name] for name, label in LABELS.items()}
    masked = envelope_row(envelope, Blanks(["placeholder"])).parts
    assert [text.opening[0].display for _label, text in masked] == [BLANK] * len(LABELS)


def test_every_tick_of_the_report_form_is_an_incident_fact() -> None:
    assert set(Tick.values) <= set(Fact.values)


def test_privacy_page_speaks_of_the_envelope_and_of_the_ticks() -> None:
    (envelope,) = [row for row in privacy.KEPT if "reports.submission.sealed" in row.fields]
    assert "details" in str(envelope.what)
    assert [row for row in privacy.KEPT if "analysts.report.facts" in row.fields]


def test_the_demonstration_fills_in_every_text() -> None:
    filled = [invent_details(random.Random(seed), in_danger=False) for seed in range(50)]
    assert {name for details in filled for name, value in details.items() if value} == set(DETAILS)

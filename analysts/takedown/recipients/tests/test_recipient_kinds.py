"""Completeness of the table of recipient types: every row has the values that other modules need."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from analysts.assessment.mappings import Scheme
from analysts.assessment.mappings import default_mapping as shipped_mappings
from analysts.codes.recipient_kinds import REFERRED, RecipientKind, ReferralKind, RouteStep, kinds_that_are
from analysts.models import NoticeTemplate, Recipient, Referral, Route
from analysts.takedown.notices import texts
from analysts.takedown.recipients import sheet
from analysts.takedown.routing.forms import ConfirmRoute
from analysts.takedown.routing.rules import Proposal
from analysts.tests.cases.there import HOUR

KIND = pytest.mark.parametrize("kind", RecipientKind)
SHIPPED = {(text.language, text.kind, text.purpose) for text in texts.read_shipped_texts(HOUR)}
LANGUAGES = {"de", "en", "es", "fr", "pt"}
GUIDES = Path(settings.BASE_DIR) / "docs" / "guides"


def test_every_step_except_the_url_list_belongs_to_one_recipient_kind() -> None:
    tells = [step for kind in RecipientKind for step in kind.row.steps]
    assert sorted(tells) == sorted(set(RouteStep) - {RouteStep.URL_LIST})
    assert [step for step in RouteStep if step.recipient_kind is None] == [RouteStep.URL_LIST]


def test_every_kind_of_referral_but_the_list_is_to_some_kind_of_recipient() -> None:
    assert {kind.row.referred_as for kind in RecipientKind} == {*ReferralKind, None} - {ReferralKind.URL_LIST}
    # A kind without referrals is informed of a child in danger.
    assert all(kind.row.is_alerted for kind in set(RecipientKind) - set(REFERRED))


@KIND
def test_row_is_whole(kind: RecipientKind) -> None:
    assert str(kind.label)
    assert str(kind.row.plural)
    # A route finds the recipient in the traces, or asks the analyst.
    assert bool(kind.row.question) is (bool(kind.row.steps) and not kind.row.is_traced)
    assert kind.row.reminded_every is None or kind.row.reminded_every() >= 1


@KIND
def test_codes_fit_their_columns(kind: RecipientKind) -> None:
    codes: list[tuple[Any, str, str]] = [
        (Recipient, "kind", kind),
        (NoticeTemplate, "kind", kind),
        (Referral, "kind", kind.row.referred_as or ""),
    ]
    for model, field, code in codes:
        assert len(code) <= model._meta.get_field(field).max_length
    steps: Any = Route._meta.get_field("steps")
    assert all(len(step) <= steps.base_field.max_length for step in kind.row.steps)


@KIND
def test_every_purpose_has_a_text_in_each_language_of_letters(kind: RecipientKind) -> None:
    languages = {
        language
        for language, *_text in SHIPPED
        if all((language, kind, purpose) in SHIPPED for purpose in texts.purposes_of_kind(kind))
    }
    assert languages == LANGUAGES


@pytest.mark.parametrize("kind", ReferralKind)
def test_every_kind_of_referral_has_a_row_in_the_code_list_of_actions(kind: ReferralKind) -> None:
    translated = {code.value for scheme, code in shipped_mappings() if (scheme, code.list) == (SCHEME, "referral")}
    assert kind.value in translated


SCHEME = Scheme.ICCAM_ACTION


@KIND
def test_form_of_a_route_asks_for_each_kind_that_is_named(kind: RecipientKind) -> None:
    form = ConfirmRoute(
        proposal=Proposal("DE", ()), national={each: [] for each in kinds_that_are(lambda row: row.is_national)}
    )
    fields = set(form.fields)
    assert (kind.value in fields) is bool(kind.row.question)
    # No code of a type collides with the name of another field.
    assert {"trace", "steps", "reason"} <= set(ConfirmRoute.base_fields)
    assert kind.value not in ConfirmRoute.base_fields


@KIND
def test_guides_and_the_sheet_name_the_kind(kind: RecipientKind) -> None:
    assert kind.value in str(sheet.COLUMNS["kind"]).replace(".", ",").replace(" or ", ", ").split(", ")
    assert f"`{kind.value}`" in (GUIDES / "recipients.md").read_text()
    assert kind.value in (GUIDES / "chasing.md").read_text()

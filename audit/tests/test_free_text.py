"""Typed text enters the audit log under listed names only, and none with a web address."""

import json
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from django import forms
from django.core.exceptions import ValidationError

from audit.actions import record_event, record_past
from audit.detail_labels import DETAILS
from audit.free_text import BETWEEN, FIELD_RULES, TEXT_RULES, TextRule, find_web_address, refuse_addresses
from audit.models import AuditEvent
from portal_site.access_table import ROWS
from tests.rig.routes import walk_routes

pytestmark = pytest.mark.urls("portal_site.urls_staff")

ADDRESS = "https://site.example.org/secret-path"
# As they may be typed, and as they may be disguised.
SPELLINGS = (
    ADDRESS,
    "HTTP://SITE.EXAMPLE.ORG",
    "hxxps://site[.]example[.]org/secret-path",
    "see site.example.org/secret-path today",
    "site.example.org",
    "www.example",
    "site (dot) example (dot) org",
    "site\u200b.exam\u00adple.org",
    "ｓｉｔｅ．ｅｘａｍｐｌｅ．ｏｒｇ",
    "site。example。org",
    "http://192.0.2.7/secret-path",
    "192.0.2.7/secret-path",
    "xn--e1afmkfd.xn--p1ai",
    "пример.рф",
    "ftp://site/secret",
    "someone@site.example.org",
)
ORDINARY = (
    "A wrong number.",
    "The hotline rang on 24.11. and 1.2.2026, at 14:30; see file 12/34.",
    "Section 3.1 of the law, e.g. for minors",
    "U.S. police",
    "Ein Grund: z. B. ein Fehler.",
    "Причина указана",
    "",
)
NAMES = sorted({*DETAILS, *TEXT_RULES, *FIELD_RULES, "no_such_name"})


@pytest.mark.parametrize("text", SPELLINGS)
def test_web_address_is_found_in_each_spelling(text: str) -> None:
    assert find_web_address(text)
    with pytest.raises(ValidationError, match="reads as a web address"):
        refuse_addresses(text)


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_holds_no_web_address(text: str) -> None:
    assert find_web_address(text) == ""
    refuse_addresses(text)


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, str):
        yield value


def details_with(name: str, text: str) -> Iterator[dict[str, Any]]:
    """The text in every place in which the details of an event have one."""
    yield {name: text}
    yield {name: [text]}
    yield {name: [{"name": text}]}
    yield {"changes": {name: {"before": text, "after": None}}}
    yield {"changes": {name: {"before": [], "after": [text]}}}
    yield {"changes": {name: {"before": {"start": text, "characters": 7}, "after": ""}}}
    yield {"changes": {name: {text: {"name": {"before": text, "after": "x"}}}}}
    yield {name: {text: 7}}
    yield {text: name}


@pytest.mark.django_db
def test_no_web_address_enters_the_log_under_any_name() -> None:
    """But under those of the contacts that the public and recipients are given, in `changes`."""
    for name, place in product(NAMES, range(len([*details_with("", "")]))):
        details = [*details_with(name, ADDRESS)][place]
        event = record_event(by=None, action="intake.run", details=details)
        stored = AuditEvent.objects.get(pk=event.pk).details
        leaked = [text for text in strings(stored) if "secret-path" in text]
        is_contact = "changes" in details and FIELD_RULES.get(name) == TextRule.CONTACT_ADDRESS
        assert leaked == [text for text in leaked if is_contact and text == ADDRESS], details


@pytest.mark.django_db
def test_typed_words_enter_the_log_under_listed_names_only() -> None:
    words = "A page about someone, seen yesterday"
    for name in NAMES:
        for rules, details in ((TEXT_RULES, {name: [words]}), (FIELD_RULES, {"changes": {name: {"after": words}}})):
            stored = record_event(by=None, action="intake.run", details=details).details

            assert (words in strings(stored)) is (rules.get(name) == TextRule.WORDS), name
            assert ('"characters": 36' in json.dumps(stored)) is (rules.get(name) != TextRule.WORDS), name


@pytest.mark.django_db
def test_words_stay_under_a_listed_name() -> None:
    for name, text in product([name for name, rule in TEXT_RULES.items() if rule == TextRule.WORDS], ORDINARY):
        assert record_event(by=None, action="intake.run", details={name: text}).details == {name: text}


@pytest.mark.django_db
def test_made_up_past_has_no_other_text(settings: Any) -> None:
    settings.DEMO = True
    record_past([AuditEvent(at="2026-11-24T12:00Z", action="intake.run", details={"name": ADDRESS})])

    assert "secret" not in str(AuditEvent.objects.get().details)


def test_every_listed_name_has_a_label() -> None:
    assert {*TEXT_RULES, *FIELD_RULES} - {*DETAILS} == set(), "say in audit/detail_labels.py what these mean"
    assert {*TEXT_RULES, *FIELD_RULES} & BETWEEN == set()


# --- Forms ----------------------------------------------------------------------------------------------

# Forms whose text never enters the log, or as a digest if it reads as an address.
FILTER, DIGEST, NAME = "a filter", "the log has its digest", "a public name, or a person's"
WITHOUT_REFUSAL = {
    ("analysts.accounts.account_forms.AddForm", "name"): NAME,
    ("analysts.accounts.account_forms.EditForm", "name"): NAME,
    ("analysts.takedown.recipients.forms.Filter", "name"): FILTER,
    ("analysts.takedown.routing.forms.AddRecipient", "name"): NAME,
    ("analysts.takedown.routing.forms.AddRecipient", "reason"): "kept with the incident",
    ("analysts.takedown.routing.forms.ConfirmRoute", "reason"): "kept with the incident",
    ("analysts.takedown.routing.table_forms.RuleForm", "reason"): DIGEST,
    ("countries.staff.translation.forms.DecisionForm", "reason"): "kept with the translation",
    ("countries.staff.workspace.admin.PortalForm", "name"): NAME,
    ("countries.staff.workspace.starting_views.StartForm", "name"): NAME,
}


def form_classes(base: type[forms.BaseForm]) -> Iterator[type[forms.BaseForm]]:
    for form in base.__subclasses__():
        yield form
        yield from form_classes(form)


def test_every_form_refuses_an_address_in_a_text_for_the_log() -> None:
    """A form without the rule would lose the text: the log would have its digest only."""
    assert [*walk_routes()]
    assert ROWS
    taking = set()
    for form in {*form_classes(forms.BaseForm)}:
        if form.__module__.startswith(("django.", "allauth.", "tests.")):
            continue
        fields: dict[str, forms.Field] = getattr(form, "base_fields", {})
        for name, field in fields.items():
            if TEXT_RULES.get(name) != TextRule.WORDS or not isinstance(field, forms.CharField):
                continue
            if refuse_addresses not in field.validators and not hasattr(form, f"clean_{name}"):
                taking.add((f"{form.__module__}.{form.__name__}", name))
    assert taking == {*WITHOUT_REFUSAL}

"""Every pair of a value and its verification: once the value changes, the verification does not hold.

The pairs come from the registry of models, so that a new one is named here or fails.
"""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from analysts.models import Chase, Incident, LegalText, Recipient, User
from analysts.tests.places import found_in, host
from countries.models import (
    ApprovedText,
    Contact,
    HelpService,
    InterfaceTranslation,
    Partner,
    Portal,
    PortalTextPart,
    TextReview,
    TranslationState,
)
from countries.models.verification import VerifiedModel
from countries.tests.factories import ContactFactory, HelpServiceFactory, PartnerFactory, review_texts
from portal_site.checks.release import check_hotlines

DAY = date(2026, 11, 1)
# Names of fields that say that a person verified something.
MARK = re.compile(r"(^|_)(verified|reviewed|confirmed|approved|checked|routed)(_|$)")
VERIFIED_MODELS = [model for model in apps.get_models() if issubclass(model, VerifiedModel)]
# How a model holds value and verification together, other than by `VerifiedModel`; each has a test below.
HELD_OTHERWISE = {
    "countries.TextReview": "digest of one part of a portal text",
    "countries.LanguageReview": "digest of all interface texts (`test_language_reviews`)",
    "countries.InterfaceTranslation": "the database refuses another text in a reviewed row",
    "analysts.Chase": "the number of the hosting; `checked_at` is a time, which nothing is compared with",
}
# Decisions about a row whose value ends with the decision or stays as it was.
DECISIONS = {
    "account.EmailAddress": "of the library for sign-in, which this product does not use to verify",
    "analysts.Appeal": "an outcome, about a reply that never changes",
    "analysts.BulkClosing": "compared with the number and sum of the incidents when it is approved, and done then",
    "analysts.HistoryImport": "its rows are sealed before it is requested, and its codes cannot change any more",
    "analysts.Reply": "an answer that never changes, confirmed by its account or a call",
    "analysts.RecipientAccess": "an account and its recipient, which no action changes",
    "analysts.PeriodClose": "the figures were copied when the period was closed",
    "countries.InstallationMode": "its words are those of the row, which no action changes",
    "countries.SettingChange": "a record of a change that was made",
}
# Fields that may change under a verification.
FREE: dict[type[VerifiedModel], set[str]] = {
    # The language of a name says how it is read aloud.
    Contact: {"id", "portal", "name_language", "source", "verified_on", "verified_by", "verified_digest", "position"},
    # A logo is a picture that the second operator sees; it is no address.
    Partner: {"id", "portal", "name_language", "source", "logo", "confirmed", "verified_digest", "position"},
    HelpService: {"id", "key", "source", "verified_on", "verified_by", "verified_digest", "position"},
    # How and when a notice is written, not where it goes.
    Recipient: {
        *("id", "country", "defang", "languages", "time_zone", "works_from", "works_until", "workdays", "blocked_days"),
        *("source", "verified_on", "verified_by", "verified_digest", "changed_by", "changed_at", "closed_on"),
        *("proposed_email", "proposed_source", "proposed_by", "proposed_at", "refusals_alarmed_on"),
    },
    # The staff's name for it and where it was found, not the words of letters.
    LegalText: {"id", "name", "source", "checked_by", "checked_on", "is_active", "verified_digest"},
}


def create_row(model: type[VerifiedModel], user: User) -> VerifiedModel:
    """A verified row, with a name in another language where the model has such names."""
    row: VerifiedModel
    match model.__name__:
        case "Contact":
            row = ContactFactory.create(name="Example helpline")
        case "Partner":
            row = PartnerFactory.create(name="Example partner", website="https://partner.example.org/")
        case "HelpService":
            row = HelpServiceFactory.create(verified_on=DAY, verified_by="Olga", min_age=12)
        case "LegalText":
            lists = {"countries": ["DE"], "severities": ["A"], "flags": ["drawn"], "recipients": ["host"]}
            row = LegalText(kind="ground", name="x", texts="en: x", checked_on=DAY, checked_by="lawyer", **lists)
            row.mark_verified()
            row.save()
        case _:
            row = recipient = host(verified_by=user)
            # Another channel needs its own address.
            recipient.form_address = "https://example.org/form"
            row.mark_verified()
            row.save()
    if model.VERIFIED_NAMES:
        getattr(row, model.VERIFIED_NAMES).create(language="es", name="Línea", note="Gratis")
        row.mark_verified()
        row.save()
    return row


def other_value(model: type[VerifiedModel], row: VerifiedModel, name: str) -> object:
    field, value = model._meta.get_field(name), getattr(row, name)
    assert isinstance(field, models.Field)
    if field.choices:
        return next(code for code, _label in field.flatchoices if code != value)
    if isinstance(value, list):
        return []
    return 99 if isinstance(field, models.IntegerField) else f"{value}x"


def holds(row: VerifiedModel) -> tuple[bool, bool, bool]:
    """By a query and by the row, which must agree; and whether the row has changed since."""
    stored = type(row)._default_manager.get(pk=row.pk)
    by_query = type(row)._default_manager.filter(type(row).verified(), pk=row.pk).exists()
    return by_query, stored.is_verified, stored.has_changed_since_verified


def test_every_mark_of_a_verification_is_known() -> None:
    marked = {model for model in apps.get_models() if any(MARK.search(field.name) for field in model._meta.fields)}
    labels = {model._meta.label for model in marked if model not in VERIFIED_MODELS}
    assert labels == {*HELD_OTHERWISE, *DECISIONS}


@pytest.mark.parametrize("model", VERIFIED_MODELS)
def test_every_field_is_verified_or_named_as_free(model: type[VerifiedModel]) -> None:
    assert {*model.VERIFIED} | FREE[model] == {field.name for field in model._meta.concrete_fields}
    assert not {*model.VERIFIED} & FREE[model]


@pytest.mark.parametrize(("model", "name"), [(model, name) for model in VERIFIED_MODELS for name in model.VERIFIED])
def test_changed_field_ends_the_verification(model: type[VerifiedModel], name: str, sena: User) -> None:
    row = create_row(model, sena)
    rows = model._default_manager.filter(pk=row.pk)
    assert holds(row) == (True, True, False)
    before = getattr(row, name)
    rows.update(**{name: other_value(model, row, name)})
    assert holds(row) == (False, False, True)
    # Undone by another person, it is what was verified.
    rows.update(**{name: before})
    assert holds(row) == (True, True, False)


@pytest.mark.parametrize("model", VERIFIED_MODELS)
def test_row_without_mark_or_digest_is_not_verified(model: type[VerifiedModel], sena: User) -> None:
    row = create_row(model, sena)
    rows = model._default_manager.filter(pk=row.pk)
    rows.update(verified_digest="")
    assert holds(row) == (False, False, False)
    row.mark_verified()
    fields = [
        model._meta.get_field(name)
        for name in ("confirmed", "verified_on", "verified_by", "checked_on", "checked_by")
        if name in FREE[model]
    ]
    empty = {
        field.name: None if field.null else False if isinstance(field, models.BooleanField) else "" for field in fields
    }
    rows.update(verified_digest=row.verified_digest, **empty)
    assert holds(row) == (False, False, False)


@pytest.mark.parametrize("model", [model for model in VERIFIED_MODELS if model.VERIFIED_NAMES])
@pytest.mark.parametrize(
    "change",
    [
        lambda names: names.update(name="Otra"),
        lambda names: names.update(note="Llame al 911"),
        lambda names: names.update(language="pt"),
        lambda names: names.all().delete(),
        lambda names: names.create(language="fr", name="Ligne"),
    ],
)
def test_changed_name_in_a_language_ends_the_verification(
    model: type[VerifiedModel], change: Callable[[Any], object], sena: User
) -> None:
    row = create_row(model, sena)
    change(getattr(row, model.VERIFIED_NAMES))
    assert holds(row) == (False, False, True)


TEXTS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=12)


@pytest.fixture
def contact(db: None) -> Contact:
    return ContactFactory.create(name="Example helpline")


@hypothesis_settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=TEXTS, names=st.dictionaries(st.sampled_from(["a", "zh", "zh-hant", "zhb"]), TEXTS))
def test_database_and_product_compute_one_digest(contact: Contact, name: str, names: dict[str, str]) -> None:
    """Quotation marks, control characters and letters of any script; languages in the order of code points."""
    with transaction.atomic():
        contact.name = name
        for language, text in names.items():
            contact.texts.create(language=language, name=text)
        contact.mark_verified()
        contact.save()
        assert holds(contact) == (True, True, False)
        transaction.set_rollback(True)


@pytest.mark.parametrize("part", PortalTextPart)
def test_changed_portal_text_ends_its_review(belize: Portal, part: PortalTextPart) -> None:
    belize.texts.update(**{each.value: "Words." for each in PortalTextPart})
    review_texts(belize)
    assert TextReview.objects.current().filter(part=part).exists()
    belize.texts.update(**{part.value: "Other words."})
    current = {PortalTextPart(review.part) for review in TextReview.objects.current()}
    assert current == {*PortalTextPart} - {part}


@pytest.mark.parametrize("name", ["language", "digest", "context", "singular", "plural", "forms", "translated_by"])
def test_reviewed_translation_never_changes(name: str, sena: User, olga: User) -> None:
    texts = {"language": "es", "digest": "0" * 64, "singular": "Report", "forms": ["Denuncia"]}
    row = InterfaceTranslation.objects.create(
        **texts,
        state=TranslationState.APPROVED,
        translated_by=sena,
        translated_at=timezone.now(),
        reviewed_by=olga,
        reviewed_at=timezone.now(),
    )
    other = {"forms": ["Otra"], "translated_by": None}.get(name, "other")
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        InterfaceTranslation.objects.filter(pk=row.pk).update(**{name: other})
    # A newer version ends it.
    InterfaceTranslation.objects.filter(pk=row.pk).update(state=TranslationState.SUPERSEDED)
    if name == "translated_by":
        return
    approved = ApprovedText.objects.create(**texts)
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        ApprovedText.objects.filter(pk=approved.pk).update(**{name: other})


@pytest.mark.parametrize("changed", [{"country": "DE"}, {"provider": "other"}])
def test_changed_hosting_ends_its_confirmed_route(belize: Portal, ana: User, changed: dict[str, Any]) -> None:
    incident: Incident = found_in(belize, ana, "NL", now=timezone.now())
    chases = Chase.objects.filter(incident=incident)
    chases.update(routed_trace=chases.get().trace)
    assert not chases.get().has_moved
    chases.update(**({"provider": host("Other Hosting")} if "provider" in changed else changed))
    assert chases.get().has_moved


def test_national_hotline_is_verified_while_its_row_is_the_same(tmp_path: Path, settings: Any) -> None:
    rows: list[tuple[str, str]] = [("Checked", ""), ("Changed", "")]
    settings.HOTLINES_FILE = str(_write_hotlines(tmp_path / "before.toml", rows))
    hints = [str(message.hint) for message in check_hotlines(None)]
    digests = [re.findall("[0-9a-f]{64}", hint)[0] for hint in hints]
    assert len({*digests}) == 2
    # The second row gets the digest of the first: it is no longer what was verified.
    rows = [("Checked", digests[0]), ("Changed", digests[0])]
    settings.HOTLINES_FILE = str(_write_hotlines(tmp_path / "after.toml", rows))
    assert [str(message.msg) for message in check_hotlines(None)] == [
        "National hotline Changed (DE) has changed since it was verified and is not shown."
    ]


def _write_hotlines(path: Path, rows: list[tuple[str, str]]) -> Path:
    row = (
        '[[hotline]]\ncountry = "DE"\nname = "{}"\nwebsite = "https://example.org/"\nsource = "its page"\n'
        'verified_on = 2026-11-01\nverified_by = "Olga"\ndigest = "{}"\n'
    )
    path.write_text("".join(row.format(*each) for each in rows))
    return path

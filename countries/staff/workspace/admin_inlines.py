"""Admin inlines of a portal: texts, contacts and partners."""

from datetime import date
from typing import Any, cast

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.generic_classes import ModelForm, StackedInline
from countries.models import Contact, ContactKind, Partner, Portal, PortalState, PortalText
from countries.models.picture import save_picture
from countries.public.standard_texts import standard_text
from countries.staff.appearance.forms import PictureField
from countries.staff.appearance.pictures import PARTNER_LOGO
from countries.staff.contacts.name_fields import NamedForm, NamedInline
from countries.staff.translation.language_field import LanguageField, OptionalLanguageField
from countries.staff.workspace.review_fields import ReviewedTextForm, ReviewedTextInline
from countries.staff.workspace.step_frame import StepRequest


def _not_to_come(form: forms.BaseForm, field: str) -> None:
    day: date | None = form.cleaned_data.get(field)
    if day is not None and day > timezone.localdate():
        form.add_error(field, _("This day is in the future."))


class PortalLanguageForm(ModelForm[PortalText]):
    """A language of the portal. A new one starts with the network's standard text.

    So does one that becomes another: an operator's own words stay, and reviews by speakers of the former one end.
    """

    language = LanguageField(
        label=gettext_lazy("Language"),
        max_length=12,
        help_text=gettext_lazy("Choose a language from the list, or type a CLDR tag such as “fr” or “zh-hant”."),
    )

    def save(self, commit: bool = True) -> PortalText:
        text, former_tag = self.instance, self.initial.get("language")
        if former_tag == self.cleaned_data["language"]:
            return super().save(commit)
        standard, former = (
            standard_text(text.portal.country, text.portal.name, tag) if tag else {}
            for tag in (self.cleaned_data["language"], former_tag)
        )
        for field, words in standard.items():
            if getattr(text, field) == former.get(field, ""):
                setattr(text, field, words)
        if former_tag and commit:
            text.reviews.all().delete()
        return super().save(commit)


class PortalLanguageFormSet(BaseInlineFormSet):  # type: ignore[type-arg] # generic in the stubs alone
    def clean(self) -> None:
        """A public portal needs a text in its default language, which its address without a language leads to."""
        super().clean()
        if not PortalState(self.instance.state).visible or any(self.errors):
            return
        languages = {
            form.cleaned_data["language"]
            for form in self.forms
            if form.cleaned_data.get("language") and not form.cleaned_data.get("DELETE")
        }
        if self.instance.default_language not in languages:
            raise ValidationError(_("Add a text in the default language before the public sees the portal."))


class ContactForm(NamedForm):
    name_language = OptionalLanguageField()

    def clean(self) -> dict[str, object]:
        """A verified contact needs the verifier, the day and a source."""
        super().clean()
        verified_by, verified_on = self.cleaned_data.get("verified_by"), self.cleaned_data.get("verified_on")
        if verified_by and not verified_on and "verified_on" not in self.errors:
            self.add_error("verified_on", _("Say when the contact was verified."))
        if verified_on and not verified_by and "verified_by" not in self.errors:
            self.add_error("verified_by", _("Say who verified the contact."))
        if (verified_by or verified_on) and not self.cleaned_data.get("source") and "source" not in self.errors:
            self.add_error("source", _("Enter the source of these details: without it they cannot be verified."))
        _not_to_come(self, "verified_on")
        return self.cleaned_data


# Texts are in many languages, so each field takes its direction from what is typed into it.
WORDS: "dict[type[models.Field[str, str]], dict[str, forms.Widget]]" = {
    models.CharField: {"widget": AdminTextInputWidget(attrs={"dir": "auto"})},
    models.TextField: {"widget": AdminTextareaWidget(attrs={"dir": "auto", "rows": 5})},
}


class PortalLanguageInline(StackedInline[PortalText, Portal]):
    """The portal's languages, without their texts."""

    model = PortalText
    form = PortalLanguageForm
    formset = PortalLanguageFormSet
    extra = 1
    verbose_name = gettext_lazy("language")
    verbose_name_plural = gettext_lazy("languages")
    ordering = ("position", "pk")
    fields = (("language", "position"),)


class TextInline(ReviewedTextInline):
    """The text in one language: that of the request."""

    model = PortalText
    formfield_overrides = WORDS
    form = ReviewedTextForm
    extra = 0
    can_delete = False
    ordering = ("position", "pk")
    fields = (
        "title",
        "welcome",
        "about",
        "law",
        "suspended_message",
        "closed_message",
        ("reviewed_by", "reviewed_on"),
        "reviewed_parts",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[PortalText]:
        return super().get_queryset(request).filter(language=cast(StepRequest, request).language)

    def has_add_permission(self, request: HttpRequest, obj: Portal | None = None) -> bool:
        return False


class ContactInline(NamedInline):
    model = Contact
    form = ContactForm
    formfield_overrides = WORDS
    ordering = ("position", "pk")
    fields = (
        ("kind", "position"),
        ("name", "name_language"),
        ("phone", "website"),
        "source",
        ("verified_by", "verified_on"),
        "verified_again",
    )

    def get_extra(self, request: HttpRequest, obj: Portal | None = None, **kwargs: object) -> int:
        """One form for each kind that a launch needs; at least one, so that a row can be added without a script."""
        return max(1, len(missing_kinds(obj)))


def missing_kinds(portal: Portal | None) -> list[ContactKind]:
    """The kinds of contacts that a launch needs and the portal does not have."""
    present = {contact.kind for contact in portal.contacts.all()} if portal else set()
    return [kind for kind in ContactKind.needed_by(portal) if kind.value not in present]


class PartnerForm(NamedForm):
    marks = ("confirmed",)

    name_language = OptionalLanguageField()
    verified_again = forms.BooleanField(
        label=gettext_lazy("Confirmed again as written here"),
        required=False,
        help_text=gettext_lazy("Needed after a change of name, role or web site."),
    )
    logo_file = PictureField(
        room=PARTNER_LOGO,
        label=gettext_lazy("Logo"),
        help_text=gettext_lazy("PNG, JPEG or WebP. Shown on the page about the portal, on white."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["logo_file"] = self.instance.logo

    def save(self, commit: bool = True) -> Any:
        if "logo_file" in self.changed_data:
            self.instance.logo = save_picture(self.cleaned_data["logo_file"])
        return super().save(commit)


class PartnerInline(NamedInline):
    model = Partner
    form = PartnerForm
    formfield_overrides = WORDS
    extra = 1
    ordering = ("position", "pk")
    fields = (
        ("role", "position"),
        ("name", "name_language"),
        *("website", "source", "logo_file", "confirmed", "verified_again"),
    )

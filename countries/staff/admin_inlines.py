"""Admin inlines of a portal: texts, contacts and partners."""

from datetime import date
from typing import TYPE_CHECKING

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.models import BaseInlineFormSet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from countries.models import Contact, Partner, Portal, PortalState, PortalText
from countries.staff.brand_forms import PartnerForm
from countries.staff.language_field import LanguageField, OptionalLanguageField
from countries.staff.name_fields import NamedForm, NamedInline
from countries.staff.review_fields import ReviewedTextForm, ReviewedTextInline

# The stubs know these as generic; at run time they are plain classes.
if TYPE_CHECKING:
    TextModelFormSet = BaseInlineFormSet[PortalText, Portal, forms.ModelForm[PortalText]]
else:
    TextModelFormSet = BaseInlineFormSet


def _not_to_come(form: forms.BaseForm, field: str) -> None:
    day: date | None = form.cleaned_data.get(field)
    if day is not None and day > timezone.localdate():
        form.add_error(field, _("This day is in the future."))


class TextForm(ReviewedTextForm):
    language = LanguageField(
        label=gettext_lazy("Language"),
        max_length=12,
        help_text=gettext_lazy("Choose a language from the list, or type a CLDR tag such as “fr” or “zh-hant”."),
    )


class TextFormSet(TextModelFormSet):
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


class TextInline(ReviewedTextInline):
    model = PortalText
    formfield_overrides = WORDS
    form = TextForm
    formset = TextFormSet
    extra = 0
    classes = ("collapse",)
    # The same order as in `checklist`, which refers to rows by number.
    ordering = ("position", "pk")
    fields = (
        ("language", "position"),
        "title",
        "welcome",
        "about",
        "law",
        "suspended_message",
        ("reviewed_by", "reviewed_on"),
        "reviewed_parts",
    )


class ContactInline(NamedInline):
    model = Contact
    form = ContactForm
    formfield_overrides = WORDS
    extra = 0
    classes = ("collapse",)
    ordering = ("position", "pk")
    fields = (
        ("kind", "position"),
        ("name", "name_language"),
        ("phone", "website"),
        "source",
        ("verified_by", "verified_on"),
    )


class PartnerInline(NamedInline):
    model = Partner
    form = PartnerForm
    formfield_overrides = WORDS
    extra = 0
    classes = ("collapse",)
    ordering = ("position", "pk")
    fields = (("role", "position"), ("name", "name_language"), "website", "source", "logo_file", "confirmed")

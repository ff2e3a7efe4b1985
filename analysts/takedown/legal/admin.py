"""Admin pages of legal texts and of senders."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import TextChoices
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts.accounts.staff_request import staff_user
from analysts.codes import Flag, Severity
from analysts.models import LegalText, RecipientKind, SenderIdentity
from analysts.takedown.countries_field import CountriesField, countries_in_words, country_choices
from analysts.takedown.legal import texts
from analysts.takedown.legal.senders import is_superseded, write_sender
from audit.free_text import TextRule, add_field_rules, refuse_addresses
from audit.generic_classes import ModelForm
from audit.staff_admin import RecordedModelAdmin
from countries.languages import FALLBACK, country_in_words
from countries.models import Portal

# Names and functions of organisations, which the audit log has as words, beside `name`.
RECORDED_WORDS = ("coordinator", "list_id", "area")
# The name of the person who checked a text is in the log as a digest.
add_field_rules({"checked_by": TextRule.PERSON, **dict.fromkeys(RECORDED_WORDS, TextRule.WORDS)})


class RecordedTextField(forms.CharField):
    default_validators = [refuse_addresses]


FIELD_CLASSES = dict.fromkeys(("name", "checked_by", *RECORDED_WORDS), RecordedTextField)


def codes_field(label: Any, codes: type[TextChoices]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        choices=codes.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked: all."),
    )


class LegalTextForm(ModelForm[LegalText]):
    """A legal text. A changed day or name of the check says that the text was checked as it is now."""

    countries = CountriesField(
        label=gettext_lazy("Countries"),
        required=False,
        help_text=gettext_lazy("None: where no country has a checked text."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto", "class": "vLargeTextField"}),
    )
    severities = codes_field(gettext_lazy("Severity"), Severity)
    flags = codes_field(gettext_lazy("Flags"), Flag)
    recipients = codes_field(gettext_lazy("Types of recipient"), RecipientKind)

    class Meta:
        model = LegalText
        fields = ("name", "kind", *LegalText.VERIFIED[1:], "source", "checked_by", "checked_on", "is_active")
        field_classes = FIELD_CLASSES

    def clean_texts(self) -> str:
        """Lines of `language: text`, each language once, English among them."""
        typed: str = self.cleaned_data["texts"]
        lines = [line for line in typed.splitlines() if line.strip()]
        languages = LegalText(texts=typed).by_language
        if len(languages) < len(lines):
            raise forms.ValidationError(_("Write one language a line, each once, such as “en: text”."))
        if FALLBACK not in languages:
            raise forms.ValidationError(_("The English text is missing: it is used for languages without one."))
        return "\n".join(lines)

    def clean_checked_on(self) -> Any:
        day = self.cleaned_data["checked_on"]
        if day and day > timezone.now().date():
            raise forms.ValidationError(_("This day is in the future."))
        return day


@admin.register(LegalText)
class LegalTextAdmin(RecordedModelAdmin[LegalText]):
    """Texts are switched off, never deleted."""

    form = LegalTextForm
    list_display = ("name", "kind", "country_names", "category_names", "check_state", "is_active")
    sortable_by = ()

    @admin.display(description=gettext_lazy("countries"))
    def country_names(self, text: LegalText) -> str:
        return countries_in_words(text.countries) or _("elsewhere")

    @admin.display(description=gettext_lazy("categories"))
    def category_names(self, text: LegalText) -> str:
        return ", ".join(text.severities) or _("all")

    @admin.display(description=gettext_lazy("checked"))
    def check_state(self, text: LegalText) -> str:
        if text.is_verified:
            day = date_format(text.checked_on, "j M Y") if text.checked_on else ""
            return _("%(day)s, by %(name)s") % {"day": day, "name": text.checked_by}
        return _("not checked")

    def save_model(self, request: HttpRequest, obj: LegalText, form: LegalTextForm, change: bool) -> None:
        is_checked = not {"checked_by", "checked_on"}.isdisjoint(form.changed_data)
        texts.write_text(by=staff_user(request), text=obj, is_checked=is_checked)


class SenderForm(ModelForm[SenderIdentity]):
    country = forms.ChoiceField(label=gettext_lazy("Country"), choices=country_choices)
    portals = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Portals whose letters it signs"),
        coerce=int,
        required=False,
        choices=lambda: list(Portal.objects.order_by("name").values_list("pk", "name")),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None ticked: all."),
    )

    class Meta:
        model = SenderIdentity
        fields = (
            *("name", "country", "portals", "coordinator", "list_id", "area", "awarded_on"),
            *("valid_from", "valid_until", "suspended_from", "suspended_until"),
        )
        field_classes = FIELD_CLASSES

    def clean(self) -> dict[str, object]:
        super().clean()
        if not self.instance._state.adding and is_superseded(self.instance):
            raise forms.ValidationError(_("This sender has a later version. Change that one."))
        return self.cleaned_data


@admin.register(SenderIdentity)
class SenderIdentityAdmin(RecordedModelAdmin[SenderIdentity]):
    """Every version stays in the list: saving a change adds one."""

    form = SenderForm
    list_display = ("name", "version", "country_name", "status_today", "by", "at")
    list_select_related = ("by",)
    sortable_by = ()

    @admin.display(description=gettext_lazy("country"))
    def country_name(self, sender: SenderIdentity) -> str:
        return country_in_words(sender.country)

    @admin.display(description=gettext_lazy("trusted flagger today"), boolean=True)
    def status_today(self, sender: SenderIdentity) -> bool:
        return sender.has_status_on(timezone.now().date())

    def get_readonly_fields(self, request: HttpRequest, obj: SenderIdentity | None = None) -> tuple[str, ...]:
        return ("name",) if obj else ()

    def save_model(self, request: HttpRequest, obj: SenderIdentity, form: SenderForm, change: bool) -> None:
        write_sender(by=staff_user(request), sender=obj)

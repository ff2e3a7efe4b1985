"""Admin pages of masked words, for welfare leads and senior analysts. No title, URL or audit event contains a word."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from analysts.accounts.staff_request import staff_user
from analysts.models import MaskedTerm
from analysts.welfare import masked_words
from audit.actions import record_event
from audit.generic_classes import ModelForm
from audit.staff_admin import RecordedModelAdmin

SHORTEST = 3


class MaskedTermForm(ModelForm[MaskedTerm]):
    class Meta:
        model = MaskedTerm
        fields = ("text",)
        widgets = {"text": forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})}

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if len(masked_words.comparable_word(text)) < SHORTEST and text.isascii():
            raise ValidationError(_("Too short: this would mask too many words."))
        return text


@admin.register(MaskedTerm)
class MaskedTermAdmin(RecordedModelAdmin[MaskedTerm]):
    """No search, which would put words into URLs."""

    form = MaskedTermForm
    list_display = ("text", "by", "at")
    list_select_related = ("by",)

    def save_model(self, request: HttpRequest, obj: MaskedTerm, form: ModelForm[MaskedTerm], change: bool) -> None:
        obj.by, obj.at = staff_user(request), timezone.now()
        super().save_model(request, obj, form, change)
        action = "masked_term.change" if change else "masked_term.add"
        record_event(by=obj.by, action=action, on=obj)

    def delete_model(self, request: HttpRequest, obj: MaskedTerm) -> None:
        pk = obj.pk
        super().delete_model(request, obj)
        obj.pk = pk
        record_event(by=staff_user(request), action="masked_term.delete", on=obj)

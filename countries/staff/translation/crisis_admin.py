"""Admin of words of crisis that speakers enter. No title, URL or audit event contains them."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from audit.actions import record_event
from audit.generic_classes import ModelForm
from audit.staff_admin import RecordedModelAdmin
from countries.languages import language_name
from countries.models import CrisisPhrase
from countries.staff.requests.approvals import StaffMember
from countries.staff.translation.language_field import LanguageField, language_choices
from countries.words.language_memory import renew_languages


class CrisisPhraseForm(ModelForm[CrisisPhrase]):
    language = LanguageField(label=gettext_lazy("Language"), max_length=12)

    class Meta:
        model = CrisisPhrase
        fields = ("language", "words")
        widgets = {"words": forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "dir": "auto"})}

    def clean_words(self) -> str:
        return " ".join(str(self.cleaned_data["words"]).split())


@admin.register(CrisisPhrase)
class CrisisPhraseAdmin(RecordedModelAdmin[CrisisPhrase]):
    """One operator alone may change them: help shown once too often does no harm, and the shipped list stays."""

    form = CrisisPhraseForm
    list_display = ("words", "shown_language")
    ordering = ("language", "words")

    @admin.display(description=gettext_lazy("language"), ordering="language")
    def shown_language(self, phrase: CrisisPhrase) -> str:
        return f"{language_name(phrase.language)} ({phrase.language})"

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context |= {"known_languages": language_choices()}
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: CrisisPhrase, form: CrisisPhraseForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        action = "crisis_phrase.change" if change else "crisis_phrase.add"
        _record_act(request, action, obj)

    def delete_model(self, request: HttpRequest, obj: CrisisPhrase) -> None:
        pk = obj.pk
        super().delete_model(request, obj)
        obj.pk = pk
        _record_act(request, "crisis_phrase.remove", obj)


def _record_act(request: HttpRequest, action: str, phrase: CrisisPhrase) -> None:
    """Record it. This process compares the changed words at once, the others within seconds."""
    transaction.on_commit(renew_languages)
    # This app does not import the user model.
    by = cast(StaffMember, request.user)
    record_event(by=by, action=action, on=phrase, details={"language": phrase.language})

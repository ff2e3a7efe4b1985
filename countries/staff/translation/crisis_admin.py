"""Admin of words of crisis that speakers enter. No title, URL or audit event contains them."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from audit.actions import record_event
from audit.generic_classes import ModelForm
from audit.staff_admin import StaffModelAdmin
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
class CrisisPhraseAdmin(StaffModelAdmin[CrisisPhrase]):
    """One operator alone may change them: help shown once too often does no harm, and the shipped list stays."""

    form = CrisisPhraseForm
    list_display = ("words", "shown_language")
    ordering = ("language", "words")
    actions = None

    @admin.display(description=gettext_lazy("language"), ordering="language")
    def shown_language(self, phrase: CrisisPhrase) -> str:
        return f"{language_name(phrase.language)} ({phrase.language})"

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context |= {"known_languages": language_choices()}
        return super().render_change_form(request, context, *args, **kwargs)

    def delete_model(self, request: HttpRequest, obj: CrisisPhrase) -> None:
        pk, details = obj.pk, _audit_details(obj)
        super().delete_model(request, obj)
        obj.pk = pk
        record_event(by=_staff_member(request), action="crisis_phrase.remove", on=obj, details=details)

    # These replace Django's own history, which would store the words.

    def log_addition(self, request: HttpRequest, obj: CrisisPhrase, message: object) -> Any:
        record_event(by=_staff_member(request), action="crisis_phrase.add", on=obj, details=_audit_details(obj))

    def log_change(self, request: HttpRequest, obj: CrisisPhrase, message: object) -> Any:
        record_event(by=_staff_member(request), action="crisis_phrase.change", on=obj, details=_audit_details(obj))

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[CrisisPhrase]) -> Any:
        """Recorded by `delete_model` instead."""


def _staff_member(request: HttpRequest) -> StaffMember:
    """The signed-in person. This process compares the changed words at once, the others within seconds."""
    transaction.on_commit(renew_languages)
    # This app does not import the user model.
    return cast(StaffMember, request.user)


def _audit_details(phrase: CrisisPhrase) -> dict[str, str]:
    return {"language": phrase.language}

"""Admin of languages that no release ships. One that is not open is saved directly, others by an approval request."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.actions import record_event
from audit.generic_classes import ModelForm
from audit.permissions import is_allowed
from countries.models import Language
from countries.models.language import numbering_systems
from countries.staff.document.second_operator import (
    SecondOperatorAdmin,
    SecondOperatorRequest,
    check_request,
    reason_field,
)
from countries.staff.requests.approvals import StaffMember
from countries.staff.translation.language_field import known_facts
from countries.staff.translation.opened_languages import (
    LANGUAGES,
    PUBLIC_FIELDS,
    check_can_delete_language,
    describe_rule,
    refuse_shipped_language,
    request_language,
)
from countries.staff.translation.subtag_registry import check_tag
from countries.words.plurals import cldr_rule, known_rules

# Characters of a language's name that are looked up.
LONGEST_NAME = 100


def plural_choices(tag: str) -> list[tuple[str, str]]:
    """The plural rules to choose from, each with the numbers of its forms; first CLDR's for the language.

    None is chosen beforehand for a language that CLDR does not know.
    """
    own_rule = cldr_rule(tag) if tag else None
    rules = [(str(rule), describe_rule(rule)) for rule in known_rules() if rule != own_rule]
    if own_rule is None:
        return [("", "---------"), *rules]
    return [(str(own_rule), _("%(rule)s (CLDR’s for this language)") % {"rule": describe_rule(own_rule)}), *rules]


class OpenedLanguageForm(ModelForm[Language]):
    plural_rule = forms.ChoiceField(
        label=gettext_lazy("Plural rule"),
        help_text=gettext_lazy("Which numbers have the same form, such as “1 report” and “2 reports”."),
    )
    digits = forms.ChoiceField(
        label=gettext_lazy("Digits"),
        choices=numbering_systems,
        help_text=gettext_lazy("Of counts and dates. Receipts and telephone numbers keep 0 to 9."),
    )
    reason = reason_field(
        gettext_lazy(
            "Needed for an open language and to open one: a second operator reads this reason and must approve."
        )
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        typed = str(self.data.get("tag", "") if self.is_bound else self.initial.get("tag", ""))
        typed = self.instance.tag if self.instance.pk else typed
        if "plural_rule" in self.fields:
            cast(forms.ChoiceField, self.fields["plural_rule"]).choices = plural_choices(typed)

    def clean_tag(self) -> str:
        tag = str(self.cleaned_data["tag"])
        refuse_shipped_language(tag)
        check_tag(tag)
        return tag

    def clean(self) -> dict[str, object]:
        super().clean()
        cleaned = self.cleaned_data
        if cleaned.get("shows_words") and not cleaned.get("is_open"):
            self.add_error("shows_words", _("Pages show a language only once it is open."))
        if not self.instance.pk and cleaned.get("is_open") and not str(cleaned.get("reason", "")).strip():
            self.add_error("reason", _("Give a reason: the person who approves the request reads it."))
        # The instance still has the stored values here.
        if self.instance.pk and (self.instance.is_open or cleaned.get("is_open")):
            check_request(self)
        return cleaned


@admin.register(Language)
class LanguageAdmin(SecondOperatorAdmin):
    """Admin of languages that are or will be opened here. One that nothing has used yet can be deleted."""

    form = OpenedLanguageForm
    rows = LANGUAGES
    request_change = staticmethod(request_language)
    public_fields = PUBLIC_FIELDS
    event = "language"
    list_display = ("tag", "name", "english_name", "direction", "is_open", "shows_words")
    ordering = ("tag",)
    requested_message = gettext_lazy("Approval requested. Portals can use the language once it is approved.")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, str | list[str]]:
        """Known facts about the language in `?tag=`, which may also be a name."""
        return {**known_facts(request.GET.get("tag", "")[:LONGEST_NAME])}

    def get_fields(self, request: HttpRequest, obj: Language | None = None) -> tuple[str, ...]:
        """A new language can be asked to be opened in the same save."""
        fields = super().get_fields(request, obj)
        return fields if obj else (*fields, *PUBLIC_FIELDS, "reason")

    def save_model(self, request: HttpRequest, obj: Language, form: ModelForm[Language], change: bool) -> None:
        if change or not obj.is_open:
            super().save_model(request, obj, form, change)
            return
        shows_words, obj.is_open, obj.shows_words = obj.shows_words, False, False
        super().save_model(request, obj, form, change)
        obj.is_open, obj.shows_words = True, shows_words
        by, reason = cast(StaffMember, request.user), form.cleaned_data["reason"].strip()
        cast(SecondOperatorRequest, request).approval = request_language(by=by, language=obj, reason=reason)

    def has_delete_permission(self, request: HttpRequest, obj: Language | None = None) -> bool:
        return obj is not None and is_allowed(check_can_delete_language, request.user, obj)

    def delete_model(self, request: HttpRequest, obj: Language) -> None:
        pk, by = obj.pk, cast(StaffMember, request.user)
        check_can_delete_language(by, self.rows.lock(obj))
        super().delete_model(request, obj)
        obj.pk = pk
        record_event(by=by, action="language.delete", on=obj, details={"language": obj.tag})

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        super().response_delete(request, obj_display, obj_id)
        return redirect("admin:languages")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": _("Languages opened here"), **(extra_context or {})})

    def response_add(self, request: HttpRequest, obj: Language, post_url_continue: str | None = None) -> HttpResponse:
        if hasattr(request, "approval"):
            return self.response_change(request, obj)
        saved = _("Saved. Portals cannot use it yet: tick “Open” and give a reason; a second operator approves it.")
        messages.success(request, saved)
        return redirect("admin:countries_language_change", obj.pk)

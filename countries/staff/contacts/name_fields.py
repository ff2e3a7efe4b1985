"""Form fields for a contact's or partner's names and notes, in each language of its portal."""

from typing import Any, cast

from django import forms
from django.contrib.admin.widgets import AdminTextInputWidget
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from audit.generic_classes import StackedInline
from countries.languages import language_name
from countries.models import Contact, Partner, Portal
from countries.staff.contacts.verified_form import VerifiedForm


def name_field(tag: str) -> str:
    return f"name_in_{tag}"


def note_field(tag: str) -> str:
    return f"note_in_{tag}"


class NamedForm(VerifiedForm):
    """Form base with two fields for each of `languages`; see `form_with_names`."""

    languages: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.languages or not self.instance.pk:
            return
        for text in self.instance.texts.all():
            self.initial[name_field(text.language)] = text.name
            self.initial[note_field(text.language)] = text.note

    def clean(self) -> dict[str, Any]:
        super().clean()
        for tag in self.languages:
            if self.cleaned_data.get(note_field(tag)) and not self.cleaned_data.get(name_field(tag)):
                self.add_error(name_field(tag), _("Enter the name in this language as well."))
        return self.cleaned_data

    def save(self, commit: bool = True) -> Any:
        row: Contact | Partner = super().save(commit)
        if commit:
            self._save_names(row)
            self.record_verification()
            row.save(update_fields=["verified_digest"])
        return row

    def _save_names(self, row: Contact | Partner) -> None:
        for tag in self.languages:
            if not {name_field(tag), note_field(tag)} & set(self.changed_data):
                continue
            values = {"name": self.cleaned_data[name_field(tag)], "note": self.cleaned_data[note_field(tag)]}
            if values["name"]:
                row.texts.update_or_create(language=tag, defaults=values)
            else:
                row.texts.filter(language=tag).delete()


def form_with_names(form: type[NamedForm], languages: tuple[str, ...]) -> type[NamedForm]:
    """The form with the fields of these languages."""
    fields: dict[str, object] = {}
    for tag in languages:
        words = {"language": language_name(tag)}
        widget = AdminTextInputWidget(attrs={"dir": "auto", "lang": tag})
        for name, label, longest in (
            (name_field(tag), _("Name in %(language)s") % words, 150),
            (note_field(tag), _("Note in %(language)s") % words, 200),
        ):
            fields[name] = forms.CharField(label=label, required=False, max_length=longest, widget=widget)
    return cast(type[NamedForm], type(form.__name__, (form,), {**fields, "languages": languages}))


class NamedInline(StackedInline[Any, Portal]):
    """Inline whose rows have names in each language in which the portal has a text."""

    # A form that says it has thousands is refused, and answered with no more rows than this.
    max_num = 200

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("texts")

    def get_fields(self, request: HttpRequest, obj: Portal | None = None) -> list[Any]:
        """Users who only read the page do not see the box of `VerifiedForm`."""
        languages = self._languages(request, obj)
        may_change = self.has_change_permission(request, obj)
        fields = [field for field in self.fields or () if may_change or field != "verified_again"]
        return [*fields, *((name_field(tag), note_field(tag)) for tag in languages)]

    def get_formset(self, request: HttpRequest, obj: Portal | None = None, **kwargs: Any) -> Any:
        form = form_with_names(cast(type[NamedForm], self.form), self._languages(request, obj))
        return super().get_formset(request, obj, **{"form": form, "absolute_max": self.max_num, **kwargs})

    def _languages(self, request: HttpRequest, portal: Portal | None) -> tuple[str, ...]:
        """None for a user who only reads the page: a form field has no value to show there."""
        if portal is None or not self.has_change_permission(request, portal):
            return ()
        languages = sorted(portal.texts.all(), key=lambda text: (text.position, text.pk))
        return tuple(text.language for text in languages)

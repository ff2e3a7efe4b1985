"""Forms that start a mode of the installation. A banner's own words are typed in every interface language."""

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts.accounts.time_zones import UtcDateTimeField
from audit.reason_field import ReasonField
from countries.languages import language_name, text_direction
from countries.models import ModeKind, ReadyText
from countries.public.banner import READY_TEXTS

OWN_WORDS = "own"
LONGEST_SENTENCE = 200


class ModeForm(forms.Form):
    """`until`: at `ends_at`, or until a person ends the mode. One of both is always chosen."""

    use_required_attribute = False
    kind = forms.ChoiceField(choices=ModeKind.choices, widget=forms.HiddenInput)
    until = forms.ChoiceField(
        label=gettext_lazy("How long"),
        choices=[("time", gettext_lazy("Until the time below")), ("person", gettext_lazy("Until a person ends it"))],
        widget=forms.RadioSelect,
    )
    ends_at = UtcDateTimeField(
        label=gettext_lazy("Ends at"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=gettext_lazy("A time to come, in UTC."),
    )
    reason = ReasonField(help_text=gettext_lazy("For staff only. Recorded in the audit log."))

    def __init__(self, data: QueryDict | None = None, *, kind: ModeKind) -> None:
        super().__init__(data, prefix=kind.value, initial={"kind": kind.value})

    def clean(self) -> dict[str, Any]:
        super().clean()
        ends_at: datetime | None = self.cleaned_data.get("ends_at")
        match self.cleaned_data.get("until"):
            case "time" if "ends_at" in self.errors:
                pass
            case "time" if ends_at is None or ends_at <= timezone.now():
                self.add_error("ends_at", _("Choose a time to come."))
            case "person" if ends_at is not None:
                self.add_error("ends_at", _("Leave this empty, or choose “Until the time below”."))
        return self.cleaned_data

    def start_values(self) -> dict[str, Any]:
        """The arguments of `modes.start_mode` besides `by`."""
        return {
            "kind": ModeKind(self.cleaned_data["kind"]),
            "reason": self.cleaned_data["reason"],
            "ends_at": self.cleaned_data["ends_at"],
        }


class BannerForm(ModeForm):
    """A ready text, which one administrator may show, or own words, which need a second one."""

    text = forms.ChoiceField(
        label=gettext_lazy("Sentence"),
        choices=[
            *((key.value, words) for key, words in READY_TEXTS.items()),
            (OWN_WORDS, gettext_lazy("Own words, below: a second administrator must approve them")),
        ],
        widget=forms.RadioSelect,
    )

    def __init__(self, data: QueryDict | None = None, *, kind: ModeKind) -> None:
        super().__init__(data, kind=kind)
        for tag, _name in settings.LANGUAGES:
            self.fields[f"words_{tag}"] = forms.CharField(
                label=language_name(tag),
                required=False,
                max_length=LONGEST_SENTENCE,
                widget=forms.TextInput(attrs={"lang": tag, "dir": text_direction(tag)}),
            )
        self.order_fields(["kind", "text", *(name for name in self.fields if name.startswith("words_"))])

    def clean(self) -> dict[str, Any]:
        super().clean()
        words = self._own_words()
        if self.cleaned_data.get("text") == OWN_WORDS:
            missing = [name for name, words in words.items() if not words and name not in self.errors]
            for name in missing:
                self.add_error(name, ValidationError(_("Write the sentence in this language."), code="required"))
        elif any(words.values()) and "text" not in self.errors:
            self.add_error("text", _("Choose “Own words”, or empty the sentences."))
        return self.cleaned_data

    def start_values(self) -> dict[str, Any]:
        if (text := self.cleaned_data["text"]) != OWN_WORDS:
            return {**super().start_values(), "ready_text": ReadyText(text)}
        words = {name.removeprefix("words_"): sentence for name, sentence in self._own_words().items()}
        return {**super().start_values(), "words": words}

    def _own_words(self) -> dict[str, str]:
        return {name: self.cleaned_data.get(name, "").strip() for name in self.fields if name.startswith("words_")}


def build_form(kind: ModeKind, data: QueryDict | None = None) -> ModeForm:
    form_class = BannerForm if kind is ModeKind.BANNER else ModeForm
    return form_class(data, kind=kind)

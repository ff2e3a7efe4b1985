"""Forms for notice texts."""

from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext_lazy as _

from analysts.models import NoticeTemplate, Purpose, RecipientKind
from analysts.takedown.notices.placeholders import TextFault, faults_of_body, faults_of_subject
from analysts.takedown.notices.texts import purposes_of_kind
from countries.staff.translation.language_field import LanguageField

LONGEST_SUBJECT = NoticeTemplate._meta.get_field("subject").max_length
LONGEST_BODY = NoticeTemplate._meta.get_field("body").max_length


class WriteText(forms.Form):
    """`cleaned_data` holds keyword arguments of `texts.save_text`."""

    use_required_attribute = False

    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    subject = forms.CharField(
        label=_("Subject"),
        max_length=LONGEST_SUBJECT,
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    body = forms.CharField(
        label=_("Text"),
        max_length=LONGEST_BODY,
        help_text=_("Plain text. Separate paragraphs with an empty line."),
        widget=forms.Textarea(attrs={"rows": 24, "autocomplete": "off", "dir": "auto"}),
    )

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        *,
        purpose: Purpose,
        initial: dict[str, object] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.purpose = purpose

    def clean_subject(self) -> str:
        return self._without_faults("subject", faults_of_subject(self.cleaned_data["subject"]))

    def clean_body(self) -> str:
        body = "\n".join(line.rstrip() for line in self.cleaned_data["body"].splitlines())
        self.cleaned_data["body"] = body
        return self._without_faults("body", faults_of_body(body, self.purpose))

    def _without_faults(self, field: str, faults: list[TextFault]) -> str:
        if faults:
            raise forms.ValidationError([str(fault) for fault in faults])
        return str(self.cleaned_data[field])


class ChooseNoticeText(forms.Form):
    """Chooses the recipient type, purpose and language of a text to write."""

    use_required_attribute = False

    kind = forms.ChoiceField(label=_("Recipient type"), choices=RecipientKind.choices)
    purpose = forms.ChoiceField(label=_("Purpose"), choices=Purpose.choices)
    language = LanguageField(label=_("Language"), max_length=12)

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or self.cleaned_data
        if (
            "kind" in cleaned
            and "purpose" in cleaned
            and cleaned["purpose"] not in purposes_of_kind(RecipientKind(cleaned["kind"]))
        ):
            self.add_error("purpose", _("Only the police are asked for clearance."))
        return cleaned

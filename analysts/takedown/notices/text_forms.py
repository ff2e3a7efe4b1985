"""Forms for notice texts."""

from django import forms
from django.utils.translation import gettext_lazy as _

from analysts.models import NoticeTemplate, Purpose, RecipientKind
from analysts.takedown.notices.placeholders import faults_of_body, faults_of_subject
from analysts.takedown.notices.texts import purposes_of_kind
from audit.generic_classes import ModelForm
from countries.staff.translation.language_field import LanguageField


class WriteText(ModelForm[NoticeTemplate]):
    """Subject and body of a text, and the version that they were written from."""

    use_required_attribute = False

    class Meta:
        model = NoticeTemplate
        fields = ("version", "subject", "body")
        help_texts = {"body": _("Plain text. Separate paragraphs with an empty line.")}
        widgets = {
            "version": forms.HiddenInput,
            "subject": forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
            "body": forms.Textarea(attrs={"rows": 24, "autocomplete": "off", "dir": "auto"}),
        }

    def clean_subject(self) -> str:
        subject: str = self.cleaned_data["subject"]
        if faults := faults_of_subject(subject):
            raise forms.ValidationError([str(fault) for fault in faults])
        return subject

    def clean_body(self) -> str:
        body = "\n".join(line.rstrip() for line in self.cleaned_data["body"].splitlines())
        if faults := faults_of_body(body, RecipientKind(self.instance.kind), Purpose(self.instance.purpose)):
            raise forms.ValidationError([str(fault) for fault in faults])
        return body


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

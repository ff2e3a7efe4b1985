"""Forms to export a workstation file, import results, and register a workstation."""

from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext_lazy as _

from analysts.handoff import signing
from analysts.models import Workstation
from countries.staff.pictures import LARGEST_UPLOAD


class Export(forms.Form):
    use_required_attribute = False

    again = forms.BooleanField(
        label=_("Include incidents from earlier files without results"),
        required=False,
        help_text=_("Use this when a file was lost. Results for the earlier files are then refused."),
    )
    isolated = forms.BooleanField(
        label=_("I will open it on the isolated workstation only"),
        error_messages={"required": _("Confirm where you will open it.")},
    )


class TakeIn(forms.Form):
    use_required_attribute = False

    file = forms.FileField(label=_("File with workstation results"), allow_empty_file=True)

    def clean_file(self) -> bytes:
        # The upload handler keeps one byte more than the limit.
        content: bytes = self.cleaned_data["file"].read(LARGEST_UPLOAD + 1)
        if len(content) > LARGEST_UPLOAD:
            raise forms.ValidationError(_("The file is larger than 512 kB. Split it at a line break."))
        if not content.strip():
            raise forms.ValidationError(_("The file is empty."))
        return content


class Register(forms.Form):
    use_required_attribute = False

    name = forms.CharField(
        label=_("Name"),
        max_length=Workstation._meta.get_field("name").max_length,
        help_text=_("Its location or name. It is not written to any file."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    public_key = forms.CharField(
        label=_("Public key"),
        max_length=200,
        help_text=_("As shown by the workstation’s tool: 44 characters ending in =."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "ltr", "spellcheck": "false"}),
    )

    def clean_public_key(self) -> bytes:
        try:
            return signing.from_text(self.cleaned_data["public_key"])
        except ValueError:
            raise forms.ValidationError(_("This is not the public key of a workstation.")) from None


def register_form(data: Mapping[str, object] | None = None) -> Register:
    return Register(data, auto_id="register_%s")

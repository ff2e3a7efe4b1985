"""Forms to draw and end batches, import results, ask for more addresses, and register a workstation."""

from collections.abc import Mapping
from typing import cast

from django import forms
from django.utils.translation import gettext_lazy as _

from analysts.handoff import signing
from analysts.handoff.allowances import MOST_ASKED
from analysts.handoff.batch_format import MOST_DRAWN
from analysts.handoff.sealed_lines import parse_sealing_key
from analysts.models import AddressAllowance, Batch, BatchKind, User, Workstation
from audit.free_text import refuse_addresses
from countries.staff.appearance.pictures import LARGEST_UPLOAD


class ResultsFile(forms.Form):
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


class RegisterWorkstation(forms.Form):
    use_required_attribute = False

    name = forms.CharField(
        label=_("Name"),
        max_length=Workstation._meta.get_field("name").max_length,
        help_text=_("Its location or name. It is not written to any file."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
        validators=[refuse_addresses],
    )
    public_key = forms.CharField(
        label=_("Public key"),
        max_length=200,
        help_text=_("As shown by the workstation’s tool: 44 characters ending in =."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "ltr", "spellcheck": "false"}),
    )

    sealing_key = forms.CharField(
        label=_("Sealing key"),
        max_length=3000,
        help_text=_(
            "The long second line of the workstation’s public keys. Carry it as a file, and compare the "
            "short number that is shown here afterwards with the one on the workstation’s own screen."
        ),
        widget=forms.Textarea(attrs={"autocomplete": "off", "dir": "ltr", "spellcheck": "false", "rows": 4}),
    )

    def clean_sealing_key(self) -> bytes:
        try:
            return parse_sealing_key(self.cleaned_data["sealing_key"])
        except ValueError:
            raise forms.ValidationError(_("This is not the sealing key of a workstation.")) from None

    def clean_public_key(self) -> bytes:
        try:
            return signing.from_text(self.cleaned_data["public_key"])
        except ValueError:
            raise forms.ValidationError(_("This is not the public key of a workstation.")) from None


class DrawBatch(forms.Form):
    """Where to, and if not everything that waits: which work and how many."""

    use_required_attribute = False

    workstation = forms.ModelChoiceField(
        Workstation.objects.none(), label=_("Workstation"), empty_label=None, required=True
    )
    kinds = forms.TypedMultipleChoiceField(
        label=_("Work"),
        choices=BatchKind.choices,
        coerce=BatchKind,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "plain"}),
        initial=list(BatchKind),
    )
    count = forms.IntegerField(label=_("At most"), min_value=1, max_value=MOST_DRAWN, initial=MOST_DRAWN)

    def __init__(self, data: Mapping[str, object] | None = None) -> None:
        super().__init__(data, auto_id="draw_%s")
        choosable = Workstation.objects.filter(closed_on=None).exclude(sealing_key=b"").order_by("name")
        cast("forms.ModelChoiceField[Workstation]", self.fields["workstation"]).queryset = choosable


class ChooseBatch(forms.Form):
    """A batch that the user may see."""

    batch = forms.ModelChoiceField(Batch.objects.none(), widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, object], *, user: User) -> None:
        super().__init__(data)
        batches = Batch.objects.visible_to(user).select_related("workstation", "by")
        cast("forms.ModelChoiceField[Batch]", self.fields["batch"]).queryset = batches


class AskAllowance(forms.Form):
    use_required_attribute = False

    number = forms.IntegerField(label=_("Number of addresses"), min_value=1, max_value=MOST_ASKED, initial=50)


class DecideAllowance(forms.Form):
    allowance = forms.ModelChoiceField(AddressAllowance.objects.select_related("by"), widget=forms.HiddenInput)

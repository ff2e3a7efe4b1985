"""The form by which an analyst confirms the redaction of an address."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from analysts.incidents.page_kit import ActionForm
from analysts.takedown.notices import redacting
from reports.addresses.identifying import Finding


class How(TextChoices):
    """The buttons of the form."""

    WITHOUT = "without", _("Send without the ticked parts")
    WHOLE = "whole", _("Send in full")
    TYPED = "typed", _("Send as typed")


class ConfirmOutgoing(ActionForm):
    """`cleaned_data` holds only `address`: the address in the form in which it may be sent."""

    how = forms.ChoiceField(choices=How.choices, error_messages={"required": _("Press one of the buttons.")})
    cut = forms.MultipleChoiceField(label=_("Parts to leave out"), required=False, widget=forms.CheckboxSelectMultiple)
    typed = forms.CharField(
        label=_("Redacted address"),
        required=False,
        help_text=_("Delete whole path folders or whole parameters. Nothing can be added or changed."),
        widget=forms.Textarea(
            attrs={"rows": 3, "autocomplete": "off", "dir": "ltr", "spellcheck": "false", "translate": "no"}
        ),
    )

    def __init__(
        self, *args: Any, whole: str, findings: Sequence[Finding], labels: Sequence[str] | None = None, **kwargs: Any
    ) -> None:
        """`labels`: the choices for `findings`, with words masked as on the page."""
        super().__init__(*args, **kwargs)
        self.whole = whole
        self.findings = {f"{finding.start}-{finding.end}": finding for finding in findings}
        cut = cast(forms.MultipleChoiceField, self.fields["cut"])
        cut.choices = list(zip(self.findings, labels or self.findings, strict=True))

    def clean(self) -> dict[str, str]:
        match self.cleaned_data.get("how"):
            case How.WHOLE:
                return {"address": self.whole}
            case How.WITHOUT if cut := self.cleaned_data.get("cut"):
                return {"address": redacting.remove_parts(self.whole, [self.findings[span] for span in cut])}
            case How.WITHOUT:
                self.add_error("cut", _("Tick the parts to leave out, or send the address in full."))
            case How.TYPED:
                typed = redacting.parse_address(self.cleaned_data.get("typed", ""))
                if typed is not None and redacting.is_part_of(typed, self.whole):
                    return {"address": typed}
                self.add_error(
                    "typed",
                    _("This is not the reported address with parts left out. Start again from the full address."),
                )
        return {}

"""What an analyst says about what may leave: which parts go, or the shortened form itself."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from analysts.incidents.page_kit import ActionForm
from analysts.takedown.notices import redacting
from reports.addresses.identifying import Finding


class How(TextChoices):
    """Which of the form's buttons was pressed."""

    WITHOUT = "without", _("Let it leave without what is ticked")
    WHOLE = "whole", _("Let all of it leave")
    TYPED = "typed", _("Let it leave in this form")


class ConfirmOutgoing(ActionForm):
    """`cleaned_data` holds the address that may leave, and nothing else."""

    how = forms.ChoiceField(choices=How.choices, error_messages={"required": _("Press one of the buttons.")})
    cut = forms.MultipleChoiceField(label=_("What to leave out"), required=False, widget=forms.CheckboxSelectMultiple)
    typed = forms.CharField(
        label=_("The shortened form"),
        required=False,
        help_text=_("Take parts out: whole folders of the path, whole parameters. Nothing can be added or changed."),
        widget=forms.Textarea(
            attrs={"rows": 3, "autocomplete": "off", "dir": "ltr", "spellcheck": "false", "translate": "no"}
        ),
    )

    def __init__(
        self, *args: Any, whole: str, found: Sequence[Finding], labels: Sequence[str] | None = None, **kwargs: Any
    ) -> None:
        """`labels`: of what was found, as the page may show it."""
        super().__init__(*args, **kwargs)
        self.whole = whole
        self.found = {f"{finding.start}-{finding.end}": finding for finding in found}
        cut = cast(forms.MultipleChoiceField, self.fields["cut"])
        cut.choices = list(zip(self.found, labels or self.found, strict=True))

    def clean(self) -> dict[str, str]:
        match self.cleaned_data.get("how"):
            case How.WHOLE:
                return {"address": self.whole}
            case How.WITHOUT if cut := self.cleaned_data.get("cut"):
                return {"address": redacting.remove_parts(self.whole, [self.found[span] for span in cut])}
            case How.WITHOUT:
                self.add_error("cut", _("Tick what is to be left out, or let all of it leave."))
            case How.TYPED:
                typed = redacting.parse_address(self.cleaned_data.get("typed", ""))
                if typed is not None and redacting.is_part_of(typed, self.whole):
                    return {"address": typed}
                self.add_error(
                    "typed",
                    _("This is not the reported address with some of its parts left out. Begin anew from all of it."),
                )
        return {}

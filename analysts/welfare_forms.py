"""What is asked before something is revealed or copied, and what people set for themselves."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from analysts.codes import Notice, RevealReason
from analysts.forms import Act
from analysts.models import Incident, User


class Reveal(Act):
    """Whoever does not hold the incident says why they look at it."""

    reason = forms.ChoiceField(
        label=_("Why you look at it"),
        help_text=_("You do not hold this incident. Claim it, and nobody asks."),
        choices=[("", "–"), *RevealReason.choices],
    )

    def __init__(self, *args: Any, incident: Incident, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "reveal_%s", **kwargs})
        if incident.is_held_by(by):
            del self.fields["reason"]


class Copy(Act):
    """The one way to the whole address in a form that can be opened."""

    isolated = forms.BooleanField(
        label=_("I will open it on the isolated workstation only"),
        error_messages={"required": _("Confirm where you will open it.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "copy_%s", **kwargs})


class Avoid(forms.Form):
    """What somebody does not want to see for the rest of the day."""

    use_required_attribute = False

    avoids = forms.MultipleChoiceField(
        label=_("Not today"),
        help_text=_("The queue brings you none that was flagged so. It ends with the day, and nobody is told."),
        choices=Notice.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

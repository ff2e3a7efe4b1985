"""The form that sets a next step."""

from datetime import timedelta
from typing import Any, cast

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.incidents.page_kit import ActionForm
from analysts.models import Incident, NextStepKind, PoliceHold, User
from analysts.takedown.next_steps import permissions


class PlanNextStep(ActionForm):
    step = forms.TypedChoiceField(label=_("Next step"), coerce=NextStepKind)
    review_on = forms.DateField(
        label=_("Review on"),
        help_text=_("From this day on, the incident is in the to-do list again."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    owner = forms.ModelChoiceField(
        label=_("Who follows it up"),
        queryset=User.objects.none(),
        required=False,
        empty_label=_("all analysts of its portals"),
        help_text=_("If you wait for a colleague, choose the colleague."),
    )

    def __init__(self, *args: Any, incident: Incident, hold: PoliceHold | None = None, **kwargs: Any) -> None:
        """`hold`: the latest request for clearance, as the page has read it; a submitted form reads it again."""
        super().__init__(*args, incident=incident, **kwargs)
        if self.is_bound:
            hold = incident.police_holds.last()
        step = cast(forms.TypedChoiceField, self.fields["step"])
        step.choices = [("", "–"), *((kind.value, kind.label) for kind in permissions.offered_steps(hold))]
        owner = cast("forms.ModelChoiceField[User]", self.fields["owner"])
        owner.queryset = permissions.possible_owners(incident)
        review_on = cast(forms.DateField, self.fields["review_on"])
        review_on.widget.attrs |= {"min": str(timezone.now().date() + timedelta(days=1))}

"""The form that sets a next step."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from analysts.incidents.page_kit import ActionForm
from analysts.models import NextStepKind, User


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

    def __init__(
        self,
        *args: Any,
        steps: Iterable[NextStepKind],
        owners: QuerySet[User],
        names: Iterable[tuple[int, str]] | None = None,
        today: date,
        **kwargs: Any,
    ) -> None:
        """`names`: the ids and usernames of the owners, where they are known."""
        super().__init__(*args, **kwargs)
        field = cast(forms.TypedChoiceField, self.fields["step"])
        field.choices = [("", "–"), *((kind.value, kind.label) for kind in steps)]
        owner = cast("forms.ModelChoiceField[User]", self.fields["owner"])
        owner.queryset = owners
        if names is not None:
            owner.choices = [("", owner.empty_label or ""), *names]
        review_on = cast(forms.DateField, self.fields["review_on"])
        review_on.widget.attrs |= {"min": str(today + timedelta(days=1))}

"""Forms for several incidents at once: handing them over, and reviewing entries of the URL list."""

from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from analysts.codes.next_steps import AssignReason
from analysts.models import User

# The choice of no owner: the analysts of the incident's portals.
QUEUE = "queue"


class HandOverDue(forms.Form):
    """To whom the chosen incidents are handed over, and why. `cleaned_data["owner"]`: None for the queue."""

    use_required_attribute = False

    owner = forms.ChoiceField(label=_("Hand over to"), widget=forms.Select(attrs={"data-shortcut": "h"}))
    reason = forms.TypedChoiceField(
        label=_("Reason"), choices=[("", "–"), *AssignReason.choices], coerce=AssignReason, required=True
    )

    def __init__(self, *args: Any, colleagues: QuerySet[User], user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.colleagues = {str(colleague.pk): colleague for colleague in colleagues}
        own_id = str(user.pk)
        others = [(pk, colleague.username) for pk, colleague in self.colleagues.items() if pk != own_id]
        field = cast(forms.ChoiceField, self.fields["owner"])
        field.choices = [
            ("", "–"),
            *([(own_id, _("you (%(name)s)") % {"name": user.username})] if own_id in self.colleagues else []),
            *others,
            (QUEUE, _("all analysts of its portals")),
        ]

    def clean_owner(self) -> User | None:
        return self.colleagues.get(self.cleaned_data["owner"])

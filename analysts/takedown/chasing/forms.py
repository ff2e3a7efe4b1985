"""Forms for an availability check, an escalation, and handing over several incidents."""

from typing import Any, cast
from uuid import UUID

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from analysts.accounts.time_zones import UtcDateTimeField
from analysts.codes.next_steps import AssignReason
from analysts.codes.recipient_kinds import REFERRED, kinds_that_are
from analysts.incidents.page_kit import ActionForm
from analysts.models import Chase, CheckOutcome, Incident, Recipient, RecipientKind, Referral, User

# The rest can be found by name in the routing section.
MOST_OFFERED = 300
TRACED = kinds_that_are(lambda kind: kind.is_traced)
# The choice of no owner: the analysts of the incident's portals.
QUEUE = "queue"


class Check(ActionForm):
    outcome = forms.ChoiceField(
        label=_("Result"), choices=CheckOutcome.choices, widget=forms.RadioSelect(attrs={"class": "plain"})
    )
    at = UtcDateTimeField(
        label=_("Time of the check"),
        required=False,
        help_text=format_lazy(
            "{} {}", _("A remark, in UTC: the check counts from when you record it."), _("Leave empty for now.")
        ),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )


class Escalate(ActionForm):
    to = forms.ModelChoiceField(
        label=_("Recipient"),
        queryset=Recipient.objects.none(),
        help_text=format_lazy(
            "{} {}",
            _("Only verified recipients can be chosen."),
            _("To find another recipient by name, use “Add a recipient”."),
        ),
    )

    def __init__(self, *args: Any, incident: Incident, **kwargs: Any) -> None:
        super().__init__(*args, incident=incident, **kwargs)
        field = cast("forms.ModelChoiceField[Recipient]", self.fields["to"])
        field.queryset = Recipient.objects.usable()
        recipients = to_tell(incident).values_list("pk", "name", "kind")[:MOST_OFFERED]
        field.choices = [("", "–"), *((pk, f"{name} ({RecipientKind(kind).label})") for pk, name, kind in recipients)]


def to_tell(incident: Incident | UUID) -> QuerySet[Recipient]:
    """The incident's recipients and its provider first, then other verified recipients; no unrelated hosts."""
    referred = Referral.objects.filter(incident=incident, ended_at=None, to=OuterRef("pk"))
    hosts = Chase.objects.open().filter(incident=incident, provider=OuterRef("pk"))
    usable = Recipient.objects.usable().annotate(is_near=Exists(referred) | Exists(hosts))
    others = Q(kind__in=REFERRED) & ~Q(kind__in=TRACED)
    return usable.filter(Q(is_near=True) | others).order_by("-is_near", "kind", Lower("name"))


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
        others = [(pk, str(colleague)) for pk, colleague in self.colleagues.items() if pk != own_id]
        field = cast(forms.ChoiceField, self.fields["owner"])
        field.choices = [
            ("", "–"),
            *([(own_id, _("you (%(name)s)") % {"name": user})] if own_id in self.colleagues else []),
            *others,
            (QUEUE, _("all analysts of its portals")),
        ]

    def clean_owner(self) -> User | None:
        return self.colleagues.get(self.cleaned_data["owner"])

"""What an analyst enters while something is chased."""

from datetime import datetime
from typing import Any, cast

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from analysts.codes.recipient_kinds import kinds_that_are
from analysts.incidents.page_kit import ActionForm
from analysts.models import Chase, CheckOutcome, Incident, Recipient, Referral

# More are not offered: whoever is named is found all the same, by "Tell one more recipient".
MOST_OFFERED = 300
TRACED = kinds_that_are(lambda kind: kind.is_traced)


class Check(ActionForm):
    outcome = forms.ChoiceField(
        label=_("What was found"), choices=CheckOutcome.choices, widget=forms.RadioSelect(attrs={"class": "plain"})
    )
    at = forms.DateTimeField(
        label=_("When somebody looked"),
        required=False,
        help_text=format_lazy("{} {}", _("Nothing here: just now."), _("The time is UTC.")),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def clean_at(self) -> datetime:
        return self.cleaned_data["at"] or timezone.now()


class Escalate(ActionForm):
    to = forms.ModelChoiceField(
        label=_("Whom to tell"),
        queryset=Recipient.objects.none(),
        help_text=format_lazy(
            "{} {}",
            _("Only those whose details somebody has verified."),
            _("Whoever is not among them is found by name under “Tell one more recipient”."),
        ),
    )

    def __init__(self, *args: Any, incident: Incident, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ModelChoiceField[Recipient]", self.fields["to"])
        field.queryset = Recipient.objects.usable()
        offered = to_tell(incident)[:MOST_OFFERED]
        field.choices = [("", "–"), *((each.pk, f"{each.name} ({each.get_kind_display()})") for each in offered)]


def to_tell(incident: Incident) -> QuerySet[Recipient]:
    """Those told of the incident and its provider, then whoever else may be told; no host of others."""
    told = Referral.objects.filter(incident=incident, ended_at=None, to=OuterRef("pk"))
    hosts = Chase.objects.open().filter(incident=incident, provider=OuterRef("pk"))
    usable = Recipient.objects.usable().annotate(is_near=Exists(told) | Exists(hosts))
    return usable.filter(Q(is_near=True) | ~Q(kind__in=TRACED)).order_by("-is_near", "kind", Lower("name"))

"""The form of the audit log viewer: filters, each served by an index."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import cast

from django import forms
from django.db.models import Q, TextChoices
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import labels
from audit.models import AuditEvent, AuditEventQuerySet

# Represents the empty value, because an empty parameter in a query string means no filter.
NONE = "-"
BIGGEST_NUMBER = 10**18


class Period(TextChoices):
    """Periods of UTC days, including today."""

    ALWAYS = "", gettext_lazy("any time")
    TODAY = "1", gettext_lazy("today")
    WEEK = "7", gettext_lazy("the last 7 days")
    MONTH = "30", gettext_lazy("the last 30 days")


class EventFilters(forms.Form):
    """Filters of the list, combined with AND and sent by GET. Invalid filters list nothing and show an error."""

    use_required_attribute = False

    period = forms.ChoiceField(label=gettext_lazy("When"), choices=Period.choices, required=False)
    since = forms.DateField(
        label=gettext_lazy("From day"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=gettext_lazy("To day"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    action = forms.ChoiceField(label=gettext_lazy("What"), required=False)
    role = forms.ChoiceField(label=gettext_lazy("Role"), required=False)
    actor = forms.CharField(label=gettext_lazy("Id, or earlier user name"), required=False, max_length=150)
    account = forms.IntegerField(
        label=gettext_lazy("Account number, of earlier events"), required=False, min_value=1, max_value=BIGGEST_NUMBER
    )
    portal = forms.ChoiceField(label=gettext_lazy("Portal"), required=False)
    object = forms.CharField(label=gettext_lazy("Object id"), required=False, max_length=100)
    number = forms.IntegerField(
        label=gettext_lazy("Up to event number"), required=False, min_value=1, max_value=BIGGEST_NUMBER
    )

    def __init__(self, data: Mapping[str, str] | None = None) -> None:
        super().__init__(data)
        for name, label in (("action", labels.of_action), ("role", labels.of_role), ("portal", str)):
            used = [
                (value or NONE, label(value) if value or name == "role" else _("(none)"))
                for value in AuditEvent.objects.values_in_use(name)
            ]
            if name == "action":
                used.sort(key=lambda choice: choice[1])
            cast(forms.ChoiceField, self.fields[name]).choices = [("", _("all")), *used]
        for name in ("actor", "account", "object", "number"):
            self.fields[name].widget.attrs["autocomplete"] = "off"

    def clean(self) -> None:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and since > until:
            self.add_error("until", _("This day is before the first day."))

    def chosen(self) -> dict[str, str]:
        """The filters in use, as query string parameters."""
        return {name: str(value) for name, value in self.cleaned_data.items() if value not in ("", None)}

    def apply(self, events: AuditEventQuerySet, *, now: datetime | None = None) -> AuditEventQuerySet:
        """The events that match the filters of this valid form."""
        choices, today = self.cleaned_data, (now or timezone.now()).astimezone(UTC).date()
        exact = {
            "action": "action",
            "role": "role",
            "actor": "actor",
            "account": "actor_id",
            "portal": "portal",
            "object": "object_id",
        }
        condition = Q(
            **{field: "" if choices[name] == NONE else choices[name] for name, field in exact.items() if choices[name]}
        )
        if choices["number"]:
            condition &= Q(number__lte=choices["number"])
        if choices["period"]:
            condition &= Q(at__gte=_day_start(today - timedelta(days=int(choices["period"]) - 1)))
        if choices["since"]:
            condition &= Q(at__gte=_day_start(choices["since"]))
        if choices["until"]:
            # The last day that a date can be has no next one.
            condition &= Q(at__lte=datetime.combine(choices["until"], time.max, tzinfo=UTC))
        return events.filter(condition)

    def by_time(self) -> bool:
        """Whether the query has to use the index on times."""
        return any(self.cleaned_data[name] for name in ("period", "since", "until"))


def filters_in_words(form: forms.Form, chosen: Mapping[str, str]) -> list[tuple[str, str]]:
    """The filters `chosen`, as pairs of field label and value (the label of a choice)."""
    return [
        (str(form.fields[name].label), str(dict(getattr(form.fields[name], "choices", ())).get(value, value)))
        for name, value in chosen.items()
    ]


def _day_start(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)

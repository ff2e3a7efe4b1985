"""What an auditor asks of the record: filters, each answered by an index, and why they take events away."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import Q, TextChoices
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import labels
from audit.models import AuditEvent, AuditEventQuerySet

# Stands for an empty value, which in a query string means no filter.
NONE = "-"


class Period(TextChoices):
    """Days are UTC's, today included."""

    ALWAYS = "", gettext_lazy("any time")
    TODAY = "1", gettext_lazy("today")
    WEEK = "7", gettext_lazy("the last 7 days")
    MONTH = "30", gettext_lazy("the last 30 days")


class EventFilters(forms.Form):
    """Sent by GET. All that is given must hold; what cannot be understood lists nothing and says why."""

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
    actor = forms.CharField(label=gettext_lazy("User name"), required=False, max_length=150)
    portal = forms.ChoiceField(label=gettext_lazy("Portal"), required=False)
    object = forms.CharField(label=gettext_lazy("Object's id"), required=False, max_length=100)
    number = forms.IntegerField(
        label=gettext_lazy("Event number and earlier"), required=False, min_value=1, max_value=10**18
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in (("action", labels.of_action), ("role", labels.of_role), ("portal", str)):
            used = [
                (value or NONE, label(value) if value or name == "role" else _("(none)"))
                for value in AuditEvent.objects.values_in_use(name)
            ]
            if name == "action":
                used.sort(key=lambda choice: choice[1])
            field: Any = self.fields[name]
            field.choices = [("", _("all")), *used]
        for name in ("actor", "object", "number"):
            self.fields[name].widget.attrs["autocomplete"] = "off"

    def clean(self) -> dict[str, Any]:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and since > until:
            self.add_error("until", _("This day is before the first one."))
        return self.cleaned_data

    def chosen(self) -> dict[str, str]:
        """The filters in use, as they are written in a query string."""
        return {name: str(value) for name, value in self.cleaned_data.items() if value not in ("", None)}

    def chosen_in_words(self) -> list[tuple[str, str]]:
        """The filters in use, by the label of their field, choices by theirs."""
        words = []
        for name, value in self.chosen().items():
            choices = dict(getattr(self.fields[name], "choices", []))
            words.append((str(self.fields[name].label), str(choices.get(value, value))))
        return words

    def apply(self, events: AuditEventQuerySet, *, now: datetime | None = None) -> AuditEventQuerySet:
        """What a valid form leaves of the events."""
        asked, today = self.cleaned_data, (now or timezone.now()).astimezone(UTC).date()
        exact = {"action": "action", "role": "role", "actor": "actor", "portal": "portal", "object": "object_id"}
        wanted = Q(
            **{field: "" if asked[name] == NONE else asked[name] for name, field in exact.items() if asked[name]}
        )
        if asked["number"]:
            wanted &= Q(number__lte=asked["number"])
        if asked["period"]:
            wanted &= Q(at__gte=_day_start(today - timedelta(days=int(asked["period"]) - 1)))
        if asked["since"]:
            wanted &= Q(at__gte=_day_start(asked["since"]))
        if asked["until"]:
            wanted &= Q(at__lt=_day_start(asked["until"] + timedelta(days=1)))
        return events.filter(wanted)

    def by_time(self) -> bool:
        """Whether the index of times has to answer."""
        return any(self.cleaned_data[name] for name in ("period", "since", "until"))


class ExportReason(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        help_text=gettext_lazy(
            "It goes on record with the filters and the number of events. Never a reported address."
        ),
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
    )


def _day_start(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)

"""The filters of the figures page, and the form of the targets."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts.figures.breakdowns import Breakdown
from analysts.figures.intervals import BOUNDS
from analysts.figures.reading import FigurePeriod
from analysts.incidents.durations import in_words
from analysts.models import FigureTarget, SheetWithdrawal
from analysts.models.figures.provider_sheet import LONGEST_STATEMENT
from countries.models import Portal

USUAL_DAYS = 90
MOST_DAYS = 1_100


def _date_field(label: object) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget, input_formats=["%Y-%m-%d"])  # type: ignore[arg-type] # a lazy text


class FigureFilter(forms.Form):
    """Which days and portal, and by what they are divided. Without dates: the last USUAL_DAYS days."""

    use_required_attribute = False
    first = _date_field(gettext_lazy("From"))
    last = _date_field(gettext_lazy("To"))
    portal = forms.ChoiceField(label=gettext_lazy("Portal"), required=False)
    by = forms.ChoiceField(label=gettext_lazy("Divide by"), required=False, choices=Breakdown.choices)

    def __init__(self, data: Mapping[str, object], *, portals: Sequence[Portal], today: date) -> None:
        """`portals`: those of the user. No other can be chosen."""
        usual = {"first": (today - timedelta(days=USUAL_DAYS - 1)).isoformat(), "last": today.isoformat()}
        values = {name: value for name, value in data.items() if value}
        super().__init__({**usual, "by": Breakdown.PORTAL.value, **values}, label_suffix="")
        self.today = today
        self.by_slug = {portal.slug: portal for portal in portals}
        offered = [(slug, portal.name) for slug, portal in self.by_slug.items()]
        cast(forms.ChoiceField, self.fields["portal"]).choices = [("", _("all portals")), *offered]

    def clean(self) -> dict[str, object]:
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and last:
            if first > last:
                raise ValidationError(_("The period must not end before it begins."))
            if (last - first).days >= MOST_DAYS:
                raise ValidationError(_("Choose a period of at most three years."))
        return self.cleaned_data

    @property
    def period(self) -> FigurePeriod:
        """The chosen period; the usual one after invalid input."""
        if not self.is_valid():
            return FigurePeriod(self.today - timedelta(days=USUAL_DAYS - 1), self.today, is_open=True)
        portal = self.by_slug.get(self.cleaned_data["portal"])
        last = min(self.cleaned_data["last"], self.today)
        first, is_open = min(self.cleaned_data["first"], last), last == self.today
        return FigurePeriod(first, last, portal.pk if portal else None, is_open=is_open)

    @property
    def breakdown(self) -> Breakdown:
        return Breakdown(self.cleaned_data["by"]) if self.is_valid() else Breakdown.PORTAL


def hours_in_words(hours: int) -> str:
    """Such as "12 hours" or "3 days 6 hours"."""
    return in_words(timedelta(hours=hours))


# Bounds of intervals, so that what is late can be counted.
TARGET_HOURS = tuple(hours for hours in (2, 4, 8, 12, 24, 48, 72, 168, 336, 720) if hours in BOUNDS)


class TargetForm(forms.Form):
    """Within how many hours incidents are to be assessed, and content to be removed."""

    use_required_attribute = False
    assess_hours = forms.TypedChoiceField(label=gettext_lazy("From report to verdict, at most"), coerce=int)
    removal_hours = forms.TypedChoiceField(label=gettext_lazy("From first notice to removal, at most"), coerce=int)

    def __init__(self, data: Mapping[str, object] | None, target: FigureTarget | None) -> None:
        initial = {"assess_hours": target.assess_hours, "removal_hours": target.removal_hours} if target else None
        super().__init__(data, initial=initial)
        for name in self.fields:
            field = cast(forms.TypedChoiceField, self.fields[name])
            field.choices = [(hours, hours_in_words(hours)) for hours in TARGET_HOURS]


class WithdrawalForm(forms.Form):
    """Why a released sheet is withdrawn."""

    use_required_attribute = False
    reason = forms.TypedChoiceField(
        label=gettext_lazy("Reason"), choices=[("", "–"), *SheetWithdrawal.choices], coerce=SheetWithdrawal
    )


class StatementForm(forms.Form):
    """A text for publication."""

    use_required_attribute = False
    text = forms.CharField(
        label=gettext_lazy("Text"), max_length=LONGEST_STATEMENT, widget=forms.Textarea(attrs={"rows": 8})
    )

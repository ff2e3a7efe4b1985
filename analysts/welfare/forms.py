"""Forms to reveal and copy content, and for a user's own settings."""

from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from typing import TYPE_CHECKING, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.utils import timezone
from django.utils.translation import gettext as translated
from django.utils.translation import gettext_lazy as _

from analysts.accounts.desk_names import clean_desk_name
from analysts.accounts.time_zones import offered_zones
from analysts.codes import ContentWarning, RevealReason
from analysts.incidents.page_kit import ActionForm
from analysts.incidents.permissions import check_sees_content
from analysts.models import Density, DisplayPreferences, Incident, TypeSize, User
from analysts.states import State
from analysts.welfare import exposure
from analysts.welfare.display_preferences import common_display
from audit.generic_classes import ModelForm
from audit.permissions import is_allowed
from countries.decided_settings import text_in_force

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Reveal(ActionForm):
    """Asks users who have not claimed the incident for a reason to reveal it."""

    reason = forms.ChoiceField(
        label=_("Reason for viewing"),
        help_text=_("You have not claimed this incident. If you claim it, no reason is needed."),
        choices=[("", "–"), *RevealReason.choices],
    )

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        *,
        incident: Incident,
        by: User,
        reason: RevealReason | None = None,
    ) -> None:
        super().__init__(data, auto_id="reveal_%s", initial={"reason": reason})
        if incident.is_held_by(by):
            del self.fields["reason"]
        elif incident.state not in (State.WAITING, State.CLAIMED):
            # It cannot be claimed.
            self.fields["reason"].help_text = ""


class Copy(ActionForm):
    """Confirmation before the full, clickable address is shown; no other page shows it."""

    isolated = forms.BooleanField(
        label=_("I will open it on the isolated workstation only"),
        error_messages={"required": _("Confirm where you will open it.")},
    )

    def __init__(self, data: Mapping[str, object] | None = None) -> None:
        super().__init__(data, auto_id="copy_%s")


class Avoid(forms.Form):
    """Content warnings to avoid for the rest of the day."""

    use_required_attribute = False

    avoids = forms.MultipleChoiceField(
        label=_("Content warnings"),
        help_text=_(
            "Until the end of the day, the queue gives you no incidents with these warnings. Your choice is private."
        ),
        choices=ContentWarning.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )


# The settings of every member of staff.
OF_ALL_STAFF = frozenset({"desk_name", "time_zone"})


class OwnSettings(ModelForm[DisplayPreferences]):
    """A user's own settings, with the desk name; empty fields use the organisation's, whose limits are the loosest."""

    use_required_attribute = False

    desk_name = forms.CharField(
        label=_("Desk name"),
        max_length=User._meta.get_field("desk_name").max_length,
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
        required=False,
    )
    greys = forms.TypedChoiceField(
        label=_("Colour scheme"), coerce=lambda value: value == "greys", empty_value=None, required=False
    )
    type_size = forms.ChoiceField(label=_("Text size"), required=False)
    density = forms.ChoiceField(label=_("Density"), required=False)
    time_zone = forms.ChoiceField(
        label=_("Time zone"), help_text=_("In which pages show times to you. Rules keep theirs."), required=False
    )
    budget_minutes = forms.IntegerField(label=_("Minutes per day"), min_value=1, required=False)
    break_after_minutes = forms.IntegerField(label=_("Minutes until a break"), min_value=1, required=False)
    cut_off = forms.TimeField(
        label=_("No new work after"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), required=False
    )
    counselled_on = forms.DateField(
        label=_("Last counselling"),
        help_text=_("The day of the last session, held or declined. Only you see it."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        required=False,
    )
    weekly_note = forms.BooleanField(
        label=_("Weekly note on the dashboard"),
        help_text=_("How many cases that you assessed were removed last week. Only you see it."),
        required=False,
        initial=True,
    )

    class Meta:
        model = DisplayPreferences
        fields = (
            *("greys", "type_size", "density", "time_zone", "budget_minutes", "break_after_minutes", "cut_off"),
            *("counselled_on", "weekly_note"),
        )

    def __init__(
        self, data: Mapping[str, object] | None = None, *, user: User, instance: DisplayPreferences | None = None
    ) -> None:
        super().__init__(data, auto_id="own_%s", instance=instance, initial={"desk_name": user.desk_name})
        self.user = user
        self.fields["desk_name"].help_text = translated(
            "The name that colleagues see: letters only, not of a colleague. Empty: %(name)s."
        ) % {"name": User(pk=user.pk, role=user.role)}
        look, limits = common_display(), exposure.organisation_limits()
        self._choices("greys", GREYS, "greys" if look.greys else "colours")
        self._choices("type_size", TypeSize.choices, look.type_size)
        self._choices("density", Density.choices, look.density)
        self._choices("time_zone", [(name, name) for name in offered_zones()], text_in_force("WORK_TIME_ZONE"))
        if self.instance.greys is not None:
            self.initial["greys"] = "greys" if self.instance.greys else "colours"
        for name, limit in (("budget_minutes", limits.budget), ("break_after_minutes", limits.break_after)):
            self._limit(name, limit // timedelta(minutes=1), _no_more_than(limit))
        if limits.cut_off:
            self._limit("cut_off", limits.cut_off, _no_later_than(limits.cut_off))

    def clean_desk_name(self) -> str:
        return clean_desk_name(self.user, self.cleaned_data["desk_name"])

    def clean_counselled_on(self) -> date | None:
        day: date | None = self.cleaned_data["counselled_on"]
        if day and day > exposure.work_day(timezone.now()):
            raise ValidationError(translated("This day is in the future."))
        return day

    def _limit(self, name: str, most: int | time, help_text: str) -> None:
        self.fields[name].help_text = help_text
        self.fields[name].validators.append(MaxValueValidator(most, help_text))

    def _choices(self, name: str, choices: "Sequence[tuple[str, StrOrPromise]]", common: str) -> None:
        label = dict(choices).get(common, common)
        cast(forms.ChoiceField, self.fields[name]).choices = [
            ("", translated("default: %(choice)s") % {"choice": label}),
            *choices,
        ]

    @classmethod
    def of_role(
        cls, data: Mapping[str, object] | None, *, user: User, instance: DisplayPreferences | None
    ) -> "OwnSettings":
        """The form of the user: only analysts have limits and a look, for whom pages with content are drawn."""
        form = cls(data, user=user, instance=instance)
        if not is_allowed(check_sees_content, user):
            for name in [name for name in form.fields if name not in OF_ALL_STAFF]:
                del form.fields[name]
        return form


GREYS = [("colours", _("colour")), ("greys", _("greyscale"))]


def _no_more_than(common: timedelta) -> str:
    return translated("The organisation’s limit is %(number)d. Yours may be stricter.") % {
        "number": common // timedelta(minutes=1)
    }


def _no_later_than(common: time) -> str:
    return translated("The organisation’s time is %(time)s. Yours may be earlier.") % {"time": f"{common:%H:%M}"}

"""The launch date that the public and the press read. It is asked at launch; the catalogue's is a proposal only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.permissions import Denied
from countries.models import Portal
from countries.staff.requests.staff_pages import format_day
from countries.states import Verb

# The verbs at which operators state the launch date.
LAUNCHING = frozenset({Verb.LAUNCH, Verb.SCHEDULE})


@dataclass(frozen=True, slots=True)
class LaunchDate:
    """The launch date as operators state it: a day, with its source if it is before today.

    `day` None: the day on which the portal opens.
    """

    day: date | None = None
    source: str = ""

    def as_payload(self) -> dict[str, str]:
        return {"launched_on": self.day.isoformat() if self.day else "", "launch_source": self.source}


def launch_from_payload(payload: Mapping[str, str]) -> LaunchDate | None:
    """The launch date of an approval request; None if it states none."""
    if "launched_on" not in payload:
        return None
    day = payload["launched_on"]
    return LaunchDate(date.fromisoformat(day) if day else None, payload["launch_source"])


def own_launch(portal: Portal) -> date | None:
    """The day on which this installation launched the portal: the only date without a source."""
    return portal.launched_on if not portal.launch_source else None


def check_launch_date(portal: Portal, launch: LaunchDate, today: date) -> None:
    """Raises Denied for a day to come, and for an earlier one without a source."""
    if launch.day is None:
        return
    if launch.day > today:
        raise Denied(gettext_lazy("The launch date is in the future."))
    if launch.day < today and not launch.source.strip() and launch.day != own_launch(portal):
        raise Denied(gettext_lazy("Give the source of an earlier launch date."))


def set_launch_date(portal: Portal, launch: LaunchDate | None, today: date) -> None:
    """Set both fields, without saving. A portal without a day gets that on which it opens. Raises Denied.

    `launch` None: the day of an earlier launch here stays, the catalogue's does not.
    """
    launch = launch or LaunchDate(own_launch(portal))
    check_launch_date(portal, launch, today)
    portal.launched_on, portal.launch_source = launch.day, launch.source.strip()


class LaunchDateFields(forms.Form):
    """Form base with the launch date and its source. Call `propose_date` after creation."""

    launched_on = forms.DateField(
        label=gettext_lazy("Launch date"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    launch_source = forms.CharField(
        label=gettext_lazy("Source of an earlier launch date"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Needed if the portal was launched before today, such as the page that announced it."),
    )

    portal: Portal

    def propose_date(self, portal: Portal, *, is_scheduled: bool) -> None:
        """Fill in the day of an earlier launch here, or else today; the catalogue's date is in the help text."""
        self.portal = portal
        field, today = self.fields["launched_on"], timezone.localdate()
        words = [_("The date that the public and the press read.")]
        if is_scheduled:
            field.required = False
            words.append(_("Empty: the day on which the portal opens."))
            self.initial["launched_on"] = own_launch(portal)
        else:
            self.initial["launched_on"] = own_launch(portal) or today
        if portal.launched_on and portal.launch_source:
            words.append(
                _("The portal’s page has %(date)s as an earlier date, with the source “%(source)s”.")
                % {"date": format_day(portal.launched_on), "source": portal.launch_source}
            )
        field.help_text = " ".join(words)

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        launch, today = self.launch, timezone.localdate()
        try:
            check_launch_date(self.portal, launch, today)
        except Denied as denied:
            is_early = launch.day is not None and launch.day < today
            self.add_error("launch_source" if is_early else "launched_on", str(denied.reason))
        return cleaned

    @property
    def launch(self) -> LaunchDate:
        """Today is the day on which the portal opens, also if that is approved tomorrow."""
        day: date | None = self.cleaned_data.get("launched_on")
        if day is None or day == timezone.localdate():
            return LaunchDate()
        return LaunchDate(day, str(self.cleaned_data.get("launch_source", "")))

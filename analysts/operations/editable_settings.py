"""The settings that administrators decide on a page, each with what a change of it means.

The least and greatest value are those that `portal_site/settings.py` allows in the environment.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts.incidents.counted_time import count_days, count_hours, count_minutes


class Weakens(Enum):
    """Which change weakens a promise to reporters or staff, and so needs a second administrator."""

    NEVER = "never"
    MORE = "a larger value"
    LESS = "a smaller value"
    EITHER = "any other value"


class SettingKind(Enum):
    NUMBER = "whole number"
    TIME = "time of day, or none"
    ZONE = "time zone"


@dataclass(frozen=True, slots=True)
class EditableSetting:
    """One setting that administrators can change."""

    name: str
    label: str | Promise
    weakens: Weakens = Weakens.NEVER
    unit: str | Promise = ""
    kind: SettingKind = SettingKind.NUMBER

    @property
    def bounds(self) -> tuple[int, int]:
        """The least and the greatest value of a whole number."""
        bounds: tuple[int, int] = settings.SETTING_BOUNDS[self.name]
        return bounds

    @property
    def server_value(self) -> str:
        """The value of the environment, as text."""
        return str(getattr(settings, self.name))

    def clean(self, value: str) -> str:
        """The value as it is stored. Raises ValidationError with what is allowed."""
        value = value.strip()
        match self.kind:
            case SettingKind.NUMBER:
                least, most = self.bounds
                # No number has more digits; Python refuses to read very long ones.
                if not re.fullmatch(r"[0-9]{1,6}", value) or not least <= int(value) <= most:
                    raise ValidationError(
                        _("Enter a whole number from %(least)d to %(most)d.") % {"least": least, "most": most}
                    )
                return str(int(value))
            case SettingKind.TIME:
                if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value, re.ASCII):
                    raise ValidationError(_("Enter a time of day such as 16:00."))
            case SettingKind.ZONE:
                if value not in available_timezones():
                    raise ValidationError(_("Enter a time zone such as Europe/London."))
        return value

    def needs_second(self, before: str, after: str) -> bool:
        """Whether a second administrator must approve the change of the value in force."""
        match self.weakens:
            case Weakens.NEVER:
                return False
            case Weakens.EITHER:
                return before != after
            case Weakens.MORE | Weakens.LESS if self.kind is SettingKind.NUMBER:
                return int(after) > int(before) if self.weakens is Weakens.MORE else int(after) < int(before)
            case Weakens.MORE | Weakens.LESS:
                # A time of day; none, "", is the latest.
                return (after or "24:00") > (before or "24:00")


@dataclass(frozen=True, slots=True)
class SettingGroup:
    """Settings under one heading of the page."""

    label: str | Promise
    rows: tuple[EditableSetting, ...]


MINUTES, HOURS, DAYS = gettext_lazy("minutes"), gettext_lazy("hours"), gettext_lazy("days")
PERCENT = gettext_lazy("percent")

SETTING_GROUPS = (
    SettingGroup(
        gettext_lazy("Signing in and requests"),
        (
            EditableSetting(
                "SESSION_IDLE_MINUTES", gettext_lazy("Signed out without a request after"), Weakens.MORE, MINUTES
            ),
            EditableSetting("SESSION_HOURS", gettext_lazy("Signed out in any case after"), Weakens.MORE, HOURS),
            EditableSetting(
                "REVEAL_HOURS", gettext_lazy("Identity proved again before revealing after"), Weakens.MORE, HOURS
            ),
            EditableSetting("APPROVAL_DAYS", gettext_lazy("Approval requests expire after"), Weakens.MORE, DAYS),
        ),
    ),
    SettingGroup(
        gettext_lazy("Assessment"),
        (
            EditableSetting("CLAIM_MINUTES", gettext_lazy("A claim lasts"), unit=MINUTES),
            EditableSetting("UNDO_MINUTES", gettext_lazy("A decision can be undone for"), unit=MINUTES),
            EditableSetting("BULK_UNDO_HOURS", gettext_lazy("A bulk closing can be undone for"), Weakens.LESS, HOURS),
            EditableSetting(
                "SECOND_REVIEW_PERCENT", gettext_lazy("Share of verdicts with a second review"), Weakens.LESS, PERCENT
            ),
            EditableSetting(
                "REOPEN_DAYS", gettext_lazy("Reported again: reopened at most once in"), Weakens.MORE, DAYS
            ),
            EditableSetting("UNASSESSED_DAYS", gettext_lazy("Waiting incidents are overdue after"), Weakens.MORE, DAYS),
            EditableSetting("SEARCHES_AN_HOUR", gettext_lazy("Searches of one analyst in an hour"), Weakens.MORE),
            EditableSetting(
                "BATCH_HOURS", gettext_lazy("A batch may stay on the workstation for"), Weakens.MORE, HOURS
            ),
            EditableSetting(
                "FILE_ADDRESSES", gettext_lazy("Addresses in files and copies of one person a day"), Weakens.MORE
            ),
            EditableSetting(
                "REVEALS_A_DAY", gettext_lazy("Alarm if one person reveals more addresses a day than"), Weakens.MORE
            ),
        ),
    ),
    SettingGroup(
        gettext_lazy("Takedown"),
        (
            EditableSetting(
                "NOTICE_GROUP_MINUTES", gettext_lazy("Addresses for one recipient are collected for"), unit=MINUTES
            ),
            EditableSetting("CHASE_HOURS", gettext_lazy("The host is reminded every"), Weakens.MORE, HOURS),
            EditableSetting(
                "CHASE_ESCALATE_AFTER", gettext_lazy("Reminders before an escalation is proposed"), Weakens.MORE
            ),
            EditableSetting("CHECK_HOURS", gettext_lazy("Availability is checked every"), Weakens.MORE, HOURS),
            EditableSetting(
                "GONE_CHECKS", gettext_lazy("Checks in a row that must find content removed"), Weakens.LESS
            ),
            EditableSetting(
                "URL_LIST_REVIEW_DAYS", gettext_lazy("Entries of the URL list are reviewed every"), Weakens.MORE, DAYS
            ),
            EditableSetting(
                "REVIEW_DAYS_POLICE", gettext_lazy("Waiting for the police: reviewed after"), Weakens.MORE, DAYS
            ),
            EditableSetting(
                "REVIEW_DAYS_RECIPIENT", gettext_lazy("Waiting for a recipient: reviewed after"), Weakens.MORE, DAYS
            ),
            EditableSetting(
                "REVIEW_DAYS_REPORTER", gettext_lazy("Waiting for the reporter: reviewed after"), Weakens.MORE, DAYS
            ),
            EditableSetting(
                "REVIEW_DAYS_COLLEAGUE", gettext_lazy("Waiting for a colleague: reviewed after"), Weakens.MORE, DAYS
            ),
        ),
    ),
    SettingGroup(
        gettext_lazy("Protection of analysts"),
        (
            EditableSetting(
                "EXPOSURE_MINUTES", gettext_lazy("Revealed material a day, at most"), Weakens.MORE, MINUTES
            ),
            EditableSetting("BREAK_AFTER_MINUTES", gettext_lazy("A break is due after"), Weakens.MORE, MINUTES),
            EditableSetting("BREAK_MINUTES", gettext_lazy("A break lasts"), Weakens.LESS, MINUTES),
            EditableSetting(
                "VEIL_MINUTES", gettext_lazy("Masked again without a request after"), Weakens.MORE, MINUTES
            ),
            EditableSetting("CUT_OFF", gettext_lazy("No new work after"), Weakens.MORE, kind=SettingKind.TIME),
            EditableSetting(
                "WORK_TIME_ZONE", gettext_lazy("Time zone of the analysts"), Weakens.EITHER, kind=SettingKind.ZONE
            ),
        ),
    ),
    SettingGroup(
        gettext_lazy("Retention"),
        (
            EditableSetting(
                "WORDS_DAYS_NOT_ACTIONED", gettext_lazy("Words, nothing to act on: kept for"), Weakens.EITHER, DAYS
            ),
            EditableSetting("WORDS_DAYS_ACTIONED", gettext_lazy("Words, acted on: kept for"), Weakens.EITHER, DAYS),
            EditableSetting(
                "ADDRESSES_DAYS_NOT_ACTIONED",
                gettext_lazy("Addresses, nothing to act on: kept for"),
                Weakens.EITHER,
                DAYS,
            ),
            EditableSetting(
                "ADDRESSES_DAYS_ACTIONED", gettext_lazy("Addresses, acted on: kept for"), Weakens.EITHER, DAYS
            ),
        ),
    ),
)
EDITABLE: Mapping[str, EditableSetting] = {row.name: row for group in SETTING_GROUPS for row in group.rows}


def value_with_unit(row: EditableSetting, value: str) -> str:
    """The value for display; "" is the server's own."""
    if not value:
        return _("the server’s value")
    for unit, count in ((MINUTES, count_minutes), (HOURS, count_hours), (DAYS, count_days)):
        if row.unit is unit and value.isdecimal():
            return count(int(value))
    return f"{value} {row.unit}".strip()

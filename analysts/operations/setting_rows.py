"""One setting that administrators decide: its values, and which changes of it need a second administrator.

A change needs one if it weakens a promise, and if it tightens so far that work suffers.
"""

import re
from dataclasses import dataclass
from enum import Enum
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from countries.reading_hours import EXAMPLE, parse_hours


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
    HOURS = "days, hours and their time zone"


@dataclass(frozen=True, slots=True)
class EditableSetting:
    """One setting that administrators can change.

    `sane`: the least and the greatest value, or minute of the day, with which work goes on as usual. None where every
    change needs two.
    """

    name: str
    label: str | Promise
    weakens: Weakens = Weakens.NEVER
    unit: str | Promise = ""
    kind: SettingKind = SettingKind.NUMBER
    sane: tuple[int, int] | None = None

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
            case SettingKind.HOURS:
                try:
                    parse_hours(value)
                except ValueError:
                    raise ValidationError(
                        _("Enter days and hours such as %(example)s.") % {"example": EXAMPLE}
                    ) from None
        return value

    def needs_second(self, before: str, after: str) -> bool:
        """Whether a second administrator must approve the change of the value in force."""
        if self.sane is None:
            return before != after
        old, new = self.rank_of(before), self.rank_of(after)
        least, most = self.sane
        weaker = (self.weakens is Weakens.MORE and new > old) or (self.weakens is Weakens.LESS and new < old)
        return weaker or new < min(least, old) or new > max(most, old)

    def is_too_strict(self, value: str) -> bool:
        """Whether the value is beyond the sane range, on the side that weakens no promise."""
        if self.sane is None:
            return False
        (least, most), rank = self.sane, self.rank_of(value)
        return (rank < least and self.weakens is not Weakens.LESS) or (rank > most and self.weakens is not Weakens.MORE)

    @property
    def can_be_too_strict(self) -> bool:
        """Whether any value that is allowed is."""
        ends = ("00:00", "23:59") if self.kind is SettingKind.TIME else map(str, self.bounds) if self.sane else ()
        return any(map(self.is_too_strict, ends))

    def rank_of(self, value: str) -> int:
        """The value as a number; of a time of day its minute, and the last of the day for none."""
        if self.kind is SettingKind.TIME:
            hours, _colon, minutes = (value or "24:00").partition(":")
            return int(hours) * 60 + int(minutes)
        return int(value)

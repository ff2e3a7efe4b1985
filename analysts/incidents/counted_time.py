"""Minutes, hours and days, counted in words."""

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def count_minutes(minutes: int) -> str:
    return ngettext("%(minutes)d minute", "%(minutes)d minutes", minutes) % {"minutes": minutes}


def count_hours(hours: int) -> str:
    return ngettext("%(hours)d hour", "%(hours)d hours", hours) % {"hours": hours}


def count_days(days: int) -> str:
    return ngettext("%(days)d day", "%(days)d days", days) % {"days": days}


def count_whole_hours(duration: timedelta) -> str:
    """Hours, or days from 48 hours on. For durations that begin with the hour of a report: less is not known."""
    hours = int(duration / timedelta(hours=1))
    if hours < 1:
        return _("under 1 hour")
    return count_hours(hours) if hours < 48 else count_days(hours // 24)

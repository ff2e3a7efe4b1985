"""Minutes, hours and days, counted in words."""

from django.utils.translation import ngettext


def count_minutes(minutes: int) -> str:
    return ngettext("%(minutes)d minute", "%(minutes)d minutes", minutes) % {"minutes": minutes}


def count_hours(hours: int) -> str:
    return ngettext("%(hours)d hour", "%(hours)d hours", hours) % {"hours": hours}


def count_days(days: int) -> str:
    return ngettext("%(days)d day", "%(days)d days", days) % {"days": days}

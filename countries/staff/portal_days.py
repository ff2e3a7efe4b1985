"""Days as the operators' pages write them."""

from datetime import date

from django.utils.translation import get_language

from countries.languages import long_date


def format_day(day: date | None) -> str:
    """The day in the active language; "" for None."""
    return long_date(day, get_language() or "en") if day else ""

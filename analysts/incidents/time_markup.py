"""Times on staff pages, for the reader's time zone, which is active while a page is drawn (`accounts.time_zones`)."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html


def draw_time(moment: datetime) -> str:
    """A <time> element, such as "3 Nov 2026, 20:30"."""
    local = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), date_format(local, "j M Y, H:i")
    )


def draw_local_day(moment: datetime) -> str:
    """The day of a moment, as text, such as "3 Nov 2026"."""
    return date_format(timezone.localtime(moment), "j M Y")

"""Times on staff pages, in the reader's time zone, which is active while a page is drawn (`accounts.time_zones`)."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html

register = template.Library()


@register.filter
def time_tag(moment: datetime) -> str:
    """A <time> element, such as "3 Nov 2026, 20:30"."""
    local = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), date_format(local, "j M Y, H:i")
    )

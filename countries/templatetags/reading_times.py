"""When analysts read reports, for public pages that say whom to call in danger."""

from django import template
from django.utils.translation import get_language

from countries.public.published_portal import PublishedPortal
from countries.public.reading_times import describe_hours, hours_in

register = template.Library()


@register.simple_tag
def reading_times(portal: PublishedPortal | None) -> str:
    """The sentence in the active language; "" where the hotline has set no hours, and without a portal."""
    hours = hours_in(portal.country) if portal else None
    return describe_hours(hours, get_language() or "en") if hours else ""

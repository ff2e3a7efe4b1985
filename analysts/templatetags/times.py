"""Times on staff pages."""

from datetime import datetime

from django import template

from analysts.incidents.time_markup import draw_time

register = template.Library()


@register.filter
def time_tag(moment: datetime) -> str:
    return draw_time(moment)

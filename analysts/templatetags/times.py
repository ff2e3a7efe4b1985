"""Times on staff pages."""

from django import template

from analysts.incidents.time_markup import draw_time

register = template.Library()
register.filter("time_tag", draw_time)

"""The markup of one entry of an incident's timeline. Written here and not in a template: a page has dozens."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import TextChoices
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from analysts.incidents.markup_cache import NOTHING
from analysts.incidents.time_markup import draw_time
from analysts.incidents.timeline import TimelineEntry


def draw_entries(entries: Sequence[TimelineEntry]) -> str:
    return format_html_join("", "{}", ((draw_entry(entry),) for entry in entries))


def draw_entry(entry: TimelineEntry) -> str:
    return format_html(
        '<li>{} <span class="quiet">{}{}</span>{}</li>\n',
        _draw_event(entry),
        format_html("{}, ", entry.by) if entry.by else NOTHING,
        _draw_time(entry),
        _draw_codes(entry.elsewhere),
    )


def _draw_event(entry: TimelineEntry) -> str:
    details = format_html(" ({})", "; ".join(map(str, entry.details))) if entry.details else NOTHING
    event = format_html("<strong>{}</strong>{}", entry.what, details)
    if not entry.taken_back:
        return event
    return format_html("<s>{}</s> <span>{}</span>", event, _("undone: %(why)s") % {"why": entry.taken_back})


def _draw_time(entry: TimelineEntry) -> str:
    if entry.is_day:
        return format_html('<time datetime="{}">{}</time>', entry.at.date(), date_format(entry.at, "j M Y"))
    return draw_time(entry.at)


def _draw_codes(codes: Mapping[Any, TextChoices]) -> str:
    """The equivalent codes of other code lists."""
    if not codes:
        return NOTHING
    named = " · ".join(f"{scheme.label}: {code.label}" for scheme, code in codes.items())
    return format_html(' <span class="elsewhere quiet">{} {}</span>', _("Other code lists:"), named)

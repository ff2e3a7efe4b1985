"""The legend of incident lists: priorities, reasons and ages."""

from collections.abc import Iterator

from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from analysts.incidents.markup_cache import MarkupCache
from analysts.incidents.priority import MARKS, PriorityReason
from analysts.incidents.table import AgeMark

# The level of the colour, as `row_markup` draws it; the numbers; their meaning.
PRIORITIES: tuple[tuple[int, str, str | Promise], ...] = (
    (10, "10", _("a child may be in danger now")),
    (5, "5–9", _("high")),
    (0, "1–4", _("other")),
    (0, "0", _("one of many similar reports, folded into one row")),
)
# One for each language.
LEGENDS = MarkupCache(most=30)


def _draw_marks() -> Iterator[tuple[str, str | Promise]]:
    for level, shown, meaning in PRIORITIES:
        yield format_html('<span class="priority" data-level="{}">{}</span>', level, shown), meaning
    for reason in PriorityReason:
        yield format_html('<span class="reason-mark">{}</span>', MARKS[reason]), reason.label
    for age in AgeMark:
        yield format_html('<span class="age-mark" data-age="{}"></span>', age.value), age.label


def draw_legend() -> str:
    """The marks and their meanings, for a `dl`."""
    return LEGENDS.draw_once(
        "legend", lambda: format_html_join("\n", "<div><dt>{}</dt><dd>{}</dd></div>", _draw_marks())
    )

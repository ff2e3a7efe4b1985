"""The parts of a chart that repeat, as markup; and names in tables of figures.

The parts are written here and not in templates: a page of figures has a thousand of them, which took half of its time.
"""

from django import template
from django.utils.html import format_html, format_html_join

from countries.charts import ChartBox, ChartLine, DrawnChart

register = template.Library()
NOTHING = format_html("{}", "")


@register.filter
def chart_marks(chart: DrawnChart) -> str:
    """The grid, bars, lines and words of the drawing."""
    words = ((text.x, text.y, text.anchor, text.text) for text in chart.texts)
    return format_html(
        '<path class="chart-grid" stroke="currentColor" stroke-width="1" d="{}" />{}{}'
        '<g class="chart-words" fill="currentColor" font-size="13">{}</g>',
        "".join(f"M{x1} {y1}L{x2} {y2}" for x1, y1, x2, y2 in chart.grid),
        _draw_boxes(chart) if chart.boxes else NOTHING,
        format_html_join("", "{}", ((_draw_line(line),) for line in chart.lines)),
        format_html_join("", '<text x="{}" y="{}" text-anchor="{}">{}</text>', words),
    )


def _draw_boxes(chart: DrawnChart) -> str:
    boxes = ((box.x, box.y, box.width, box.height, _fill_of(chart, box), box.label) for box in chart.boxes)
    boxes_markup = format_html_join("", '<rect x="{}" y="{}" width="{}" height="{}" {}><title>{}</title></rect>', boxes)
    return format_html('<g stroke="currentColor" stroke-width="1">{}</g>', boxes_markup)


def _fill_of(chart: DrawnChart, box: ChartBox) -> str:
    if box.is_hidden:
        return format_html('fill="none" stroke-dasharray="{}"', "3 2")
    return format_html('fill="url(#{}-{})"', chart.name, box.series)


def _draw_line(line: ChartLine) -> str:
    dash = format_html(' stroke-dasharray="{}"', line.dash) if line.dash else NOTHING
    return format_html(
        '<g class="series-{}" fill="none" stroke="currentColor" stroke-width="2.5">{}{}</g>',
        line.series,
        format_html_join("", '<polyline points="{}"{} />', ((part, dash) for part in line.parts)),
        format_html_join(
            "", '<path d="{}" fill="currentColor" stroke-width="1.5"><title>{}</title></path>', line.markers
        ),
    )


@register.filter
def chart_rows(chart: DrawnChart) -> str:
    """The rows of the table."""
    row = f'<tr><th scope="row">{{}}</th>{'<td class="number">{}</td>' * len(chart.series)}</tr>'
    return format_html_join("\n", row, ((label, *cells) for label, cells in chart.rows))


@register.filter
def breakable(name: str) -> str:
    """A name of code that may be broken behind each of its words."""
    *words, last = name.split("_")
    return format_html("{}{}", format_html_join("", "{}_<wbr>", ((word,) for word in words)), last)

"""The parts of a chart that repeat, as markup; and names in tables of figures.

The parts are written here and not in templates: a page of figures has a thousand of them, which took half of its time.
"""

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString

from countries.charts import ChartBox, ChartLine, DrawnChart

register = template.Library()


@register.filter
def chart_marks(chart: DrawnChart) -> SafeString:
    """The grid, bars, lines and words of the drawing. Only words need escaping: all else are numbers and paths."""
    grid = (f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" />' for x1, y1, x2, y2 in chart.grid)
    boxes = (_draw_box(chart.name, box) for box in chart.boxes)
    words = (
        f'<text x="{text.x}" y="{text.y}" text-anchor="{text.anchor}">{escape(text.text)}</text>'
        for text in chart.texts
    )
    parts = [
        f'<g class="chart-grid" stroke="currentColor" stroke-width="1">{"".join(grid)}</g>',
        f'<g stroke="currentColor" stroke-width="1">{"".join(boxes)}</g>' if chart.boxes else "",
        *map(_draw_line, chart.lines),
        f'<g class="chart-words" fill="currentColor" font-size="13">{"".join(words)}</g>',
    ]
    return SafeString("\n".join(parts))


def _draw_box(chart: str, box: ChartBox) -> str:
    fill = 'fill="none" stroke-dasharray="3 2"' if box.is_hidden else f'fill="url(#{chart}-{box.series})"'
    place = f'x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}"'
    return f"<rect {place} {fill}><title>{escape(box.label)}</title></rect>"


def _draw_line(line: ChartLine) -> str:
    dash = f' stroke-dasharray="{line.dash}"' if line.dash else ""
    parts = (f'<polyline points="{part}"{dash} />' for part in line.parts)
    markers = (
        f'<path d="{path}" fill="currentColor" stroke-width="1.5"><title>{escape(label)}</title></path>'
        for path, label in line.markers
    )
    return (
        f'<g class="series-{line.series}" fill="none" stroke="currentColor" stroke-width="2.5">'
        f"{''.join(parts)}{''.join(markers)}</g>"
    )


@register.filter
def chart_rows(chart: DrawnChart) -> SafeString:
    """The rows of the table."""
    rows = (
        f'<tr><th scope="row">{escape(label)}</th>'
        f"{''.join(f'<td class="number">{escape(cell)}</td>' for cell in cells)}</tr>"
        for label, cells in chart.rows
    )
    return SafeString("\n".join(rows))


@register.filter
def breakable(name: str) -> SafeString:
    """A name of code that may be broken behind each of its words."""
    return SafeString(escape(name).replace("_", "_<wbr>"))

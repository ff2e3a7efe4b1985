"""Charts for narrow screens: a horizontal bar below the label of each column, with any number of parts.

As wide as a phone, so that their words can be read there; long labels in any language have a line of their own.
"""

from countries.charts import HIDDEN_HEIGHT, PATTERNS, ChartBox, ChartText, DrawnChart

WIDTH = 360
LABEL_HEIGHT, BAR_HEIGHT, ROW_HEIGHT = 20, 16, 46
# Room for the value beside the longest bar.
VALUE_WIDTH = 56


def draw_rows(chart: DrawnChart) -> DrawnChart:
    """Draw a bar of all series for each column; beside the bar of a single series its value.

    There is no sum of several: protected numbers do not add up. A hidden value is a small dashed box.
    """
    chart.width, chart.height = WIDTH, len(chart.columns) * ROW_HEIGHT
    sums = [sum(series.values[column] or 0 for series in chart.series) for column in range(len(chart.columns))]
    most = WIDTH - VALUE_WIDTH - HIDDEN_HEIGHT * len(chart.series)
    scale = most / (max(sums, default=0) or 1)
    for column, label in enumerate(chart.columns):
        top = column * ROW_HEIGHT
        chart.texts.append(ChartText(chart.place_x(0), f"{top + LABEL_HEIGHT - 7}", label, chart.anchor("start")))
        end = _draw_bar(chart, column, top + LABEL_HEIGHT, scale)
        if len(chart.series) == 1:
            middle = f"{top + LABEL_HEIGHT + BAR_HEIGHT - 3}"
            text = chart.rows[column][1][0]
            chart.texts.append(ChartText(chart.place_x(end + 6), middle, text, chart.anchor("start")))
    return chart


def _draw_bar(chart: DrawnChart, column: int, top: float, scale: float) -> float:
    """Draw the parts of one bar; returns where it ends."""
    x = 1.0
    for number, series in enumerate(chart.series):
        value = series.values[column]
        length = HIDDEN_HEIGHT if value is None else value * scale
        if length:
            chart.boxes.append(
                ChartBox(
                    chart.place_x(x, length),
                    f"{top}",
                    f"{length:.1f}",
                    f"{BAR_HEIGHT}",
                    number % PATTERNS,
                    chart.label_of(column, number),
                    is_hidden=value is None,
                )
            )
        x += length
    return x

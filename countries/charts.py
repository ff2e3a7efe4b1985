"""Charts as SVG of attributes only, drawn on the server: line, bar, stacked bar, histogram, small multiples.

A chart relies neither on colour (it has patterns, dashes and markers) nor on sight: `_chart.html` shows
it with a title and with its numbers as a table. In a language written from right to left the axis is mirrored. Styles
are in `static/staff/charts.css`; without them it is drawn in the colour of the text.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import ceil, floor, log10

from django.utils.formats import number_format
from django.utils.translation import get_language, get_language_bidi

WIDTH, HEIGHT = 720, 240
SMALL_WIDTH, SMALL_HEIGHT = 240, 130
TOP, BOTTOM, SIDE, END = 14, 30, 64, 14
LABEL_WIDTH, ROW_HEIGHT, VALUE_WIDTH = 230, 28, 70
MOST_X_LABELS = 9
MOST_Y_STEPS = 5
CHARACTERS_OF_A_LABEL = 34
# Dashes of lines and their markers, by series.
DASHES = ("", "8 4", "2 4", "10 3 2 3", "14 5", "4 2")
PATTERNS = 6
# Height of the mark for a hidden value.
HIDDEN_HEIGHT = 8

type Value = float | int | None


def format_value(value: float) -> str:
    return _format_number(value, get_language())


@lru_cache(maxsize=10_000)
def _format_number(value: float, _language: str | None) -> str:
    return number_format(value, 0 if float(value).is_integer() else 1, use_l10n=True, force_grouping=True)


@dataclass(frozen=True, slots=True)
class ChartSeries:
    """Values in the order of the columns; None: hidden, or nothing to show."""

    label: str
    values: Sequence[Value]


@dataclass(frozen=True, slots=True)
class ChartText:
    x: str
    y: str
    text: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class ChartBox:
    """`series`: its number, which selects the pattern; `is_hidden`: the mark of a hidden value."""

    x: str
    y: str
    width: str
    height: str
    series: int
    label: str
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class ChartLine:
    """Parts of a line without gaps, as points; and its markers, as paths with their labels."""

    series: int
    dash: str
    parts: Sequence[str]
    markers: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ChartKey:
    series: int
    dash: str
    label: str


@dataclass(slots=True)
class DrawnChart:
    """A drawn chart and its table. `name` is unique on the page: ids begin with it."""

    name: str
    title: str
    heading: str
    columns: Sequence[str]
    series: Sequence[ChartSeries]
    hidden_text: str = "–"
    write: Callable[[float], str] = format_value
    width: int = WIDTH
    height: int = HEIGHT
    boxes: list[ChartBox] = field(default_factory=list)
    lines: list[ChartLine] = field(default_factory=list)
    grid: list[tuple[str, str, str, str]] = field(default_factory=list)
    texts: list[ChartText] = field(default_factory=list)
    is_small: bool = False
    is_mirrored: bool = field(default_factory=get_language_bidi)

    @property
    def legend(self) -> list[ChartKey]:
        """The series by pattern or dash; empty for a single one."""
        if len(self.series) < 2:
            return []
        return [ChartKey(n, DASHES[n % len(DASHES)] if self.lines else "", s.label) for n, s in enumerate(self.series)]

    @property
    def rows(self) -> list[tuple[str, list[str]]]:
        """The table: a row for each column of the chart."""
        return [
            (label, [self._cell(series.values[number]) for series in self.series])
            for number, label in enumerate(self.columns)
        ]

    def _cell(self, value: Value) -> str:
        return self.hidden_text if value is None else self.write(value)

    def place_x(self, x: float, width: float = 0) -> str:
        """The left edge of something at `x` from the side where reading begins."""
        return f"{self.width - x - width if self.is_mirrored else x:.1f}"

    def anchor(self, side: str) -> str:
        """`start` or `end` of the reading direction, as sides of the drawing."""
        return {"start": "end", "end": "start"}[side] if self.is_mirrored else side

    def label_of(self, column: int, series: int) -> str:
        words = [self.columns[column], self._cell(self.series[series].values[column])]
        return ": ".join([self.series[series].label, *words] if len(self.series) > 1 else words)


def scale_steps(highest: float) -> list[float]:
    """Round values from 0 to at least `highest`, at most MOST_Y_STEPS steps; whole numbers."""
    if highest <= 0:
        return [0, 1]
    rough = highest / MOST_Y_STEPS
    power = 10 ** floor(log10(rough))
    step = max(1, next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough))
    return [step * number for number in range(ceil(highest / step) + 1)]


def draw_lines(chart: DrawnChart) -> DrawnChart:
    """Draw one line for each series over the columns. A missing value interrupts it."""
    y_of = _draw_axis(chart, _highest(chart))
    for number, series in enumerate(chart.series):
        places = [
            None if value is None else (chart.place_x(_middle(chart, column)), f"{y_of(value):.1f}")
            for column, value in enumerate(series.values)
        ]
        parts: list[list[str]] = [[]]
        for place in places:
            if place is None:
                parts.append([])
            else:
                parts[-1].append(",".join(place))
        markers = [
            (_marker(number, *map(float, place)), chart.label_of(column, number))
            for column, place in enumerate(places)
            if place is not None
        ]
        points = [" ".join(part) for part in parts if len(part) > 1]
        chart.lines.append(ChartLine(number, DASHES[number % len(DASHES)], points, markers))
    return chart


def draw_stacked_bars(chart: DrawnChart) -> DrawnChart:
    """Draw one bar for each column, of the values of all series; with one series, plain bars or a histogram."""
    y_of = _draw_axis(chart, _highest(chart, stacked=True))
    step = _plot_width(chart) / max(1, len(chart.columns))
    thickness = step * (0.95 if len(chart.columns) > 40 else 0.75)
    for column in range(len(chart.columns)):
        sum_so_far = 0.0
        for number, series in enumerate(chart.series):
            value = series.values[column]
            low, high = y_of(sum_so_far), y_of(sum_so_far + (value or 0))
            x = chart.place_x(_middle(chart, column) - thickness / 2, thickness)
            if value is None:
                low, high = y_of(sum_so_far), y_of(sum_so_far) - HIDDEN_HEIGHT
            if low > high:
                chart.boxes.append(
                    ChartBox(
                        x,
                        f"{high:.1f}",
                        f"{thickness:.1f}",
                        f"{low - high:.1f}",
                        number % PATTERNS,
                        chart.label_of(column, number),
                        is_hidden=value is None,
                    )
                )
            sum_so_far += value or 0
    return chart


def draw_bars(chart: DrawnChart) -> DrawnChart:
    """Draw one horizontal bar for each column of the first series, with its label and value: for long labels."""
    [series] = chart.series
    chart.height = len(chart.columns) * ROW_HEIGHT + 8
    highest = max((value for value in series.values if value is not None), default=0) or 1
    most = chart.width - LABEL_WIDTH - VALUE_WIDTH
    for number, (label, value) in enumerate(zip(chart.columns, series.values, strict=True)):
        top = number * ROW_HEIGHT + 4
        length = max(1, most * value / highest) if value is not None else HIDDEN_HEIGHT
        middle = f"{top + ROW_HEIGHT / 2 + 2:.1f}"
        chart.texts.append(ChartText(chart.place_x(LABEL_WIDTH - 8), middle, shorten_label(label), chart.anchor("end")))
        end = chart.place_x(LABEL_WIDTH + length + 6)
        chart.texts.append(ChartText(end, middle, chart.label_of(number, 0).rpartition(": ")[2], chart.anchor("start")))
        chart.boxes.append(
            ChartBox(
                chart.place_x(LABEL_WIDTH, length),
                f"{top:.1f}",
                f"{length:.1f}",
                f"{ROW_HEIGHT - 10}",
                0,
                chart.label_of(number, 0),
                is_hidden=value is None,
            )
        )
    return chart


def draw_small_multiples(charts: Sequence[DrawnChart]) -> list[DrawnChart]:
    """Draw small line charts, each with a scale of its own: beside a large one a small one would be a flat line."""
    for chart in charts:
        chart.width, chart.height, chart.is_small = SMALL_WIDTH, SMALL_HEIGHT, True
        draw_lines(chart)
    return list(charts)


def shorten_label(label: str) -> str:
    """A label that fits beside a bar; the table has all of it."""
    return label if len(label) <= CHARACTERS_OF_A_LABEL else f"{label[: CHARACTERS_OF_A_LABEL - 1]}…"


def _highest(chart: DrawnChart, *, stacked: bool = False) -> float:
    values = [[value or 0 for value in series.values] for series in chart.series]
    columns = zip(*values, strict=True)
    return max((sum(column) if stacked else max(column) for column in columns), default=0)


def _side(chart: DrawnChart) -> int:
    return SIDE if not chart.is_small else SIDE - 20


def _plot_width(chart: DrawnChart) -> float:
    return chart.width - _side(chart) - END


def _middle(chart: DrawnChart, column: int) -> float:
    return _side(chart) + _plot_width(chart) * (column + 0.5) / max(1, len(chart.columns))


def _draw_axis(chart: DrawnChart, highest: float) -> Callable[[float], float]:
    """Draw the grid with its values and the labels of the columns; returns the place of a value."""
    steps = scale_steps(highest)
    if chart.is_small:
        steps = [steps[0], steps[-1]]
    base = chart.height - BOTTOM

    def y_of(value: float) -> float:
        return base - (base - TOP) * value / steps[-1]

    ends = (chart.place_x(_side(chart)), chart.place_x(chart.width - END))
    for step in steps:
        y = f"{y_of(step):.1f}"
        chart.grid.append((ends[0], y, ends[1], y))
        chart.texts.append(
            ChartText(chart.place_x(_side(chart) - 6), f"{y_of(step) + 4:.1f}", chart.write(step), chart.anchor("end"))
        )
    every = max(1, ceil(len(chart.columns) / (3 if chart.is_small else MOST_X_LABELS)))
    for column in range(0, len(chart.columns), every):
        x = chart.place_x(_middle(chart, column))
        chart.texts.append(ChartText(x, f"{chart.height - 10}", shorten_label(chart.columns[column])))
    return y_of


def _marker(series: int, x: float, y: float) -> str:
    """A circle, square, triangle, diamond, cross or bar around the point, as a path."""
    size = 3.5
    corners = (
        ((-size, -size), (size, -size), (size, size), (-size, size)),
        ((0, -size), (size, size), (-size, size)),
        ((0, -size - 1), (size + 1, 0), (0, size + 1), (-size - 1, 0)),
        ((-size, 0), (size, 0)),
        ((0, -size), (0, size)),
    )
    if series % len(DASHES) == 0:
        return f"M{x - size:.1f} {y:.1f}a{size} {size} 0 1 0 {2 * size} 0a{size} {size} 0 1 0 {-2 * size} 0z"
    points = [f"{x + right:.1f} {y + down:.1f}" for right, down in corners[series % len(DASHES) - 1]]
    return f"M{'L'.join(points)}z"

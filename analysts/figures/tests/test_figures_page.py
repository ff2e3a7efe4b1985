"""The figures page: what senior analysts see of intake, backlog and times taken; and the targets."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.template.loader import get_template
from django.test import Client
from django.utils import translation

from analysts.figures import gauges, rollups
from analysts.figures.intervals import BOUNDS, WIDE_BOUNDS
from analysts.figures.page import step_labels, write_median
from analysts.figures.reading import FigurePeriod
from analysts.models import Chase, DailyFigure, FigureTarget, User
from analysts.tests.factories import assessed_illegal, assessed_not_found, incident_of
from audit.models import AuditEvent
from countries.charts import (
    ChartSeries,
    DrawnChart,
    draw_bars,
    draw_lines,
    draw_small_multiples,
    draw_stacked_bars,
    scale_steps,
)
from countries.models import Portal
from countries.tests.factories import open_portal
from tests.rig.fixtures import ClientResponse, client_of

PATH = "/admin/figures/"
NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _now() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def counted(belize: Portal, ana: User, sena: User) -> None:
    """Three incidents: illegal and removed, not found, and waiting."""
    first = incident_of(belize, "https://one.example.org/a", now=NOW - timedelta(hours=30))
    other = incident_of(belize, "https://two.example.org/b", now=NOW - timedelta(hours=3))
    incident_of(belize, "https://three.example.org/c", now=NOW - timedelta(hours=50))
    assessed_illegal(first, ana, now=NOW)
    assessed_not_found(other, ana, now=NOW)
    Chase.objects.filter(incident=first).update(
        noticed_at=NOW - timedelta(hours=20), removed_at=NOW, removed_in_a_row=3, ended_at=NOW, country="NL"
    )
    rollups.count_changes(now=NOW)
    gauges.count_open_work(now=NOW)


def table_rows(page: ClientResponse) -> dict[str, list[str]]:
    """The cells of all tables by the text of the row's first cell."""
    rows = re.findall(r"<tr>(.*?)</tr>", page.content.decode(), re.DOTALL)
    cells = [
        [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)]
        for row in rows
    ]
    return {first: rest for first, *rest in cells}


@pytest.mark.usefixtures("counted")
def test_page_shows_intake_backlog_ages_and_times(sena: User, belize: Portal) -> None:
    FigureTarget.objects.create(assess_hours=48, removal_hours=72)
    rows = table_rows(client_of(sena).get(PATH, {"first": "2026-02-20", "last": "2026-03-05"}))

    assert rows["5 Mar"] == ["1"]  # the backlog's table is the last one with days
    assert rows["Waiting for a verdict"] == ["0", "1", "0", "0", "0", "0", "1", "1"]
    assert rows["Time to assess"] == ["2", "3.0 hours", "up to 1 day 6 hours", "50 %", "100 %", "100 %", "–"]
    assert rows["Time to removal"] == ["1", "19.5 hours", "up to 20 hours", "100 %", "100 %", "100 %", "0"]
    assert rows[belize.name] == ["3", "2", "50 %", "1", "6.0 hours", "100 %", "18.0 hours", "100 %"]


def test_takedown_in_progress_counts_illegal_and_open_incidents_traced_or_not(
    belize: Portal, ana: User, sena: User
) -> None:
    untraced, notified, not_illegal = (
        incident_of(belize, f"https://{name}.example.org/a", now=NOW - timedelta(hours=30))
        for name in ("one", "two", "three")
    )
    for incident in (untraced, notified):
        assessed_illegal(incident, ana, now=NOW)
    assessed_not_found(not_illegal, ana, now=NOW)
    incident_of(belize, "https://waiting.example.org/a", now=NOW)
    Chase.objects.filter(incident=notified).update(noticed_at=NOW - timedelta(hours=80))
    FigureTarget.objects.create(assess_hours=48, removal_hours=72)
    gauges.count_open_work(now=NOW)

    rows = table_rows(client_of(sena).get(PATH))
    assert rows["Takedown in progress"] == ["0", "2", "0", "0", "0", "0", "2", "–"]
    assert rows["First notice sent, not yet removed"] == ["0", "0", "1", "0", "0", "0", "1", "1"]


@pytest.mark.parametrize(
    ("numbers", "bounds", "words"),
    [
        ({}, BOUNDS, "–"),
        ({1: 1}, BOUNDS, "0.5 hours"),
        ({3: 1, 30: 3}, BOUNDS, "28.0 hours"),
        ({48: 2}, WIDE_BOUNDS, "36.0 hours"),
        ({168: 1}, WIDE_BOUNDS, "5.0 days"),
        ({24: 1, BOUNDS[-1]: 2}, BOUNDS, "longer"),
    ],
)
def test_median_has_one_decimal_within_its_interval(numbers: dict[int, int], bounds: Any, words: str) -> None:
    assert write_median(numbers, bounds) == words


def test_small_charts_have_scales_of_their_own() -> None:
    charts = [
        DrawnChart(name, name, "Day", ["1", "2"], [ChartSeries("Number", [0, highest])])
        for name, highest in (("small", 4), ("large", 4_000))
    ]
    draw_small_multiples(charts)
    assert ["4,000" in [text.text for text in chart.texts] for chart in charts] == [False, True]
    assert charts[0].lines[0].parts == charts[1].lines[0].parts


@pytest.mark.parametrize("demo", [True, False])
@pytest.mark.parametrize("path", ["", "periods/", "periods/dsa/", "providers/"])
def test_demonstration_alone_says_on_each_page_of_figures_that_they_are_invented(
    sena: User, settings: Any, path: str, demo: bool
) -> None:
    settings.DEMO = demo
    page = client_of(sena).get(f"{PATH}{path}").content.decode()
    assert ("Demonstration: this history is invented." in page) is demo


@pytest.mark.usefixtures("counted")
@pytest.mark.parametrize(
    ("by", "name", "cells"),
    [
        ("severity", "C: other indecent", ["1", "100 %", "36.0 hours", "up to 2 days", "0 %", "100 %", "100 %"]),
        ("language", "English", ["2", "100 %", "6.0 hours", "up to 2 days", "50 %", "100 %", "100 %"]),
        ("country", "Netherlands", ["1", "100 %", "18.0 hours", "up to 1 day", "100 %", "100 %", "100 %"]),
        ("verdict", "illegal", ["1", "50 %"]),
        ("reason", "content not found", ["1", "100 %"]),
    ],
)
def test_page_divides_figures(sena: User, by: str, name: str, cells: list[str]) -> None:
    assert table_rows(client_of(sena).get(PATH, {"by": by}))[name] == cells


@pytest.mark.usefixtures("counted")
def test_page_shows_every_breakdown_in_a_bounded_number_of_queries(
    sena: User, django_assert_max_num_queries: Any
) -> None:
    client = client_of(sena)
    client.get(PATH)
    for by in ("portal", "age", "sex", "site_type", "flag", "provider", "recipient"):
        with django_assert_max_num_queries(17) as captured:
            assert client.get(PATH, {"by": by}).status_code == 200
        asked = [query["sql"] for query in captured if 'FROM "analysts_dailyfigure"' in query["sql"]]
        # Alternatives are filters on all rows of an index range; lists and unions are ranges of their own.
        assert (len(asked) >= 4, [sql for sql in asked if " OR " in sql]) == (True, [])


def test_page_offers_the_portals_of_the_person(sena: User, belize: Portal) -> None:
    open_portal("gh", "Ghana", "en", country="GH")
    client = client_of(sena)
    assert "Ghana" not in client.get(PATH).content.decode()
    page = client.get(PATH, {"portal": "gh"})
    assert (page.status_code, "gh is not one of the available choices" in page.content.decode()) == (422, True)
    assert client.get(PATH, {"portal": "bz"}).status_code == 200


@pytest.mark.parametrize(
    "given",
    [{"first": "x"}, {"first": "2026-03-05", "last": "2026-03-01"}, {"first": "1026-03-05"}, {"by": "x"}],
)
def test_page_explains_filters_that_it_cannot_use(sena: User, given: dict[str, str]) -> None:
    page = client_of(sena).get(PATH, given)
    assert page.status_code == 422
    assert "There is a problem" in page.content.decode()


def test_page_shows_the_first_day_that_there_is(sena: User) -> None:
    assert client_of(sena).get(PATH, {"first": "0001-01-01", "last": "0001-01-01"}).status_code == 200


@pytest.mark.parametrize(
    ("first", "number", "label"),
    [(date(2026, 2, 1), 28, "1 Feb"), (date(2026, 1, 1), 9, "29 Dec"), (date(2025, 3, 1), 12, "Mar 2025")],
)
def test_longer_periods_are_shown_by_week_and_month(first: date, number: int, label: str) -> None:
    labels = step_labels(FigurePeriod(first, date(2026, 2, 28)))
    assert (len(labels), labels[0]) == (number, label)


def test_operators_set_targets_on_record(olga: User) -> None:
    client = client_of(olga)
    refused: ClientResponse = client.post("/admin/figures/targets/", {"assess_hours": "5", "removal_hours": "72"})
    assert refused.status_code == 422
    assert client.post("/admin/figures/targets/", {"assess_hours": "48", "removal_hours": "72"}).status_code == 302
    assert FigureTarget.objects.values_list("assess_hours", "removal_hours").get() == (48, 72)
    client.post("/admin/figures/targets/", {"assess_hours": "24", "removal_hours": "72"})
    events = AuditEvent.objects.filter(action="figures.targets").order_by("number")
    assert [(event.actor, event.details) for event in events] == [
        ("olga", {"assess_hours": [None, 48], "removal_hours": [None, 72]}),
        ("olga", {"assess_hours": [48, 24], "removal_hours": [72, 72]}),
    ]


def test_other_people_see_no_figures(ana: User, olga: User) -> None:
    clients: list[Client] = [client_of(ana), client_of(olga)]
    assert [client.get(PATH).status_code for client in clients] == [403, 403]
    assert not DailyFigure.objects.exists()


def test_charts_scale_to_round_values() -> None:
    assert [scale_steps(highest) for highest in (0, 3, 47, 1_234)] == [
        [0, 1],
        [0, 1, 2, 3],
        [0, 10, 20, 30, 40, 50],
        [0, 500, 1000, 1500],
    ]


def chart_of(*values: int | None, series: int = 1) -> DrawnChart:
    return DrawnChart(
        "c", "Title", "Day", [f"day {n}" for n in range(len(values))], [ChartSeries("S", values)] * series
    )


def test_charts_show_hidden_values_as_gaps_and_in_the_table() -> None:
    drawn = draw_lines(chart_of(10, None, 30, 40))
    assert [len(part.split()) for part in drawn.lines[0].parts] == [2]
    assert drawn.rows[1] == ("day 1", ["–"])
    assert [box.is_hidden for box in draw_stacked_bars(chart_of(10, None)).boxes] == [False, True]


def test_chart_escapes_words_and_names_only_patterns_that_it_has() -> None:
    template = get_template("countries/charts/_chart.html")
    bars, lines = (
        draw(DrawnChart("c", "<b>", "Day", ["<i>"], [ChartSeries("<s>", [1]), ChartSeries("T", [None])]))
        for draw in (draw_stacked_bars, draw_lines)
    )
    drawn = [template.render({"chart": chart}) for chart in (bars, lines)]
    assert [markup for markup in drawn if re.search("<[bis]>", markup)] == []
    for markup in drawn:
        assert markup.count("<title>&lt;s&gt;: &lt;i&gt;: 1</title>") == 1
        # The boxes of the legend and of the bars.
        assert len(set(re.findall(r"url\(#(.*?)\)", markup)) - set(re.findall('id="(.*?)"', markup))) == 0


def test_charts_are_mirrored_where_reading_begins_at_the_right() -> None:
    places = []
    for language in ("en", "ar"):
        with translation.override(language):
            drawn = draw_bars(chart_of(10, 5))
            places.append([float(box.x) + (float(box.width) if drawn.is_mirrored else 0) for box in drawn.boxes])
    [left, right] = places
    assert right == [drawn.width - x for x in left]

"""The pages of published statistics and their open data: only protected numbers, from memory, in every language."""

import csv
import json
import re
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from countries.models import Portal, PortalState, PublishedStatistics
from countries.public import published
from countries.public.network.network_map import MapCountry, draw_map, read_places
from countries.public.statistics import open_data
from countries.public.statistics.page import StatisticsWriter
from countries.public.statistics.words import MEASURES
from countries.statistics import PublicFigures, PublicMeasure
from countries.tests.factories import open_portal
from portal_site.database.roles import PUBLIC
from tests.rig.json_schema import find_schema_faults

LAST_DAYS = {"2026Q1": date(2026, 3, 31), "2026": date(2026, 12, 31)}


def numbers_of(reports: int | None) -> dict[str, int | None]:
    """Only reports are shown."""
    return {measure.value: reports if measure == PublicMeasure.REPORTS else None for measure in PublicMeasure}


def publish(period: str, network: int, portals: dict[Portal, int | None], small: list[Portal] | None = None) -> None:
    figures: PublicFigures = {
        "network": numbers_of(network),
        "assessed": {"half_hours": 30, "within": [45, 90, 100]},
        "removed": {"half_hours": None, "within": [None, None, 75]},
        "portals": {str(portal.pk): numbers_of(reports) for portal, reports in portals.items()},
        "small": [str(portal.pk) for portal in small or []],
    }
    last = LAST_DAYS[period]
    PublishedStatistics.objects.create(
        period=period, last_day=last, published_on=last + timedelta(days=30), figures=figures, digest="d" * 64
    )


@pytest.fixture
def portals(belize: Portal) -> list[Portal]:
    """Belize, a small one, and one that is not listed, with a quarter and a year."""
    ghana = open_portal("gh", "Ghana", "en", country="GH")
    hidden = open_portal("xk", "Secret country", "en", country="")
    Portal.objects.filter(pk=hidden.pk).update(state=PortalState.RESTRICTED, access_phrase="placeholder")
    publish("2026Q1", 1_235, {belize: 1_105, ghana: None, hidden: 45})
    publish("2026", 4_320, {belize: 4_200, ghana: None, hidden: 55}, small=[ghana])
    published.clear_cache()
    return [belize, ghana, hidden]


def text_of(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_network_shows_its_numbers_and_those_of_listed_portals(portals: list[Portal], visitor: Client) -> None:
    page = text_of(visitor, "/statistics/")
    assert "Reports 4,320" in page
    assert "We checked half of all reports within 30 hours." in page
    assert "After 7 days, 75% were gone." in page
    # The figure in words comes before the numbers.
    assert page.index("About 7 of 10 illegal pages were gone a week after our first notice.") < page.index("4,320")
    assert "Half of the illegal pages" not in page
    assert "Q1 2026 1,235 hidden" in page
    assert "Belize 4,200 hidden hidden" in page
    assert "Ghana fewer than 10 in the year" in page
    for path in ("/statistics/", "/network/en/statistics/2026/", "/statistics/figures.csv", "/statistics/figures.json"):
        assert "Secret country" not in text_of(visitor, path)
        assert "xk" not in text_of(visitor, path)
    assert visitor.get("/network/en/statistics/2025/").status_code == 404


@pytest.mark.parametrize(
    ("percent", "tenths"), [(None, ""), (0, ""), (5, ""), (6, "1"), (75, "7"), (85, "8"), (86, "9"), (100, "10")]
)
def test_headline_says_no_more_than_was_achieved(portals: list[Portal], percent: int | None, tenths: str) -> None:
    period = published.statistics().periods[-1]
    period.figures["removed"]["within"][-1] = percent
    headline = StatisticsWriter("en", None).headline(period)
    assert headline.removeprefix("About ").partition(" of ")[0] == tenths


@pytest.mark.parametrize("demo", [True, False])
def test_demonstration_alone_says_that_its_history_is_invented(
    portals: list[Portal], visitor: Client, settings: Any, demo: bool
) -> None:
    settings.DEMO = demo
    assert ("Demonstration: this history is invented." in text_of(visitor, "/statistics/")) is demo
    assert ("Demostración: este historial es inventado." in text_of(visitor, "/bz/es/statistics/")) is demo


def test_portal_shows_its_own_numbers_only(portals: list[Portal], visitor: Client) -> None:
    page = text_of(visitor, "/bz/en/statistics/")
    assert "Q1 2026 1,105 hidden" in page
    assert "1,235" not in page
    assert "fewer than 10 in the year" in text_of(visitor, "/gh/en/statistics/")
    # Reached by its address, like its other pages.
    assert visitor.get("/xk/en/statistics/").status_code == visitor.get("/xk/en/").status_code


def test_pages_are_served_from_memory(portals: list[Portal], visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    published.portals_by_slug()
    monkeypatch.setattr(published, "RENEW_AFTER", 3_600.0)
    with CaptureQueriesContext(connection) as asked:
        for path in ("/statistics/", "/network/ur/statistics/", "/bz/es/statistics/", "/bz/statistics.json"):
            assert visitor.get(path).status_code == 200
            assert visitor.get(path).content == visitor.get(path).content
    # The visitor's own: it takes the role of the public surface.
    assert {each["sql"] for each in asked.captured_queries} <= {"RESET ROLE", f"SET ROLE {PUBLIC}"}


@pytest.mark.parametrize("demo", [True, False])
@pytest.mark.usefixtures("portals")
def test_open_data_of_a_demonstration_alone_say_that_they_are_invented(
    visitor: Client, settings: Any, demo: bool
) -> None:
    settings.DEMO = demo
    document = json.loads(visitor.get("/statistics/figures.json").content)
    schema = json.loads(visitor.get(document["schema"]).content)
    assert list(find_schema_faults(document, schema, schema)) == []
    assert ("invented" in document.get("demonstration", "")) is demo
    rows = list(csv.DictReader(StringIO(visitor.get("/statistics/figures.csv").content.decode())))
    assert {row.get("demonstration") for row in rows} == ({"invented"} if demo else {None})


def test_open_data_hold_every_number_and_follow_the_schema(portals: list[Portal], visitor: Client) -> None:
    document = json.loads(visitor.get("/statistics/figures.json").content)
    schema = json.loads(visitor.get(document["schema"]).content)
    assert list(find_schema_faults(document, schema, schema)) == []
    assert set(document["definitions"]) >= set(MEASURES)
    assert [each["period"] for each in document["periods"]] == ["2026Q1", "2026"]
    assert document["periods"][0]["portals"][0]["numbers"]["reports"] == 1_105
    rows = list(csv.DictReader(StringIO(visitor.get("/statistics/figures.csv").content.decode())))
    found = {(row["period"], row["portal"], row["measure"]): row["number"] for row in rows}
    assert found["2026Q1", "bz", "reports"] == "1105"
    assert found["2026Q1", "bz", "illegal"] == ""
    assert found["2026", open_data.NETWORK, "assessed_within_3_days"] == "90"
    assert all(row["definition"] for row in rows)
    wrong = {**document, "periods": [{**document["periods"][0], "network": {**numbers_of(3), "other": 5}}]}
    assert list(find_schema_faults(wrong, schema, schema)) == [
        "/periods/0/network/reports: minimum",
        "/periods/0/network/reports: multipleOf",
        "/periods/0/network/other: additionalProperties",
    ]


def test_page_without_figures_says_when_there_will_be_some(belize: Portal, visitor: Client) -> None:
    published.clear_cache()
    for path in ("/statistics/", "/bz/en/statistics/"):
        assert "There are no numbers yet." in text_of(visitor, path)
    assert "Usual time" not in text_of(visitor, "/bz/en/status/")


def test_pages_lead_to_the_statistics_and_the_status_page_says_the_usual_time(
    portals: list[Portal], visitor: Client
) -> None:
    assert "Usual time: we check half of all reports within 30 hours." in text_of(visitor, "/bz/en/status/")
    for path in ("/bz/en/", "/bz/en/about/", "/bz/en/trust/", "/bz/en/status/"):
        assert 'href="/bz/en/statistics/"' in visitor.get(path).content.decode()
    for path in ("/network/en/", "/network/en/trust/"):
        assert 'href="/network/en/statistics/"' in visitor.get(path).content.decode()


@pytest.mark.parametrize("state", [PortalState.LIVE, PortalState.CLOSED, PortalState.DRAFT])
def test_statistics_are_there_while_the_portal_is_visible(
    portals: list[Portal], visitor: Client, state: PortalState
) -> None:
    Portal.objects.filter(slug="bz").update(state=state)
    published.clear_cache()
    for path in ("/bz/en/statistics/", "/bz/statistics.csv", "/bz/statistics.json"):
        assert visitor.get(path).status_code == (200 if state.visible else 404)
    assert ('"bz"' in visitor.get("/statistics/figures.json").content.decode()) == state.visible


def test_database_refuses_an_early_publication_and_every_change(portals: list[Portal]) -> None:
    row = PublishedStatistics.objects.get(period="2026")
    early = PublishedStatistics(
        period="2025", last_day=date(2025, 12, 31), published_on=date(2026, 1, 29), figures=row.figures, digest="d"
    )
    for change in (early.save, row.delete, lambda: PublishedStatistics.objects.update(digest="e")):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_new_period_is_shown_on_kept_pages(
    portals: list[Portal], visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    text_of(visitor, "/bz/en/statistics/")
    last = date(2026, 6, 30)
    PublishedStatistics.objects.create(
        period="2026Q2",
        last_day=last,
        published_on=last + timedelta(days=30),
        figures=PublishedStatistics.objects.get(period="2026Q1").figures,
        digest="e" * 64,
    )
    monkeypatch.setattr(published, "RENEW_AFTER", 0.0)
    assert "Q2 2026 1,105" in text_of(visitor, "/bz/en/statistics/")
    assert "Q2 2026 1,235" in text_of(visitor, "/statistics/")


def test_map_has_a_tile_of_its_own_for_each_country() -> None:
    drawn = draw_map([MapCountry(code, code, None, "hidden") for code in (*read_places(), "")])
    assert len(drawn.tiles) == len(read_places())
    assert len({(tile.x, tile.y) for tile in drawn.tiles}) == len(drawn.tiles)
    assert max(tile.x + tile.size for tile in drawn.tiles) <= drawn.width
    few = draw_map([MapCountry(code, code, number, "") for code, number in (("IN", 250), ("BZ", 10), ("GH", None))])
    assert [tile.country.code for tile in sorted(few.tiles, key=lambda tile: tile.x)] == ["BZ", "GH", "IN"]
    assert {tile.country.code: tile.level for tile in few.tiles} == {"IN": 3, "BZ": 1, "GH": 0}

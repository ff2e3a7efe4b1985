"""Pages say when reports are read, by the clocks of the country, wherever they say whom to call in danger."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import translation
from django.utils.html import escape

from analysts.operations.editable_settings import EDITABLE
from countries.models import Portal, PortalState
from countries.public import published
from countries.public.help.situations import Situation
from countries.public.reading_times import describe_hours, hours_in
from countries.reading_hours import EXAMPLE, parse_hours
from countries.tests.factories import PortalFactory, PortalTextFactory
from reports.tests.pages import fresh_token, post, token_in
from tests.rig.fixtures import ClientResponse

LANGUAGES = list(dict(django_settings.LANGUAGES))
WINTER, SUMMER = datetime(2026, 1, 7, 8, tzinfo=UTC), datetime(2026, 7, 7, 8, tzinfo=UTC)
CALLS = ("Do not wait for this portal", "If it is urgent, call:", "Call at once:", "These people can help you:")


@pytest.fixture(autouse=True)
def _hours(settings: Any) -> None:
    settings.READING_HOURS = EXAMPLE


@pytest.mark.parametrize(
    ("country", "now", "words"),
    [
        # No daylight saving time there: the hotline's clocks move.
        ("BZ", WINTER, "Monday to Friday, 03:00 to 11:00 (Belize Time)"),
        ("BZ", SUMMER, "Monday to Friday, 02:00 to 10:00 (Belize Time)"),
        ("PK", WINTER, "Monday to Friday, 14:00 to 22:00 (Pakistan Time)"),
        # Half an hour, and past midnight.
        ("IN", WINTER, "Monday to Friday, 14:30 to 22:30 (India Time)"),
        ("FJ", WINTER, "Monday to Friday, 21:00 to 05:00 (Fiji Time)"),
        # Several times in one country, no country, and a code that is none.
        ("US", WINTER, "Monday to Friday, 09:00 to 17:00 (United Kingdom Time)"),
        ("", WINTER, "Monday to Friday, 09:00 to 17:00 (United Kingdom Time)"),
        ("XX", WINTER, "Monday to Friday, 09:00 to 17:00 (United Kingdom Time)"),
    ],
)
def test_hours_are_those_of_the_country(
    country: str, now: datetime, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("countries.public.reading_times.timezone.now", lambda: now)
    hours = hours_in(country)
    assert hours
    assert describe_hours(hours, "en") == f"Reports are read from {words}. They are not read at other times."


@pytest.mark.parametrize(
    ("value", "zone", "days"),
    [
        ("1-5 20:00-23:00 America/Belize", "Asia/Karachi", (2, 6)),
        ("1-5 01:00-05:00 Asia/Karachi", "America/Belize", (7, 4)),
        ("1-7 01:00-05:00 Asia/Karachi", "America/Belize", (7, 6)),
    ],
)
def test_days_move_with_the_hours(value: str, zone: str, days: tuple[int, int]) -> None:
    hours = parse_hours(value)
    moved = hours.in_zone(zone, WINTER)
    assert (moved.first_day, moved.last_day) == days
    assert moved.is_daily is hours.is_daily
    assert moved.in_zone(hours.zone, WINTER) == hours


@pytest.mark.parametrize(
    "value",
    [
        *("", "1-5", "09:00-17:00", "0-5 09:00-17:00 UTC", "1-8 09:00-17:00 UTC", "1-1 09:00-17:00 UTC"),
        *(
            "1-5 09:00-09:00 UTC",
            "1-5 24:00-17:00 UTC",
            "1-5 9:00-17:00 UTC",
            "1-5 09:00-17:00",
            "1-5 09:00-17:00 Mars",
        ),
        *("1-5 09:00-17:00 Europe/London ", "١-٥ 09:00-17:00 UTC", "1-5 09:00-17:00 ../etc"),
    ],
)
def test_other_values_are_refused_by_the_settings_page_and_say_nothing(value: str, settings: Any) -> None:
    settings.READING_HOURS = value
    assert hours_in("BZ") is None
    if value == value.strip():
        with pytest.raises(ValidationError, match=re.escape(EXAMPLE)):
            EDITABLE["READING_HOURS"].clean(value)


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentence_exists_in_every_language_with_its_days_and_digits(language: str) -> None:
    hours = parse_hours(EXAMPLE)
    with translation.override(language):
        sentences = {describe_hours(each, language) for each in (hours, parse_hours("1-7 22:00-06:30 UTC"))}
    assert len(sentences) == 2
    assert not any("%" in sentence for sentence in sentences)
    assert language == "en" or not any("Reports" in sentence or "Monday" in sentence for sentence in sentences)


def test_every_template_that_says_whom_to_call_says_when_reports_are_read() -> None:
    folder = Path(django_settings.BASE_DIR, "templates")
    texts = {path: path.read_text(encoding="utf-8") for path in folder.rglob("*.html")}
    calls = {path for path, text in texts.items() if any(words in text for words in CALLS)}
    assert len(calls) == 4
    lacks = {path.name for path in calls if "{% reading_times portal as times %}" not in texts[path]}
    # Below the first field, which must be on a phone's first screen: the page around it says so.
    assert lacks == {"_danger_line.html"}
    around = {path for path, text in texts.items() if "reports/_danger_line.html" in text}
    assert [path.name for path in around] == ["report.html"]
    assert all("{% reading_times portal as times %}" in texts[path] for path in around)


@pytest.fixture
def here(open_keys: object) -> Portal:
    portal = PortalFactory.create(slug="here", name="Here", country="PK")
    for position, language in enumerate(LANGUAGES):
        PortalTextFactory.create(portal=portal, language=language, position=position)
    published.clear_cache()
    return portal


def visit_doors(client: Client, language: str) -> dict[str, ClientResponse]:
    """By name, each page on which a person who reports danger may look."""
    place = f"/here/{language}"
    paths = ["", "about/", "help/", "report/", *(f"help/{situation.value}/" for situation in Situation)]
    doors: dict[str, Any] = {path: client.get(f"{place}/{path}") for path in paths}
    token = {"token": fresh_token(client, f"{place}/report/")}
    doors["refused"] = post(client, f"{place}/report/", {**token, "addresses": ""})
    doors["stored"] = post(client, f"{place}/report/", {**token, "addresses": "http://a.example/ I want to die"})
    danger = {"token": token_in(doors["stored"]), "facts": "child_in_danger"}
    doors["danger"] = post(client, f"{place}/details/", danger)
    about_me = {"token": token_in(doors["stored"]), "facts": "about_me"}
    doors["about me"] = post(client, f"{place}/details/", about_me)
    return doors


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_door_of_a_person_in_danger_says_when_reports_are_read(
    here: Portal, visitor: Client, language: str, settings: Any
) -> None:
    hours = hours_in("PK")
    assert hours
    with translation.override(language):
        sentence = escape(describe_hours(hours, language))
    lacks = [name for name, page in visit_doors(visitor, language).items() if sentence not in page.content.decode()]
    assert lacks == []
    # Nothing is claimed where the hotline has set no hours.
    settings.READING_HOURS = ""
    published.clear_cache()
    claims = [name for name, page in visit_doors(visitor, language).items() if sentence in page.content.decode()]
    assert claims == []


def test_suspended_portal_says_it_too(here: Portal, visitor: Client) -> None:
    Portal.objects.filter(pk=here.pk).update(state=PortalState.SUSPENDED)
    published.clear_cache()
    assert "They are not read at other times." in visitor.get("/here/en/").content.decode()


def test_page_is_the_same_at_every_hour_of_a_day_and_follows_the_seasons(
    here: Portal, visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who keeps a page, or looks at its bytes, learns nothing of the moment."""
    pages: dict[date, set[bytes]] = {}
    for day in (WINTER, SUMMER):
        for hour in range(0, 16, 5):
            monkeypatch.setattr(
                "countries.public.reading_times.timezone.now", lambda at=day + timedelta(hours=hour): at
            )
            pages.setdefault(day.date(), set()).add(visitor.get("/here/en/help/").content)
    assert [len(contents) for contents in pages.values()] == [1, 1]
    assert pages[date(2026, 1, 7)] != pages[date(2026, 7, 7)]

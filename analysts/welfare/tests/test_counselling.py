"""When counselling is due: dates on the person's own page, and yes or no for the welfare lead."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from analysts.models import DisplayPreferences, Exposure, User
from analysts.pages.tests.test_incident_page import shown
from analysts.welfare.tests.test_welfare_page import row_of
from tests.rig.fixtures import client_of

NOW = datetime(2026, 3, 11, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
SETTINGS = "/admin/my-settings/"


@pytest.fixture(autouse=True)
def _now(settings: Any) -> Any:
    settings.COUNSELLING_DAYS, settings.COUNSELLING_OVERDUE_DAYS = 30, 14
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.parametrize(
    ("first_day", "counselled_on", "says", "overdue"),
    [
        (None, None, "", "no"),
        (TODAY, None, "Counselling is due on 10 Apr 2026.", "no"),
        (TODAY - timedelta(days=30), None, "Counselling has been due since 11 Mar 2026.", "no"),
        (TODAY - timedelta(days=44), None, "Counselling has been due since 25 Feb 2026.", "no"),
        (TODAY - timedelta(days=45), None, "Counselling has been due since 24 Feb 2026.", "yes"),
        (TODAY - timedelta(days=400), TODAY - timedelta(days=1), "Counselling is due on 9 Apr 2026.", "no"),
        (TODAY - timedelta(days=400), TODAY - timedelta(days=45), "Counselling has been due since 24 Feb 2026.", "yes"),
    ],
)
def test_dates_are_of_the_person_and_overdue_of_the_lead(
    ana: User, ben: User, willa: User, first_day: date | None, counselled_on: date | None, says: str, overdue: str
) -> None:
    if first_day:
        # Later days change nothing.
        for day in {first_day, TODAY}:
            Exposure.objects.create(user=ana, day=day, seconds=60)
    if counselled_on:
        DisplayPreferences.objects.create(user=ana, counselled_on=counselled_on)

    page = shown(client_of(ana).get(SETTINGS))
    assert says in page
    assert ("Counselling is due" in page or "Counselling has been due" in page) is bool(says)
    welfare = client_of(willa).get("/admin/welfare/")
    assert row_of(welfare, ana) == [str(ana), "no", overdue]
    assert row_of(welfare, ben)[2] == "no"
    assert "2026" not in shown(welfare)


def test_person_enters_the_last_session_and_none_to_come(ana: User) -> None:
    client = client_of(ana)
    assert client.post(SETTINGS, {"counselled_on": "2026-03-11"}).status_code == 302
    assert DisplayPreferences.objects.get().counselled_on == TODAY
    page = client.post(SETTINGS, {"counselled_on": "2026-03-12"})
    assert page.status_code == 422
    assert "This day is in the future." in shown(page)
    assert DisplayPreferences.objects.get().counselled_on == TODAY

"""Durations that begin with the hour of a report: no page says more than that hour allows."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from analysts.incidents import durations
from analysts.incidents.table import age_label
from analysts.models import Assessment, Incident
from analysts.operations.health_item import hourly_item
from analysts.operations.jobs import MOVED_BY_REPORTS, WaitingJobs, with_age
from analysts.takedown.chasing.due_page import due_line
from analysts.takedown.chasing.lists import TO_DO
from analysts.takedown.to_do_kinds import ToDoLine

HOUR = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def time_to_assess(since: datetime, now: datetime) -> str:
    incident = Incident(waiting_since=since)
    incident.__dict__["known_chases"] = []
    [(_label, words)] = durations.duration_lines(incident, Assessment(at=now), now=now)
    return words


def due_for(since: datetime, now: datetime) -> str:
    line = ToDoLine(incident=Incident().pk, name="", place="", since=since)
    return due_line(TO_DO[0], line, {}, {}, now).due_for


# By place, the words for a wait from the hour of a report until now.
PLACES: dict[str, Callable[[datetime, datetime], str]] = {
    "page of an incident": time_to_assess,
    "rows of incidents, and the longest wait": age_label,
    "to-do list": due_for,
    # While it is not late, the current hour is left out altogether.
    "operations: items": lambda since, now: hourly_item("x", "x", True, since, "", now=now).age,
    **{
        f"operations: {task}": lambda since, now, task=task: with_age(WaitingJobs(task, 1, 0, since), now).age  # type: ignore[misc]
        for task in MOVED_BY_REPORTS
    },
}
# The modules and templates that show exact durations, and where these begin.
EXACT = {
    "analysts/figures/forms.py": "a target in hours",
    "analysts/incidents/durations.py": "one hour or more after a report; the first notice",
    "analysts/operations/host_readings.py": "a reading of the machine",
    "analysts/operations/jobs.py": "a job that no report orders",
    "analysts/operations/keyring_look.py": "a look at the keyring",
    "analysts/operations/operations_items.py": "a proof",
    "analysts/operations/staff_bar.py": "the heartbeats of the workers, a lockdown, a mode",
    "analysts/takedown/recipients/performance_page.py": "the first notice",
    "analysts/takedown/recipients/views.py": "the first notice",
    "analysts/takedown/routing/clearance.py": "a clearance request",
    "analysts/welfare/views.py": "the first notice",
    "templates/analysts/assessment/_dashboard_mine.html": "the end of a claim",
}
SHOWS_EXACTLY = re.compile(
    r"\btime(?:since|until)\b|\bdurations\.in_words\(|durations import .*\bin_words\b|^def in_words\(duration"
)


@pytest.mark.parametrize("minutes", [0, 1, 40, 59])
@pytest.mark.parametrize("place", PLACES)
def test_less_than_an_hour_is_not_told_apart(place: str, minutes: int) -> None:
    assert PLACES[place](HOUR, HOUR + timedelta(minutes=minutes)) == "under 1 hour"


@pytest.mark.parametrize("place", PLACES)
def test_longer_waits_are_told_without_minutes(place: str) -> None:
    for minutes, words in ((60, "1 hour"), (119, "1 hour"), (150, "2 hours")):
        assert PLACES[place](HOUR, HOUR + timedelta(minutes=minutes)) == words


def test_exact_durations_begin_with_no_report() -> None:
    base = Path(settings.BASE_DIR)
    files = [
        path
        for folder in ("analysts", "countries", "reports", "audit", "portal_site", "templates")
        for path in (base / folder).rglob("*")
        if path.suffix in (".py", ".html") and "tests" not in path.parts
    ]
    exact = {
        str(path.relative_to(base))
        for path in files
        if any(SHOWS_EXACTLY.search(line) for line in path.read_text(encoding="utf-8").splitlines())
    }
    assert exact == set(EXACT)

"""Time to assess and time to removal, compared with values calculated by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from analysts.incidents import durations
from analysts.incidents.durations import Removal, in_words, to_removal
from analysts.models import Chase, Incident, User
from analysts.tests.factories import assessed_illegal, incident_of
from countries.models import Portal

SENT = datetime(2026, 3, 28, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
NOW = SENT + 100 * HOUR
GONE: dict[str, Any] = {"removed_in_a_row": 3, "removed_at": SENT}


def chase(**known: Any) -> Chase:
    return Chase(since=SENT - 3 * HOUR, **known)


@pytest.mark.parametrize(
    ("known", "found"),
    [
        ({}, Removal(None, is_over=False)),
        ({"noticed_at": SENT}, Removal(100 * HOUR, is_over=False)),
        # Found removed once, not confirmed yet.
        ({"noticed_at": SENT, **GONE, "removed_in_a_row": 1}, Removal(100 * HOUR, is_over=False)),
        # Measured to the first of the three checks, not to the last.
        (
            {"noticed_at": SENT, **GONE, "removed_at": SENT + 30 * HOUR, "ended_at": SENT + 78 * HOUR},
            Removal(30 * HOUR, is_over=True),
        ),
        ({**GONE, "ended_at": NOW}, Removal(None, is_over=True, before=True)),
        (
            {"noticed_at": SENT, **GONE, "removed_at": SENT - HOUR, "ended_at": NOW},
            Removal(None, is_over=True, before=True),
        ),
        # Ended by a person after a single check that found it removed.
        ({"noticed_at": SENT, **GONE, "removed_in_a_row": 2, "ended_at": NOW}, Removal(None, is_over=True)),
        ({**GONE, "removed_in_a_row": 1, "ended_at": NOW}, Removal(None, is_over=True)),
        # No further action possible, and the content is still online.
        ({"noticed_at": SENT, "ended_at": SENT + 50 * HOUR}, Removal(None, is_over=True)),
        ({"ended_at": NOW}, Removal(None, is_over=True)),
    ],
)
def test_time_to_removal_runs_from_the_notice_to_the_first_check_that_found_it_gone(
    known: dict[str, Any], found: Removal
) -> None:
    assert to_removal(chase(**known), now=NOW) == found


@pytest.mark.parametrize(
    ("taken", "words"),
    [
        (timedelta(0), "0 minutes"),
        (timedelta(minutes=3, seconds=40), "3 minutes"),
        (timedelta(minutes=119), "1 hour"),
        (timedelta(hours=23, minutes=59), "23 hours"),
        (timedelta(hours=48), "2 days"),
        (timedelta(hours=53), "2 days 5 hours"),
    ],
)
def test_durations_use_at_most_two_units(taken: timedelta, words: str) -> None:
    assert in_words(taken) == words


@pytest.mark.django_db
def test_page_shows_both_durations_of_the_latest_round(belize: Portal, ana: User) -> None:
    received = datetime(2026, 3, 28, 17, 40, tzinfo=UTC)
    incident = incident_of(belize, now=received)
    assert durations.duration_lines(incident, durations.find_decided(incident), now=received) == []
    assessed_illegal(incident, ana, now=received + timedelta(hours=2, minutes=30))
    incident = Incident.objects.get()
    # Received in the hour that began at 17:00.
    assert durations.duration_lines(incident, durations.find_decided(incident), now=received + 3 * HOUR) == [
        ("Time to assess", "3 hours"),
        ("Time to removal", "no notice sent yet"),
    ]
    Chase.objects.update(noticed_at=received + 3 * HOUR)
    del incident.known_chases
    assert durations.duration_lines(incident, durations.find_decided(incident), now=received + 31 * HOUR)[1] == (
        "Time to removal",
        "1 day 4 hours so far",
    )

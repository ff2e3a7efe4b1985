"""The page of a user's own settings: display, limits that cannot be looser, and exposure today."""

import re
from datetime import UTC, datetime, time
from typing import Any

import pytest
import time_machine

from analysts.models import DisplayPreferences, Exposure, User
from analysts.pages.tests.test_incident_page import shown
from analysts.welfare import exposure
from audit.models import AuditEvent
from tests.rig.fixtures import client_of

PATH = "/admin/my-settings/"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NOTHING = dict.fromkeys(("greys", "type_size", "density", "budget_minutes", "break_after_minutes", "cut_off"), "")


@pytest.fixture(autouse=True)
def _limits(settings: Any) -> Any:
    settings.EXPOSURE_MINUTES, settings.BREAK_AFTER_MINUTES, settings.CUT_OFF = 240, 50, "16:00"
    settings.STAFF_GREYS, settings.STAFF_TYPE_SIZE, settings.STAFF_DENSITY = False, "normal", "roomy"
    with time_machine.travel(NOW, tick=False):
        yield


def body_class(page: Any) -> list[str]:
    [classes] = re.findall(r'<body class="([^"]*)"', page.content.decode())
    return str(classes).split()


def test_display_settings_follow_the_organisation_until_the_user_chooses(
    ana: User, sena: User, olga: User, settings: Any
) -> None:
    settings.STAFF_GREYS, settings.STAFF_TYPE_SIZE = True, "large"
    client = client_of(ana)
    assert body_class(client.get("/admin/queue/")) == ["greys", "type-large", "density-roomy"]
    page = shown(client.get(PATH))
    assert "default: greyscale" in page
    assert "default: large" in page
    sent = NOTHING | {"greys": "colours", "type_size": "larger", "density": "compact"}
    assert client.post(PATH, sent).status_code == 302

    assert body_class(client.get("/admin/queue/")) == ["type-larger", "density-compact"]
    assert '<option value="colours" selected>' in client.get(PATH).content.decode()
    assert body_class(client_of(sena).get("/admin/queue/")) == ["greys", "type-large", "density-roomy"]
    assert body_class(client_of(olga).get("/admin/")) == []
    # Back to the organisation's defaults.
    client.post(PATH, NOTHING)
    assert body_class(client.get("/admin/queue/")) == ["greys", "type-large", "density-roomy"]
    events = AuditEvent.objects.filter(action="welfare.settings")
    assert [(event.actor, event.details) for event in events] == [("ana", {}), ("ana", {})]


def test_own_limits_may_be_stricter(ana: User) -> None:
    sent = NOTHING | {"budget_minutes": "120", "break_after_minutes": "30", "cut_off": "14:30"}
    assert client_of(ana).post(PATH, sent).status_code == 302

    own = DisplayPreferences.objects.get(user=ana)
    assert (own.budget_minutes, own.break_after_minutes, own.cut_off) == (120, 30, time(14, 30))


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("budget_minutes", "241", "The organisation’s limit is 240. Yours may be stricter."),
        ("budget_minutes", "9" * 20, "The organisation’s limit is 240. Yours may be stricter."),
        ("break_after_minutes", "51", "The organisation’s limit is 50. Yours may be stricter."),
        ("cut_off", "16:01", "The organisation’s time is 16:00. Yours may be earlier."),
        ("budget_minutes", "0", "greater than or equal to 1"),
    ],
)
def test_looser_limits_are_refused(ana: User, name: str, value: str, says: str) -> None:
    page = client_of(ana).post(PATH, NOTHING | {name: value, "type_size": "larger"})

    assert page.status_code == 422
    assert says in shown(page)
    assert f'value="{value}"' in page.content.decode()
    assert not DisplayPreferences.objects.exists()
    assert body_class(page) == ["type-normal", "density-roomy"]


def test_settings_page_shows_the_exposure_of_today(ana: User) -> None:
    exposure.begin_reveal(ana, now=NOW)
    Exposure.objects.update(seconds=95 * 60, since_break=20 * 60, open_since=None, characters_read=1234)
    page = shown(client_of(ana).get(PATH))

    assert "95 of 240 minutes’ exposure today." in page
    assert "20 minutes since your last break. 1 reveal: 1234 characters read on pages" in page


def test_not_today_is_ticked_here_too(ana: User) -> None:
    client = client_of(ana)
    answer = client.post("/admin/pause/avoid/", {"avoids": ["severe"], "on": "my_settings"})

    assert answer["Location"] == PATH
    assert exposure.warnings_to_avoid(ana, now=NOW) == {"severe"}

"""The break page: what leads to it, what a user can do there, and how the interrupted request continues."""

import re
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
import time_machine

from analysts.models import DisplayPreferences, Exposure, Incident, User
from analysts.pages.tests.test_incident_page import shown, url
from analysts.tests.factories import claimed, incident_of
from analysts.welfare import exposure
from audit.models import AuditEvent
from countries.models import Portal
from tests.rig.fixtures import client_of

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(settings: Any) -> Any:
    settings.EXPOSURE_MINUTES, settings.BREAK_AFTER_MINUTES, settings.BREAK_MINUTES = 240, 50, 10
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def incident(belize: Portal) -> Incident:
    return incident_of(belize, "https://bad.example.org/gallery/1")


def has_seen(user: User, minutes: int) -> None:
    exposure.extend_reveal(user, now=NOW)
    Exposure.objects.filter(user=user).update(seconds=minutes * 60, since_break=minutes * 60, open_since=None)


def welfare_events() -> list[tuple[str, dict[str, Any]]]:
    events = AuditEvent.objects.filter(action__startswith="welfare.").order_by("number")
    return list(events.values_list("action", "details"))


@pytest.mark.parametrize(
    ("minutes", "cut_off", "says"),
    [
        (51, "", "Time for a break You have viewed reports for 51 minutes since your last break."),
        (240, "", "Daily limit reached You have viewed reports for 240 minutes today."),
        (0, "08:30", "It is past 08:30 No new work starts this late"),
    ],
)
def test_reveal_and_next_lead_to_the_pause_that_says_why(
    incident: Incident, ana: User, settings: Any, minutes: int, cut_off: str, says: str
) -> None:
    settings.CUT_OFF = cut_off
    has_seen(ana, minutes)
    client = client_of(ana)

    for path, sent in ((url(incident, "reveal"), {"reason": "advice"}), ("/admin/queue/next/", {})):
        assert client.post(path, sent)["Location"] == "/admin/pause/"
    assert says in shown(client.get("/admin/pause/"))
    incident.refresh_from_db()
    assert incident.state == "waiting"
    assert not AuditEvent.objects.filter(action__in=["incident.reveal", "incident.claim"]).exists()


def test_filled_in_forms_are_never_stopped(incident: Incident, ana: User) -> None:
    incident = claimed(incident, ana)
    has_seen(ana, 240)
    client = client_of(ana)

    assert client.get(url(incident)).status_code == 200
    sent = {"fence": incident.fence, "verdict": "not_assessed", "reason": "site_down"}
    refused = client.post(url(incident, "assess"), {"verdict": "illegal", "fence": incident.fence})
    assert refused.status_code == 422
    assert client.post(url(incident, "release"), sent).status_code == 302


def test_going_on_does_what_was_asked_for_and_is_on_record(incident: Incident, ana: User, clock: Any) -> None:
    has_seen(ana, 60)
    client = client_of(ana)
    client.post(url(incident, "reveal"), {"reason": "advice"})
    pause = client.get("/admin/pause/").content.decode()
    assert '<input type="hidden" name="reason" value="advice">' in pause
    page = client.post("/admin/pause/go-on/", {"reason": "advice"}, follow=True)

    assert page.redirect_chain == [(url(incident, "reveal"), 307), (url(incident), 302)]
    assert "hxxps://bad[.]example[.]org/gallery/1" in shown(page)
    assert welfare_events() == [("welfare.go_on", {"limit": "break"})]
    assert Exposure.objects.get().continued == 1
    # For half an hour; after that the break page is shown again.
    clock.shift(timedelta(minutes=29))
    assert client.post("/admin/queue/next/")["Location"] != "/admin/pause/"
    clock.shift(timedelta(minutes=1))
    assert client.post("/admin/queue/next/")["Location"] == "/admin/pause/"


@pytest.mark.parametrize(
    ("minutes", "own", "recorded"),
    [
        (60, {"break_after_minutes": 30}, "break"),
        (240, {"budget_minutes": 30}, "budget"),
        (40, {"break_after_minutes": 30}, None),
        (40, {"budget_minutes": 30}, None),
        (0, {"cut_off": time(8)}, None),
    ],
)
def test_going_on_past_a_limit_of_ones_own_is_private(
    ana: User, minutes: int, own: dict[str, object], recorded: str | None
) -> None:
    DisplayPreferences.objects.create(user=ana, **own)
    has_seen(ana, minutes)
    client = client_of(ana)
    page = shown(client.get("/admin/pause/"))
    assert ("Continuing is logged." in page, "This is your own limit" in page) == (bool(recorded), not recorded)
    client.post("/admin/pause/go-on/")

    assert welfare_events() == ([("welfare.go_on", {"limit": recorded})] if recorded else [])
    day = Exposure.objects.get()
    assert (day.continued, day.passed_limit) == (1, bool(recorded))


def test_ending_a_break_early_passes_no_limit(ana: User) -> None:
    client = client_of(ana)
    client.post("/admin/pause/break/")
    client.post("/admin/pause/go-on/")

    assert welfare_events()[1:] == [("welfare.go_on", {"limit": "on_break"})]
    assert not Exposure.objects.get().passed_limit


def test_next_goes_on_with_its_portal(incident: Incident, ana: User) -> None:
    has_seen(ana, 60)
    client = client_of(ana)
    client.post("/admin/queue/next/", {"portal": "bz"})
    assert '<input type="hidden" name="portal" value="bz">' in client.get("/admin/pause/").content.decode()
    page = client.post("/admin/pause/go-on/", {"portal": "bz"}, follow=True)

    assert page.redirect_chain[0] == ("/admin/queue/next/", 307)
    incident.refresh_from_db()
    assert incident.claimed_by == ana


def test_break_says_until_when_and_ends_by_itself(incident: Incident, ana: User, clock: Any) -> None:
    has_seen(ana, 60)
    client = client_of(ana)
    client.post(url(incident, "reveal"), {"reason": "advice"})
    page = client.post("/admin/pause/break/", follow=True)
    assert "You are on a break until 09:10" in shown(page)
    assert client.post(url(incident, "reveal"), {"reason": "advice"})["Location"] == "/admin/pause/"
    clock.shift(timedelta(minutes=10))

    page = client.get("/admin/pause/")
    assert "No limit has been reached" in shown(page)
    client.post("/admin/pause/go-on/", {"reason": "advice"})
    assert welfare_events() == [("welfare.break", {})]
    day = Exposure.objects.get()
    assert (day.breaks, day.continued, day.since_break) == (1, 0, 0)


def test_break_may_be_taken_without_being_asked(ana: User) -> None:
    client = client_of(ana)
    assert "You can still take a break" in shown(client.get("/admin/pause/"))
    client.post("/admin/pause/break/")

    assert Exposure.objects.get().breaks == 1
    # No request was interrupted: redirect to the queue.
    assert client.post("/admin/pause/go-on/")["Location"] == "/admin/queue/"


def test_warnings_to_avoid_are_saved_and_not_named_in_the_audit_log(ana: User) -> None:
    client = client_of(ana)
    page = client.post("/admin/pause/avoid/", {"avoids": ["young", "violence"], "on": "pause"}, follow=True)

    assert "Saved until the end of the day." in shown(page)
    assert exposure.warnings_to_avoid(ana, now=NOW) == {"young", "violence"}
    assert re.findall(r'value="(\w+)"[^>]* checked', page.content.decode()) == ["young", "violence"]
    assert welfare_events() == [("welfare.avoid", {})]
    client.post("/admin/pause/avoid/", {"avoids": ["nonsense"], "on": "https://elsewhere.example"})
    assert exposure.warnings_to_avoid(ana, now=NOW) == {"young", "violence"}


def test_break_page_shows_the_end_in_the_working_time_zone(incident: Incident, ana: User, settings: Any) -> None:
    settings.WORK_TIME_ZONE = "Africa/Lusaka"
    client = client_of(ana)
    assert "You are on a break until 11:10" in shown(client.post("/admin/pause/break/", follow=True))

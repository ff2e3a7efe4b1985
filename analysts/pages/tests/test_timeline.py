"""The timeline after a verdict: one entry for each kind of action, newest first."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from analysts.assessment.actions import close
from analysts.incidents.attached import find_visible
from analysts.models import (
    Chase,
    CheckOutcome,
    Clearance,
    DisplayPreferences,
    Incident,
    NoticeTemplate,
    Referral,
    Route,
    RouteStep,
    User,
)
from analysts.pages.history import MOST_REPEATED, IncidentHistory, build_history
from analysts.takedown.chasing.actions import check
from analysts.takedown.notices.replies import intake as reply_intake
from analysts.takedown.tracing.tests.test_tracing import DNS, traced
from analysts.takedown.url_list.actions import list_address, take_off
from analysts.takedown.url_list.entries import OffReason
from analysts.takedown.url_list.tests.test_url_list import ask_police, listed
from analysts.tests.chases import found_gone
from analysts.tests.factories import assessed_illegal, incident_of
from analysts.tests.replies import answered, noticed
from analysts.tests.sections import ALL_OPEN
from countries.models import Portal
from reports.notices import AnswerKind
from tests.rig.fixtures import client_of


@pytest.fixture
def now() -> datetime:
    return timezone.now()


def history_of(incident: Incident, user: User) -> IncidentHistory:
    visible = find_visible(incident.pk, user)
    assert visible
    row, attached = visible
    return build_history(row, user, attached)


def lines(incident: Incident, user: User) -> list[tuple[str, str, list[str]]]:
    return [
        (entry.title, str(entry.by), [str(each) for each in entry.details])
        for entry in history_of(incident, user).entries
    ]


def test_history_lists_every_action_after_the_verdict(belize: Portal, ana: User, now: datetime) -> None:
    call_command("load_notice_texts")
    incident = incident_of(belize, now=now - timedelta(hours=20))
    notice = noticed(incident, by=ana, now=now - timedelta(hours=12))
    incident.refresh_from_db()
    traced(incident, ana, now - timedelta(hours=11), DNS, network="AS64496 Example Net")
    hold = ask_police(incident, ana)
    hold.at, hold.recorded_at, hold.recorded_by = now - timedelta(hours=10), now - timedelta(hours=9), ana
    hold.answer, hold.answered_on, hold.reference = Clearance.GRANTED, now.date(), "12/26"
    hold.save()
    Route.objects.create(
        incident=incident,
        assessment=incident.assessments.get(),
        trace=1,
        country="NL",
        proposed=[RouteStep.NOTICE_HOST],
        steps=[RouteStep.NOTICE_HOST],
        by=ana,
        at=now - timedelta(hours=8),
    )
    notice.state, notice.sent_at, notice.template = "sent", now - timedelta(hours=7), NoticeTemplate.objects.first()
    notice.save()
    answered(notice, AnswerKind.REMOVED, now=now - timedelta(hours=6))
    reply_intake.take_in(now=now)
    check(by=ana, incident=incident, outcome=CheckOutcome.ONLINE, now=now - timedelta(hours=4))

    found = lines(incident, ana)
    assert [each for each in found if each[0] not in ("illegal", "to be notified")] == [
        ("availability checked", "ana", ["online"]),
        ("reply", f"Host of {incident}", ["They say it is removed", "removed", notice.reference]),
        ("notice sent", "ana", [f"Host of {incident}", notice.reference]),
        ("route confirmed", "ana", ["Netherlands", str(RouteStep.NOTICE_HOST.label)]),
        ("police clearance decision", "ana", [str(Clearance.GRANTED.label), f"on {now.day} {now:%b %Y}", "12/26"]),
        ("police clearance requested", "ana", ["Example Police"]),
        ("traced", "ana", ["DNS look-up", "Netherlands", "Alpha Hosting", "AS64496 Example Net"]),
    ]
    assert {each[0] for each in found} >= {"illegal", "to be notified"}


def test_history_lists_reply_after_its_notice(belize: Portal, ana: User) -> None:
    """Replies are stored with the hour only; the notice may have been sent later in that hour."""
    call_command("load_notice_texts")
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    incident = incident_of(belize, now=hour - timedelta(days=1))
    notice = noticed(incident, by=ana, now=hour - timedelta(hours=2))
    notice.state, notice.sent_at, notice.template = "sent", hour + timedelta(minutes=40), NoticeTemplate.objects.first()
    notice.save()
    answered(notice, AnswerKind.REMOVED, now=hour + timedelta(minutes=50))
    reply_intake.take_in(now=hour + timedelta(minutes=50))
    assert [what for what, _, _ in lines(incident, ana)][:2] == ["reply", "notice sent"]


def test_history_does_not_list_pending_steps_as_done(belize: Portal, ana: User, now: datetime) -> None:
    """Not through codes of other lists either: "reported to ISP" would be false while police clearance is missing."""
    incident = incident_of(belize, now=now - timedelta(days=2))
    noticed(incident, by=ana, now=now - timedelta(days=2))
    incident.refresh_from_db()
    hold = ask_police(incident, ana)
    assert list_address(by=ana, incident=incident, now=now - timedelta(days=2)) is None
    entries = {entry.title: entry for entry in history_of(incident, ana).entries}
    assert {"to be added to the URL list", "to be notified"} <= set(entries)
    assert {"added to the URL list", "takedown requested"}.isdisjoint(entries)
    assert entries["to be notified"].elsewhere == {}

    Referral.objects.filter(to__isnull=False).update(noticed_at=now)
    hold.delete()
    assert list_address(by=ana, incident=incident, now=now)
    entries = {entry.title: entry for entry in history_of(incident, ana).entries}
    assert {"to be added to the URL list", "to be notified"}.isdisjoint(entries)
    assert entries["added to the URL list"].details == [f"on {now.day} {now:%b %Y}"]
    assert "reported to ISP" in map(str, (code.label for code in entries["takedown requested"].elsewhere.values()))


def test_history_shows_whether_a_person_removed_the_url_list_entry(belize: Portal, ana: User, now: datetime) -> None:
    incident = incident_of(belize, now=now - timedelta(days=9))
    noticed(incident, by=ana, now=now - timedelta(days=5))
    incident.refresh_from_db()
    listed(incident, ana)
    take_off(by=ana, incident=incident, reason=OffReason.TOO_WIDE, now=now - timedelta(days=3))
    listed(incident, ana)
    found_gone(incident, ana, now=now)
    off = [each for each in lines(incident, ana) if each[0] in ("taken off the URL list", "takedown ended")]
    assert off == [
        ("taken off the URL list", "automatically", []),
        ("takedown ended", "", ["removed"]),
        ("taken off the URL list", "a colleague", []),
    ]


def test_takedown_end_comes_after_its_availability_check_in_history(belize: Portal, ana: User, now: datetime) -> None:
    incident = incident_of(belize, now=now - timedelta(days=9))
    noticed(incident, by=ana, now=now - timedelta(days=5))
    incident.refresh_from_db()
    check(by=ana, incident=incident, outcome=CheckOutcome.GONE, at=now, now=now)
    found_gone(incident, ana, now=now)
    assert [what for what, _, _ in lines(incident, ana) if what in ("availability checked", "takedown ended")] == [
        "takedown ended",
        "availability checked",
    ]


def test_history_names_no_person_for_automatic_steps(belize: Portal, ana: User, now: datetime) -> None:
    incident = incident_of(belize, now=now - timedelta(days=9))
    noticed(incident, by=ana, now=now - timedelta(days=5))
    incident.refresh_from_db()
    Chase.objects.update(escalated_at=now - timedelta(days=1))
    found_gone(incident, ana, now=now)
    assert [line for line in lines(incident, ana) if line[0] in ("escalated", "takedown ended")] == [
        ("takedown ended", "", ["removed"]),
        ("escalated", "", []),
    ]
    page = client_of(ana).get(f"/admin/incidents/{incident.pk}/", ALL_OPEN).content.decode()
    said = re.findall(r"<strong>escalated</strong>\s*<span class=\"quiet\">\s*(<time|,|\w+)", page)
    assert said == ["<time"]


def test_history_does_not_mark_unconfirmed_removal_as_removed(belize: Portal, ana: User, now: datetime) -> None:
    incident = incident_of(belize, now=now - timedelta(days=9))
    assessed_illegal(incident, ana, now=now - timedelta(days=5))
    check(by=ana, incident=incident, outcome=CheckOutcome.GONE, at=now - timedelta(days=1), now=now)
    close(by=ana, incident=incident, now=now)
    assert [line for line in lines(incident, ana) if line[0] == "takedown ended"] == [("takedown ended", "", [])]


def test_day_by_day_looks_push_nothing_else_off_the_page(belize: Portal, ana: User, now: datetime) -> None:
    incident = incident_of(belize, now=now - timedelta(days=40))
    assessed_illegal(incident, ana, now=now - timedelta(days=40))
    for day in range(MOST_REPEATED):
        look = now - timedelta(days=30 - day)
        check(by=ana, incident=incident, outcome=CheckOutcome.ONLINE, at=look, now=look)
    found = history_of(incident, ana)
    assert not found.is_cut
    assert len(found.entries) == MOST_REPEATED + 1

    check(by=ana, incident=incident, outcome=CheckOutcome.UNCLEAR, at=now, now=now)
    found = history_of(incident, ana)
    assert found.is_cut
    assert [entry.title for entry in (found.entries[0], found.entries[-1])] == ["availability checked", "illegal"]
    assert len(found.entries) == MOST_REPEATED + 1


def test_history_shows_times_in_the_zone_of_the_reader(belize: Portal, ana: User, now: datetime) -> None:
    incident = incident_of(belize, now=now)
    at = datetime(2026, 11, 3, 20, 30, tzinfo=UTC)
    assessed_illegal(incident, ana, now=at)
    DisplayPreferences.objects.update_or_create(user=ana, defaults={"time_zone": "Asia/Kathmandu"})
    page = client_of(ana).get(f"/admin/incidents/{incident.pk}/", ALL_OPEN).content.decode()
    assert '<time datetime="2026-11-04T02:15:00+05:45">4 Nov 2026, 02:15</time>' in page
    assert "3 Nov 2026, 20:30" not in page

"""The keys page for administrators and senior analysts, and how erased content is shown."""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from analysts.assessment import actions
from analysts.codes import HoldReason
from analysts.models import Hold, User
from analysts.retention import actions as retention_actions
from analysts.retention import erasure
from analysts.tests.factories import incident_of
from analysts.tests.march import MARCH, MARCH_CLOSES, create_removed_incident, key_of, nothing_found, open_keys
from audit.models import AuditEvent
from countries.models import Portal
from reports.models import KeyClass
from tests.rig.fixtures import client_of, send_report

__all__ = ["open_keys"]

LATE = MARCH_CLOSES + timedelta(days=10)


def shown(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Set the clock that pages read."""
    return lambda now: monkeypatch.setattr(timezone, "now", lambda: now)


def test_page_shows_erased_and_kept_counts(belize: Portal, ana: User, sena: User, adam: User, at: Any) -> None:
    nothing_found(belize, ana, "https://secret.example/1")
    held = nothing_found(belize, ana, "https://b.example/1")
    retention_actions.place_hold(
        by=sena, incident=held, reason=HoldReason.POLICE, review_on=date(2026, 4, 1), now=MARCH
    )
    waiting = incident_of(belize, "https://c.example/1", now=MARCH)
    send_report(belize, "https://d.example/1", now=MARCH)
    at(LATE)
    page = client_of(adam).get("/admin/keys/")

    words, addresses = key_of(3), key_of(3, KeyClass.ADDRESSES)
    assert (
        f"{addresses.pk} addresses kept until they are gone closed – 1 under legal hold; 1 not yet assessed; "
        "1 closed, within the retention period – "
        f"{words.pk} what reporters typed emptied: kept content is resealed; destroyed later 1 envelope "
        "1 under legal hold; 1 not yet in the queue; 1 not yet assessed 16 Apr 2026"
    ) in shown(page)
    assert "Under legal hold 1 Unassessed for more than 30 days 1" in shown(page)
    # Counts only: no content, and for Adam no incident either.
    assert "secret" not in page.content.decode()
    assert str(held) not in page.content.decode()
    assert str(waiting) not in page.content.decode()
    assert AuditEvent.objects.latest("number").action == "key.view"
    # Viewing the page changes nothing.
    assert key_of(3).state == "open"

    reviews = client_of(sena).get("/admin/keys/").content.decode()
    assert re.findall(r'<a href="/admin/incidents/[^"]+">([0-9a-f]{8})</a>', reviews) == [str(held)]


def test_page_costs_the_same_for_one_and_for_ten(
    belize: Portal, ana: User, sena: User, at: Any, django_assert_num_queries: Any
) -> None:
    client = client_of(sena)
    queries = 25
    for number in range(2):
        for each in range(1 + 9 * number):
            held = nothing_found(belize, ana, f"https://a.example/{number}/{each}")
            Hold.objects.create(incident=held, reason="court", review_on=MARCH.date(), by=sena, at=MARCH)
        at(LATE)
        with django_assert_num_queries(queries):
            client.get("/admin/keys/")


def test_dashboard_links_to_keys_page_only_for_users_with_access(
    belize: Portal, ana: User, sena: User, adam: User
) -> None:
    linked = {
        user.username: "/admin/keys/" in client_of(user).get("/admin/").content.decode() for user in (ana, sena, adam)
    }
    assert linked == {"ana": False, "sena": True, "adam": True}


def test_dashboard_counts_incidents_unassessed_for_over_30_days(belize: Portal, ana: User, at: Any) -> None:
    incident_of(belize, "https://a.example/1", now=MARCH)
    at(MARCH + timedelta(days=30))
    assert "Unassessed" not in shown(client_of(ana).get("/admin/"))
    at(MARCH + timedelta(days=31))
    assert "Unassessed for more than 30 days: 1" in shown(client_of(ana).get("/admin/"))


def test_pages_say_erased_and_when(belize: Portal, ana: User, at: Any) -> None:
    incident = create_removed_incident(belize, ana, "https://secret.example/1")
    report = incident.sightings.get().report
    actions.ask_reporter(by=ana, incident=incident, report=report, question="Where was it?", now=MARCH)
    for days in (0, 400, 402):
        erasure.tend_keys(now=MARCH_CLOSES + timedelta(days=days))
    at(MARCH_CLOSES + timedelta(days=402))
    client = client_of(ana)
    page = client.post(f"/admin/incidents/{incident.pk}/reveal/", {"reason": "acting"}, follow=True)

    assert '<code id="address" class="address" dir="ltr">Address erased on 11 May 2027</code>' in page.content.decode()
    assert "Report Erased on 11 May 2027. Asked on 10 Mar 2026 Erased on 11 May 2027. No answer yet." in shown(page)
    assert "cannot be opened" not in shown(page)


def test_half_that_is_missing_is_no_erasure(belize: Portal, ana: User, open_keys: Path, at: Any) -> None:
    incident = incident_of(belize, "https://secret.example/1", now=MARCH)
    for key_class in KeyClass:
        (open_keys / "private" / f"{key_of(3, key_class).pk}.key").unlink()
    at(MARCH)
    page = client_of(ana).post(f"/admin/incidents/{incident.pk}/reveal/", {"reason": "acting"}, follow=True)

    assert "Address no longer readable" in shown(page)
    assert "This envelope can no longer be opened." in shown(page)
    assert "rased on" not in shown(page)

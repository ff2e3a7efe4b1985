"""The dashboard: queue figures, own claims, to-do list, trouble; none of them for roles without access to content."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from analysts.incidents.table import MOST_COUNTED, MOST_SHORT, age_label, number_label, short_label
from analysts.models import User
from analysts.tests.factories import assessed_illegal, claimed, incident_of, report_of
from audit.models import AuditEvent
from countries.decided_settings import number_in_force
from countries.models import Portal
from tests.rig.fixtures import client_of

DANGER = {"facts": ["child_in_danger"]}


def dashboard(user: User) -> str:
    page = client_of(user).get("/admin/").content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_dashboard_counts_what_waits_for_ana(belize: Portal, zambia: Portal, ana: User, ben: User) -> None:
    incident_of(belize, "https://a.example/1", details=DANGER)
    report_of(belize, "https://b.example/1", details={"facts": ["child_known", "live_stream"]})
    report_of(belize, "https://c.example/1\nhttps://d.example/1")
    report_of(zambia, "https://e.example/1")

    assert "A child may be in danger 1 High 1 Other 2" in dashboard(ana)
    assert "A child may be in danger 0 High 0 Other 1" in dashboard(ben)


def test_dashboard_lists_mine_with_the_lease_left(belize: Portal, ana: User, sena: User) -> None:
    hers = claimed(incident_of(belize, "https://mine.example/secret"), ana)
    other = claimed(incident_of(belize, "https://other.example/1"), sena)

    words = dashboard(ana)
    assert re.search(rf"My incidents {hers} hxxps://mi•••\[\.\]example/••• yours for (29|30) minutes", words)
    assert str(other) not in words
    assert "secret" not in words


def test_dashboard_lists_what_is_due_own_first(belize: Portal, ana: User, sena: User) -> None:
    now = timezone.now()
    hers = incident_of(belize, "https://a.example/1", now=now)
    older = incident_of(belize, "https://b.example/1", now=now - timedelta(days=3))
    oldest = incident_of(belize, "https://c.example/1", now=now - timedelta(days=4))
    assessed_illegal(hers, ana)
    assessed_illegal(older, sena)
    assessed_illegal(oldest, sena)
    incident_of(belize, "https://waiting.example/1")

    page = client_of(ana).get("/admin/").content.decode()
    due = page[page.index('id="due"') :]
    assert re.findall(r"data-row>([0-9a-f]{8})<", due) == [str(hers), str(oldest), str(older)]


def test_dashboard_names_trouble_and_nothing_that_is_well(
    belize: Portal, ana: User, settings: Any, tmp_path: Path
) -> None:
    page = client_of(ana).get("/admin/").content.decode()
    content = page[page.index('id="content"') :]
    for silent in ("Late or missing", "Your portals", "Lanes", "Envelopes"):
        assert silent not in content
    now = timezone.now()
    report_of(belize, "https://a.example/1", now=now - timedelta(days=number_in_force("UNASSESSED_DAYS") + 1))
    late = f"Late or missing Unassessed for more than {number_in_force('UNASSESSED_DAYS')} days: 1"
    assert late in dashboard(ana)
    settings.KEYRING = tmp_path
    assert "This month’s key is missing: what reporters typed" in dashboard(ana)


@pytest.mark.parametrize(
    ("username", "does"),
    [
        ("olga", "You launch portals"),
        ("petra", "You view the configuration"),
        ("axel", "You read the audit log"),
        ("willa", "You look after the welfare"),
        ("adam", "You create accounts"),
    ],
)
def test_dashboard_without_content_says_what_the_role_does(
    username: str, does: str, belize: Portal, request: pytest.FixtureRequest
) -> None:
    incident = incident_of(belize, "https://a.example/1", details=DANGER)
    page = client_of(request.getfixturevalue(username)).get("/admin/").content.decode()

    assert does in page
    # Nothing of Django's own dashboard.
    assert "administration" not in page
    for hidden in (str(incident), "a•••", "A child may be in danger", "My incidents", "Next", "/admin/queue/", "Lanes"):
        assert hidden not in page


@pytest.mark.parametrize(("username", "leads"), [("olga", True), ("petra", True), ("axel", False), ("adam", False)])
def test_portal_links_appear_only_for_users_with_access(
    username: str, leads: bool, belize: Portal, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(username)
    user.portals.set([belize])
    page = client_of(user).get("/admin/").content.decode()
    assert (f'<a href="/admin/countries/portal/{belize.pk}/change/">Belize</a>' in page) is leads
    header = page[page.index('<header id="header">') : page.index("</header>")]
    assert ('<a href="/admin/countries/portal/">Portals</a>' in header) is leads


def test_dashboard_of_an_analyst_is_on_record(belize: Portal, ana: User, axel: User) -> None:
    dashboard(ana)
    dashboard(axel)
    seen = AuditEvent.objects.values_list("action", "actor", "details")
    assert list(seen) == [("queue.view", "ana", {"view": "dashboard"})]


def test_dashboard_asks_as_many_queries_for_ten_as_for_one(
    belize: Portal, ana: User, django_assert_num_queries: Any
) -> None:
    client = client_of(ana)
    queries = 14
    for number in range(2):
        one = incident_of(belize, f"https://due{number}.example/1")
        assessed_illegal(one, ana)
        claimed(incident_of(belize, f"https://mine{number}.example/1"), ana)
        report_of(belize, f"https://waiting{number}.example/1")
        with django_assert_num_queries(queries):
            assert client.get("/admin/").status_code == 200


def test_count_label_is_capped_at_maximum() -> None:
    assert [number_label(number) for number in (0, 999, MOST_COUNTED)] == ["0", "999", "1,000+"]
    assert [short_label(number) for number in (0, MOST_SHORT, MOST_SHORT + 1)] == ["0", "100", "100+"]


@pytest.mark.parametrize(
    ("hours", "label"),
    [(0.2, "under 1 hour"), (1, "1 hour"), (47.9, "47 hours"), (48, "2 days"), (24 * 30, "30 days")],
)
def test_age_label_is_no_finer_than_an_hour(hours: float, label: str) -> None:
    now = timezone.now()
    assert age_label(now - timedelta(hours=hours), now) == label

"""Errors that signed-in staff see are in the frame of their pages, with a way back; strangers see plain ones."""

import re
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
from django.test import Client, RequestFactory

from analysts.models import DisplayPreferences, Incident, User
from analysts.tests.factories import incident_of
from countries.models import Portal
from portal_site import errors
from portal_site.staff_errors import TEXTS, WITHOUT_FRAME
from tests.rig.fixtures import client_of

FRAME = '<nav class="staff-nav"'


def test_staff_see_errors_in_their_frame(belize: Portal, ana: User, client: Client) -> None:
    incident = incident_of(belize)
    hers = client_of(ana)
    for path, status, said in (
        ("/admin/nowhere/", 404, "There is no such page"),
        ("/admin/incidents/00000000-0000-4000-8000-000000000000/", 404, "portals that you do not work for"),
        ("/admin/queue/?view=%00", 400, "This request cannot be read"),
        (f"/admin/incidents/{incident.pk}/claim/", 405, f'href="/admin/incidents/{incident.pk}/"'),
    ):
        answer = hers.get(path)
        page = answer.content.decode()
        assert (path, answer.status_code, FRAME in page, said in page) == (path, status, True, True)
    assert hers.get(f"/admin/incidents/{incident.pk}/claim/").headers["Allow"] == "POST"
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = hers.cookies
    answer = strict.post(f"/admin/incidents/{incident.pk}/claim/")
    assert (answer.status_code, "The form is too old" in answer.content.decode()) == (403, True)
    assert client.get("/nowhere/").status_code == 404
    assert FRAME not in client.get("/nowhere/").content.decode()


@pytest.mark.urls("portal_site.urls_staff")
@pytest.mark.parametrize("status", [*TEXTS, *WITHOUT_FRAME])
def test_strangers_on_the_staff_surface_are_told_what_happened(
    settings: Any, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    """Without a query: the database may be what is away. The surface has no page of the public's."""
    settings.PUBLIC = False
    title, sentences = (TEXTS | WITHOUT_FRAME)[status]
    answer = errors.error_page(RequestFactory().get("/nowhere/"), status)
    page = unescape(answer.content.decode())

    assert answer.status_code == status
    assert [each for each in (title, *sentences) if str(each) not in page] == []
    assert 'href="/admin/"' in page
    assert caplog.records == []


def test_pages_show_times_in_the_readers_time_zone(belize: Portal, ana: User, axel: User, settings: Any) -> None:
    incident = incident_of(belize)
    Incident.objects.filter(pk=incident.pk).update(first_sighted=datetime(2026, 7, 1, 10, tzinfo=UTC))

    def received(user: User) -> str:
        page = client_of(user).get("/admin/incidents/").content.decode()
        found = re.search(r"<time [^>]*>([^<]+)</time>", page)
        assert found
        return found[1]

    assert received(ana) == "1 Jul 2026, 10:00"
    settings.WORK_TIME_ZONE = "Asia/Karachi"
    assert received(ana) == "1 Jul 2026, 15:00"
    answer = client_of(ana).post("/admin/my-settings/", {"time_zone": "Africa/Lusaka"})
    assert answer.status_code == 302
    assert received(User.objects.get(pk=ana.pk)) == "1 Jul 2026, 12:00"
    assert "Times are in the time zone Africa/Lusaka" in client_of(ana).get("/admin/").content.decode()
    # Roles without content have these settings only.
    page = client_of(axel).get("/admin/my-settings/").content.decode()
    assert re.findall(r'<(?:select|input) [^>]*name="(\w+)"', page.split('id="own"')[1]) == [
        "csrfmiddlewaretoken",
        "time_zone",
        "desk_name",
    ]
    client_of(axel).post("/admin/my-settings/", {"time_zone": "Africa/Lusaka", "budget_minutes": "1"})
    assert DisplayPreferences.objects.get(user=axel).budget_minutes is None


@pytest.mark.parametrize("path", ["analysts/user", "countries/portal"])
def test_django_admins_own_furniture_is_not_shown(belize: Portal, adam: User, olga: User, path: str) -> None:
    client = client_of(adam if "user" in path else olga)
    page = client.get(f"/admin/{path}/").content.decode()
    for words in ("Home", "Recent actions", "administration", "Django"):
        assert words not in re.sub(r"<!--.*?-->|<[^>]+>", " ", page), words
    assert client.get(f"/admin/{path.split('/')[0]}/").headers["Location"] == "/admin/"

"""Every URL, as every kind of stranger: what is not public needs sign-in, and content needs a role and a portal."""

import pytest
from django.test import Client

from analysts.models import User
from analysts.tests.factories import report_of
from countries.models import Portal
from portal_site.tests.fixtures import client_of
from portal_site.tests.routes import (
    CONTENT_PREFIXES,
    OPEN_STAFF_ROUTES,
    OPENED_LISTS,
    SIGN_IN,
    filled,
    is_public,
    is_staff,
    routes,
)

STAFF_ROUTES = [(route, pattern) for route, pattern in routes() if is_staff(route)]


def test_every_route_is_public_or_of_the_staff_side() -> None:
    unlisted = [route for route, pattern in routes() if not is_staff(route) and not is_public(pattern)]
    assert unlisted == []
    assert len(STAFF_ROUTES) > 50


@pytest.mark.parametrize("method", ["get", "post"])
def test_stranger_gets_nothing_of_the_staff_side(db: None, method: str) -> None:
    stranger = Client()
    wrong = []
    for route, pattern in STAFF_ROUTES:
        if route in OPEN_STAFF_ROUTES or "(?P<" in route:
            continue
        answer = getattr(stranger, method)(filled(route, pattern, {}))
        to_sign_in = answer.status_code == 302 and answer.headers["Location"].startswith(SIGN_IN)
        if not to_sign_in and answer.status_code != 404:
            wrong.append((route, answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("who", ["olga", "petra", "axel", "willa", "adam", "ben", "ana"])
def test_content_opens_to_analysts_of_the_portal_only(
    belize: Portal, who: str, method: str, request: pytest.FixtureRequest
) -> None:
    person: User = request.getfixturevalue(who)
    if who in ("olga", "petra", "axel", "willa", "adam"):
        # Even where the portal is theirs: content is granted by role alone.
        person.portals.set([belize])
    report = report_of(belize)
    incident = report.sightings.get().incident
    arguments = {"incident_id": str(incident.pk), "report_id": str(report.pk)}
    client = client_of(person)

    seen = {}
    for route, pattern in STAFF_ROUTES:
        if route.startswith(CONTENT_PREFIXES):
            seen[route] = getattr(client, method)(filled(route, pattern, arguments)).status_code
    assert len(seen) == 14
    match who:
        case "ana":
            # 403: an act that the state of the incident does not allow, with the reason.
            assert set(seen.values()) <= ({200, 405} if method == "get" else {302, 403, 405, 422})
        case "ben":
            # He may see a queue, but not that this incident exists.
            hidden = {route: status for route, status in seen.items() if "<uuid:incident_id>" in route}
            assert set(hidden.values()) <= {404, 405}
            assert hidden["admin/incidents/<uuid:incident_id>/"] == (404 if method == "get" else 405)
        case _:
            assert set(seen.values()) <= {403, 405}
            assert 403 in seen.values()
    incident.refresh_from_db()
    assert who == "ana" or incident.state == "waiting"


@pytest.mark.parametrize("who", ["ana", "sena", "olga", "petra", "axel", "willa", "adam"])
def test_ordinary_admin_pages_open_to_their_role_only(who: str, request: pytest.FixtureRequest) -> None:
    person: User = request.getfixturevalue(who)
    client = client_of(person)
    pages = {route.removeprefix("admin/").removesuffix("/") for route, _ in STAFF_ROUTES if route.count("/") == 3}
    lists = {page for page in pages if page.split("/")[0] in ("analysts", "audit", "countries") and "<" not in page}

    assert {page for page in lists if client.get(f"/admin/{page}/").status_code == 200} == OPENED_LISTS[person.role]


@pytest.mark.parametrize("who", ["ana", "ben", "sena", "olga", "petra", "axel", "willa", "adam"])
def test_keys_and_erasure_open_to_administrators_and_seniors_only(who: str, request: pytest.FixtureRequest) -> None:
    client = client_of(request.getfixturevalue(who))

    assert client.get("/admin/keys/").status_code == (200 if who in ("sena", "adam") else 403)
    assert client.post("/admin/keys/").status_code == 405

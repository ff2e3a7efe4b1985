"""The paths that the proofs of routes and of scripts ask for."""

import pytest
from django.http import HttpResponse
from django.urls import path

from analysts.accounts.access import Scope
from analysts.codes import Role
from analysts.tests.factories import report_of
from countries.models import Portal
from countries.tests.factories import open_portal
from portal_site.access_table import TABLE
from tests.proofs.inside import pages, people, public
from tests.rig.fixtures import create_person
from tests.rig.routes import fill_known_route


@pytest.mark.urls("portal_site.urls_staff")
def test_every_path_of_the_staff_surface_has_its_object(belize: Portal, zambia: Portal) -> None:
    """Where this fails, `tests/rig/route_objects.py` lacks the object of a new route."""
    for address in ("https://example.org/routes", "https://example.org/alike"):
        report_of(belize, address)
    people.everybody(belize.slug, zambia.slug)
    paths = people.staff_paths(belize.slug, zambia.slug)
    assert set(paths) == {"", *(f"{role.value}-{belize.slug}" for role in Role)}
    assert paths["analyst-bz"].keys() == paths[""].keys()
    differing = {route for route, path in paths["analyst-bz"].items() if path != paths[""][route]}
    own = {route for route, rights in TABLE.items() if any(row.scope is Scope.OWN for row in rights.rows)}
    assert differing == {route for route in own if not route.startswith("accounts/")}


@pytest.mark.urls("portal_site.urls_public")
def test_every_path_of_the_public_surface_has_its_object() -> None:
    """Where this fails, OBJECTS of `tests/proofs/inside/public.py` lacks the object of a new route."""
    assert len(public.paths("bz", "en")) > 30


def test_path_without_its_object_is_refused() -> None:
    pattern = path("admin/example/<int:example_id>/", lambda _request: HttpResponse())
    with pytest.raises(LookupError, match="example_id"):
        fill_known_route("admin/example/<int:example_id>/", pattern, {})


@pytest.mark.urls("portal_site.urls_staff")
def test_no_form_of_a_page_with_payloads_suspends_a_portal_that_reports_go_to(belize: Portal, zambia: Portal) -> None:
    other = open_portal("gh", "Ghana", "en")
    create_person("analyst", Role.ANALYST)
    create_person("recipient", Role.RECIPIENT)
    create_person("auditor", Role.AUDITOR)
    for address in ("https://example.org/routes", "https://example.org/alike"):
        report_of(belize, address)
    paths = {path for found in pages.staff_paths([belize.slug]).values() for path in found}
    portal = "/admin/countries/portal"
    assert {f"{portal}/{other.pk}/emergency/", f"{portal}/{zambia.pk}/change/"} <= paths
    assert [path for path in paths if path.startswith(f"{portal}/{belize.pk}/")] == []
    assert set(pages.routes_with_page()) <= set(TABLE)

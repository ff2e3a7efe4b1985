"""People of every role for two portals, and the paths they request."""

from collections.abc import Mapping

from django.urls import URLPattern

from analysts.codes import Role
from analysts.models import Incident, Report, User
from countries.models import Portal, PortalState
from countries.tests.factories import LanguageFactory
from portal_site.access_table import TABLE
from tests.proofs.inside.public import YEAR
from tests.rig.cells import answers_for
from tests.rig.route_objects import create_own_objects, create_route_objects, publish_empty_year
from tests.rig.routes import METHODS, fill_known_route, fill_route, is_public, is_staff, walk_routes

PASSWORD = "correct horse battery"


def everybody(here: str, elsewhere: str) -> list[list[str]]:
    """(user name, password, role, "here" or "") of two people a role: one for each portal."""
    people = []
    for role in Role:
        for slug in (here, elsewhere):
            username = _username(role, slug)
            user = User.objects.create_user(username, role=role, password=PASSWORD, name=username)
            user.portals.set([Portal.objects.get(slug=slug)])
            people.append([username, PASSWORD, role.value, "here" if slug == here else ""])
    return people


def _username(role: Role, slug: str) -> str:
    return f"{role.value}-{slug}"


def suspend(slug: str, draft: str) -> None:
    Portal.objects.filter(slug=slug).update(state=PortalState.SUSPENDED)
    Portal.objects.filter(slug=draft).update(state=PortalState.DRAFT)


def staff_paths(slug: str, elsewhere: str) -> dict[str, dict[str, str]]:
    """By user name and route, the paths of the staff surface about objects of this portal; and about one's own object,
    where only its owner may open it. Under "": those for strangers and for people of the other portal.

    An approval request is about the other portal.
    """
    first, second = Report.objects.filter(portal__slug=slug).order_by("pk")[:2]
    alike = Incident.objects.get(sightings__report=second)
    objects = create_route_objects(first, alike, Portal.objects.get(slug=elsewhere))
    # No account here has a passkey. Proposed texts are shown on pages of a portal in that language; Belize has Spanish.
    objects |= {"pk": "1", "words_tag": "es"}
    asked = {route: pattern for route, pattern in walk_routes() if is_staff(route) or route in OWN}
    people = User.objects.filter(username__in=[_username(role, slug) for role in Role])
    return {
        "": _fill_routes(asked, objects),
        **{person.username: _fill_routes(asked, objects | _create_own_objects(person)) for person in people},
    }


def _create_own_objects(person: User) -> dict[str, str]:
    """Objects that only this person reaches, and a language that no other operator has deleted."""
    objects = create_own_objects(person)
    if person.role == Role.OPERATOR:
        language = LanguageFactory.create(tag="bzj", name="Bileez Kriol", english_name="Belize Kriol English")
        objects["countries/language"] = str(language.pk)
    return objects


def _fill_routes(asked: Mapping[str, URLPattern], objects: Mapping[str, str]) -> dict[str, str]:
    """Raises LookupError where a path that someone may open lacks its object."""
    return {
        route: (fill_known_route if _is_open(route) else fill_route)(route, pattern, objects)
        for route, pattern in asked.items()
    }


def _is_open(route: str) -> bool:
    rights = TABLE.get(route)
    return rights is not None and (rights.strangers or rights.members or any(row.who.roles for row in rights.rows))


def publish_year() -> None:
    """Publish the year that `public.paths` asks for."""
    first, second = User.objects.filter(role=Role.SENIOR).order_by("pk")[:2]
    publish_empty_year(YEAR, first=first, second=second)


def cells() -> list[list[object]]:
    """(route, method, role, "here" or "", accepted answers) of each row of the table; a stranger has no role."""
    callers = [("", ""), *((role.value, here) for role in Role for here in ("here", ""))]
    return [
        [route, method, role, here, sorted(answers_for(route, method, role, here=bool(here)))]
        for route in TABLE
        for method in METHODS
        for role, here in callers
    ]


# Routes of the staff surface outside the staff's paths.
OWN = ("", "health/live/", "health/ready/")


def unlisted() -> list[str]:
    """Routes that are neither public nor in the table of `portal_site.access_table`, and rows of it without a route."""
    known = dict(walk_routes())
    strange = [route for route, pattern in known.items() if route not in TABLE and not is_public(pattern)]
    return [*(route for route in strange if route not in OWN), *(route for route in TABLE if route not in known)]

"""People of every role for two portals, and what they ask for."""

from analysts.codes import Role
from analysts.models import Incident, Report, User
from audit.models import AuditEvent
from countries.models import Portal, PortalState
from portal_site.tests.routes import filled, is_public, is_staff, routes

PASSWORD = "correct horse battery"  # noqa: S105 - of accounts that live as long as the proof


def everybody(here: str, elsewhere: str) -> list[list[str]]:
    """(user name, password, role, "here" or "") of two people a role: one for each portal."""
    people = []
    for role in Role:
        for slug in (here, elsewhere):
            username = f"{role.value}-{slug}"
            user = User.objects.create_user(username, role=role, password=PASSWORD, name=username)
            user.portals.set([Portal.objects.get(slug=slug)])
            people.append([username, PASSWORD, role.value, "here" if slug == here else ""])
    return people


def suspend(slug: str, draft: str) -> None:
    Portal.objects.filter(slug=slug).update(state=PortalState.SUSPENDED)
    Portal.objects.filter(slug=draft).update(state=PortalState.DRAFT)


def staff_routes(slug: str) -> list[list[str]]:
    """(route, path) of the staff surface, about an incident and a report of this portal, the portal, an account."""
    report = Report.objects.filter(portal__slug=slug).order_by("pk")[0]
    incident = Incident.objects.filter(sightings__report=report).order_by("pk")[0]
    content = {"incident_id": str(incident.pk), "report_id": str(report.pk)}
    objects = {
        "admin/countries/": str(Portal.objects.get(slug=slug).pk),
        "admin/analysts/": str(User.objects.order_by("pk")[0].pk),
        "admin/audit/": str(AuditEvent.objects.order_by("pk")[0].pk),
    }
    paths = []
    for route, pattern in routes():
        if is_staff(route) or route.startswith("health/") or route == "":
            pk = next((pk for prefix, pk in objects.items() if route.startswith(prefix)), "1")
            path = filled(route, pattern, content | {"object_id": pk, "id": pk})
            if "(?P<" in route:
                path = "/admin/countries/" if "app_label" in route else "/admin/no/such/page/"
            paths.append([route, path])
    return paths


def unlisted() -> list[str]:
    """Routes that are neither public nor of the staff surface."""
    own = ("", "health/live/", "health/ready/")
    return [route for route, pattern in routes() if not is_staff(route) and not is_public(pattern) and route not in own]

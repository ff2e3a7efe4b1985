"""The routes of the staff surface, with paths of existing objects."""

from collections.abc import Mapping

from django.db.models import Model, QuerySet
from django.urls import URLPattern

from analysts.models import Incident, Report, User
from audit.models import AuditEvent
from countries.models import Portal
from portal_site.access_table import TABLE
from tests.rig.route_objects import (
    QUARTER,
    answered_request,
    create_inbox_objects,
    create_own_objects,
    create_route_objects,
    find_referable,
)
from tests.rig.routes import fill_route, is_staff, walk_routes

OWN_APPS = ("analysts", "audit", "countries")


def staff_paths(reported_to: list[str]) -> dict[str, list[str]]:
    """By route of the staff surface, a path to each object that it can show.

    Forms on these pages may suspend their portal, so none of the portals `reported_to` (slugs) is among the objects.
    """
    portals = Portal.objects.exclude(slug__in=reported_to).order_by("-pk")
    objects = _create_objects(portals)
    return {
        route: _route_paths(route, pattern, portals, objects) for route, pattern in walk_routes() if is_staff(route)
    }


def _create_objects(portals: QuerySet[Portal]) -> dict[str, str]:
    """An object for each name of a parameter. Views and exports are of `analyst`, the referral is in the inbox of
    `recipient`, the id was asked for by `auditor`."""
    report = Report.objects.order_by("pk")[0]
    others = Incident.objects.filter(sightings__report__portal=report.portal).exclude(sightings__report=report)
    alike = find_referable(others.filter(assessments=None))
    objects = create_route_objects(report, alike, portals[1])
    portal = portals[0]
    of_portal = {
        "portal_id": str(portal.pk),
        "contact_id": str(portal.contacts.all()[0].pk),
        "public_path": f"{portal.slug}/{portal.texts.all()[0].language}/",
    }
    own = create_own_objects(User.objects.get(username="analyst"))
    own["answer_id"] = str(answered_request(User.objects.get(username="auditor")).pk)
    return {**objects, **of_portal, **own, **create_inbox_objects(User.objects.get(username="recipient"), alike)}


def routes_with_page() -> list[str]:
    """The routes of the staff surface that show some role a page."""
    return [
        route
        for route, _pattern in walk_routes()
        if is_staff(route) and any("GET" in row.methods and row.who.roles for row in TABLE[route].rows)
    ]


def _route_paths(route: str, pattern: URLPattern, portals: QuerySet[Portal], objects: Mapping[str, str]) -> list[str]:
    if "(?P<app_label>" in route:
        return [f"/admin/{app}/" for app in OWN_APPS]
    if "(?P<" in route:
        return ["/admin/no/such/page/"]
    if "<uuid:report_id>" in route:
        pairs = Report.objects.order_by("pk").values_list("sightings__incident_id", "pk")[:3]
        return [fill_route(route, pattern, {"incident_id": str(a), "report_id": str(b)}) for a, b in pairs]
    if "<uuid:incident_id>" in route:
        ids = Incident.objects.order_by("pk").values_list("pk", flat=True)
        return [fill_route(route, pattern, {"incident_id": str(pk)}) for pk in ids]
    names = [name for name in ("object_id", "id") if f"<path:{name}>" in route or f"<{name}>" in route]
    if names and (model := _model_of(route)):
        rows = portals if model is Portal else model._default_manager.order_by("-pk")
        return [fill_route(route, pattern, {names[0]: str(key)}) for key in rows.values_list("pk", flat=True)[:12]]
    if route.startswith("admin/figures/portals/"):
        # Partners see those of their own portals alone; there are no forms.
        own = [portal for user in User.objects.filter(username="partner") for portal in user.visible_portals()[:1]]
        return [fill_route(route, pattern, {"portal_id": str(portal.pk)}) for portal in own]
    if "<uuid:provider_id>" in route:
        return [fill_route(route, pattern, objects) + f"?period={QUARTER}"]
    if route.startswith("admin/words/"):
        # Any portal shows the text.
        return [fill_route(route, pattern, {**objects, "public_path": "start"})]
    return [fill_route(route, pattern, objects)]


def _model_of(route: str) -> type[Model] | None:
    """The model of an ordinary admin page: `admin/countries/portal/...`."""
    return next(
        (
            model
            for model in (Portal, User, AuditEvent)
            if route.startswith(f"admin/{model._meta.label_lower.replace('.', '/')}/")
        ),
        None,
    )

"""The routes of the staff surface, with paths of existing objects."""

from django.db.models import Model, QuerySet
from django.urls import URLPattern

from analysts.models import Incident, Report, User
from audit.models import AuditEvent
from countries.models import Portal
from tests.rig.routes import fill_route, is_staff, walk_routes

OWN_APPS = ("analysts", "audit", "countries")


def staff_paths(reported_to: list[str]) -> list[list[str]]:
    """For each route of the staff surface, a path to each object that it can show.

    Forms on these pages may suspend their portal, so none of the portals `reported_to` (slugs) is among the objects.
    """
    portals = Portal.objects.exclude(slug__in=reported_to).order_by("-pk")
    return [_route_paths(route, pattern, portals) for route, pattern in walk_routes() if is_staff(route)]


def _route_paths(route: str, pattern: URLPattern, portals: QuerySet[Portal]) -> list[str]:
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
    return [fill_route(route, pattern, {"portal_id": str(portals[0].pk)})]


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

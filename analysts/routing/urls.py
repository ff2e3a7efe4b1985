"""Where these pages stand in the staff site."""

from collections.abc import Callable

from django.contrib.admin import AdminSite
from django.http import HttpResponse
from django.urls import URLPattern, path

from analysts.routing import table_views, views
from countries.staff_pages import refusals_explained


def urls(site: AdminSite) -> list[URLPattern]:
    def page(route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
        return path(route, site.admin_view(refusals_explained(view)), name=name)

    return [
        page("incidents/<uuid:incident_id>/route/", views.confirm_route, "confirm_route"),
        page("incidents/<uuid:incident_id>/refer/", views.refer, "refer"),
        page("incidents/<uuid:incident_id>/ask-police/", views.ask_police, "ask_police"),
        page("incidents/<uuid:incident_id>/clearance/", views.record_clearance, "record_clearance"),
        page("routing/", table_views.routing, "routing"),
        page("routing/load/", table_views.load_usual, "load_routing"),
        page("routing/rules/new/", table_views.rule, "route_rule_new"),
        page("routing/rules/<uuid:rule_id>/", table_views.rule, "route_rule"),
        page("routing/rules/<uuid:rule_id>/move/", table_views.move, "move_route_rule"),
        page("routing/examples/", table_views.write_example, "write_route_example"),
        page("routing/examples/<uuid:example_id>/remove/", table_views.remove_example, "remove_route_example"),
    ]

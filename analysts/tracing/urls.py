"""Where these pages stand in the staff site."""

from collections.abc import Callable

from django.contrib.admin import AdminSite
from django.http import HttpResponse
from django.urls import URLPattern, path

from analysts.tracing import views
from countries.staff_pages import refusals_explained


def urls(site: AdminSite) -> list[URLPattern]:
    def page(route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
        return path(route, site.admin_view(refusals_explained(view)), name=name)

    return [
        page("incidents/<uuid:incident_id>/trace/", views.trace, "trace"),
        page("incidents/<uuid:incident_id>/look-up-network/", views.look_up_network, "look_up_network"),
    ]

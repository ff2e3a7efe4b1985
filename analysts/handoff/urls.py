"""Where these pages stand in the staff site."""

from collections.abc import Callable

from django.contrib.admin import AdminSite
from django.http import HttpResponse
from django.urls import URLPattern, path

from analysts.handoff import views, workstations
from countries.staff_pages import refusals_explained


def urls(site: AdminSite) -> list[URLPattern]:
    def page(route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
        return path(route, site.admin_view(refusals_explained(view)), name=name)

    return [
        page("handoff/", views.handoff, "handoff"),
        page("handoff/export/", views.export, "handoff_export"),
        page("handoff/import/", views.take_in, "handoff_import"),
        page("workstations/", workstations.workstations, "workstations"),
        page("workstations/<uuid:workstation_id>/close/", workstations.close, "close_workstation"),
    ]

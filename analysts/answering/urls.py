"""Where these pages stand in the staff site."""

from collections.abc import Callable

from django.contrib.admin import AdminSite
from django.http import HttpResponse
from django.urls import URLPattern, path

from analysts.answering import views
from countries.staff_pages import refusals_explained


def urls(site: AdminSite) -> list[URLPattern]:
    def page(route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
        return path(route, site.admin_view(refusals_explained(view)), name=name)

    return [page("incidents/<uuid:incident_id>/replies-read/", views.read_replies, "read_replies")]

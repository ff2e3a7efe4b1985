"""Where these pages stand in the staff site."""

from collections.abc import Callable

from django.contrib.admin import AdminSite
from django.http import HttpResponse
from django.urls import URLPattern, path

from analysts.notices import confirmation_views, text_views
from countries.staff_pages import refusals_explained


def urls(site: AdminSite) -> list[URLPattern]:
    def page(route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
        return path(route, site.admin_view(refusals_explained(view)), name=name)

    return [
        page("incidents/<uuid:incident_id>/leaving/", confirmation_views.confirm_outgoing, "confirm_outgoing"),
        page("notice-texts/", text_views.text_list, "notice_texts"),
        page("notice-texts/<slug:kind>/<slug:purpose>/<str:tag>/", text_views.text, "notice_text"),
    ]

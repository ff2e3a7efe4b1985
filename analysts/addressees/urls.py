"""Where these pages stand in the staff site."""

from collections.abc import Callable

from django.contrib.admin import AdminSite
from django.http import HttpResponse
from django.urls import URLPattern, path

from analysts.addressees import import_page, league_page, views
from countries.staff_pages import refusals_explained


def urls(site: AdminSite) -> list[URLPattern]:
    def page(route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
        return path(f"addressees/{route}", site.admin_view(refusals_explained(view)), name=name)

    return [
        page("", views.addressee_list, "addressees"),
        page("add/", views.add, "addressee_add"),
        page("import/", import_page.import_page, "addressee_import"),
        page("example.csv", import_page.example, "addressee_example"),
        page("league/", league_page.league, "addressee_league"),
        page("<uuid:addressee_id>/", views.addressee, "addressee"),
        page("<uuid:addressee_id>/change/", views.change, "addressee_change"),
        page("<uuid:addressee_id>/verify/", views.verify, "addressee_verify"),
        page("<uuid:addressee_id>/close-down/", views.close_down, "addressee_close_down"),
        page("<uuid:addressee_id>/reopen/", views.reopen, "addressee_reopen"),
    ]

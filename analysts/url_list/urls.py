"""Where these pages stand in the staff site; what members' systems call is `analysts.url_list.api`."""

from collections.abc import Callable

from django.contrib.admin import AdminSite
from django.http import HttpResponse
from django.urls import URLPattern, path

from analysts.url_list import views
from countries.staff_pages import refusals_explained


def urls(site: AdminSite) -> list[URLPattern]:
    def page(route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
        return path(route, site.admin_view(refusals_explained(view)), name=name)

    return [
        page("url-list/", views.url_list, "url_list"),
        page("url-list/members/", views.member_keys, "members"),
        page("url-list/members/<uuid:key_id>/close/", views.close_member_key, "close_member_key"),
        page("incidents/<uuid:incident_id>/url-list/add/", views.list_address, "list_address"),
        page("incidents/<uuid:incident_id>/url-list/keep/", views.keep, "keep_listed"),
        page("incidents/<uuid:incident_id>/url-list/take-off/", views.take_off, "take_off"),
    ]

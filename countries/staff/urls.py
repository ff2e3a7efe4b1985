"""Where these pages stand in the staff site, before the admin's own."""

from collections.abc import Callable

from django.contrib.admin import AdminSite
from django.http import HttpResponse
from django.urls import URLPattern, path

from countries.staff import changes, exchange, starting
from countries.staff_pages import refusals_explained


def urls(site: AdminSite) -> list[URLPattern]:
    def page(route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
        return path(route, site.admin_view(refusals_explained(view)), name=name)

    return [
        page("countries/portal/new/", starting.portal_new, "portal_new"),
        page("countries/portal/<int:portal_id>/export/", exchange.portal_export, "portal_export"),
        page("countries/portal/<int:portal_id>/import/", exchange.portal_import, "portal_import"),
        page("countries/changes/", changes.changes_list, "changes"),
        page("countries/changes/<int:change_id>/", changes.review, "change_review"),
        page("countries/changes/<int:change_id>/confirm/", changes.confirm, "change_confirm"),
        page("countries/changes/<int:change_id>/refuse/", changes.refuse, "change_refuse"),
    ]

"""Pages of the operators beside Django's own ones, inside the admin site: one line each."""

from collections.abc import Callable

from django.contrib.admin import AdminSite
from django.http import HttpResponse
from django.urls import URLPattern, path

from countries import state_page


def urls(admin_site: AdminSite) -> list[URLPattern]:
    """For `PortalAdmin.get_urls`: paths below `admin/countries/portal/`."""

    def page(route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
        return path(route, admin_site.admin_view(view), name=name)

    return [
        page("<int:portal_id>/state/", state_page.portal_state, "portal_state"),
    ]

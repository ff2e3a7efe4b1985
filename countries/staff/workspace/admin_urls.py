"""URL patterns of the operators' pages about a portal inside the admin site."""

from collections.abc import Callable
from functools import partial

from django.contrib.admin import AdminSite
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

from countries.staff.appearance import views as launch_kit_views
from countries.staff.document.steps import PortalStep
from countries.staff.workspace import state_page


def portal_admin_urls(admin_site: AdminSite, step_view: Callable[..., HttpResponse]) -> list[URLPattern]:
    """URL patterns for `PortalAdmin.get_urls`, below `admin/countries/portal/`."""

    def page(route: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
        return path(route, admin_site.admin_view(view), name=name)

    return [
        *(page(f"<int:portal_id>/{step}/", partial(step_view, step=step), step.url_name) for step in PortalStep),
        page("<int:portal_id>/state/", state_page.portal_state, "portal_state"),
        page("pictures/<slug:digest>/", launch_kit_views.picture_shown, "portal_picture_shown"),
        page("<int:portal_id>/kit/", launch_kit_views.portal_kit, "portal_kit"),
        page("<int:portal_id>/kit/band.svg", launch_kit_views.colour_band, "portal_band"),
        page("<int:portal_id>/kit/<language:language>/poster/", launch_kit_views.poster_sheet, "portal_poster"),
        page("<int:portal_id>/kit/<language:language>/cards/", launch_kit_views.card_sheet, "portal_cards"),
        page("<int:portal_id>/kit/<language:language>/code.svg", launch_kit_views.qr_code, "portal_code"),
        page("<int:portal_id>/kit/<language:language>/badge.svg", launch_kit_views.svg_badge, "portal_badge_svg"),
        page("<int:portal_id>/kit/<language:language>/badge.png", launch_kit_views.png_badge, "portal_badge_png"),
    ]

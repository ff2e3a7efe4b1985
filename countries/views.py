"""The public pages of a portal that only tell. Those that take something are in `reports`."""

from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from countries import privacy
from countries.languages import long_date
from countries.models import PartnerRole
from countries.pages import PortalRequest, portal_page, same_for_all


@require_safe
@portal_page
def default(request: PortalRequest) -> HttpResponse:
    return redirect("portal_home", request.portal.slug, request.portal_language)


@require_safe
@portal_page
@same_for_all
def home(request: PortalRequest) -> HttpResponse:
    if not request.portal.state.takes_reports:
        return suspended(request)
    return render(request, "countries/home.html")


def suspended(request: PortalRequest) -> HttpResponse:
    """Not a page of its own: what a suspended or closed portal shows in place of its home and its form."""
    return render(request, "countries/suspended.html")


@require_safe
@portal_page
@same_for_all
def about(request: PortalRequest) -> HttpResponse:
    portal = request.portal
    return render(
        request,
        "countries/about.html",
        {
            "launched": long_date(portal.launched_on, request.portal_language) if portal.launched_on else "",
            "partners": [each for each in portal.partners if each.role == PartnerRole.PARTNER],
            "funders": [each for each in portal.partners if each.role == PartnerRole.FUNDER],
        },
    )


@require_safe
@portal_page
@same_for_all
def privacy_page(request: PortalRequest) -> HttpResponse:
    return render(request, "countries/privacy.html", {"kept": privacy.kept(), "onion_url": settings.ONION_URL})


@require_safe
@portal_page
@same_for_all
def style(request: PortalRequest) -> HttpResponse:
    """The one stylesheet of a portal's pages: its colour needs no inline style and no second request."""
    sheet = f"{_base_style()}:root {{ --brand: {request.portal.brand_colour}; }}\n"
    return HttpResponse(sheet, content_type="text/css; charset=utf-8")


@cache
def _base_style() -> str:
    return Path(settings.BASE_DIR, "static", "public", "public.css").read_text(encoding="utf-8")

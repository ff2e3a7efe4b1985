"""The public pages of a portal without forms. Those with forms are in `reports`."""

from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from countries.languages import long_date
from countries.models import PartnerRole
from countries.public import privacy
from countries.public.help_pages import build_links
from countries.public.pages import PortalRequest, portal_page, receipt_page, same_for_all
from countries.public.published_portal import PublishedPartner, PublishedPortal
from countries.public.situations import Situation, SituationGroup


@require_safe
@portal_page
def portal_redirect(request: PortalRequest) -> HttpResponse:
    return redirect("portal_home", request.portal.slug, request.portal_language)


@require_safe
@portal_page
@same_for_all
def home_page(request: PortalRequest) -> HttpResponse:
    if not request.portal.state.takes_reports:
        return suspension_page(request)
    portal = request.portal
    # The page shows in another way what to do in danger.
    people = [each for each in SituationGroup.PERSON.situations() if each is not Situation.DANGER]
    context = {
        "people": build_links(portal, people),
        "elsewhere": build_links(portal, SituationGroup.ELSEWHERE.situations()),
        "organisations": _organisations(portal),
    }
    return render(request, "countries/public/home.html", context)


def _organisations(portal: PublishedPortal) -> list[tuple[str, list[PublishedPartner]]]:
    """Partners and funders: (heading, organisations) for each role that has any."""
    headings = {PartnerRole.PARTNER: _("Partners"), PartnerRole.FUNDER: _("Funded by")}
    found = [(words, [each for each in portal.partners if each.role == role]) for role, words in headings.items()]
    return [(words, organisations) for words, organisations in found if organisations]


def suspension_page(request: PortalRequest) -> HttpResponse:
    """The page that a suspended or closed portal shows instead of its home and its form.

    404 for a portal that is not visible to the public: it has no message yet.
    """
    if not request.portal.state.visible:
        raise Http404
    return render(request, "countries/public/suspended.html")


@require_safe
@portal_page
@same_for_all
def about_page(request: PortalRequest) -> HttpResponse:
    portal = request.portal
    return render(
        request,
        "countries/public/about.html",
        {
            "launched": long_date(portal.launched_on, request.portal_language) if portal.launched_on else "",
            "partners": [each for each in portal.partners if each.role == PartnerRole.PARTNER],
            "funders": [each for each in portal.partners if each.role == PartnerRole.FUNDER],
        },
    )


@require_safe
@receipt_page
@same_for_all
def privacy_page(request: PortalRequest) -> HttpResponse:
    return render(
        request, "countries/public/privacy.html", {"kept": privacy.privacy_rows(), "onion_url": settings.ONION_URL}
    )


@require_safe
@receipt_page
@same_for_all
def portal_stylesheet(request: PortalRequest) -> HttpResponse:
    """The one stylesheet of a portal's pages, with its colour, so that no inline style or second request is needed."""
    portal = request.portal
    button = f" --button: {portal.button_colour};" if portal.button_colour else ""
    sheet = f"{_base_style()}:root {{ --brand: {portal.brand_colour};{button} }}\n"
    return HttpResponse(sheet, content_type="text/css; charset=utf-8")


@cache
def _base_style() -> str:
    return Path(settings.BASE_DIR, "static", "public", "public.css").read_text(encoding="utf-8")


# A picture that is opened directly, as a page, can neither run nor load anything.
PICTURE_CSP = "default-src 'none'; style-src 'none'; sandbox"


@require_safe
@receipt_page
def portal_picture(request: PortalRequest, digest: str, ending: str) -> HttpResponse:
    """From memory, and never cached by a browser: a cached logo would reveal the visit to others with the device."""
    picture = request.portal.picture(digest)
    if picture is None or picture.ending != ending:
        raise Http404
    return picture_response(picture.content, picture.media_type)


def picture_response(content: bytes, media_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response.headers["Content-Security-Policy"] = PICTURE_CSP
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response

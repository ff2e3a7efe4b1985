"""The public pages of a portal without forms. Pages with forms are in `reports`."""

from functools import cache

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from countries.languages import long_date
from countries.models import MediaType, PartnerRole, PortalState
from countries.public import privacy
from countries.public.frame_picture import PageFrame, build_frame
from countries.public.help.lines import build_door_groups
from countries.public.page_cache import CachedPage
from countries.public.pages import PortalRequest, answer_cached, open_page, portal_page, receipt_page, same_for_all
from countries.public.portal_list import list_world_portals
from countries.public.published_portal import PublishedPartner, PublishedPortal
from countries.public.standard_texts import closed_sentence, suspended_sentence


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
    context = {"door_groups": build_door_groups(portal), "organisations": _organisations(portal)}
    return render(request, "countries/public/home.html", context)


def _organisations(portal: PublishedPortal) -> list[tuple[str, list[PublishedPartner]]]:
    """Partners and funders: (heading, organisations) for each role that has any."""
    headings = {PartnerRole.PARTNER: _("Partners"), PartnerRole.FUNDER: _("Funded by")}
    groups = [
        (words, [partner for partner in portal.partners if partner.role == role]) for role, words in headings.items()
    ]
    return [(words, organisations) for words, organisations in groups if organisations]


def suspension_page(request: PortalRequest) -> HttpResponse:
    """The page that a suspended or closed portal shows instead of its home and its form: its own message, or else the
    product's sentence.

    404 for a portal that is not visible to the public: it has no message yet.
    """
    if not request.portal.state.visible:
        raise Http404
    text = request.portal_text
    if request.portal.state is PortalState.CLOSED:
        context: dict[str, object] = {"message": text.closed_message, "sentence": closed_sentence()}
    else:
        context = {"message": text.suspended_message, "sentence": suspended_sentence()}
    # Printed addresses and codes lead here long after: the way on to a portal that takes reports.
    context["for_any_country"] = list_world_portals(request.portal_language)
    return render(request, "countries/public/suspended.html", context)


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
            "partners": [partner for partner in portal.partners if partner.role == PartnerRole.PARTNER],
            "funders": [partner for partner in portal.partners if partner.role == PartnerRole.FUNDER],
        },
    )


@require_safe
@receipt_page
@same_for_all
def privacy_page(request: PortalRequest) -> HttpResponse:
    return render(
        request,
        "countries/public/privacy.html",
        {"privacy_rows": privacy.privacy_rows(), "onion_url": settings.ONION_URL},
    )


@require_safe
@receipt_page
def portal_frame(request: PortalRequest) -> HttpResponse:
    """The marks of a portal's pages."""
    return _as_picture(_portal_frame(request))


@same_for_all
def _portal_frame(request: PortalRequest) -> HttpResponse:
    return _frame_response(build_frame(request.portal, settings.HOTLINE_MARK))


@require_safe
@open_page
def network_frame(request: HttpRequest) -> HttpResponse:
    """The hotline's mark, for pages without a portal."""
    return _as_picture(answer_cached(request, _network_frame(settings.HOTLINE_MARK)))


@cache
def _network_frame(mark: str) -> CachedPage:
    return CachedPage.of(_frame_response(build_frame(None, mark)))


def _frame_response(frame: PageFrame) -> HttpResponse:
    return HttpResponse(frame.picture, content_type=str(MediaType.SVG))


# A picture that is opened directly, as a page, can neither run nor load anything.
PICTURE_CSP = "default-src 'none'; style-src 'none'; sandbox"


@require_safe
@receipt_page
def portal_picture(request: PortalRequest, digest: str, ending: str) -> HttpResponse:
    """From memory, and never cached by a browser: a cached logo would reveal the visit to others with the device."""
    picture = request.portal.picture(digest)
    if picture is None or picture.ending != ending:
        raise Http404
    return picture_response(picture.content, str(picture.media_type))


def picture_response(content: bytes, media_type: str) -> HttpResponse:
    return _as_picture(HttpResponse(content, content_type=media_type))


def _as_picture(response: HttpResponse) -> HttpResponse:
    response.headers["Content-Security-Policy"] = PICTURE_CSP
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response

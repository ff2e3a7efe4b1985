"""Views of the launch kit: its page in the staff site and the sheets to print."""

from collections.abc import Mapping

from django.conf import settings
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from countries.models import Picture, Portal
from countries.public import published
from countries.public.launch_kit import CARDS, Kit, build_kits, code_of, kit_of
from countries.public.views import picture_response
from countries.staff.appearance.badges import draw_band, draw_png_badge, draw_svg_badge
from countries.staff.requests.staff_pages import portals_shown, staff_page


def _find_portal(request: HttpRequest, portal_id: int) -> Portal:
    """Return the portal: operators and its country's partner hand its kit out. Raises PermissionDenied, Http404."""
    return get_object_or_404(portals_shown(request), pk=portal_id)


def _find_kit(request: HttpRequest, portal_id: int, language: str) -> Kit:
    row = _find_portal(request, portal_id)
    kit = kit_of(row, published.as_stored(row.pk), language)
    if kit is None:
        raise Http404
    return kit


@require_safe
def portal_kit(request: HttpRequest, portal_id: int) -> HttpResponse:
    row = _find_portal(request, portal_id)
    context = {
        "title": _("Launch kit: %(portal)s") % {"portal": row.name},
        "row": row,
        "kits": build_kits(row, published.as_stored(row.pk)),
        "public_url": settings.PUBLIC_URL,
    }
    return staff_page(request, "countries/staff/appearance/launch_kit.html", context)


@require_safe
def poster_sheet(request: HttpRequest, portal_id: int, language: str) -> HttpResponse:
    return _render_sheet(request, portal_id, language, "countries/public/kit/poster.html", {})


@require_safe
def card_sheet(request: HttpRequest, portal_id: int, language: str) -> HttpResponse:
    return _render_sheet(request, portal_id, language, "countries/public/kit/cards.html", {"cards": range(CARDS)})


def _render_sheet(
    request: HttpRequest, portal_id: int, language: str, template: str, context: Mapping[str, object]
) -> HttpResponse:
    """A printable page without the site's frame, in the kit's language instead of the user's."""
    kit = _find_kit(request, portal_id, language)
    with translation.override(kit.words):
        return render(request, template, {"kit": kit, "row_id": portal_id, **context})


@require_safe
def qr_code(request: HttpRequest, portal_id: int, language: str) -> HttpResponse:
    return picture_response(code_of(_find_kit(request, portal_id, language).address), "image/svg+xml")


@require_safe
def colour_band(request: HttpRequest, portal_id: int) -> HttpResponse:
    row = _find_portal(request, portal_id)
    return picture_response(draw_band(published.as_stored(row.pk)), "image/svg+xml")


@require_safe
def svg_badge(request: HttpRequest, portal_id: int, language: str) -> HttpResponse:
    kit = _find_kit(request, portal_id, language)
    return _download_badge(f"{kit.badge_name}.svg", draw_svg_badge(kit), "image/svg+xml")


@require_safe
def png_badge(request: HttpRequest, portal_id: int, language: str) -> HttpResponse:
    kit = _find_kit(request, portal_id, language)
    return _download_badge(f"{kit.badge_name}.png", draw_png_badge(kit), "image/png")


def _download_badge(name: str, content: bytes, media_type: str) -> HttpResponse:
    """To be saved: opened as a page, a picture's policy leaves out the logo inside it."""
    response = picture_response(content, media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_safe
def picture_shown(request: HttpRequest, digest: str) -> HttpResponse:
    """Serve a picture of a portal that the user may see; it may not be public yet."""
    portals = portals_shown(request)
    picture = get_object_or_404(Picture, pk=digest)
    is_operator = request.user.has_perm("countries.change_portal")
    if not is_operator and not portals.filter(Q(logo=picture) | Q(crest=picture) | Q(partners__logo=picture)).exists():
        raise Http404
    return picture_response(bytes(picture.content), picture.media_type)

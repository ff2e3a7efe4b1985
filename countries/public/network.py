"""The pages of the network as a whole: the list of portals, and the target of "Leave this page"."""

from typing import NamedTuple

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_safe

from countries.languages import country_name, language_name, text_direction, words_language
from countries.models import PortalState
from countries.models.portal import Region
from countries.public import published
from countries.public.context_processors import LanguageLink
from countries.public.pages import PortalRequest, open_page, receipt_page
from countries.public.published_portal import PublishedPortal

FIRST_LANGUAGE = "en"
# What the browser shall clear of this host: cached pages, and with them any text typed into a form.
FORGET = '"cache", "storage"'


class Listed(NamedTuple):
    portal: PublishedPortal
    name: str
    links: list[LanguageLink]


@require_safe
@open_page
def network_page(request: HttpRequest, language: str = FIRST_LANGUAGE) -> HttpResponse:
    """All publicly listed portals, by region. A restricted portal is only reached by its address."""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    with translation.override(language):
        context = {"regions": _portals_by_region(language), **frame_context(language, "network_in")}
        return render(request, "countries/public/network.html", context)


def frame_context(language: str, name: str, *rest: str) -> dict[str, object]:
    """The context of the public frame for a page without a portal, with links to its other languages.

    `name`, `rest`: the name of its URL, and the part of the path after the language.
    """
    return {
        "language_links": _other_languages(language, name, *rest),
        "site_home": reverse("network_in", args=[language]),
        "leave_address": reverse("left_in", args=[language]),
        **_language_context(language),
    }


@require_safe
@receipt_page
def leave_portal(request: PortalRequest) -> HttpResponse:
    """Leave a portal: to the page its operators chose, else the installation's, else a neutral one of our own.

    The redirect goes through a neutral page that sends the browser on at once. Chromium keeps the page that is left,
    with the text typed there, for its Back button as soon as another page is shown, and no header of that page prevents
    it; only the response after it can. Both steps replace each other in the history.
    """
    words = words_language(request.portal_language)
    if "on" in request.GET:
        return _leave_redirect(request.portal.leave_to or settings.LEAVE_TO or reverse("left_in", args=[words]))
    page = render(request, "countries/public/left.html", _language_context(words))
    page.headers["Refresh"] = "0; url=?on"
    return page


@require_safe
@open_page
def neutral_page(request: HttpRequest, language: str = FIRST_LANGUAGE) -> HttpResponse:
    """A page that does not reveal the previous page to someone who looks over the reporter's shoulder."""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    if settings.LEAVE_TO:
        return _leave_redirect(settings.LEAVE_TO)
    with translation.override(language):
        page = render(request, "countries/public/left.html", _language_context(language))
    page.headers["Clear-Site-Data"] = FORGET
    return page


def _leave_redirect(target: str) -> HttpResponse:
    away = HttpResponseRedirect(target)
    away.status_code = 303
    away.headers["Clear-Site-Data"] = FORGET
    return away


def _language_context(language: str) -> dict[str, object]:
    return {"words_language": language, "words_direction": text_direction(language)}


def _home_links(portal: PublishedPortal) -> list[LanguageLink]:
    """The portal's home page in each of its languages."""
    return [
        LanguageLink(tag, language_name(tag), text_direction(tag), reverse("portal_home", args=[portal.slug, tag]))
        for tag in portal.languages
    ]


def _other_languages(shown: str, name: str, *rest: str) -> list[LanguageLink]:
    return [
        LanguageLink(tag, language_name(tag), text_direction(tag), reverse(name, args=[tag, *rest]))
        for tag in dict(settings.LANGUAGES)
        if tag != shown
    ]


def _portals_by_region(language: str) -> list[tuple[str, list[Listed]]]:
    """(name of the region, its portals by name), regions in their fixed order, without empty ones."""
    listed = [
        Listed(portal, country_name(portal.country, language) or portal.name, _home_links(portal))
        for portal in published.portals_by_slug().values()
        if portal.state.visible and portal.state is not PortalState.RESTRICTED and portal.texts
    ]
    listed.sort(key=lambda each: each.name.casefold())
    regions = [(str(region.label), [each for each in listed if each.portal.region is region]) for region in Region]
    return [(name, portals) for name, portals in regions if portals]


@require_safe
@open_page
def favicon_redirect(request: HttpRequest) -> HttpResponse:
    """Browsers request it on their own, even on responses that are not pages, such as a picture."""
    return redirect(static("public/icon.svg"))

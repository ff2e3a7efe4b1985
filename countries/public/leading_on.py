"""Where an address leads that no longer has a page: printed addresses, codes and links outlive states and languages.

Asks memory alone, as error pages do.
"""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, Resolver404, ResolverMatch, resolve, reverse

from countries.languages import interface_languages
from countries.models import PortalState
from countries.public import published
from countries.public.pages import FIRST_LANGUAGE
from countries.public.published_portal import PublishedPortal

# Parts of a printed address: a portal and a language.
MOST_PRINTED = 2


def lead_on(request: HttpRequest) -> HttpResponse | None:
    """A redirect to the same page in a language that exists, or to a printed address as it was meant; None otherwise.

    A portal that the public does not see leads nowhere: it answers like one that does not exist.
    """
    if request.method not in ("GET", "HEAD"):
        return None
    address = _in_another_language(request.resolver_match) if request.resolver_match else _as_printed(request.path_info)
    if not address:
        return None
    query = request.META.get("QUERY_STRING", "")
    return HttpResponseRedirect(f"{address}?{query}" if query else address)


def _in_another_language(match: ResolverMatch) -> str:
    language, slug = match.kwargs.get("language"), match.kwargs.get("slug")
    if language is None:
        return ""
    if slug is None:
        return "" if language in interface_languages() else _reverse(match, language=FIRST_LANGUAGE)
    portal = published.in_memory().get(slug.lower())
    if portal is None or not _is_reachable(portal, match) or portal.text(language) or not portal.first_language:
        return ""
    return _reverse(match, slug=portal.slug, language=portal.first_language)


def _is_reachable(portal: PublishedPortal, match: ResolverMatch) -> bool:
    is_for_receipts = getattr(match.func, "is_for_receipts", False)
    return portal.state.visible or (is_for_receipts and portal.may_have_receipts)


def _reverse(match: ResolverMatch, **changes: str) -> str:
    try:
        return reverse(match.view_name, kwargs={**match.kwargs, **changes})
    except NoReverseMatch:
        return ""


def _as_printed(path: str) -> str:
    """The address in small letters, if it is one of a portal in a language: telephones and people write capitals."""
    parts = [part for part in path.lower().split("/") if part]
    address = "/".join(("", *parts, ""))
    if address == path or not 0 < len(parts) <= MOST_PRINTED:
        return ""
    try:
        match = resolve(address)
    except Resolver404:
        return ""
    return _reverse(match) if match.url_name == "portal_home" else ""


def world_portals() -> list[PublishedPortal]:
    """The portals that take reports from any country, from the last copy."""
    return [
        portal
        for portal in published.in_memory().values()
        if portal.is_for_any_country and portal.state is PortalState.LIVE and portal.texts
    ]

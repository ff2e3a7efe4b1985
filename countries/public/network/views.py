"""The pages of the network as a whole: the list of portals, finding one by the country's name, and what it is about."""

from collections import Counter
from typing import NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from countries.collation import sort_key
from countries.languages import country_name, interface_languages, text_direction
from countries.models import PortalState
from countries.models.portal import Region
from countries.public import privacy, published, views
from countries.public.context_processors import LanguageLink
from countries.public.hotline import letter_identity
from countries.public.network.country_search import clean_name, find_country, name_key, suggest_countries
from countries.public.network.hotlines import NationalHotline, national_hotlines
from countries.public.pages import FIRST_LANGUAGE, known_language, open_page
from countries.public.portal_list import Listed, list_portals
from countries.public.published_portal import PublishedPortal

# The field of the search, also in the links of suggestions.
COUNTRY = "country"


class ListedHotline(NamedTuple):
    country: str
    hotline: NationalHotline


class CountryAnswer(NamedTuple):
    """The facts about a country that was searched for. `country`: its name; "" where nothing has the typed name."""

    typed: str
    country: str
    portals: list[Listed]
    hotlines: list[ListedHotline]
    # Names of countries that are alike, each with the address of its search.
    suggestions: list[tuple[str, str]]


@require_safe
@open_page
def network_page(request: HttpRequest, language: str | None = None) -> HttpResponse:
    """All publicly listed portals, by region. A restricted portal is only reached by its address.

    `?country=` finds the portal of a country by its name and leads there, or names the alternatives. Without a
    language in its path, the page begins with a line in each language.
    """
    page_language = known_language(language or FIRST_LANGUAGE)
    typed = clean_name(request.GET.get(COUNTRY, ""))
    with translation.override(page_language):
        answer = _answer_about(typed, page_language) if typed else None
        if answer and len(answer.portals) == 1:
            return _redirect_to(answer.portals[0].portal, page_language)
        listed = list_portals(_public_portals(), page_language)
        context = {
            "regions": _group_by_region([entry for entry in listed if not entry.portal.is_for_any_country]),
            "for_any_country": [entry for entry in listed if entry.portal.is_for_any_country],
            "hotlines": _listed_hotlines(page_language, {entry.portal.country for entry in listed}),
            "answer": answer,
            "typed": typed,
            "first_lines": [] if language else _first_lines(),
            **frame_context(page_language, "network_in"),
        }
        if language is None:
            context["language_links"] = []
        return render(request, "countries/public/network.html", context)


@require_safe
@open_page
def start_or_country(request: HttpRequest, slug: str) -> HttpResponse:
    """A portal's address without a language; or else the name of a country in any language, which leads to its portal.

    The name of a country without a listed portal leads to what the network's page says about it. A portal that is not
    public answers like one that does not exist.
    """
    portal = published.find_portal(slug.lower())
    if portal and portal.state.visible:
        return views.portal_redirect(request, slug)
    name = clean_name(slug.replace("-", " "))
    code = find_country(name, FIRST_LANGUAGE)
    portals = _portals_of(code, name)
    if len(portals) == 1:
        return redirect("portal_default", portals[0].slug)
    if not code:
        raise Http404
    return redirect(_search_address(country_name(code, FIRST_LANGUAGE), FIRST_LANGUAGE))


@require_safe
@open_page
def network_about(request: HttpRequest, language: str) -> HttpResponse:
    return _render_page(request, language, "about_in", "network_about.html", {"hotline": settings.HOTLINE_NAME})


@require_safe
@open_page
def network_letters(request: HttpRequest, language: str) -> HttpResponse:
    """How the hotline's letters look and from which address they come; the same for all, without a look-up."""
    return _render_page(request, language, "letters_in", "letters.html", {"letters": letter_identity()})


@require_safe
@open_page
def network_privacy(request: HttpRequest, language: str) -> HttpResponse:
    context: dict[str, object] = {"privacy_rows": privacy.privacy_rows(), "onion_url": settings.ONION_URL}
    return _render_page(request, language, "privacy_in", "privacy.html", context)


def _render_page(
    request: HttpRequest, language: str, name: str, template: str, context: dict[str, object]
) -> HttpResponse:
    with translation.override(known_language(language)):
        return render(request, f"countries/public/{template}", {**context, **frame_context(language, name)})


def frame_context(language: str, name: str, *rest: str) -> dict[str, object]:
    """The context of the public frame for a page without a portal, with links to its other languages.

    `name`, `rest`: the name of its URL, and the part of the path after the language.
    """
    return {
        "language_links": _other_languages(language, name, *rest),
        "shown_language": LanguageLink.to_page(language, ""),
        "site_home": reverse("network_in", args=[language]),
        "leave_address": reverse("left_in", args=[language]),
        "words_language": language,
        "words_direction": text_direction(language),
    }


def _first_lines() -> list[tuple[LanguageLink, str]]:
    """A link to the page in each other language, with what it is for in that language; the heading is in the first.

    Languages that say it in the same words are named.
    """
    lines = []
    with translation.override(FIRST_LANGUAGE):
        heading = gettext("Report child sexual abuse material")
    for tag in (tag for tag in interface_languages() if tag != FIRST_LANGUAGE):
        with translation.override(tag):
            words = gettext("Report child sexual abuse material")
        if words == heading:
            # An opened language in which it is not translated yet.
            continue
        link = LanguageLink.to_page(tag, reverse("network_in", args=[tag]))
        lines.append((link, words))
    times = Counter(words for _link, words in lines)
    return [(link, f"{words} ({link.name})" if times[words] > 1 else words) for link, words in lines]


def _other_languages(page_language: str, name: str, *rest: str) -> list[LanguageLink]:
    return [
        LanguageLink.to_page(tag, reverse(name, args=[tag, *rest]))
        for tag in interface_languages()
        if tag != page_language
    ]


def _public_portals() -> list[PublishedPortal]:
    """Portals that may be listed and found. A restricted one is only reached by its address."""
    return [
        portal
        for portal in published.portals_by_slug().values()
        if portal.state.visible and portal.state is not PortalState.RESTRICTED and portal.texts
    ]


def listed_portals(language: str) -> list[tuple[PublishedPortal, str]]:
    """The publicly listed portals with their names in the language, in its order."""
    return [(entry.portal, entry.name) for entry in list_portals(_public_portals(), language)]


def _group_by_region(listed: list[Listed]) -> list[tuple[str, list[Listed]]]:
    """(name of the region, its portals), regions in their fixed order, without empty ones."""
    regions = [(str(region.label), [entry for entry in listed if entry.portal.region is region]) for region in Region]
    return [(name, portals) for name, portals in regions if portals]


def _listed_hotlines(language: str, with_portal: set[str]) -> list[ListedHotline]:
    """The national hotlines of countries without a portal here, by country, in the order of the language."""
    rows = [
        ListedHotline(country_name(hotline.country, language) or hotline.country, hotline)
        for hotline in national_hotlines()
        if hotline.country not in with_portal
    ]
    return sorted(rows, key=lambda row: sort_key(row.country, language))


# --- Finding a country ------------------------------------------------------------------------------------------------


def _answer_about(typed: str, language: str) -> CountryAnswer:
    code = find_country(typed, language)
    portals = list_portals(_portals_of(code, typed), language)
    suggestions = [] if code or portals else suggest_countries(typed, language)
    return CountryAnswer(
        typed,
        country_name(code, language) or (portals[0].name if portals else ""),
        portals,
        [
            ListedHotline(country_name(code, language), hotline)
            for hotline in national_hotlines()
            if hotline.country == code
        ],
        [(name, _search_address(name, language)) for _code, name in suggestions],
    )


def _portals_of(code: str, name: str) -> list[PublishedPortal]:
    """The portals of the country; or of the territory without a code that has this name."""
    key = name_key(name)
    return [
        portal
        for portal in _public_portals()
        if (portal.country == code if code else bool(key) and name_key(portal.name) == key)
    ]


def _redirect_to(portal: PublishedPortal, language: str) -> HttpResponse:
    """To the portal's page in the language, if it has one, or else in its own first one."""
    if portal.text(language):
        return redirect("portal_home", portal.slug, language)
    return redirect("portal_default", portal.slug)


def _search_address(name: str, language: str) -> str:
    return f"{reverse('network_in', args=[language])}?{urlencode({COUNTRY: name})}"


@require_safe
@open_page
def favicon_redirect(request: HttpRequest) -> HttpResponse:
    """Browsers request it on their own, even on responses that are not pages, such as a picture."""
    return redirect(static("public/icon.svg"))

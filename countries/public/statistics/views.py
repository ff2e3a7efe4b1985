"""The pages of published statistics and their open data: of the network, of one of its years, and of a portal."""

from collections.abc import Callable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_safe

from countries.public import published
from countries.public.network.views import frame_context, listed_portals
from countries.public.page_cache import CachedPage
from countries.public.page_style import style_source_of
from countries.public.pages import (
    FIRST_LANGUAGE,
    PortalRequest,
    answer_cached,
    known_language,
    open_page,
    portal_page,
    same_for_all,
)
from countries.public.published_portal import PublishedPortal
from countries.public.statistics import open_data
from countries.public.statistics.memory import PublishedPeriod
from countries.public.statistics.page import MOST_QUARTERS, NamedPortal, StatisticsWriter, latest_period
from countries.public.statistics.words import MEASURES, SHORT

TEMPLATE = "countries/public/statistics.html"


@require_safe
@open_page
def network_statistics(request: HttpRequest, language: str | None = None) -> HttpResponse:
    """All published periods of the network."""
    page_language = known_language(language or FIRST_LANGUAGE)
    return _cached_answer(request, lambda: _render_network(request, page_language), "network", page_language)


@require_safe
@open_page
def network_year(request: HttpRequest, language: str, year: int) -> HttpResponse:
    """The network's page of one year."""
    page_language = known_language(language)
    entry = next((entry for entry in published.statistics().years if entry.year == year), None)
    if entry is None:
        raise Http404
    return _cached_answer(
        request, lambda: _render_network(request, page_language, entry), "year", page_language, entry.period
    )


@require_safe
@portal_page
@same_for_all
def portal_statistics(request: PortalRequest) -> HttpResponse:
    history = published.statistics()
    writer = StatisticsWriter(request.portal_language, request.portal)
    quarters = history.quarters[-MOST_QUARTERS:]
    periods = [period for period in history.periods if writer.values_of(period, request.portal) is not None]
    files = {ending: reverse(f"portal_statistics_{ending}", args=[request.portal.slug]) for ending in ("csv", "json")}
    context = {
        "by_portal": [],
        **_common_context(writer, periods[-1] if periods else None, quarters, history.years, files),
    }
    return render(request, TEMPLATE, context)


def _render_network(request: HttpRequest, language: str, year: PublishedPeriod | None = None) -> HttpResponse:
    """The page of the network, or of one of its years."""
    history = published.statistics()
    quarters = [quarter for quarter in history.quarters if year is None or quarter.year == year.year]
    chosen = year or latest_period(history)
    # A year has more numbers that need not be hidden.
    divided = year or (history.years[-1] if history.years else chosen)
    files = {ending: reverse(f"network_statistics_{ending}") for ending in ("csv", "json")}
    rest = [str(year.year)] if year else []
    with translation.override(language):
        writer = StatisticsWriter(language, None)
        portals = [NamedPortal(name, portal) for portal, name in listed_portals(language)]
        context = {
            **_common_context(writer, chosen, quarters[-MOST_QUARTERS:], history.years, files),
            "year": writer.year_name(year.year) if year else "",
            "divided": writer.period_name(divided) if divided else "",
            "by_portal": writer.portal_table(divided, portals) if divided else [],
            "map": writer.draw_network(divided, portals) if divided else None,
            "year_links": [
                (writer.year_name(entry.year), reverse("year_in", args=[language, entry.year]))
                for entry in history.years
            ],
            **frame_context(language, "year_in" if year else "statistics_in", *rest),
        }
        return render(request, TEMPLATE, context)


def _common_context(
    writer: StatisticsWriter,
    chosen: PublishedPeriod | None,
    quarters: list[PublishedPeriod],
    years: list[PublishedPeriod],
    files: dict[str, str],
) -> dict[str, object]:
    periods = sorted([*quarters, *years], key=lambda period: (period.last_day, period.quarter is None))
    return {
        "chosen": writer.period_name(chosen) if chosen else "",
        "numbers": writer.numbers(chosen) if chosen else [],
        "headline": writer.headline(chosen) if chosen else "",
        "times": writer.times(chosen) if chosen else [],
        "charts": [writer.draw_reports(quarters), writer.draw_verdicts(quarters)] if quarters else [],
        "rows": writer.table(periods),
        "measures": [words.label for words in MEASURES.values()],
        "short_measures": [MEASURES[measure].label for measure in SHORT],
        "hotline": settings.HOTLINE_NAME,
        "files": files,
        "schema": reverse("statistics_schema"),
    }


def _cached_answer(request: HttpRequest, draw: Callable[[], HttpResponse], *key: str) -> HttpResponse:
    """A page or file of the network, rendered once and cached with the copy of the statistics it was made from."""
    pages = published.statistics().pages
    full = (*key, published.banner_sentence_in_memory())
    page = pages.get(full)
    if page is None:
        page = pages[full] = CachedPage.of(draw(), style_source_of(request))
    return answer_cached(request, page)


# --- Open data --------------------------------------------------------------------------------------------------------


def _listed() -> list[PublishedPortal]:
    return [portal for portal, _name in listed_portals(FIRST_LANGUAGE)]


@require_safe
@open_page
def network_csv(request: HttpRequest) -> HttpResponse:
    return _cached_answer(request, lambda: _csv(open_data.write_csv(published.statistics().periods, _listed())), "csv")


@require_safe
@open_page
def network_json(request: HttpRequest) -> HttpResponse:
    return _cached_answer(
        request, lambda: _json(open_data.write_json(published.statistics().periods, _listed())), "json"
    )


@require_safe
@portal_page
@same_for_all
def portal_csv(request: PortalRequest) -> HttpResponse:
    return _csv(open_data.write_csv(published.statistics().periods, [request.portal]))


@require_safe
@portal_page
@same_for_all
def portal_json(request: PortalRequest) -> HttpResponse:
    return _json(open_data.write_json(published.statistics().periods, [request.portal]))


@require_safe
@open_page
def schema(request: HttpRequest) -> HttpResponse:
    return _json(open_data.read_schema())


def _csv(text: str) -> HttpResponse:
    return HttpResponse(text, content_type="text/csv; charset=utf-8")


def _json(text: str) -> HttpResponse:
    return HttpResponse(text, content_type="application/json; charset=utf-8")

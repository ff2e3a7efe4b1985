"""The partner's page: the figures of their portal in the closed periods, and a sheet of one period to print.

The numbers are those of the public page (`countries.public.statistics.page`); a partner sees them before the public, at
the earliest a whole day after the period's end, as no period is closed before.
"""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from analysts.accounts.staff_request import StaffRequest
from analysts.figures.closing import figures_of
from analysts.figures.permissions import check_can_see_portal_figures
from analysts.figures.public_figures import build_public_figures
from analysts.figures.snapshot import days_of
from analysts.models import PeriodClose
from countries.figures import SHOWN_AFTER
from countries.models import Portal
from countries.public import published
from countries.public.statistics.memory import PublishedHistory, PublishedPeriod
from countries.public.statistics.page import MOST_QUARTERS, StatisticsWriter
from countries.public.statistics.words import MEASURES
from countries.public.views import picture_response
from countries.staff.appearance.badges import draw_marked_band
from countries.staff.requests.staff_pages import staff_page

# Quarters and their years.
MOST_PERIODS = MOST_QUARTERS + MOST_QUARTERS // 4 + 1


def _find_portal(request: StaffRequest, portal_id: int) -> Portal:
    check_can_see_portal_figures(request.user)
    return get_object_or_404(request.user.visible_portals(), pk=portal_id)


def _closed_periods() -> PublishedHistory:
    """The latest confirmed periods, in the form in which they are published. One query."""
    latest = (timezone.now() - SHOWN_AFTER).date()
    closes = PeriodClose.objects.filter(confirmed_at__isnull=False).order_by("-closed_at", "-period")[:MOST_PERIODS]
    periods = [
        PublishedPeriod(close.period, close.digest, last, latest, build_public_figures(close.period, figures_of(close)))
        for close in closes
        if (last := days_of(close.period)[1]) < latest
    ]
    return PublishedHistory(sorted(periods, key=lambda period: (period.last_day, period.quarter is None)))


@require_safe
def own_portals(request: StaffRequest) -> HttpResponse:
    """Leads to the figures of the partner's only portal, or lists those of several."""
    check_can_see_portal_figures(request.user)
    portals = list(request.user.visible_portals().order_by("name"))
    if len(portals) == 1:
        return redirect("admin:portal_figures", portals[0].pk)
    return staff_page(request, "analysts/figures/own_portals.html", {"title": _("Figures"), "portals": portals})


@require_safe
def portal_figures(request: StaffRequest, portal_id: int) -> HttpResponse:
    """All closed periods of a portal."""
    row = _find_portal(request, portal_id)
    writer = StatisticsWriter(get_language() or "en", published.as_stored(row.pk))
    history = _closed_periods()
    quarters = history.quarters[-MOST_QUARTERS:]
    context = {
        "title": _("Figures: %(portal)s") % {"portal": row.name},
        "portal": row,
        "rows": writer.table(history.periods),
        "measures": [words.label for words in MEASURES.values()],
        "charts": [writer.draw_reports(quarters), writer.draw_verdicts(quarters)] if quarters else [],
        "sheets": [(period.period, writer.period_name(period)) for period in reversed(history.periods)],
    }
    return staff_page(request, "analysts/figures/portal_figures.html", context)


@require_safe
def portal_sheet(request: StaffRequest, portal_id: int) -> HttpResponse:
    """A period of a portal on one page of paper, with the portal's brand; `?period=`, by default the latest."""
    row = _find_portal(request, portal_id)
    portal = published.as_stored(row.pk)
    writer = StatisticsWriter(get_language() or "en", portal)
    history = _closed_periods()
    sheets = [period for period in history.periods if writer.values_of(period, portal) is not None]
    period_name = request.GET.get("period") or (sheets[-1].period if sheets else "")
    chosen = next((period for period in sheets if period.period == period_name), None)
    if chosen is None:
        return redirect("admin:portal_figures", row.pk)
    until = [quarter for quarter in history.quarters if quarter.last_day <= chosen.last_day][-MOST_QUARTERS // 2 :]
    context = {
        "portal": row,
        "period": writer.period_name(chosen),
        "numbers": writer.numbers(chosen),
        "times": writer.times(chosen),
        "charts": [writer.draw_reports(until), writer.draw_verdicts(until)] if until else [],
        "hotline": settings.HOTLINE_NAME,
    }
    return render(request, "analysts/figures/portal_sheet.html", context)


@require_safe
def portal_sheet_band(request: StaffRequest, portal_id: int) -> HttpResponse:
    """The portal's colours, pattern and mark, for the sheet."""
    row = _find_portal(request, portal_id)
    return picture_response(draw_marked_band(published.as_stored(row.pk)), "image/svg+xml")

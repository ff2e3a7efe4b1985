"""The page of closed periods: close, confirm and withdraw, the frozen figures, and the return as CSV."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from analysts.accounts.staff_request import StaffRequest
from analysts.figures import closing
from analysts.figures.page import MISSING, write_number
from analysts.figures.permissions import check_can_see_figures
from analysts.figures.returns import return_rows
from analysts.figures.snapshot import FrozenFigures
from analysts.models import PeriodClose, User
from audit.permissions import why_not
from countries.csv_files import csv_response, plain_csv
from countries.models import Portal
from countries.staff.requests.staff_pages import staff_page
from countries.statistics import PublicMeasure

MEASURE_LABELS = {
    PublicMeasure.REPORTS: gettext_lazy("Reports"),
    PublicMeasure.ASSESSED: gettext_lazy("Assessed"),
    PublicMeasure.ILLEGAL: gettext_lazy("Illegal"),
    PublicMeasure.NOT_ILLEGAL: gettext_lazy("Not illegal"),
    PublicMeasure.OUTSIDE_REMIT: gettext_lazy("Outside remit"),
    PublicMeasure.NOT_ASSESSED: gettext_lazy("Could not assess"),
    PublicMeasure.REMOVED: gettext_lazy("Removed"),
}


@require_safe
def periods_page(request: StaffRequest) -> HttpResponse:
    check_can_see_figures(request.user)
    closes = list(PeriodClose.objects.select_related("closed_by", "confirmed_by").order_by("-period"))
    waiting = next((close for close in closes if not close.is_confirmed), None)
    by_period = {close.period: close for close in closes}
    chosen = by_period.get(request.GET.get("period", "")) or waiting or next(iter(closes), None)
    figures = closing.figures_of(chosen) if chosen else None
    context = {
        "title": _("Closed periods"),
        "closes": closes,
        "waiting": waiting,
        "why_not": why_not(closing.check_can_confirm, request.user, waiting) if waiting else "",
        "closable": None if waiting else closing.find_closable(now=timezone.now()),
        "chosen": chosen,
        "exposed": figures["exposed"] if figures else 0,
        "rows": list(return_rows(chosen.period, figures)) if chosen and figures else [],
        "measures": list(MEASURE_LABELS.values()),
        "portals": protected_rows(figures) if figures else [],
        "corrections": correction_rows(figures) if figures else [],
    }
    return staff_page(request, "analysts/figures/periods.html", context)


def protected_rows(figures: FrozenFigures) -> list[tuple[str, list[str]]]:
    """The name and the cells of each portal with figures in the period, MISSING where one is hidden. One statement."""
    names = dict(Portal.objects.filter(pk__in=map(int, figures["shown"])).values_list("pk", "name"))
    rows = []
    for portal, printed in figures["shown"].items():
        values = [printed[measure] for measure in MEASURE_LABELS]
        cells = [MISSING if value is None else write_number(value) for value in values]
        rows.append((names.get(int(portal), portal), cells))
    return sorted(rows)


def correction_rows(figures: FrozenFigures) -> list[tuple[str, str, str]]:
    """The period, the name and the difference of each number that was corrected."""
    return [
        (period, name, f"{number:+}")
        for period, changed in figures["corrections"].items()
        for name, number in changed.items()
    ]


@require_safe
def return_file(request: StaffRequest) -> HttpResponse:
    """The return of a confirmed period as CSV; of the latest one by default, and only headings without any."""
    check_can_see_figures(request.user)
    closes = PeriodClose.objects.filter(confirmed_at__isnull=False).order_by("-period")
    close = closes.filter(period=request.GET.get("period", "")).first() or closes.first()
    rows = return_rows(close.period, closing.figures_of(close)) if close else ()
    text = plain_csv([("period", "name", "definition", "number"), *rows])
    return csv_response(text, f"figures-{close.period}.csv" if close else "figures.csv")


@require_POST
def close_view(request: StaffRequest) -> HttpResponse:
    closing.close_period(by=request.user, period=request.POST.get("period", ""))
    messages.success(request, _("The figures are frozen. Another senior analyst has to confirm them."))
    return redirect("admin:figure_periods")


def _act_on_waiting(request: StaffRequest, act: Callable[[User, PeriodClose], object], message: str) -> HttpResponse:
    """Act on the close that the form names, by its period and digest: it is the one that the person saw."""
    check_can_see_figures(request.user)
    waiting_close = PeriodClose.objects.filter(
        period=request.POST.get("period", ""), digest=request.POST.get("digest", "")
    )
    close = waiting_close.first()
    if close is None:
        messages.error(request, _("This period has been withdrawn or closed again. Look at its figures first."))
        return redirect("admin:figure_periods")
    act(request.user, close)
    messages.success(request, message)
    return redirect(f"{reverse('admin:figure_periods')}?period={close.period}")


@require_POST
def confirm_view(request: StaffRequest) -> HttpResponse:
    message = _("Confirmed. Nothing changes these figures any more.")
    return _act_on_waiting(request, lambda by, close: closing.confirm_period(by=by, close=close), message)


@require_POST
def withdraw_view(request: StaffRequest) -> HttpResponse:
    message = _("Withdrawn. The period can be closed again.")
    return _act_on_waiting(request, lambda by, close: closing.withdraw_period(by=by, close=close), message)

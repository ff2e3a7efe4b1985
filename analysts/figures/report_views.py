"""The yearly report of a trusted flagger (Digital Services Act, Art. 22(3)), from a confirmed period, and its words."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from analysts.accounts.staff_request import StaffRequest
from analysts.figures.closing import figures_of
from analysts.figures.dsa_report import draw_report, write_report
from analysts.figures.forms import StatementForm
from analysts.figures.permissions import check_can_see_figures, check_can_set_independence
from analysts.figures.providers.actions import write_independence
from analysts.models import IndependenceStatement, PeriodClose
from countries.csv_files import csv_response
from countries.staff.requests.staff_pages import staff_page


def find_confirmed(period: str) -> tuple[PeriodClose | None, list[PeriodClose]]:
    """The confirmed period that is asked for, else the latest year, else the latest quarter; and all confirmed ones."""
    confirmed = list(PeriodClose.objects.filter(confirmed_at__isnull=False).defer("figures").order_by("-period"))
    by_period = {close.period: close for close in confirmed}
    years = [close for close in confirmed if "Q" not in close.period]
    return by_period.get(period) or next(iter([*years, *confirmed]), None), confirmed


@require_safe
def report_page(request: StaffRequest) -> HttpResponse:
    check_can_see_figures(request.user)
    close, confirmed = find_confirmed(request.GET.get("period", ""))
    context = {
        "title": _("Report of a trusted flagger"),
        "hotline": settings.HOTLINE_NAME,
        "closes": confirmed,
        "chosen": close,
        "report": draw_report(figures_of(close)) if close else None,
    }
    return staff_page(request, "analysts/figures/dsa_report.html", context)


@require_safe
def report_file(request: StaffRequest) -> HttpResponse:
    check_can_see_figures(request.user)
    close, _confirmed = find_confirmed(request.GET.get("period", ""))
    text = write_report(close.period, figures_of(close)) if close else ""
    return csv_response(text, f"dsa-22-3-{close.period}.csv" if close else "dsa-22-3.csv")


@require_http_methods(["GET", "HEAD", "POST"])
def independence_page(request: StaffRequest) -> HttpResponse:
    check_can_set_independence(request.user)
    statement = IndependenceStatement.objects.first()
    initial: dict[str, object] = {"text": statement.text if statement else ""}
    form = StatementForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        write_independence(by=request.user, text=form.cleaned_data["text"])
        messages.success(request, _("Saved. It is frozen with the figures of the next period that is closed."))
        return redirect("admin:figure_independence")
    context = {"title": _("Statement of independence"), "form": form}
    return staff_page(request, "analysts/figures/independence.html", context, status=422 if form.is_bound else 200)

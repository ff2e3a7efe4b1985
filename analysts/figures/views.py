"""The figures page of senior analysts, and the targets, which operators set."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from analysts.accounts.staff_request import StaffRequest
from analysts.figures import page, reading
from analysts.figures.actions import set_targets
from analysts.figures.breakdowns import Breakdown
from analysts.figures.forms import FigureFilter, TargetForm
from analysts.figures.permissions import check_can_see_figures, check_can_set_targets
from analysts.models import FigureProgress, FigureSubject, FigureTarget, HistoryImport, ImportState
from countries.staff.requests.staff_pages import staff_page

MOST_IMPORTS = 20


@require_safe
def figures_page(request: StaffRequest) -> HttpResponse:
    check_can_see_figures(request.user)
    portals = list(request.user.visible_portals().only("slug", "name"))
    form = FigureFilter(request.GET, portals=portals, today=timezone.now().date())
    period = form.period
    progress, target = FigureProgress.objects.first(), FigureTarget.objects.first()
    numbers, times = reading.read_steps(period), reading.read_times(period)
    by_portal = form.breakdown == Breakdown.PORTAL
    portals_on_page = [portal for portal in portals if period.portal in (None, portal.pk)] if by_portal else []
    of_portals = reading.read_portals(period, [portal.pk for portal in portals_on_page]) if by_portal else {}
    context = {
        "title": _("Figures"),
        "form": form,
        "period": period,
        "progress": progress,
        "target": target,
        "intake": page.draw_intake(period, numbers),
        "backlog": page.draw_backlog(period, numbers, reading.read_backlog_before(period)),
        "ages": page.age_rows(reading.read_open_work(period.portal), target),
        "age_labels": page.age_labels(),
        "times": page.times_rows(times),
        "histograms": [
            page.draw_times("to-assess", _("Time to assess"), times[FigureSubject.ASSESSED].numbers),
            page.draw_times("to-removal", _("Time to removal"), times[FigureSubject.REMOVED].numbers),
        ],
        "divided": None if by_portal else page.divide_figures(period, form.breakdown),
        "portals": page.portal_rows(portals_on_page, of_portals),
        "imports": HistoryImport.objects.filter(state=ImportState.DONE)[:MOST_IMPORTS],
        "portal_charts": page.draw_portals(period, portals_on_page, of_portals) if by_portal else [],
    }
    return staff_page(request, "analysts/figures/figures.html", context, status=200 if form.is_valid() else 422)


@require_http_methods(["GET", "HEAD", "POST"])
def targets_page(request: StaffRequest) -> HttpResponse:
    check_can_set_targets(request.user)
    form = TargetForm(request.POST if request.method == "POST" else None, FigureTarget.objects.first())
    if request.method == "POST" and form.is_valid():
        set_targets(by=request.user, **form.cleaned_data)
        messages.success(request, _("Targets saved."))
        return redirect("admin:figure_targets")
    context = {"title": _("Targets"), "form": form}
    return staff_page(request, "analysts/figures/targets.html", context, status=422 if form.is_bound else 200)

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from tests.benchmarks.bare.forms import BareReportForm
from tests.benchmarks.bare.models import BareReport


def report_page(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        form = BareReportForm(request.POST)
        if form.is_valid():
            BareReport.objects.create(addresses=form.cleaned_data["addresses"])
            # As our view does. The usual redirect and the page after it would cost more together.
            return render(request, "thanks.html")
    else:
        form = BareReportForm()
    return render(request, "report.html", {"form": form})


def report_redirected(request: HttpRequest) -> HttpResponse:
    """The same with the usual redirect: the cheapest answer there is, if no browser follows it."""
    form = BareReportForm(request.POST)
    if form.is_valid():
        BareReport.objects.create(addresses=form.cleaned_data["addresses"])
        return redirect("thanks")
    return render(request, "report.html", {"form": form})

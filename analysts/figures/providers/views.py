"""The sheets of providers: list, sheet, CSV, release, withdrawal, and what the provider says to it."""

import re
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from analysts.accounts.staff_request import StaffRequest
from analysts.figures.closing import figures_of
from analysts.figures.forms import StatementForm, WithdrawalForm
from analysts.figures.permissions import check_can_see_figures, check_can_see_sheets
from analysts.figures.providers import actions as sheet_actions
from analysts.figures.providers.figures import read_providers
from analysts.figures.providers.sheets import ProviderSheetRow, exact_rows, protected_rows, write_sheet
from analysts.incidents.display.display_safe import defang_text
from analysts.models import PeriodClose, ProviderSheet, Recipient, User
from audit.permissions import is_allowed
from countries.csv_files import csv_response
from countries.staff.requests.staff_pages import staff_page

QUARTER = re.compile(r"20[0-9]{2}Q[1-4]")


def is_senior(user: User) -> bool:
    return is_allowed(check_can_see_figures, user)


def confirmed_quarters() -> list[PeriodClose]:
    """The latest first, without their figures, which grow with each."""
    confirmed = PeriodClose.objects.filter(confirmed_at__isnull=False, period__contains="Q")
    return list(confirmed.defer("figures").order_by("-period"))


@require_safe
def sheets_page(request: StaffRequest) -> HttpResponse:
    """The providers of a confirmed quarter: all for senior analysts, the released ones for others."""
    check_can_see_sheets(request.user)
    closes = confirmed_quarters()
    chosen = next((close for close in closes if close.period == request.GET.get("period")), next(iter(closes), None))
    context = {
        "title": _("Provider sheets"),
        "closes": closes,
        "chosen": chosen,
        "is_senior": is_senior(request.user),
        "rows": provider_lines(chosen, request.user) if chosen else [],
    }
    return staff_page(request, "analysts/figures/sheets.html", context)


def provider_lines(close: PeriodClose, user: User) -> list[tuple[str, str, int, int, ProviderSheet | None]]:
    """Name, id, notices, actions and sheet of each provider, by name. One statement."""
    figures, sees_all = figures_of(close), is_senior(user)
    released = ProviderSheet.objects.filter(period=close, released_at__isnull=False)
    sheets = {str(sheet.provider_id): sheet for sheet in released}
    providers = read_providers(figures["national"])
    return [
        (name, pk, providers[pk].notices.total(), providers[pk].decided, sheets.get(pk))
        for name, pk in sorted((name, pk) for pk, name in figures["names"].items())
        if sees_all or pk in sheets
    ]


@dataclass(frozen=True, slots=True)
class SheetVisit:
    """One request about a sheet. `sheet`: None while there was no act on it. `sees_numbers`: others do not see those
    of a sheet that was withdrawn.
    """

    close: PeriodClose
    provider: Recipient
    sheet: ProviderSheet | None
    name: str
    sees_numbers: bool


def find_visit(request: StaffRequest, provider_id: uuid.UUID, period: str) -> SheetVisit:
    """A provider with figures in a confirmed quarter, the latest without `period`; 404 for others, and for what was
    never released to the user.
    """
    if not period:
        period = next((close.period for close in confirmed_quarters()), "")
    if not QUARTER.fullmatch(period):
        raise Http404
    close = get_object_or_404(PeriodClose.objects.filter(confirmed_at__isnull=False), period=period)
    name = figures_of(close)["names"].get(str(provider_id))
    provider = Recipient.objects.filter(pk=provider_id).first()
    if name is None or provider is None:
        raise Http404
    sheets = ProviderSheet.objects.select_related("released_by", "withdrawn_by")
    sheet = sheets.filter(period=close, provider=provider).first()
    sees_numbers = is_senior(request.user) or (sheet is not None and sheet.is_released)
    if not sees_numbers and not (sheet and sheet.is_withdrawn):
        raise Http404
    return SheetVisit(close, provider, sheet, name, sees_numbers)


def rows_for(user: User, visit: SheetVisit) -> list[ProviderSheetRow]:
    build = exact_rows if is_senior(user) else protected_rows
    return build(figures_of(visit.close), str(visit.provider.pk))


@require_safe
def sheet_page(request: StaffRequest, provider_id: uuid.UUID) -> HttpResponse:
    check_can_see_sheets(request.user)
    visit = find_visit(request, provider_id, request.GET.get("period", ""))
    return show_sheet(request, visit)


def show_sheet(
    request: StaffRequest,
    visit: SheetVisit,
    form: StatementForm | None = None,
    withdrawal: WithdrawalForm | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    figures, pk = figures_of(visit.close), str(visit.provider.pk)
    printed = protected_rows(figures, pk) if visit.sees_numbers else []
    exact = exact_rows(figures, pk) if is_senior(request.user) else printed
    statement = visit.sheet.statement if visit.sheet else ""
    context = {
        "title": _("%(provider)s, %(period)s") % {"provider": defang_text(visit.name), "period": visit.close.period},
        "hotline": settings.HOTLINE_NAME,
        "visit": visit,
        "statement": statement if visit.sees_numbers else "",
        "is_senior": is_senior(request.user),
        "rows": [(row.label, row.text, other.text) for row, other in zip(exact, printed, strict=True)],
        "form": form or StatementForm(initial={"text": statement}),
        "withdrawal": withdrawal or WithdrawalForm(),
    }
    return staff_page(request, "analysts/figures/sheet.html", context, status=status)


@require_safe
def sheet_file(request: StaffRequest, provider_id: uuid.UUID) -> HttpResponse:
    """The sheet as CSV: exact for senior analysts, who send it to the provider, and protected for others."""
    check_can_see_sheets(request.user)
    visit = find_visit(request, provider_id, request.GET.get("period", ""))
    if not visit.sees_numbers:
        raise Http404
    text = write_sheet(visit.close.period, visit.name, rows_for(request.user, visit))
    return csv_response(text, f"provider-{visit.close.period}-{str(provider_id)[:8]}.csv")


def sheet_url(visit: SheetVisit) -> str:
    return reverse("admin:provider_sheet", args=[visit.provider.pk], query={"period": visit.close.period})


@require_POST
def release_view(request: StaffRequest, provider_id: uuid.UUID) -> HttpResponse:
    check_can_see_figures(request.user)
    visit = find_visit(request, provider_id, request.POST.get("period", ""))
    sheet_actions.release_sheet(by=request.user, close=visit.close, provider=visit.provider)
    messages.success(request, _("Released. Operators and auditors see the protected numbers."))
    return redirect(sheet_url(visit))


@require_POST
def withdraw_view(request: StaffRequest, provider_id: uuid.UUID) -> HttpResponse:
    check_can_see_figures(request.user)
    visit = find_visit(request, provider_id, request.POST.get("period", ""))
    form = WithdrawalForm(request.POST)
    if not form.is_valid():
        return show_sheet(request, visit, withdrawal=form, status=422)
    reason = form.cleaned_data["reason"]
    sheet_actions.withdraw_sheet(by=request.user, close=visit.close, provider=visit.provider, reason=reason)
    messages.success(request, _("Withdrawn. Others see that it was withdrawn and when, and no number."))
    return redirect(sheet_url(visit))


@require_POST
def statement_view(request: StaffRequest, provider_id: uuid.UUID) -> HttpResponse:
    check_can_see_figures(request.user)
    visit = find_visit(request, provider_id, request.POST.get("period", ""))
    form = StatementForm(request.POST)
    form.fields["text"].required = False
    if not form.is_valid():
        return show_sheet(request, visit, form, status=422)
    text = form.cleaned_data["text"]
    sheet_actions.write_statement(by=request.user, close=visit.close, provider=visit.provider, text=text)
    messages.success(request, _("The provider’s statement is saved."))
    return redirect(sheet_url(visit))

"""The page on which one operator withdraws something from a portal's pages, and a second one decides."""

from itertools import groupby
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from audit.permissions import Denied, Late, why_not
from audit.reason_field import ReasonField
from countries.models import ItemKind, Portal, Withdrawal, WithdrawalOutcome
from countries.staff.requests.approvals import check_is_operator
from countries.staff.requests.staff_pages import OperatorRequest, staff_page
from countries.staff.workspace import withdrawal
from countries.staff.workspace.withdrawal_items import OfferedItem, offered_items

DECISIONS = [(outcome.value, outcome.label) for outcome in WithdrawalOutcome if outcome != WithdrawalOutcome.REPLACED]


class PortalWithdrawalForm(forms.Form):
    """`item`: an item of the portal's pages. The last two fields are for the last number of a page."""

    item = forms.CharField(max_length=80, error_messages={"required": gettext_lazy("Choose what is wrong.")})
    reason = ReasonField(help_text=gettext_lazy("For staff only. Recorded in the audit log."))
    stand_in = forms.TypedChoiceField(
        label=gettext_lazy("Number in its place"), coerce=int, empty_value=None, required=False
    )
    asks_second = forms.BooleanField(required=False)

    def __init__(self, *args: Any, stand_ins: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stand_in"].choices = [("", _("none")), *stand_ins]  # type: ignore[attr-defined] # a choice field


class WithdrawalDecisionForm(forms.Form):
    """`withdrawal`: the one on the page, so that no later one is decided by mistake."""

    withdrawal = forms.IntegerField()
    outcome = forms.ChoiceField(choices=DECISIONS)


@require_http_methods(["GET", "HEAD", "POST"])
def withdrawal_page(request: OperatorRequest, portal_id: int) -> HttpResponse:
    portal = _find_portal(request, portal_id)
    sent = request.POST if request.method == "POST" else None
    form = PortalWithdrawalForm(sent, stand_ins=withdrawal.shown_stand_ins(portal))
    if not form.is_valid():
        return _render_page(request, portal, form, status=422 if form.errors else 200)
    try:
        stored = withdrawal.withdraw_item(by=request.user, portal=portal, **form.cleaned_data)
    except withdrawal.LastNumber as last:
        return _render_page(request, portal, form, str(last.reason), is_last=True, status=422)
    except Denied as denied:
        return _render_page(request, portal, form, str(denied.reason), status=422)
    if stored.is_at_once:
        messages.success(request, _("It leaves the public pages within seconds. Ask another operator to confirm that."))
    else:
        messages.success(request, _("Another operator must agree first. All operators get a mail every hour."))
    return redirect("admin:portal_withdrawal", portal.pk)


@require_POST
def withdrawal_decision(request: OperatorRequest, portal_id: int) -> HttpResponse:
    portal = _find_portal(request, portal_id)
    form = WithdrawalDecisionForm(request.POST)
    blank = PortalWithdrawalForm(stand_ins=withdrawal.shown_stand_ins(portal))
    try:
        waiting = portal.withdrawals.filter(pk=form.cleaned_data["withdrawal"]).first() if form.is_valid() else None
        if waiting is None:
            raise Late(_("This withdrawal is no longer waiting for a decision."))
        withdrawal.decide_withdrawal(by=request.user, withdrawal=waiting, outcome=form.cleaned_data["outcome"])
    except Late as late:
        return _render_page(request, portal, blank, str(late.reason), status=409)
    if form.cleaned_data["outcome"] == WithdrawalOutcome.LIFTED:
        messages.success(request, _("Lifted: the public pages show it again within seconds."))
    else:
        messages.success(request, _("Confirmed: it stays off until two operators approve another value."))
    return redirect("admin:portal_withdrawal", portal.pk)


def _find_portal(request: OperatorRequest, portal_id: int) -> Portal:
    portal = get_object_or_404(Portal, pk=portal_id)
    check_is_operator(request.user)
    return portal


def _render_page(
    request: OperatorRequest,
    portal: Portal,
    form: PortalWithdrawalForm,
    refusal: str = "",
    *,
    is_last: bool = False,
    status: int = 200,
) -> HttpResponse:
    waiting = Withdrawal.objects.waiting().filter(portal=portal).select_related("withdrawn_by")
    offered = offered_items(portal.pk)
    context = {
        "title": _("Withdraw from the public: %(portal)s") % {"portal": portal},
        "portal_row": portal,
        "waiting": [(row, why_not(withdrawal.check_can_decide_withdrawal, request.user, row)) for row in waiting],
        "groups": _group_items(offered),
        "withdrawn": [row for row in offered if row.is_withdrawn],
        "why_not": why_not(withdrawal.check_can_withdraw, request.user, portal),
        "form": form,
        "chosen": form["item"].value() or "",
        "refusal": refusal,
        "is_last": is_last,
    }
    return staff_page(request, "countries/staff/workspace/withdrawal.html", context, status=status)


def _group_items(offered: list[OfferedItem]) -> list[tuple[str, list[OfferedItem]]]:
    """The items that the pages show now, by kind."""
    public_rows = [row for row in offered if not row.is_withdrawn]
    return [(str(ItemKind(kind).label), list(rows)) for kind, rows in groupby(public_rows, lambda row: row.item.kind)]

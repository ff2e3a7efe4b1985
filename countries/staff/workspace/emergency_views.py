"""The page of an emergency suspension: suspending a live portal at once, and the second operator's decision."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from audit.permissions import Denied, Late, why_not
from audit.reason_field import ReasonField
from countries.models import EmergencyOutcome, EmergencySuspension, Portal
from countries.staff.requests.approvals import check_is_operator
from countries.staff.requests.staff_pages import OperatorRequest, staff_page
from countries.staff.workspace import emergency


class EmergencyForm(forms.Form):
    reason = ReasonField(rows=3, help_text=gettext_lazy("For staff only. Recorded in the audit log."))


class EmergencyDecisionForm(forms.Form):
    """`suspension`: the one on the page, so that no later one is decided by mistake."""

    suspension = forms.IntegerField()
    outcome = forms.ChoiceField(choices=EmergencyOutcome.choices)


@require_http_methods(["GET", "HEAD", "POST"])
def emergency_page(request: OperatorRequest, portal_id: int) -> HttpResponse:
    portal = _find_portal(request, portal_id)
    form = EmergencyForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _render_page(request, portal, form, status=422 if form.errors else 200)
    try:
        emergency.suspend_at_once(by=request.user, portal=portal, reason=form.cleaned_data["reason"])
    except Denied as denied:
        return _render_page(request, _find_portal(request, portal_id), form, str(denied.reason), status=422)
    messages.success(request, _("The portal is suspended. Ask another operator to confirm or lift it."))
    return redirect("admin:portal_emergency", portal.pk)


@require_POST
def emergency_decision(request: OperatorRequest, portal_id: int) -> HttpResponse:
    portal = _find_portal(request, portal_id)
    form = EmergencyDecisionForm(request.POST)
    waiting = portal.emergency_suspensions.filter(outcome="").first()
    try:
        if not form.is_valid() or waiting is None or waiting.pk != form.cleaned_data["suspension"]:
            raise Late(_("This suspension is no longer waiting for a decision."))
        emergency.decide_suspension(by=request.user, suspension=waiting, outcome=form.cleaned_data["outcome"])
    except Late as late:
        return _render_page(request, _find_portal(request, portal_id), EmergencyForm(), str(late.reason), status=409)
    if form.cleaned_data["outcome"] == EmergencyOutcome.LIFTED:
        messages.success(request, _("Lifted: the portal takes reports again."))
    else:
        messages.success(request, _("Confirmed: the portal stays suspended until two operators reopen it."))
    return redirect("admin:countries_portal_change", portal.pk)


def _find_portal(request: OperatorRequest, portal_id: int) -> Portal:
    portal = get_object_or_404(Portal.objects.prefetch_related("texts"), pk=portal_id)
    check_is_operator(request.user)
    return portal


def _render_page(
    request: OperatorRequest, portal: Portal, form: EmergencyForm, refusal: str = "", *, status: int = 200
) -> HttpResponse:
    waiting = EmergencySuspension.objects.waiting().filter(portal=portal).select_related("portal", "suspended_by")
    suspension = waiting.first()
    context = {
        "title": _("Emergency suspension: %(portal)s") % {"portal": portal},
        "portal_row": portal,
        "messages_shown": emergency.emergency_messages(portal),
        "suspension": suspension,
        "why_not_decided": why_not(emergency.check_can_decide_suspension, request.user, suspension)
        if suspension
        else "",
        "why_not_suspended": why_not(emergency.check_can_suspend_at_once, request.user, portal),
        "form": form,
        "refusal": refusal,
    }
    return staff_page(request, "countries/staff/workspace/emergency.html", context, status=status)

"""Pages of the ids in the audit log: an auditor asks whose one is, and reads the answer."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from analysts.accounts.log_ids import requests as log_id_requests
from analysts.accounts.recent_sign_in import needs_recent_sign_in
from analysts.accounts.staff_request import StaffRequest
from audit.models import LogId
from audit.permissions import Denied, check_can_read_events
from audit.reason_field import ReasonField
from countries.models import ApprovalRequest
from countries.staff.requests.staff_pages import staff_page


class LogIdForm(forms.Form):
    use_required_attribute = False

    reason = ReasonField()


@require_http_methods(["GET", "HEAD", "POST"])
@needs_recent_sign_in()
def log_id_page(request: StaffRequest, log_id: str) -> HttpResponse:
    """Ask whose the id is."""
    check_can_read_events(request.user)
    row = get_object_or_404(LogId, pk=log_id)
    form = LogIdForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            requested = log_id_requests.request_name(by=request.user, log_id=row, reason=form.cleaned_data["reason"])
        except Denied as denied:
            form.add_error(None, str(denied.reason))
        else:
            return redirect("admin:approval", requested.pk)
    context = {
        "title": _("Whose is %(id)s?") % {"id": row.pk},
        "form": form,
        "waiting": ApprovalRequest.objects.waiting_about(row).first(),
        "is_gone": row.account_id is None,
        "answers": log_id_requests.open_answers(request.user, timezone.now()).filter(log_id=row),
    }
    return staff_page(request, "analysts/accounts/log_id.html", context, status=422 if form.errors else 200)


@require_safe
@needs_recent_sign_in()
def log_id_answer(request: StaffRequest, answer_id: int) -> HttpResponse:
    """The answer, for the person who asked."""
    check_can_read_events(request.user)
    requests = ApprovalRequest.objects.of_kinds([log_id_requests.LOG_ID.code]).with_names()
    approval = get_object_or_404(requests, pk=answer_id, requested_by=request.user)
    account = log_id_requests.read_name(by=request.user, request=approval)
    context = {
        "title": log_id_requests.LOG_ID.title(approval),
        "account": account,
        "until": log_id_requests.shown_until(approval),
    }
    return staff_page(request, "analysts/accounts/log_id_answer.html", context)

"""The page where administrators register and close isolated workstations."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from analysts.accounts.recent_sign_in import needs_recent_sign_in
from analysts.accounts.staff_request import StaffRequest
from analysts.handoff import actions, signing
from analysts.handoff.forms import RegisterWorkstation
from analysts.handoff.permissions import check_keeps_workstations
from analysts.models import Workstation
from audit.permissions import Denied
from countries.staff.requests.staff_pages import staff_page


@require_http_methods(["GET", "HEAD", "POST"])
@needs_recent_sign_in()
def workstations_page(request: StaffRequest) -> HttpResponse:
    check_keeps_workstations(request.user)
    form = RegisterWorkstation(request.POST if request.method == "POST" else None, auto_id="register_%s")
    if form.is_valid():
        try:
            workstation = actions.register_workstation(by=request.user, **form.cleaned_data)
        except Denied as denied:
            form.add_error(None, str(denied.reason))
        else:
            message = _("Registered: %(name)s. Its results are accepted from now on.") % {"name": workstation}
            messages.success(request, message)
            return redirect("admin:workstations")
    return render_workstations(request, form)


@require_POST
@needs_recent_sign_in()
def close_workstation_view(request: StaffRequest, workstation_id: uuid.UUID) -> HttpResponse:
    check_keeps_workstations(request.user)
    workstation = get_object_or_404(Workstation, pk=workstation_id)
    actions.close_workstation(by=request.user, workstation=workstation)
    messages.success(
        request,
        _("Closed: %(name)s. Results that it signed are no longer accepted, and its batches are revoked.")
        % {"name": workstation},
    )
    return redirect("admin:workstations")


def key_ids(workstation: Workstation) -> tuple[str, str]:
    """The short ids of its two keys, to compare with its own screen; the second is "" if it takes no batches."""
    sealing_key = bytes(workstation.sealing_key)
    return signing.public_key_id(bytes(workstation.public_key)), signing.public_key_id(
        sealing_key
    ) if sealing_key else ""


def render_workstations(request: StaffRequest, form: RegisterWorkstation) -> HttpResponse:
    workstations = Workstation.objects.select_related("by").order_by("closed_on", "name")
    context = {
        "title": _("Isolated workstations"),
        "form": form,
        "rows": [(workstation, *key_ids(workstation)) for workstation in workstations],
    }
    actions.view_workstations(by=request.user)
    return staff_page(request, "analysts/handoff/workstations.html", context, status=422 if form.errors else 200)

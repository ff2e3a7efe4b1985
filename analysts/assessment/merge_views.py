"""Bringing two incidents together, and a report away from one. Each view binds the form, calls the verb and answers."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from analysts.accounts.staff_request import StaffRequest
from analysts.assessment import actions
from analysts.assessment.forms import Act
from analysts.assessment.relations_section import groups_of, merge_form
from analysts.incidents.locking import Late
from analysts.models import Incident, Report
from analysts.pages.incident import find, incident_page
from audit.permissions import Denied


@require_POST
def merge(request: StaffRequest, incident_id: uuid.UUID) -> HttpResponse:
    incident = find(request, incident_id)
    form = merge_form(incident, request.user, groups_of(incident, request.user), request.POST)
    if not form.is_valid():
        return again(request, incident, "merge", form, status=422)
    try:
        into = actions.merge(by=request.user, incident=incident, **form.cleaned_data)
    except Denied as denied:
        return refused(request, incident, "merge", form, denied)
    messages.success(request, _("They are one now. This is the incident that stays."))
    return redirect("admin:incident", into.pk)


@require_POST
def split(request: StaffRequest, incident_id: uuid.UUID, report_id: uuid.UUID) -> HttpResponse:
    incident = find(request, incident_id)
    report = get_object_or_404(
        Report.objects.visible_to(request.user).select_related("receipt"), pk=report_id, sightings__incident=incident
    )
    try:
        to = actions.split(by=request.user, incident=incident, report=report)
    except Denied as denied:
        name = f"split_{report.pk}"
        return refused(request, incident, name, Act(request.POST, auto_id=f"{name}_%s"), denied)
    messages.success(request, _("The report has been split off. This is its incident now."))
    return redirect("admin:incident", to.pk)


def refused(request: StaffRequest, incident: Incident, name: str, form: Act, denied: Denied) -> HttpResponse:
    form.is_valid()
    form.add_error(None, str(denied.reason))
    return again(request, incident, name, form, status=409 if isinstance(denied, Late) else 403)


def again(request: StaffRequest, incident: Incident, name: str, form: Act, *, status: int) -> HttpResponse:
    """The page as it is now, with what was typed and the reason."""
    return incident_page(request, find(request, incident.pk), bound={name: form}, status=status)

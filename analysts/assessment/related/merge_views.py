"""Views for merging incidents and splitting off a report."""

import uuid

from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from analysts.accounts.staff_request import StaffRequest
from analysts.assessment import actions
from analysts.assessment.related.merge_forms import CompareMerged, MergeHere
from analysts.assessment.related.page_section import merge_form
from analysts.incidents.page_kit import ActionForm, Outcome, perform_action
from analysts.models import Incident, Report


def merge_incidents(request: StaffRequest, incident: Incident) -> Outcome:
    merged = incident

    def merge_into(*, into: Incident, compared: bool, fence: int | None) -> None:
        nonlocal merged
        merged = actions.merge(by=request.user, incident=incident, into=into, compared=compared, fence=fence)

    return perform_action(
        request,
        incident,
        "merge",
        merge_form(incident, request.user, request.POST),
        merge_into,
        _("Incidents merged. Their reports are here now."),
        onward=lambda: redirect("admin:incident", merged.pk),
    )


def merge_other_here(request: StaffRequest, incident: Incident) -> Outcome:
    """Merge the related incident that was chosen into this one."""
    form = MergeHere(request.POST, auto_id="merge_here_%s", by=request.user)
    return perform_action(
        request,
        incident,
        "merge_here",
        form,
        lambda *, other, compared: actions.merge(by=request.user, incident=other, into=incident, compared=compared),
        _("Incidents merged. Their reports are here now."),
    )


def compare_merged(request: StaffRequest, incident: Incident) -> Outcome:
    return perform_action(
        request,
        incident,
        "compare_merged",
        CompareMerged(request.POST, auto_id="compare_merged_%s", incident=incident, by=request.user),
        lambda *, merged: actions.compare_merged(by=request.user, incident=incident, merged=merged),
        _("On record: the address was opened or compared."),
    )


def split_report(request: StaffRequest, incident: Incident, report_id: uuid.UUID) -> Outcome:
    report = get_object_or_404(
        Report.objects.visible_to(request.user).select_related("receipt"), pk=report_id, sightings__incident=incident
    )
    name, to = f"split_{report.pk}", incident

    def split_off() -> None:
        nonlocal to
        to = actions.split(by=request.user, incident=incident, report=report)

    return perform_action(
        request,
        incident,
        name,
        ActionForm(request.POST, auto_id=f"{name}_%s"),
        split_off,
        _("Report split off. This is now its incident."),
        onward=lambda: redirect("admin:incident", to.pk),
    )

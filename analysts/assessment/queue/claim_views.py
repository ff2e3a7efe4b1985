"""Claiming the next incident from the queue."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from analysts.accounts.staff_request import StaffRequest
from analysts.assessment import actions
from analysts.assessment.queue.dispatch import are_others_waiting
from analysts.incidents.permissions import check_can_see_queue
from analysts.welfare.break_views import pause_redirect
from countries.models import Portal


@require_POST
def claim_next(request: StaffRequest) -> HttpResponse:
    """Claim the best waiting incident, of the portal that the queue is filtered by."""
    check_can_see_queue(request.user)
    if pause := pause_redirect(request):
        return pause
    slug = request.POST.get("portal", "")
    portal = get_object_or_404(request.user.visible_portals(), slug=slug) if slug else None
    return to_next(request, portal)


def next_incident(request: StaffRequest) -> HttpResponse:
    """Continue with the next incident after an action, unless a break is due."""
    return pause_redirect(request, onward=reverse("admin:claim_next")) or to_next(request, None)


def to_next(request: StaffRequest, portal: Portal | None) -> HttpResponse:
    """Claim the best waiting incident and redirect to it; to the queue if there is none for the user."""
    incident = actions.claim_next(by=request.user, portal=portal)
    if incident is None:
        messages.info(request, _explain_none(request, portal))
        return redirect("admin:queue")
    return redirect("admin:incident", incident.pk)


def _explain_none(request: StaffRequest, portal: Portal | None) -> str:
    if not are_others_waiting(request.user, portal):
        return _("No more incidents are waiting for you.")
    return _(
        "Those still waiting are not offered to you now: you skipped them, chose not to see them today, or your latest "
        "assessments were of the same site or all of category A. You can claim them from the list."
    )

"""The queue page: incidents that wait for an analyst, best first; and claiming the next one."""

from datetime import datetime

from django.contrib import messages
from django.core.paginator import Page
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from analysts.accounts.staff_request import StaffRequest
from analysts.assessment import actions
from analysts.assessment.drafts import last_decision
from analysts.assessment.flood.groups import flood_groups, group_rows
from analysts.assessment.flood.rows import recent_closings
from analysts.assessment.forms import ChosenFilters, QueueFilter, View, portals_with_languages
from analysts.assessment.legend import LEGEND
from analysts.assessment.queue.dispatch import are_others_waiting
from analysts.assessment.queue.filters import filter_queue
from analysts.incidents.few_open import among_open, has_few_open
from analysts.incidents.list_kit import ALONE, FILTERS, describe_filters, open_filters_url
from analysts.incidents.permissions import check_can_see_queue
from analysts.incidents.table import CappedPaginator, incident_rows
from analysts.models import Incident, User
from analysts.welfare import viewing
from analysts.welfare.break_views import pause_redirect
from countries.models import Portal
from countries.staff.requests.staff_pages import staff_page

ROWS_PER_PAGE = 30


@require_safe
def queue_page(request: StaffRequest) -> HttpResponse:
    check_can_see_queue(request.user)
    user, now = request.user, timezone.now()
    form = QueueFilter(request.GET, portals=portals_with_languages(user))
    chosen = form.chosen()
    if request.GET.get(FILTERS) == ALONE:
        return TemplateResponse(request, "analysts/assessment/_queue_filters.html", {"form": form, "chosen": chosen})
    page, incidents = find_page(chosen, user, now, request.GET.get("page"))
    groups = flood_groups(chosen, user, now) if page.number == 1 else []
    viewing.view_queue(by=user, filters={name: form.data.get(name, value) for name, value in chosen.items()}, now=now)
    rows = incident_rows([*incidents, *(group.longest_waiting for group in groups)], user, now)
    context = {
        "title": _("Queue"),
        "form": form,
        "has_filters": FILTERS in request.GET,
        "filters_url": open_filters_url("admin:queue", request.GET.urlencode()),
        "page": page,
        "rows": rows[: len(incidents)],
        "groups": group_rows(groups, rows[len(incidents) :]),
        "closings": recent_closings(user, now) if page.number == 1 and not chosen else [],
        "chosen": chosen,
        "filters_set": describe_filters(form),
        "last": last_decision(user),
        "legend": LEGEND,
    }
    return staff_page(request, "analysts/assessment/queue.html", context)


def find_page(
    chosen: ChosenFilters, user: User, now: datetime, page: str | None
) -> tuple["Page[Incident]", list[Incident]]:
    """The page and its incidents; each view is in the order of its index."""
    rows = filter_queue(chosen, user, now)
    is_acting = chosen.get("view") == View.ACTING
    # The index of one chosen portal finds its incidents soon.
    if is_acting and "portal" not in chosen and has_few_open(user.portal_ids):
        paginator = CappedPaginator(among_open(rows, user), ROWS_PER_PAGE)
    else:
        # The index of the portals would list all takedowns before the first one is counted.
        paginator = CappedPaginator(rows, ROWS_PER_PAGE, counts_in_order=is_acting)
    current = paginator.get_page(page)
    return current, list(current)


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
        "assessments were of the same site, or had violence, very young children or category A often enough for now. "
        "You can claim them from the list."
    )

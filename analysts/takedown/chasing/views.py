"""The to-do page, and the views that record checks and escalations of an incident."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from analysts.accounts.staff_request import StaffRequest
from analysts.incidents.page_kit import Outcome, perform_action, to_section
from analysts.incidents.table import CappedPaginator, age_label
from analysts.models import Incident, NextStep
from analysts.takedown.chasing import actions, lists, to_do
from analysts.takedown.chasing.page_section import CHECK, ESCALATE, check_form, escalate_form
from analysts.takedown.chasing.permissions import check_can_see_due
from analysts.takedown.next_steps.to_do import upcoming_reviews, waits_for_others
from analysts.takedown.to_do_kinds import ToDoLine, incident_number
from analysts.welfare import viewing
from countries.staff.staff_pages import staff_page

ROWS_A_PAGE = 30
# The queue lists all waits, by what they wait for.
MOST_WAITS = 10


@dataclass(frozen=True, slots=True)
class DueLine:
    """One to-do about an incident, or about a notice that may cover several incidents. Never holds an address."""

    name: str
    # The hosting, or the recipient of the notice; "" where unknown.
    place: str
    why: str
    since: datetime
    age: str
    url: str
    # The username of the person who follows it up; "": the analysts of its portals.
    owner: str


@dataclass(frozen=True, slots=True)
class WaitLine:
    """One incident that waits for others, until its date of review."""

    name: str
    url: str
    step: NextStep


@require_safe
def due_page(request: StaffRequest) -> HttpResponse:
    check_can_see_due(request.user)
    now = timezone.now()
    kinds = lists.due_kinds(request.user, now)
    chosen = request.GET.get("what", "")
    what = lists.BY_NAME.get(chosen) or (kinds[0].what if kinds else to_do.CHECK)
    rows = what.rows(request.user, now)
    page = CappedPaginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
    viewing.view_queue(by=request.user, filters={"view": "due", "what": what.name}, now=now)
    context = {
        "title": _("To do"),
        "kinds": kinds,
        "what": what,
        "page": page,
        "columns": [_("Incident or notice"), _("Hosted by or sent to"), _("Reason"), _("Due for"), _("Next step")],
        "lines": [due_line(what, what.line(row, now), now) for row in page],
        "waits": [wait_line(step) for step in upcoming_reviews(request.user, now)[:MOST_WAITS]],
        "wait_columns": [_("Incident"), _("Waiting for"), _("Review on"), _("Followed up by")],
        "waits_for": waits_for_others(),
    }
    return staff_page(request, "analysts/takedown/chasing/due.html", context)


def due_line(what: lists.ListedKind, found: ToDoLine, now: datetime) -> DueLine:
    since = found.since or now
    url = f"{reverse('admin:incident', args=[found.incident])}#{what.section}"
    return DueLine(found.name, found.place, found.why or str(what.why), since, age_label(since, now), url, found.owner)


def wait_line(step: NextStep) -> WaitLine:
    url = f"{reverse('admin:incident', args=[step.incident_id])}#next-step"
    return WaitLine(incident_number(step.incident_id), url, step)


def check_availability(request: StaffRequest, incident: Incident) -> Outcome:
    return perform_action(
        request,
        incident,
        CHECK,
        check_form(request.POST),
        lambda **words: actions.check(by=request.user, incident=incident, **words),
        _("The availability check is recorded."),
        onward=lambda: to_section(incident, "status"),
    )


def escalate_incident(request: StaffRequest, incident: Incident) -> Outcome:
    return perform_action(
        request,
        incident,
        ESCALATE,
        escalate_form(incident, request.POST),
        lambda **words: actions.escalate(by=request.user, incident=incident, **words),
        _("The next notice to this recipient will include this incident."),
        onward=lambda: to_section(incident, "status"),
    )

"""The third part of the to-do page: incidents that wait for others, until their date of review."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from analysts.accounts.staff_request import StaffRequest
from analysts.incidents.few_open import find_few_takedowns
from analysts.incidents.table import IncidentRow, rows_by_id
from analysts.models import NextStep
from analysts.takedown.next_steps.to_do import upcoming_reviews, waits_for_others
from analysts.takedown.to_do_kinds import incident_number
from analysts.welfare import viewing
from countries.staff.requests.staff_pages import staff_page

# Its value of `whose`.
WAITS = "waits"
# The queue lists all waits, by what they wait for.
MOST_WAITS = 30


@dataclass(frozen=True, slots=True)
class WaitLine:
    """One incident that waits for others, until its date of review."""

    name: str
    url: str
    step: NextStep
    # None if it can no longer be seen.
    row: IncidentRow | None


def waits_page(request: StaffRequest) -> HttpResponse:
    user, now = request.user, timezone.now()
    steps = list(upcoming_reviews(user, now, find_few_takedowns(user))[:MOST_WAITS])
    rows = rows_by_id({step.incident_id for step in steps}, user, now)
    viewing.view_queue(by=user, filters={"view": "due", "whose": WAITS}, now=now)
    context = {
        "title": _("To do"),
        "whose": WAITS,
        "waiting_lines": [wait_line(step, rows) for step in steps],
        "columns": [
            _("Incident"),
            _("Priority"),
            _("Address"),
            _("Waiting for"),
            _("Review on"),
            _("Followed up by"),
        ],
        "waits_for": waits_for_others(),
    }
    return staff_page(request, "analysts/takedown/chasing/waits.html", context)


def wait_line(step: NextStep, rows: Mapping[UUID, IncidentRow]) -> WaitLine:
    url = f"{reverse('admin:incident', args=[step.incident_id])}#next-step"
    return WaitLine(incident_number(step.incident_id), url, step, rows.get(step.incident_id))

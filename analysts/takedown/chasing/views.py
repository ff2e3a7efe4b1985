"""The answer to an availability check that was entered on the incident's page."""

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from analysts.accounts.staff_request import StaffRequest
from analysts.incidents.page_kit import to_section
from analysts.models import CheckOutcome, Incident
from analysts.takedown.chasing.page_section import checks_since_verdict, count_removed
from analysts.takedown.chasing.to_do import CHECKS
from analysts.takedown.chasing.to_do_round import lead_onward
from analysts.takedown.list_place import KIND
from countries.decided_settings import number_in_force


def report_check(request: StaffRequest, incident: Incident) -> HttpResponse:
    """Say of the check that was just recorded if it counts for nothing; lead on to the next one of a list of checks."""
    checks = checks_since_verdict(incident, incident.chases.latest("since"))
    removed = count_removed(checks)
    latest = max(checks, key=lambda check: check.recorded_at)
    if latest.outcome == CheckOutcome.GONE and removed.counted_at != latest.at and removed.next_counts_at:
        words = {
            "incident": incident,
            "number": removed.in_a_row,
            "needed": number_in_force("GONE_CHECKS"),
            "time": date_format(timezone.localtime(removed.next_counts_at), "j M Y, H:i"),
        }
        sentence = _(
            "The check of %(incident)s counts for nothing. %(number)s of %(needed)s: the next counts from %(time)s."
        )
        messages.warning(request, sentence % words)
    if request.POST.get(KIND) in {kind.name for kind in CHECKS}:
        return lead_onward(request, incident.pk)
    return to_section(incident, "status")

"""Reviewing an entry of the URL list: what each decision records, and what it will do."""

from datetime import datetime
from typing import assert_never

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from analysts.incidents.locking import lock_incident
from analysts.models import Chase, CheckOutcome, Incident, User
from analysts.takedown.chasing.actions import ask_for_check, check
from analysts.takedown.chasing.permissions import check_can_check
from analysts.takedown.url_list import entries
from analysts.takedown.url_list.actions import keep_listed, take_off
from analysts.takedown.url_list.entries import EntryDecision, OffReason
from analysts.takedown.url_list.permissions import check_can_change_entry
from audit.permissions import Late
from countries.decided_settings import number_in_force


@transaction.atomic
def review_entry(*, by: User, incident: Incident, decision: EntryDecision, now: datetime | None = None) -> None:
    """Review the entry of the incident with what an analyst found on the isolated workstation, or ask for a check.

    "Removed" and "still online" record an availability check while the takedown is open, and set the next review
    unless the check ends the takedown. After the takedown, "removed" takes the entry off.

    Raises:
        Denied: `by` may not, or no takedown is open to ask the workstation for.
        Late: the incident is no longer listed.
    """
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    if entries.entry_of(incident) is None:
        raise Late(_("It is no longer on the URL list."))
    is_open = incident.chases.filter(ended_at=None).exists()
    match decision:
        case EntryDecision.WORKSTATION:
            ask_for_check(by=by, incident=incident, now=now)
        case EntryDecision.REMOVED if not is_open:
            take_off(by=by, incident=incident, reason=OffReason.NOT_THERE, now=now)
        case EntryDecision.REMOVED | EntryDecision.ONLINE:
            outcome = CheckOutcome.GONE if decision == EntryDecision.REMOVED else CheckOutcome.ONLINE
            if is_open:
                check(by=by, incident=incident, outcome=outcome, now=now)
            if entries.entry_of(incident) is not None:
                keep_listed(by=by, incident=incident, now=now)
        case _:
            assert_never(decision)


def describe_review(user: User, incident: Incident, decision: EntryDecision) -> str:
    """The effect of the decision, as text; reads `known_chases` only. Raises Denied if it is not possible."""
    check_can_change_entry(user, incident)
    chase = incident.known_open_chase
    match decision:
        case EntryDecision.WORKSTATION:
            check_can_check(user, chase)
            return gettext("The next batch of checks asks whether it is still online. The review stays due.")
        case EntryDecision.REMOVED if chase is None:
            return gettext("Taken off the list: the takedown has ended.")
        case EntryDecision.REMOVED:
            return _describe_removed(chase)
        case EntryDecision.ONLINE if chase is None:
            return gettext("Stays on the list until the next review.")
        case EntryDecision.ONLINE:
            return gettext("Recorded as online. Stays on the list until the next review.")
        case _:
            assert_never(decision)


def _describe_removed(chase: Chase | None) -> str:
    removed = chase.removed_in_a_row if chase else 0
    return ngettext(
        "Recorded as removed. Taken off after %(needed)s such check in a row; %(found)s so far.",
        "Recorded as removed. Taken off after %(needed)s such checks in a row; %(found)s so far.",
        number_in_force("GONE_CHECKS"),
    ) % {"needed": number_in_force("GONE_CHECKS"), "found": removed}

"""The verbs until it is gone: somebody looked, or somebody else is told."""

import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.actions.rows import closed, locked, record_act, save
from analysts.chasing import rows, rules
from analysts.chasing.permissions import NOT_CHASED
from analysts.codes import Closing
from analysts.models import AvailabilityCheck, Chase, CheckOutcome, DropReason, Incident, User
from analysts.permissions import check_can_close, check_sees_content
from audit.actions import JSON
from audit.permissions import Denied, allowed

# Clocks of workstations differ.
AHEAD = timedelta(minutes=5)


@transaction.atomic
def check(
    *,
    by: User,
    incident: Incident,
    outcome: CheckOutcome,
    at: datetime,
    source: uuid.UUID | None = None,
    now: datetime | None = None,
) -> AvailabilityCheck:
    """Keep what somebody found who looked at `at`, on the isolated workstation.

    With GONE_CHECKS in a row that found it gone the work ends: nothing more is sent, it is off the URL list, and the
    incident is closed as gone, unless it was opened again meanwhile and waits for another verdict. A mistaken check is
    corrected by one of the same moment, or outlived by a later one. `source`: the answer of the workstation that
    brought it; the same answer twice is kept once.
    """
    now = now or timezone.now()
    incident = locked(incident, by)
    check_sees_content(by)
    if source and (known := incident.checks.filter(source=source).first()):
        return known
    chase = chased(incident)
    if at > now + AHEAD:
        raise Denied(_("This moment lies in the future."))
    if at < counted_from(chase):
        raise Denied(_("This was before it was found illegal. Only a look after that counts."))
    checked = AvailabilityCheck.objects.create(
        incident=incident, outcome=outcome, at=min(at, now), recorded_at=now, by=by, source=source
    )
    found = settle(chase)
    details: dict[str, JSON] = {"outcome": str(outcome), "in_a_row": found.in_a_row}
    if found.is_enough:
        end(incident, by=by, now=now)
        details["closing"] = incident.closing
    record_act("check", incident, by=by, now=now, details=details)
    return checked


def chased(incident: Incident) -> Chase:
    """Its open chase, locked."""
    if (chase := rows.open_chase(incident)) is None:
        raise Denied(NOT_CHASED)
    return chase


def counted_from(chase: Chase) -> datetime:
    """The minute of the verdict: people enter no seconds."""
    return chase.since.replace(second=0, microsecond=0)


def settle(chase: Chase) -> rules.Gone:
    """Bring the row to what its checks say together."""
    checks = AvailabilityCheck.objects.filter(incident=chase.incident_id, at__gte=counted_from(chase))
    found = rules.gone(checks.order_by("recorded_at").values_list("at", "outcome"))
    chase.gone_in_a_row, chase.gone_at, chase.checked_at = found.in_a_row, found.at, found.checked_at
    chase.save(update_fields=["gone_in_a_row", "gone_at", "checked_at"])
    return found


def end(incident: Incident, *, by: User, now: datetime) -> None:
    """It is gone. What was opened again meanwhile goes on waiting for its other verdict."""
    rows.end(incident, reason=DropReason.GONE, now=now)
    if allowed(check_can_close, by, incident):
        save(incident, *closed(incident, Closing.GONE, now))

"""Closing a flood of similar incidents in one action, and undoing it. All statements work on sets of rows."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.assessment import permissions as assessment_permissions
from analysts.codes import REASONS, Closing, Reason, ReviewStage, UndoReason, Verdict
from analysts.models import Assessment, BulkClosing, Chase, Incident, User
from analysts.models.incident import IncidentQuerySet
from analysts.states import State, target
from audit.actions import JSON, record_event
from audit.permissions import Denied, Late

# Limits how long one transaction holds row locks; a larger flood is closed in several steps.
MOST_AT_ONCE = 5_000


def closable_incidents(by: User, flood: bytes) -> IncidentQuerySet:
    """Waiting incidents of the flood that one action may close: no review in this round, no child in danger."""
    waiting = Incident.objects.visible_to(by).waiting().alike().filter(flood=flood, stage=ReviewStage.FIRST)
    # Incidents with an open takedown (illegal, then reopened) must be assessed one by one.
    chased = Chase.objects.open().filter(incident=OuterRef("pk"))
    return waiting.filter(~Exists(chased), child_in_danger=False).order_by("waiting_since", "pk")


def number_of(closable: IncidentQuerySet) -> int:
    """The number of closable incidents, capped at MOST_AT_ONCE + 1."""
    return closable.order_by()[: MOST_AT_ONCE + 1].count()


@transaction.atomic
def close_flood(
    *, by: User, flood: bytes, verdict: Verdict, reason: Reason, number: int, now: datetime | None = None
) -> BulkClosing:
    """Assess and close the `closable_incidents` of the flood, longest waiting first, at most MOST_AT_ONCE.

    `number`: the result of `number_of` that `by` saw; raises `Late` if it has changed. Incidents locked by a concurrent
    claim are left out.
    """
    now = now or timezone.now()
    assessment_permissions.check_can_close_flood(by, verdict)
    if reason not in REASONS[verdict]:
        raise Denied(_("This reason does not apply to this verdict."))
    alike = closable_incidents(by, flood)
    if number_of(alike) != number:
        raise Late(_("The number of incidents has changed. Check it and try again."))
    rounds = dict(alike.select_for_update(skip_locked=True, of=("self",)).values_list("pk", "round")[:MOST_AT_ONCE])
    if not rounds:
        raise Late(_("No incidents are left to close."))
    closing = BulkClosing.objects.create(flood=flood, by=by, at=now, verdict=verdict, reason=reason, number=len(rounds))
    Assessment.objects.bulk_create(
        Assessment(incident_id=pk, by=by, at=now, round=of, verdict=verdict, reason=reason, bulk=closing)
        for pk, of in rounds.items()
    )
    # The flood stays on the rows, so that undo_flood() finds them.
    Incident.objects.filter(pk__in=rounds).update(
        state=target("close_flood"), closing=Closing.NOT_ACTIONED, closed_on=now.date(), unpublished=True
    )
    details: dict[str, JSON] = {"count": closing.number, "verdict": str(verdict), "reason": str(reason)}
    record_event(by=by, action="flood.close", on=closing, details=details, at=now)
    return closing


@transaction.atomic
def undo_flood(
    *, by: User, closing: BulkClosing, reason: UndoReason = UndoReason.LOOKED_AGAIN, now: datetime | None = None
) -> int:
    """Undo the closing: its incidents wait again in the same flood. Returns the number of incidents returned.

    Incidents that have changed since, and those that `by` may not see, are left as they are.
    """
    now = now or timezone.now()
    closing = BulkClosing.objects.select_for_update(of=("self",)).get(pk=closing.pk)
    assessment_permissions.check_can_undo_flood(by, closing, now=now)
    untouched = Incident.objects.visible_to(by).filter(
        assessments__bulk=closing,
        assessments__undone_at=None,
        assessments__round=F("round"),
        state=State.CLOSED,
        closing=Closing.NOT_ACTIONED,
        flood=closing.flood,
    )
    pks = list(untouched.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))
    closing.assessments.filter(incident__in=pks).update(undone_at=now, undone_by=by, undo_reason=reason)
    Incident.objects.filter(pk__in=pks).update(state=target("undo_flood"), closing="", closed_on=None, unpublished=True)
    closing.undone_at, closing.undone_by = now, by
    closing.save(update_fields=["undone_at", "undone_by"])
    details: dict[str, JSON] = {"count": len(pks), "left": closing.number - len(pks), "reason": str(reason)}
    record_event(by=by, action="flood.undo", on=closing, details=details, at=now)
    return len(pks)

"""Many that are nearly alike, closed in one act and put back in one. Statements over sets, whatever the number."""

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

# More at a time would hold their rows for long; whoever closes more does it again.
MOST_AT_ONCE = 5_000


def closable_incidents(by: User, flood: bytes) -> IncidentQuerySet:
    """What one act may close of a flood: what waits, and nobody has looked at, and tells of no child in danger."""
    waiting = Incident.objects.visible_to(by).waiting().alike().filter(flood=flood, look=ReviewStage.FIRST)
    # What was found illegal and opened again is looked at one by one, until it is gone.
    chased = Chase.objects.open().filter(incident=OuterRef("pk"))
    return waiting.filter(~Exists(chased), child_in_danger=False).order_by("waiting_since", "pk")


def number_of(closable: IncidentQuerySet) -> int:
    """How many; MOST_AT_ONCE + 1 where there are more than can be closed at a time."""
    return closable.order_by()[: MOST_AT_ONCE + 1].count()


@transaction.atomic
def close_flood(
    *, by: User, flood: bytes, verdict: Verdict, reason: Reason, number: int, now: datetime | None = None
) -> BulkClosing:
    """Assess and close what is `closable_incidents`, at most MOST_AT_ONCE, the longest waiting first.

    `number`: `number_of` as `by` saw it; where it is another one by now they look again. What somebody is just
    claiming is left to them.
    """
    now = now or timezone.now()
    assessment_permissions.check_can_close_flood(by, verdict)
    if reason not in REASONS[verdict]:
        raise Denied(_("This reason does not go with this verdict."))
    alike = closable_incidents(by, flood)
    if number_of(alike) != number:
        raise Late(_("There are more or fewer of them by now. Look at the number again."))
    rounds = dict(alike.select_for_update(skip_locked=True, of=("self",)).values_list("pk", "round")[:MOST_AT_ONCE])
    if not rounds:
        raise Late(_("None of them is left."))
    closing = BulkClosing.objects.create(flood=flood, by=by, at=now, verdict=verdict, reason=reason, number=len(rounds))
    Assessment.objects.bulk_create(
        Assessment(incident_id=pk, by=by, at=now, round=of, verdict=verdict, reason=reason, bulk=closing)
        for pk, of in rounds.items()
    )
    # The flood stays on the rows, so that undoing finds the way back.
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
    """Take the closing back: its incidents wait again in the same flood. Returns how many were put back.

    Those that somebody touched meanwhile are left alone, and so are those that `by` may not see.
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

"""Checks right before a notice is sent: which addresses have to be left out, and why."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from analysts.models import Appeal, Chase, Notice, NoticeItem, PoliceHold, Purpose, Recipient
from analysts.models.notice import DropReason
from analysts.takedown.facts import redaction
from analysts.takedown.facts.looks import waits_for_look


def still_to_send(notice: Notice) -> list[NoticeItem]:
    """Return the items of a locked notice to send; mark the others as left out, with the reason.

    The number of queries does not depend on the number of items.
    """
    items = waiting_items(notice)
    reasons = drop_reasons(items, notice.recipient)
    for reason in DropReason:
        if item_ids := [item.pk for item in items if reasons.get(item) == reason]:
            NoticeItem.objects.filter(pk__in=item_ids).update(dropped=reason)
    return [item for item in items if item not in reasons]


def waiting_items(notice: Notice) -> list[NoticeItem]:
    items = notice.items.filter(dropped="").order_by("pk")
    return list(items.select_related("referral", "alert", "incident__key", "incident__redaction__key"))


def drop_reasons(items: Sequence[NoticeItem], recipient: Recipient) -> dict[NoticeItem, DropReason]:
    """Maps the items that must not be sent to `recipient` now to the reason."""
    incidents = {item.incident_id for item in items}
    chases = {chase.incident_id: chase for chase in Chase.objects.filter(incident__in=incidents, ended_at=None)}
    blocking = {hold.incident_id: hold for hold in PoliceHold.objects.blocking().filter(incident__in=incidents)}
    # A clearance request is sent even if the hosting has moved: the police investigate what was reported.
    holds = PoliceHold.objects.waiting().filter(incident__in=incidents, police=recipient)
    asking = set(holds.values_list("incident", flat=True))
    appealed = Appeal.objects.holding_up(incidents)
    reasons = {}
    # Corrections follow from the end of a takedown; a later decision drops those that it makes needless. It also drops
    # alerts, whose redaction was confirmed before.
    for item in (item for item in items if item.corrects_id is None and item.alert_id is None):
        chase, hold = chases.get(item.incident_id), blocking.get(item.incident_id)
        is_held = hold is not None and keeps_back(hold, item, recipient)
        if item.interval is None:
            # The outcome of an appeal is sent in any case; it asks for nothing.
            reason = DropReason.HELD if is_held and item.notice.purpose != Purpose.OUTCOME else None
        else:
            reason = _reason_of_step(item, chase, is_asking=item.incident_id in asking)
            reason = reason or (DropReason.HELD if is_held else None) or _reason_to_wait(item, chase, appealed)
        if reason:
            reasons[item] = reason
    return reasons


def _reason_of_step(item: NoticeItem, chase: Chase | None, *, is_asking: bool) -> DropReason | None:
    """Why the takedown does not need this step any more. `is_asking`: for clearance."""
    if chase is None or item.referral is None or item.referral.ended_at is not None:
        return DropReason.ENDED
    if chase.removed_in_a_row:
        return DropReason.GONE
    return DropReason.MOVED if chase.trace != item.trace or (chase.has_moved and not is_asking) else None


def _reason_to_wait(item: NoticeItem, chase: Chase | None, appealed: Collection[UUID]) -> DropReason | None:
    if chase is not None and waits_for_look(chase, Purpose(item.notice.purpose)):
        return DropReason.UNSEEN
    is_reminder = item.notice.purpose == Purpose.AGAIN
    if is_reminder and item.referral and item.referral.is_paused(item.notice.scheduled_at):
        return DropReason.DENIED
    if item.incident_id in appealed:
        return DropReason.APPEAL
    return DropReason.UNCONFIRMED if redaction.needs_confirmation(item.incident) else None


def keeps_back(hold: PoliceHold, item: NoticeItem, recipient: Recipient) -> bool:
    if item.referral is None:
        return False
    item.referral.to = recipient
    return hold.keeps_back(item.referral)


def count_by_reason(reasons: Iterable[str]) -> dict[str, int]:
    """The number of items by reason, for the audit event."""
    return dict(sorted(Counter(map(str, reasons)).items()))

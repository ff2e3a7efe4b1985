"""The last look before a letter leaves: what is left out of it after all, and why."""

from collections.abc import Iterable, Sequence

from analysts.models import Chase, Notice, NoticeItem, PoliceHold, Recipient
from analysts.models.notice import DropReason
from analysts.takedown.facts import redaction


def still_to_send(notice: Notice) -> list[NoticeItem]:
    """The addresses of a locked notice that leave with it. What must not is marked, with the reason.

    A constant number of queries, whatever the notice holds.
    """
    items = waiting_items(notice)
    reasons = drop_reasons(items, notice.recipient)
    for reason in DropReason:
        these = [item.pk for item in items if reasons.get(item) == reason]
        if these:
            NoticeItem.objects.filter(pk__in=these).update(dropped=reason)
    return [item for item in items if item not in reasons]


def waiting_items(notice: Notice) -> list[NoticeItem]:
    items = notice.items.filter(dropped="").order_by("pk")
    return list(items.select_related("referral", "incident__key", "incident__outgoing__key"))


def drop_reasons(items: Sequence[NoticeItem], recipient: Recipient) -> dict[NoticeItem, DropReason]:
    """Of `items` those that must not leave for `recipient` as things stand."""
    incidents = {item.incident_id for item in items}
    chases = {chase.incident_id: chase for chase in Chase.objects.filter(incident__in=incidents, ended_at=None)}
    # The question to the police is itself a letter: nobody is kept from writing to the force that was asked.
    blocking = PoliceHold.objects.blocking().filter(incident__in=incidents).exclude(police=recipient)
    held = set(blocking.values_list("incident", flat=True))
    # Wherever it is hosted by now: the police look into what was reported.
    asked = PoliceHold.objects.waiting().filter(incident__in=incidents, police=recipient)
    asking = set(asked.values_list("incident", flat=True))
    found = {}
    for item in items:
        chase = chases.get(item.incident_id)
        if chase is None or item.referral.ended_at is not None:
            found[item] = DropReason.ENDED
        elif chase.gone_in_a_row:
            found[item] = DropReason.GONE
        elif chase.trace != item.trace or (chase.has_moved and item.incident_id not in asking):
            found[item] = DropReason.MOVED
        elif item.incident_id in held:
            found[item] = DropReason.HELD
        elif not is_confirmed(item):
            found[item] = DropReason.UNCONFIRMED
    return found


def is_confirmed(item: NoticeItem) -> bool:
    """Whether it is settled what leaves of its address. What cannot be opened is for whoever writes the letter."""
    try:
        redaction.address_to_share(item.incident)
    except redaction.Unconfirmed:
        return False
    except redaction.AddressUnreadable:
        pass
    return True


def count_by_reason(reasons: Iterable[str]) -> dict[str, int]:
    """How many by reason, for the record."""
    found: dict[str, int] = {}
    for reason in reasons:
        found[str(reason)] = found.get(str(reason), 0) + 1
    return dict(sorted(found.items()))

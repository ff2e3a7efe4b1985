"""Planning of notices: adding an incident to the notice for a recipient."""

from datetime import datetime

from django.db.models.functions import Least

from analysts.models import Chase, NoticeItem, Purpose, Referral, User
from analysts.takedown.chase_lifecycle import open_chase
from analysts.takedown.notices.batching import find_or_open_notice


def plan_notice(
    *, referral: Referral, interval: int, purpose: Purpose, by: User | None, now: datetime
) -> NoticeItem | None:
    """Add the incident of `referral` to the gathering notice of its recipient, or to a new one.

    Runs inside the caller's transaction, which has locked the incident; checks no permission and records no audit
    event. Locks the chase before the notice, in the same order as `sending`. The notice and its sending job commit
    together. `interval` 0 is the first notice; each later interval is a step of the chase.

    Returns None if nothing is added: the step already exists, the gathering notice already names the incident, the
    chase or the referral has ended, or `referral.not_before` is in the future. In the last case the chase becomes due
    at that time, and its next run plans the step again: a notice that waited until then would delay its other items.
    """
    chase = open_chase(referral.incident_id)
    if chase is None or referral.to is None or referral.ended_at is not None:
        return None
    if referral.not_before and referral.not_before > now:
        # Least ignores NULL, so an unset due_at is replaced as well.
        due = Least("due_at", referral.not_before)
        Chase.objects.filter(pk=chase.pk).update(due_at=due)
        return None
    if referral.items.filter(interval=interval, dropped="").exists():
        return None
    notice = find_or_open_notice(referral.to, purpose, incident=referral.incident, by=by, now=now)
    item = notice.items.filter(incident=referral.incident_id).first()
    if item is None:
        return NoticeItem.objects.create(
            notice=notice, incident=referral.incident, referral=referral, interval=interval, trace=chase.trace
        )
    if not item.dropped:
        return None
    # The item was left out of this notice earlier: include it again.
    item.referral, item.interval, item.trace, item.dropped = referral, interval, chase.trace, ""
    item.save(update_fields=["referral", "interval", "trace", "dropped"])
    return item

"""What is to leave: planned by whoever decides about an incident."""

from datetime import datetime

from django.db.models.functions import Least

from analysts.models import Chase, NoticeItem, Purpose, Referral, User
from analysts.takedown.chase_lifecycle import open_chase
from analysts.takedown.notices.batching import find_or_open_notice


def plan_notice(
    *, referral: Referral, interval: int, purpose: Purpose, by: User | None, now: datetime
) -> NoticeItem | None:
    """Have the recipient of `referral` told of its incident: in the notice that gathers for them, or in a new one.

    Inside the caller's transaction, which has locked the incident; no permission, no record. The chase is locked before
    the notice, as by whoever sends it. The notice and the job that sends it commit with it. `interval` 0 is the first
    notice, each later one a step of the chase.

    None where nothing is to be added: the step was given already, the letter that gathers names the incident, the
    work on it has ended, or `referral.not_before` has not come. For that time the chase becomes due, so that whoever
    runs it plans again: a letter that waited for it would keep all others back.
    """
    chase = open_chase(referral.incident_id)
    if chase is None or referral.to is None or referral.ended_at is not None:
        return None
    if referral.not_before and referral.not_before > now:
        # The least of those that are set.
        due = Least("due_at", referral.not_before)
        Chase.objects.filter(pk=chase.pk).update(due_at=due)
        return None
    if referral.items.filter(interval=interval, dropped="").exists():
        return None
    notice = find_or_open_notice(referral.to, purpose, incident=referral.incident, by=by, now=now)
    named = notice.items.filter(incident=referral.incident_id).first()
    if named is None:
        return NoticeItem.objects.create(
            notice=notice, incident=referral.incident, referral=referral, interval=interval, trace=chase.trace
        )
    if not named.dropped:
        return None
    # Left out of it before, and wanted in it again.
    named.referral, named.interval, named.trace, named.dropped = referral, interval, chase.trace, ""
    named.save(update_fields=["referral", "interval", "trace", "dropped"])
    return named

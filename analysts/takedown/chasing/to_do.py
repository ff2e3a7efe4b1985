"""To-do kinds: look at the content, check availability, escalate."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts.incidents.counted_time import count_whole_hours
from analysts.models import Chase
from analysts.takedown.chasing import rules
from analysts.takedown.to_do_kinds import chase_to_do
from countries.decided_settings import number_in_force


def explain_check(chase: Chase, now: datetime) -> str:
    if chase.removed_in_a_row:
        counts = {"count": chase.removed_in_a_row, "needed": number_in_force("GONE_CHECKS")}
        return _("Found removed %(count)s of %(needed)s times in a row.") % counts
    if chase.checked_at:
        return _("Last checked %(time)s ago.") % {"time": hours_or_days(chase.checked_at, now)}
    if chase.noticed_at:
        return _("Not checked since the first notice was sent %(time)s ago.") % {
            "time": hours_or_days(chase.noticed_at, now)
        }
    return _("Not checked since the verdict %(time)s ago.") % {"time": hours_or_days(chase.since, now)}


LOOK = chase_to_do(
    name="look",
    label=gettext_lazy("Look at the content"),
    why=gettext_lazy("The verdict rests on words or a duplicate. Nothing is sent until a check finds it online."),
    section="status",
    due=lambda chases, now: chases.unseen(),
    since=lambda chase: None if chase.removed_in_a_row else chase.unseen_since,
)
CHECK_REMOVAL = chase_to_do(
    name="check_removal",
    label=gettext_lazy("Check the removal"),
    why=gettext_lazy("A recipient says that it is removed. An availability check has to confirm it."),
    section="status",
    due=lambda chases, now: chases.reported_removed(),
    since=lambda chase: chase.removal_reported_at,
)
CHECK = chase_to_do(
    name="check",
    label=gettext_lazy("Check availability"),
    why=gettext_lazy("An availability check is overdue."),
    section="status",
    # Addresses reported as removed are in the list above.
    due=lambda chases, now: chases.not_seen_since(now - timedelta(hours=number_in_force("CHECK_HOURS"))).filter(
        removal_reported_at=None
    ),
    since=lambda chase: None if chase.removal_reported_at else rules.check_due_at(chase),
    explain=explain_check,
)

# The kinds that a check ends.
CHECKS = (LOOK, CHECK_REMOVAL, CHECK)


def escalation_since(chase: Chase) -> datetime | None:
    if chase.has_moved or chase.removed_in_a_row:
        # The new route or the next check comes first.
        return None
    return rules.escalation_due_at(noticed_at=chase.noticed_at, escalated_at=chase.escalated_at)


def explain_escalation(chase: Chase, now: datetime) -> str:
    if chase.noticed_at is None:
        return ""
    return _("Still online %(time)s after the first notice.") % {"time": hours_or_days(chase.noticed_at, now)}


ESCALATE = chase_to_do(
    name="escalate",
    label=gettext_lazy("Escalate"),
    why=gettext_lazy("It is still online."),
    section="status",
    due=lambda chases, now: chases.not_notified_since(
        now - number_in_force("CHASE_ESCALATE_AFTER") * rules.chase_interval()
    ),
    since=escalation_since,
    explain=explain_escalation,
)


def hours_or_days(since: datetime, now: datetime) -> str:
    return count_whole_hours(rules.time_between(since, now))

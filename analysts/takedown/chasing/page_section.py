"""Parts of other pages: takedown status (incident page), to-do counts (dashboard), checks (timeline)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain
from uuid import UUID

from django.db.models import Model, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from analysts.incidents.attached import Attached
from analysts.incidents.page_kit import ActionButton, ActionForm, Counts, FormFold, PageSection, SectionHeading
from analysts.incidents.page_urls import incident_url
from analysts.incidents.permissions import check_can_see_queue
from analysts.incidents.table import MOST_SHORT, first_ids, short_label
from analysts.incidents.timeline import MOST_OF_A_KIND, TimelineEntry
from analysts.models import (
    AvailabilityCheck,
    Chase,
    Incident,
    NextStepKind,
    PoliceHold,
    Recipient,
    RecipientKind,
    Referral,
    User,
)
from analysts.takedown.chasing import rules, to_do
from analysts.takedown.chasing.forms import Check, Escalate
from analysts.takedown.chasing.lists import (
    URGENT,
    Due,
    ToDoCount,
    Waiting,
    counted_kinds,
    due_rows,
    followed_up_due,
    waiting_of,
)
from analysts.takedown.chasing.permissions import check_can_check, check_can_escalate
from analysts.takedown.notices.to_do import UNCONFIRMED_REDACTION
from analysts.takedown.routing import holds
from analysts.takedown.url_list.entries import to_review
from audit.permissions import is_allowed, why_not
from countries.decided_settings import number_in_force

# The forms' names on the page.
CHECK, ESCALATE = "check", "escalate"
MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class TakedownStatus:
    """The content of the section. `check_is_due`, `escalation_is_due`: the form is open."""

    chase: Chase
    # The latest checks of this chase, newest first.
    checks: list[AvailabilityCheck]
    check_again_at: datetime
    # From when the next check counts, if one now would count for nothing.
    counts_from: datetime | None
    # The time of the next automatic reminder; None where there is none, or a person must decide or check first.
    reminder_at: datetime | None
    check: ActionButton
    # None before the first notice and after the chase has ended.
    escalation: FormFold | None
    # None until it is opened.
    escalate: ActionButton | None
    check_is_due: bool
    escalation_is_due: bool

    @property
    def needed(self) -> int:
        return number_in_force("GONE_CHECKS")


def find_waiting(incident: Incident, attached: Attached, *, is_unconfirmed: bool) -> Waiting:
    """Since when rows about its latest takedown wait for a person; empty once that has ended.

    `is_unconfirmed`: whether a person has to confirm the redaction. The list, which unseals no address, shows that only
    after a notice went without it; the incident's page can show it now.
    """
    chase = incident.known_chases[-1]
    if chase.ended_at:
        return {}
    waiting = waiting_of(chase, attached)
    if is_unconfirmed and not waiting.get(UNCONFIRMED_REDACTION.name):
        return {**waiting, UNCONFIRMED_REDACTION.name: chase.since}
    return waiting


def show_status(
    incident: Incident,
    user: User,
    bound: dict[str, ActionForm],
    now: datetime,
    waiting: Waiting,
    due: Sequence[Due],
    hold: PoliceHold | None,
    escalation: FormFold,
) -> SectionHeading:
    """`waiting`: as `find_waiting`. `due`: the due to-dos of its takedown. `hold`: the latest request for clearance."""
    return SectionHeading(
        outcome=describe_chase(incident.known_chases[-1]),
        build=partial(build_status, incident, user, bound, now, waiting, due, hold, escalation),
        is_open=CHECK in bound or ESCALATE in bound,
    )


def describe_chase(chase: Chase) -> str:
    if chase.is_gone and chase.removed_at:
        return _("Removed since %(gone)s") % {"gone": date_format(chase.removed_at, "j M Y")}
    if chase.ended_at:
        return _("Takedown ended, removal not confirmed")
    return _("Found removed: %(number)s of %(needed)s checks in a row. Next check %(next)s") % {
        "number": chase.removed_in_a_row,
        "needed": number_in_force("GONE_CHECKS"),
        "next": date_format(rules.check_due_at(chase), "j M Y"),
    }


def build_status(
    incident: Incident,
    user: User,
    bound: dict[str, ActionForm],
    now: datetime,
    waiting: Waiting,
    due: Sequence[Due],
    hold: PoliceHold | None,
    escalation: FormFold,
) -> PageSection:
    chase = incident.known_chases[-1]
    checks = checks_since_verdict(incident, chase)
    step = incident.known_next_step
    is_next = step is not None and step.due_section(now) == "status"
    may_escalate = is_to_escalate(chase)
    escalation_is_due = any(row.kind is to_do.ESCALATE for row in due)
    is_built = escalation_is_due or escalation.is_asked or ESCALATE in bound
    return PageSection(
        "analysts/takedown/chasing/_page_section.html",
        TakedownStatus(
            chase=chase,
            checks=checks[:MOST_SHOWN],
            check_again_at=rules.check_due_at(chase),
            counts_from=next_count(checks, now),
            reminder_at=None if waiting.get(UNCONFIRMED_REDACTION.name) else reminder_at(chase, hold, now),
            check=ActionButton(
                name=CHECK,
                label=_("Record check"),
                url=incident_url(incident.pk, "admin:check"),
                form=bound.get(CHECK) or Check(auto_id=f"{CHECK}_%s"),
                why_not=why_not(check_can_check, user, chase),
            ),
            escalation=escalation if may_escalate else None,
            escalate=escalate_button(incident, chase, user, bound) if may_escalate and is_built else None,
            check_is_due=any(row.kind in to_do.CHECKS for row in due)
            or (is_next and step is not None and step.step_kind != NextStepKind.RECIPIENT),
            escalation_is_due=escalation_is_due,
        ),
    )


def is_to_escalate(chase: Chase) -> bool:
    """After the first notice, until it has ended."""
    return chase.noticed_at is not None and chase.ended_at is None


def escalate_button(incident: Incident, chase: Chase, user: User, bound: dict[str, ActionForm]) -> ActionButton:
    return ActionButton(
        name=ESCALATE,
        label=_("Escalate"),
        url=incident_url(incident.pk, "admin:escalate"),
        form=bound.get(ESCALATE) or Escalate(auto_id=f"{ESCALATE}_%s", incident=incident),
        why_not=why_not(check_can_escalate, user, chase),
    )


def reminder_at(chase: Chase, hold: PoliceHold | None, now: datetime) -> datetime | None:
    """When `chasing.run` next sends a reminder: only to verified recipients that have had a notice."""
    is_waiting = chase.routed_trace is None or chase.has_moved or chase.removed_in_a_row
    if chase.noticed_at is None or chase.ended_at is not None or is_waiting or holds.is_blocking(hold):
        return None
    steps_taken = max(chase.interval, rules.intervals_since(chase.noticed_at, now))
    # The kind of each usable recipient of an open referral, and when it was first notified.
    usable = Referral.objects.filter(incident=chase.incident, ended_at=None, to__in=Recipient.objects.usable())
    steps = [
        rules.next_step_at(
            RecipientKind(kind),
            noticed_at=chase.noticed_at,
            first_notified_at=first_notified_at,
            steps_taken=steps_taken,
        )
        for kind, first_notified_at in usable.values_list("to__kind", "noticed_at")
        if first_notified_at
    ]
    return min(filter(None, steps), default=None)


def latest_checks(incident: Incident) -> list[AvailabilityCheck]:
    return list(incident.checks.select_related("by").order_by("-at", "-recorded_at")[:MOST_OF_A_KIND])


def checks_since_verdict(incident: Incident, chase: Chase) -> list[AvailabilityCheck]:
    """The latest checks that belong to the chase, newest first."""
    since = rules.verdict_minute(chase.since)
    return [check for check in latest_checks(incident) if check.at >= since]


def count_removed(checks: Sequence[AvailabilityCheck]) -> rules.RemovedChecks:
    """The state that they add up to. `checks`: newest first."""
    return rules.count_removed_checks((check.at, check.outcome) for check in reversed(checks))


def next_count(checks: Sequence[AvailabilityCheck], now: datetime) -> datetime | None:
    """From when another check that finds it removed counts; None if one counts now. `checks`: newest first."""
    counts_at = count_removed(checks).next_counts_at
    return counts_at if counts_at and counts_at > now else None


def check_entry(check: AvailabilityCheck) -> TimelineEntry:
    details = [check.outcome_label]
    if check.stated_at:
        details.append(_("stated time: %(time)s UTC") % {"time": date_format(check.stated_at, "j M Y, H:i")})
    return TimelineEntry(at=check.at, by=check.by, title=_("availability checked"), details=details, repeats=True)


def chase_entries(chase: Chase) -> Iterator[TimelineEntry]:
    """Entries for escalation and end; the chase does not record who did either."""
    if chase.escalated_at:
        yield TimelineEntry(at=chase.escalated_at, by="", title=_("escalated"), details=[])
    if chase.ended_at:
        labels = [_("removed")] if chase.is_gone else []
        yield TimelineEntry(at=chase.ended_at, by="", title=_("takedown ended"), details=labels)


def timeline_entries(incident: Incident) -> Iterator[TimelineEntry]:
    """Entries of the same moment in reverse order: the later step first."""
    yield from chain.from_iterable(map(chase_entries, incident.known_chases))
    yield from map(check_entry, latest_checks(incident))


@dataclass(frozen=True, slots=True)
class DueCounts:
    """The urgent kinds with due to-dos, whether any is due that the user follows up, and the number of URL list entries
    to review as text."""

    urgent: list[ToDoCount]
    has_own: bool
    reviews: str


def count_due(user: User, now: datetime, few_ids: Sequence[UUID] | None) -> dict[str, QuerySet[Model, object]]:
    """The rows of the urgent kinds, the user's own, and the URL list entries to review; the to-do list has the rest.

    `few_ids`: as `find_few_takedowns`.
    """
    if not is_allowed(check_can_see_queue, user):
        return {}
    by_day = to_review(user, on=now.date()).order_by("review_on", "pk")
    return {
        "reviews": first_ids(by_day, MOST_SHORT + 1, in_order=True),
        "mine": first_ids(followed_up_due(user, now), 1),
        **due_rows(user, now, few_ids, most=MOST_SHORT + 1, kinds=URGENT),
    }


def show_due(user: User, now: datetime, counts: Counts) -> PageSection | None:
    if not is_allowed(check_can_see_queue, user):
        return None
    urgent = counted_kinds(counts, URGENT)
    if not urgent and not counts["mine"] and not counts["reviews"]:
        return None
    due = DueCounts(urgent, bool(counts["mine"]), short_label(counts["reviews"]))
    return PageSection("analysts/takedown/chasing/_dashboard.html", due)

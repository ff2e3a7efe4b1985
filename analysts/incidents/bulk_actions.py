"""Actions on several incidents at once: a preview of what each one does, then each in a transaction of its own.

Left out, with the reason: incidents that have changed since the preview, are claimed by a colleague, or wait for the
police. The rest goes through, each with its own audit event. Incidents that the user may not see are never named.
"""

import hashlib
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import FilteredRelation, OuterRef, Q, Subquery
from django.http import QueryDict
from django.utils.translation import gettext as _

from analysts.accounts.staff_request import StaffRequest
from analysts.incidents.table import IncidentRow, incident_rows
from analysts.models import Chase, HostingTrace, Incident, PoliceHold, UrlListEntry, User
from analysts.states import State
from audit.permissions import Denied, Late

# Limit the duration of one request: each incident takes some tens of statements, and a server may be slow. Seconds.
MOST_AT_ONCE = 100
LONGEST = 20
# The name of the field that holds the chosen incidents, and of the one that confirms a preview.
CHOSEN, CONFIRMED = "incident", "confirmed"
# Numbers of one reason that a message lists; the rest is counted.
MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class Choice:
    """A chosen incident. `mark`: the state that the preview showed; "" before a preview."""

    incident: UUID
    mark: str = ""


@dataclass(frozen=True, slots=True)
class BulkRow:
    """An incident in a preview. `effect`: what the action does with it. `why_not`: why it is left out; ""."""

    row: IncidentRow
    mark: str
    effect: str
    why_not: str

    @property
    def value(self) -> str:
        return f"{self.row.incident.pk}:{self.mark}"


@dataclass(frozen=True, slots=True)
class BulkPreview:
    included: list[BulkRow]
    left_out: list[BulkRow]


@dataclass(slots=True)
class BulkResult:
    """`left_out`: the incident numbers by reason. `unseen`: how many the user may not see, or no longer exist."""

    completed: list[UUID] = field(default_factory=list)
    left_out: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    unseen: int = 0


def read_choices(data: QueryDict) -> list[Choice]:
    """The chosen incidents in the order of the form, at most MOST_AT_ONCE; values that are no ids are skipped."""
    choices: dict[UUID, Choice] = {}
    for value in data.getlist(CHOSEN):
        text, _colon, mark = value.partition(":")
        try:
            incident = UUID(text)
        except ValueError:
            continue
        choices.setdefault(incident, Choice(incident, mark))
        if len(choices) == MOST_AT_ONCE:
            break
    return list(choices.values())


def load_visible(user: User, incidents: Sequence[UUID]) -> list[Incident]:
    """Incidents that the user may see, in the order given, with the rows that previews read: key, holder and chases."""
    visible = (
        Incident.objects.visible_to(user).filter(pk__in=incidents).select_related("key", "claimed_by", "redaction")
    )
    by_id = {incident.pk: incident for incident in visible}
    ordered = [by_id[pk] for pk in incidents if pk in by_id]
    load_chases(ordered)
    return ordered


def load_chases(incidents: Sequence[Incident]) -> None:
    """Set `known_chases` of each with one query."""
    chases: dict[UUID, list[Chase]] = defaultdict(list)
    rows = Chase.objects.filter(incident__in=[incident.pk for incident in incidents])
    for chase in rows.select_related("provider").order_by("since"):
        chases[chase.incident_id].append(chase)
    for incident in incidents:
        incident.__dict__["known_chases"] = chases[incident.pk]


def load_marks(incidents: Collection[UUID]) -> dict[UUID, str]:
    """A digest of the state of each incident: it changes with anything that a preview of an action depends on."""
    hold = PoliceHold.objects.filter(incident=OuterRef("pk")).order_by("-at")
    trace = HostingTrace.objects.filter(incident=OuterRef("pk")).order_by("-at", "-recorded_at")
    entry = UrlListEntry.objects.filter(incident=OuterRef("pk"), removed_on=None)
    chase = ("round", "trace", "routed_trace", "removed_in_a_row", "checked_at", "escalated_at", "check_asked_at")
    step = ("kind", "since", "owner")
    marks = (
        Incident.objects.filter(pk__in=incidents)
        .annotate(open_chase=FilteredRelation("chases", condition=Q(chases__ended_at=None)))
        .annotate(
            hold=Subquery(hold.values("pk")[:1]),
            hold_answer=Subquery(hold.values("answer")[:1]),
            latest_trace=Subquery(trace.values("pk")[:1]),
            listed=Subquery(entry.values("review_on")[:1]),
        )
        .values_list(
            "pk",
            "state",
            "round",
            "stage",
            "fence",
            *(f"open_chase__{name}" for name in chase),
            *(f"next_step__{name}" for name in step),
            "hold",
            "hold_answer",
            "latest_trace",
            "listed",
        )
    )
    return {row[0]: hashlib.sha256(repr(row[1:]).encode()).hexdigest()[:16] for row in marks}


def find_blocked(incidents: Collection[UUID]) -> set[UUID]:
    """Incidents for which the police have been asked for clearance and have not granted it."""
    return set(PoliceHold.objects.blocking().filter(incident__in=incidents).values_list("incident", flat=True))


def check_is_free(user: User, incident: Incident, *, blocked: Collection[UUID]) -> None:
    """Raise Denied if a colleague has claimed the incident, or if it is among `blocked`."""
    if incident.state == State.CLAIMED and incident.claimed_by_id != user.pk:
        raise Denied(_("Claimed by %(name)s.") % {"name": incident.claimed_by})
    if incident.pk in blocked:
        raise Denied(_("Police clearance is missing."))


def build_preview(
    user: User,
    incidents: Sequence[Incident],
    effect: Callable[[Incident], str],
    *,
    waits_for_police: bool = True,
    now: datetime,
) -> BulkPreview:
    """Build the preview of an action on `load_visible` incidents.

    Args:
        effect: what the action does with an incident, as text. Raises Denied with the reason where it does nothing.
        waits_for_police: whether incidents without police clearance are left out.
    """
    ids = [incident.pk for incident in incidents]
    blocked = find_blocked(ids) if waits_for_police else set()
    marks = load_marks(ids)
    included, left_out = [], []
    for row in incident_rows(incidents, user, now):
        mark = marks.get(row.incident.pk, "")
        try:
            check_is_free(user, row.incident, blocked=blocked)
            included.append(BulkRow(row, mark, effect(row.incident), ""))
        except Denied as denied:
            left_out.append(BulkRow(row, mark, "", str(denied.reason)))
    return BulkPreview(included, left_out)


def perform_on_each(
    user: User,
    choices: Iterable[Choice],
    verb: Callable[[Incident], object],
    *,
    waits_for_police: bool = True,
) -> BulkResult:
    """Call the verb on each incident that is as the preview showed it, each in its own transaction.

    After LONGEST seconds the remaining ones are left out.
    """
    result, ends_at = BulkResult(), time.monotonic() + LONGEST
    for choice in choices:
        if result.completed and time.monotonic() > ends_at:
            result.left_out[_("The others took too long. Choose these again.")].append(str(choice.incident)[:8])
            continue
        try:
            with transaction.atomic():
                locked = Incident.objects.visible_to(user).select_for_update(of=("self",))
                incident = locked.filter(pk=choice.incident).first()
                if incident is None:
                    result.unseen += 1
                    continue
                if load_marks([incident.pk]).get(incident.pk) != choice.mark:
                    raise Late(_("It has changed since the preview."))
                blocked = find_blocked([incident.pk]) if waits_for_police else set()
                check_is_free(user, incident, blocked=blocked)
                verb(incident)
        except Denied as denied:
            result.left_out[str(denied.reason)].append(str(choice.incident)[:8])
        else:
            result.completed.append(choice.incident)
    return result


def report_result(request: StaffRequest, result: BulkResult, message: str) -> None:
    """Tell the user what was done, and which incidents were left out for which reason."""
    if result.completed:
        messages.success(request, message)
    for reason, numbers in result.left_out.items():
        listed = ", ".join(numbers[:MOST_NAMED])
        more = _(" and %(number)s more") % {"number": len(numbers) - MOST_NAMED} if len(numbers) > MOST_NAMED else ""
        words = {"numbers": f"{listed}{more}", "reason": reason}
        messages.warning(request, _("Left out: %(numbers)s. %(reason)s") % words)
    if result.unseen:
        messages.warning(request, _("Some of the chosen incidents can no longer be opened."))
    if not (result.completed or result.left_out or result.unseen):
        messages.warning(request, _("Choose at least one incident."))

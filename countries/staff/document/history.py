"""The history of a portal, from the audit log, and its page: who did what, when and why. Newest first."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from audit import labels
from audit.log_ids import DeskNames, name_in_details, name_of_actor, read_desk_names
from audit.models import UNEXPECTED_DETAILS, AuditEvent
from countries.models import Portal, PortalState
from countries.staff.document.differences import field_name_label
from countries.staff.document.portal_document import LISTS
from countries.staff.document.portal_fields import PORTAL_FIELDS
from countries.staff.document.steps import PortalStep
from countries.staff.requests.staff_pages import format_day, staff_page
from countries.states import Verb

PAGE_SIZE = 50
# The largest number of an event that the database can hold has 19 digits.
MOST_DIGITS = 18
# How far back `last_of_step` looks.
LAST_AMONG = 100

STEP_OF_ACTION = {
    "portal.tested": PortalStep.TEST,
    "coverage.language_lost": PortalStep.COVERAGE,
    "coverage.language_restored": PortalStep.COVERAGE,
    "coverage.lost": PortalStep.COVERAGE,
    "coverage.restored": PortalStep.COVERAGE,
    "portal.opening_missed": PortalStep.LAUNCH,
    **{f"portal.{verb.value}": PortalStep.LAUNCH for verb in Verb},
}
# Actions that write all fields of a portal.
OF_ALL_STEPS = frozenset({"portal.start", "portal.load", "portal.import"})
# By the name of a field, or of the list that has it.
STEP_OF_FIELD = {
    **{field.name: field.step for field in PORTAL_FIELDS},
    "texts": PortalStep.WORDS,
    "contacts": PortalStep.HELP,
    "partners": PortalStep.PARTNERS,
}


@dataclass(frozen=True, slots=True)
class PortalHistoryRow:
    """One event. `who`: the name on a desk, or the role; "" for the system. `details`: sentences.

    `request`: the id of the approval request that the event is about; None if there is none.
    """

    number: int
    at: datetime
    who: str
    label: str
    reason: str
    details: tuple[str, ...]
    request: int | None


@dataclass(frozen=True, slots=True)
class PortalHistoryPage:
    """`older`: the number before which the next page begins; None on the last one."""

    rows: list[PortalHistoryRow]
    older: int | None


def portal_history_page(request: HttpRequest, portal: Portal, *, names_people: bool) -> HttpResponse:
    """One page of the history; `?before=` continues after the last event of the page before. Raises Http404.

    `names_people`: false for a country’s partner, who sees no name of the hotline’s staff.
    """
    before = request.GET.get("before", "")
    if before and not (before.isdecimal() and before.isascii() and len(before) <= MOST_DIGITS):
        raise Http404
    context = {
        "title": _("%(portal)s: history") % {"portal": portal},
        "portal_row": portal,
        "page": history_page(portal, int(before) if before else None, names_people=names_people),
        "is_newest": not before,
    }
    return staff_page(request, "countries/staff/document/history.html", context)


def history_page(portal: Portal, before: int | None = None, *, names_people: bool = True) -> PortalHistoryPage:
    """The newest events, or those with a number below `before`. Two queries, whose cost is that of the page."""
    events = list(_newest_events(portal, before)[: PAGE_SIZE + 1])
    names = read_desk_names(events) if names_people else None
    rows = [_history_row(event, names) for event in events[:PAGE_SIZE]]
    return PortalHistoryPage(rows, rows[-1].number if len(events) > PAGE_SIZE else None)


def last_of_step(portal: Portal, step: PortalStep) -> PortalHistoryRow | None:
    """The newest event that concerns the step, among the portal's newest LAST_AMONG. At most two queries."""
    event = next((event for event in _newest_events(portal)[:LAST_AMONG] if step in _steps_of(event)), None)
    return _history_row(event, read_desk_names([event])) if event else None


def _newest_events(portal: Portal, before: int | None = None) -> Any:
    """Served by the index `audit_event_of_portal`."""
    events = AuditEvent.objects.filter(object_type="countries.portal", object_id=str(portal.pk)).order_by("-number")
    return events if before is None else events.filter(number__lt=before)


def _steps_of(event: AuditEvent) -> frozenset[PortalStep]:
    """No step for an event whose details are not those of its action."""
    try:
        return _read_steps(event)
    except UNEXPECTED_DETAILS:
        return frozenset()


def _read_steps(event: AuditEvent) -> frozenset[PortalStep]:
    if event.action in OF_ALL_STEPS:
        return frozenset(PortalStep)
    if step := STEP_OF_ACTION.get(event.action):
        return frozenset({step})
    if event.action.startswith("approval."):
        if "verb" in event.details:
            return frozenset({PortalStep.LAUNCH})
        names = event.details.get("changes", {})
        return frozenset(STEP_OF_FIELD[name] for name in names if name in STEP_OF_FIELD)
    return frozenset(step for step in PortalStep if step == event.details.get("workspace_step"))


def _history_row(event: AuditEvent, names: DeskNames | None) -> PortalHistoryRow:
    """`names`: None for readers who see roles alone."""
    try:
        details = tuple(_sentences(event.details, names))
    except UNEXPECTED_DETAILS:
        details = (_("Event %(number)d of the audit log cannot be read.") % {"number": event.number},)
    request = event.details.get("request")
    return PortalHistoryRow(
        number=event.number,
        at=event.at,
        who=name_of_actor(event, names or {}),
        label=labels.of_action(event.action),
        reason=str(event.details.get("reason", "")),
        details=details,
        request=request if names is not None and type(request) is int and request > 0 else None,
    )


def _sentences(details: Mapping[str, Any], names: DeskNames | None) -> Iterator[str]:
    if verb := details.get("verb"):
        yield str(Verb(verb).label) if verb in Verb.values else str(verb)
    if {"from", "to"} <= details.keys():
        yield _("From “%(before)s” to “%(after)s”") % {
            "before": _state_label(details["from"]),
            "after": _state_label(details["to"]),
        }
    # One that reads as a web address is in the log by its digest.
    if isinstance(name := details.get("name"), str) and "item" in details:
        yield name
    if opens_on := details.get("opens_on"):
        yield _("Opens on %(date)s") % {"date": format_day(date.fromisoformat(opens_on))}
    if changes := details.get("changes"):
        fields = dict.fromkeys(map(field_name_label, _changed_fields(changes)))
        yield _("Fields: %(fields)s") % {"fields": ", ".join(fields)}
    if name := name_in_details(details, "requested_by", names or {}):
        yield _("Requested by %(name)s") % {"name": name}


def _state_label(state: str) -> str:
    return str(PortalState(state).label) if state in PortalState.values else state


def _changed_fields(changes: Mapping[str, Any]) -> Iterator[str]:
    """The fields of an event's changes: `legal_age`, and of rows `contacts.phone`; the rows' own names are left out."""
    for name, change in changes.items():
        if name not in LISTS:
            yield name
            continue
        yield from (f"{name}.{field}" for fields in change.values() for field in fields)

"""Timeline entries for actions on an incident that only the audit log records, and for messages to its reporters."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from uuid import UUID

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts.codes import Closing
from analysts.incidents.timeline import AUTOMATIC, MOST_OF_A_KIND, TimelineEntry
from analysts.models import Incident, NextStepKind, Question, Sighting, User
from analysts.models.desk import is_disputed
from audit.log_ids import DeskNames, name_in_details, name_of_actor, read_desk_names
from audit.models import ON_INCIDENT_TIMELINE, UNEXPECTED_DETAILS, AuditEvent

# The ids of the other incidents that the user may know of.
type Known = frozenset[str]
type Describe = Callable[[Mapping[str, object], DeskNames, Known], list[str]]


def recorded_events(incident_id: UUID | str) -> QuerySet[AuditEvent]:
    """Served by the index `audit_event_of_incident`, however often the incident was viewed."""
    return AuditEvent.objects.filter(object_id=str(incident_id), action__in=ON_INCIDENT_TIMELINE).order_by("-number")


def _describe_other(details: Mapping[str, object], names: DeskNames, incidents: Known) -> list[str]:
    """The other incident of a merge or a split; without its number if no portal of the user reported it."""
    for direction, known_one, unknown_one in (
        ("into", _("into %(incident)s"), _("into another incident")),
        ("from", _("from %(incident)s"), _("from another incident")),
        ("to", _("to %(incident)s"), _("to another incident")),
    ):
        if other := str(details.get(direction) or ""):
            return [known_one % {"incident": other[:8]} if other in incidents else unknown_one]
    return []


def _describe_receiver(details: Mapping[str, object], names: DeskNames, incidents: Known) -> list[str]:
    name = name_in_details(details, "to", names)
    return [_("to %(name)s") % {"name": name}] if name else []


def _describe_closing(details: Mapping[str, object], names: DeskNames, incidents: Known) -> list[str]:
    closing = details.get("closing")
    return [str(Closing(closing).label)] if closing in Closing.values else []


def _describe_plan(details: Mapping[str, object], names: DeskNames, incidents: Known) -> list[str]:
    step, owner = details.get("step"), name_in_details(details, "owner", names)
    labels = [str(NextStepKind(step).label)] if step in NextStepKind.values else []
    if review_on := _day(details.get("review_on")):
        labels.append(_("review on %(date)s") % {"date": date_format(review_on, "j M Y")})
    return [*labels, *([owner] if owner else [])]


def _describe_nothing(details: Mapping[str, object], names: DeskNames, incidents: Known) -> list[str]:
    return []


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


HAND_OVER = "incident.hand_over"
# One row for each kind of action: its entry, and what it says of the details.
RECORDED: Mapping[str, tuple[Promise, Describe]] = {
    "incident.merge": (gettext_lazy("merged"), _describe_other),
    "incident.split": (gettext_lazy("report split off"), _describe_other),
    HAND_OVER: (gettext_lazy("handed over"), _describe_receiver),
    "incident.reopen": (gettext_lazy("reopened"), _describe_nothing),
    "incident.close": (gettext_lazy("closed"), _describe_closing),
    "incident.plan_next_step": (gettext_lazy("next step set"), _describe_plan),
    "incident.confirm_redaction": (gettext_lazy("redaction confirmed"), _describe_nothing),
    "incident.keep_listed": (gettext_lazy("kept on the URL list"), _describe_plan),
}


def recorded_entries(incident: Incident, user: User) -> Iterator[TimelineEntry]:
    """At most five queries, two without merges and splits.

    Without hand-overs while two reviews disagree: they name the reviewers, and in which order they worked.
    """
    recorded = recorded_events(incident.pk)
    events = list((recorded.exclude(action=HAND_OVER) if is_disputed(incident) else recorded)[:MOST_OF_A_KIND])
    names, incidents = read_desk_names(events), _known_incidents(events, incident, user)
    for event in events:
        label, describe = RECORDED[event.action]
        by = name_of_actor(event, names) or AUTOMATIC
        try:
            details = describe(event.details, names, incidents)
        except UNEXPECTED_DETAILS:
            details = [_("event %(number)d of the audit log cannot be read") % {"number": event.number}]
        yield TimelineEntry(at=event.at, by=by, title=str(label), details=details)


# The details that hold the id of another incident.
OTHERS = ("into", "from", "to")


def _read_uuid(value: object) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None


def _known_incidents(events: Iterable[AuditEvent], incident: Incident, user: User) -> Known:
    moved = [event for event in events if event.action in ("incident.merge", "incident.split")]
    others = {other for event in moved for key in OTHERS if (other := _read_uuid(event.details.get(key)))}
    if not others:
        return frozenset()
    visible = Incident.objects.visible_to(user).filter(pk__in=others).values_list("pk", flat=True)
    sightings = Sighting.objects.filter(incident=incident, merged_from__in=others, portal__in=user.portal_ids)
    return frozenset(map(str, (*visible, *sightings.values_list("merged_from", flat=True))))


def message_entries(incident: Incident, user: User) -> Iterator[TimelineEntry]:
    """Messages to reporters of the user's portals. Only the day is known."""
    questions = Question.objects.filter(incident=incident, report__portal__in=user.portal_ids)
    for question in questions.select_related("message", "by").order_by("-message__asked_on")[:MOST_OF_A_KIND]:
        yield TimelineEntry(
            at=datetime.combine(question.message.asked_on, time.max, tzinfo=UTC),
            by=question.by,
            title=_("message to the reporter"),
            details=[_("answered") if question.answered else _("not answered yet")],
            is_day=True,
        )

"""Which rows there are about an incident, so that its page asks only for those: most incidents have next to none."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from django.db.models import CharField, Exists, OuterRef, QuerySet
from django.db.models.functions import Cast

from analysts.models import Assessment, Draft, EnteredAddress, Hold, Incident, Note, Question, Referral, Sighting, User
from analysts.models.compiled_query import PreparedQuery
from audit.models import ON_INCIDENT_TIMELINE, AuditEvent
from reports.models import Message


class Attached(NamedTuple):
    """Each is true if there is such a row; `drafts` and `own_assessments` are those of the user."""

    drafts: bool
    own_assessments: bool
    assessments: bool
    referrals: bool
    holds: bool
    notes: bool
    merged: bool
    # Unread answers about any of its reports, of any analyst.
    unread_answers: bool
    # Messages to any of its reporters.
    messages: bool
    several_reports: bool
    # Entered by staff, for one of the user's portals or for the hotline.
    entries: bool
    # Actions that only the audit log records, for the timeline.
    recorded: bool


def find_visible(incident_id: UUID, user: User) -> tuple[Incident, Attached] | None:
    """The incident with its key and holder, if one of the user's portals sighted it, and what is attached to it."""
    for found in _visible(incident_id, user):
        return found, _note(found, [getattr(found, f"has_{name}") for name in Attached._fields])
    return None


def read_attached(incident: Incident, user: User) -> Attached:
    [row] = _attached(incident.pk, user)
    return _note(incident, row)


def _note(incident: Incident, row: Iterable[bool]) -> Attached:
    """The row as a value; spares the incident its own queries for the same."""
    attached = Attached(*row)
    incident.has_several_reports = attached.several_reports
    if not attached.holds:
        incident.open_hold = None
    return attached


@PreparedQuery
def _visible(incident_id: UUID, user: User) -> QuerySet[Incident]:
    found = Incident.objects.visible_to(user).filter(pk=incident_id).select_related("claimed_by", "key")
    return found.annotate(**_conditions(user))


@PreparedQuery
def _attached(incident_id: UUID, user: User) -> QuerySet[Incident, tuple[bool, ...]]:
    found = Incident.objects.filter(pk=incident_id).annotate(**_conditions(user))
    return found.values_list(*(f"has_{name}" for name in Attached._fields))


def _conditions(user: User) -> dict[str, Exists]:
    about = {"incident": OuterRef("pk")}
    conditions = {
        "drafts": Exists(Draft.objects.filter(**about, by=user)),
        "own_assessments": Exists(Assessment.objects.filter(**about, by=user, round=OuterRef("round"))),
        "assessments": Exists(Assessment.objects.filter(**about)),
        "referrals": Exists(Referral.objects.filter(**about)),
        "holds": Exists(Hold.objects.filter(**about)),
        "notes": Exists(Note.objects.filter(**about)),
        "merged": Exists(Incident.objects.filter(merged_into=OuterRef("pk"))),
        "unread_answers": Exists(
            Question.objects.filter(answered=True, read=False, report__sightings__incident=OuterRef("pk"))
        ),
        "messages": Exists(Message.objects.filter(receipt__report__sightings__incident=OuterRef("pk"))),
        "several_reports": Exists(Sighting.objects.filter(**about)[1:2]),
        "entries": Exists(EnteredAddress.objects.visible_to(user).filter(**about)),
        "recorded": Exists(
            AuditEvent.objects.filter(object_id=Cast(OuterRef("pk"), CharField()), action__in=ON_INCIDENT_TIMELINE)
        ),
    }
    return {f"has_{name}": condition for name, condition in conditions.items()}

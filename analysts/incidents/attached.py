"""Which rows there are about an incident, so that its page asks only for those: most incidents have next to none."""

from typing import NamedTuple
from uuid import UUID

from django.db.models import CharField, Exists, OuterRef
from django.db.models.functions import Cast

from analysts.codes.recipient_kinds import ReferralKind
from analysts.models import (
    Appeal,
    Assessment,
    Draft,
    EnteredAddress,
    Hold,
    Incident,
    Note,
    NoticeItem,
    Question,
    Referral,
    UrlListEntry,
    User,
)
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
    # Replies of recipients to notices about it.
    replies: bool
    appeals: bool
    # On the URL list, or taken off it; and referrals that ask for it.
    listings: bool
    listings_requested: bool
    # Messages to any of its reporters.
    messages: bool
    # Entered by staff, for one of the user's portals or for the hotline.
    entries: bool
    # Actions that only the audit log records, for the timeline.
    recorded: bool


def find_visible(incident_id: UUID, user: User) -> tuple[Incident, Attached] | None:
    """The incident, if one of the user's portals sighted it, and what is attached to it; one query.

    Its key, holder, next step and redaction are selected with it.
    """
    incidents = Incident.objects.visible_to(user).select_related(
        "claimed_by", "key", "next_step__owner", "next_step__set_by", "redaction__by"
    )
    incident = incidents.annotate(**_conditions(user)).filter(pk=incident_id).first()
    if incident is None:
        return None
    attached = Attached(*(getattr(incident, f"has_{name}") for name in Attached._fields))
    # Spare the incident its own query for the same.
    if not attached.holds:
        incident.open_hold = None
    return incident, attached


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
        "replies": Exists(NoticeItem.objects.filter(**about, dropped="", notice__replies__isnull=False)),
        "appeals": Exists(Appeal.objects.filter(**about)),
        "listings": Exists(UrlListEntry.objects.filter(**about)),
        "listings_requested": Exists(Referral.objects.filter(**about, kind=ReferralKind.URL_LIST, ended_at=None)),
        "messages": Exists(Message.objects.filter(receipt__report__sightings__incident=OuterRef("pk"))),
        "entries": Exists(EnteredAddress.objects.visible_to(user).filter(**about)),
        "recorded": Exists(
            AuditEvent.objects.filter(object_id=Cast(OuterRef("pk"), CharField()), action__in=ON_INCIDENT_TIMELINE)
        ),
    }
    return {f"has_{name}": condition for name, condition in conditions.items()}

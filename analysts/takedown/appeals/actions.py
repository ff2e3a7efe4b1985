"""Filing appeals. The decision is `analysts.assessment.actions.appeals`, because it can reopen the incident."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.codes.appeals import Appellant, appellant_of
from analysts.codes.recipient_kinds import RecipientKind
from analysts.incidents.actions import write_note
from analysts.incidents.locking import lock_incident, record_act
from analysts.models import Appeal, Incident, Notice, Reply, User
from analysts.takedown.appeals.permissions import check_can_file, check_names_letter
from analysts.takedown.next_steps.actions import refresh_next_step
from analysts.takedown.url_list.actions import list_waiting
from audit.actions import JSON, record_event
from audit.permissions import Denied
from reports.models import the_minute


@transaction.atomic
def file_appeal(
    *,
    by: User,
    incident: Incident,
    appellant: Appellant,
    note: str,
    letter: Notice | None = None,
    now: datetime | None = None,
) -> Appeal:
    """Enter an appeal that did not come through a reply link.

    Args:
        note: its grounds, kept sealed.
        letter: of an account holder, the sent letter that names the account. Its recipient learns the outcome.
    """
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    check_can_file(by, incident)
    check_names_letter(appellant, letter, incident)
    if Appeal.objects.waiting().filter(incident=incident, appellant=appellant).exists():
        raise Denied(_("An appeal of this kind is already waiting for its review."))
    appeal = Appeal.objects.create(
        incident=incident, appellant=appellant, letter=letter, received_at=the_minute(now), entered_by=by
    )
    write_note(incident, by=by, text=note, now=now)
    _hold_if_set(incident, by=by, now=now)
    refresh_next_step(incident, now=now)
    details: dict[str, JSON] = {"appellant": str(appellant), "characters": len(note)}
    details |= {"answered": letter.reference} if letter else {}
    record_act("file_appeal", incident, by=by, now=now, details=details)
    return appeal


def file_appeals(reply: Reply, incidents: Collection[UUID], *, now: datetime) -> int:
    """File the appeal of a recipient, one for each of the incidents that it contests; returns how many.

    Runs inside the transaction that takes the reply in and has locked the incidents.
    """
    appellant = appellant_of(RecipientKind(reply.notice.recipient.kind))
    pending = Appeal.objects.waiting().filter(incident__in=incidents, appellant=appellant)
    incident_ids = set(pending.values_list("incident", flat=True))
    new = [pk for pk in incidents if pk not in incident_ids]
    Appeal.objects.bulk_create(
        Appeal(incident_id=pk, appellant=appellant, received_at=reply.received_at, reply=reply) for pk in new
    )
    if settings.APPEALS_WAIT:
        for incident in Incident.objects.filter(pk__in=new).order_by("pk"):
            _hold_if_set(incident, by=None, now=now)
    if new:
        details: dict[str, JSON] = {"reference": reply.notice.reference, "count": len(new)}
        record_event(by=None, action="notice.appeal", on=reply.notice, details=details, at=now)
    return len(new)


def _hold_if_set(incident: Incident, *, by: User | None, now: datetime) -> None:
    """Take the address off the URL list until the decision, if APPEALS_WAIT is set."""
    if settings.APPEALS_WAIT:
        list_waiting(by=by, incident=incident, now=now)

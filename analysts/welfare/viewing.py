"""Audit events for viewing pages and revealing content."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from analysts.incidents import permissions
from analysts.incidents.locking import lock_incident, note_work, portal_on_record, record_act
from analysts.incidents.priority import URGENT, is_reported_in_danger
from analysts.models import Incident, Question, User
from analysts.models.appeal import mark_appeals_revealed
from analysts.models.flood import mark_sample_opened
from analysts.welfare import exposure
from analysts.welfare import permissions as welfare_permissions
from analysts.welfare.meter import Door, pass_door, serialise_files
from audit.actions import JSON, record_view


def shows_words_at_once(incident: Incident) -> bool:
    """Whether one reveal shows the reporters' words too: they may name the danger, or are all that there is.

    An urgent priority without danger is that of a sealed tick, which only the words name.
    """
    return incident.priority >= URGENT or is_reported_in_danger(incident) or not incident.sealed_address


def reveals_words(incident: Incident, by: User) -> bool:
    """Whether a reveal by this user shows the words too: an answer to their question is among them."""
    return shows_words_at_once(incident) or Question.objects.unread_about(incident, by).exists()


@transaction.atomic
def record_reveal(*, by: User, incident: Incident, reason: str = "", now: datetime | None = None) -> Incident:
    """Record that the address was revealed, and the words if `reveals_words`, and start counting exposure.

    `reason` is a RevealReason; the holder of the claim needs none. Raises Denied.
    """
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    permissions.check_may_view(by, incident, reason)
    mark_sample_opened(by=by, incident=incident, now=now)
    mark_appeals_revealed(by=by, incident=incident)
    details: dict[str, JSON] = {} if incident.is_held_by(by) else {"reason": str(reason)}
    if reveals_words(incident, by):
        details["words"] = True
    note_work(incident, by, now=now)
    pass_door(Door.PAGE, by=by, incidents=[incident], now=now, details=details)
    return incident


@transaction.atomic
def record_words(*, by: User, incident: Incident, now: datetime | None = None) -> None:
    """Record that the reporters' words about a revealed incident were shown."""
    now = now or timezone.now()
    incident = lock_incident(incident, by)
    permissions.check_can_reveal(by, incident)
    note_work(incident, by, now=now)
    pass_door(Door.WORDS, by=by, incidents=[incident], now=now, details={"words": True})


@transaction.atomic
def record_masked_words(*, by: User, incident: Incident, now: datetime | None = None) -> None:
    """Record that the masked words of a revealed incident were shown."""
    permissions.check_can_reveal(by, incident)
    record_act("reveal", incident, by=by, now=now or timezone.now(), details={"blanked": True})


@transaction.atomic
def record_copy(*, by: User, incident: Incident, now: datetime | None = None) -> None:
    """Record that the full address was shown, to be opened on the isolated workstation.

    It counts under the limit of a day, except while a child is in danger. Raises Denied.
    """
    now = now or timezone.now()
    permissions.check_can_copy(by, incident)
    serialise_files()
    note_work(incident, by, now=now)
    pass_door(Door.COPY, by=by, incidents=[incident], now=now)


@transaction.atomic
def record_related(
    *, by: User, incident: Incident, others: Sequence[Incident], characters: int = 0, now: datetime | None = None
) -> None:
    """Record that the addresses of others are shown beside that of the revealed incident: one event for each.

    Their exposure is that of the page. It does not count as opening them (`mark_sample_opened`). `characters`: of all
    their addresses.
    """
    now = now or timezone.now()
    for other in others:
        permissions.check_can_reveal(by, other)
    details = {"related_to": str(incident.pk)}
    note_work(incident, by, now=now)
    exposure.count_characters(by, characters, now=now)
    pass_door(Door.RELATED, by=by, incidents=others, now=now, details=details)


def view_incident(
    *, by: User, incident: Incident, revealed: bool, portal: str = "", now: datetime | None = None
) -> None:
    """Record that the incident's page was viewed.

    `portal`: the slug of the only portal of `by` that it was reported to; "" if that is not known.
    """
    permissions.check_can_see_incident(by)
    portal, details = portal or portal_on_record(incident, by), {"revealed": revealed}
    record_view(by=by, action="incident.view", on=incident, portal=portal, details=details, at=now or timezone.now())


def view_queue(*, by: User, filters: dict[str, str], now: datetime | None = None) -> None:
    """Record that the queue was viewed, with its filters."""
    permissions.check_can_see_queue(by)
    record_view(by=by, action="queue.view", details={**filters}, at=now or timezone.now())


def view_incident_list(*, by: User, filters: Mapping[str, str], now: datetime | None = None) -> None:
    """Record that the list of all incidents was viewed, with its filters."""
    permissions.check_can_see_queue(by)
    record_view(by=by, action="incident_list.view", details={**filters}, at=now or timezone.now())


def view_welfare(*, by: User, now: datetime | None = None) -> None:
    """Record that the page of the team's exposure was viewed."""
    welfare_permissions.check_can_see_welfare(by)
    record_view(by=by, action="welfare.view", at=now or timezone.now())

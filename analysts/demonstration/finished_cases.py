"""Finished cases of the demonstration: rows that refer to each other, and their audit events."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Model

from analysts.models import (
    Assessment,
    AvailabilityCheck,
    Chase,
    HostingTrace,
    Incident,
    Notice,
    NoticeItem,
    PoliceHold,
    Redaction,
    Referral,
    Reply,
    Report,
    Route,
    Sighting,
    UrlListEntry,
)
from analysts.models.notice import UNSENT
from analysts.states import State
from audit.models import AuditEvent, LogId
from reports.models import NoticeAnswer, NoticeLink, Receipt, Submission

# The models of a case, each after the models that it refers to.
COPIED: tuple[type[Model], ...] = (
    Receipt,
    Submission,
    Report,
    Incident,
    Sighting,
    Assessment,
    HostingTrace,
    Chase,
    Route,
    PoliceHold,
    Referral,
    Redaction,
    UrlListEntry,
    NoticeLink,
    Notice,
    NoticeItem,
    NoticeAnswer,
    Reply,
    AvailabilityCheck,
)


@dataclass(frozen=True, slots=True)
class FinishedCase:
    """A case and its audit events; `rows` in the order of COPIED."""

    rows: Sequence[Model]
    events: Sequence[AuditEvent]

    @property
    def reports(self) -> int:
        return sum(isinstance(row, Report) for row in self.rows)

    @property
    def begins(self) -> datetime:
        return min(row.received_hour for row in self.rows if isinstance(row, Report))

    @property
    def ends(self) -> datetime:
        return max(event.at for event in self.events)

    @property
    def is_finished(self) -> bool:
        for row in self.rows:
            if (isinstance(row, Incident) and row.state != State.CLOSED) or (
                isinstance(row, Notice) and row.state in UNSENT
            ):
                return False
        return bool(self.events)


def load_finished_cases() -> list[FinishedCase]:
    rows = [row for model in COPIED for row in model._default_manager.all()]
    leaders = _leader_ids(rows)
    grouped: dict[UUID, tuple[list[Model], list[AuditEvent]]] = defaultdict(lambda: ([], []))
    for row in rows:
        grouped[leaders[row.pk]][0].append(row)
    leader_by_number = {str(pk): leader for pk, leader in leaders.items()}
    accounts = dict(LogId.objects.values_list("value", "account"))
    for event in AuditEvent.objects.filter(object_id__in=leader_by_number).order_by("number"):
        # Its copy is recorded for the account.
        event.actor_id = accounts.get(event.actor)
        grouped[leader_by_number[event.object_id]][1].append(event)
    cases = [FinishedCase(*of_case) for of_case in grouped.values()]
    return sorted((case for case in cases if case.is_finished), key=lambda case: case.begins)


def _leader_ids(rows: Iterable[Model]) -> dict[UUID, UUID]:
    """Maps the id of each row to one id shared by all rows of its case."""
    leaders: dict[UUID, UUID] = {row.pk: row.pk for row in rows}

    def leader(pk: UUID) -> UUID:
        while leaders[pk] != pk:
            pk = leaders[pk]
        return pk

    for row in rows:
        for field in row._meta.concrete_fields:
            value = getattr(row, field.attname)
            if isinstance(value, UUID) and value in leaders:
                leaders[leader(value)] = leader(row.pk)
    return {pk: leader(pk) for pk in leaders}

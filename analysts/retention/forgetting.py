"""The nightly step after which nothing leads from an id in the audit log to a person who left."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import CharField, F, Model, Q, QuerySet
from django.db.models.functions import Cast
from django.utils import timezone

from analysts.codes import Closing
from analysts.models import Appeal, Hold, Incident, PoliceHold
from analysts.retention.sealed import retention_days
from analysts.states import State
from audit.actions import record_event
from audit.log_ids import events_by
from audit.models import AuditEvent, LogId
from reports.models import KeyClass


def longest_period() -> timedelta:
    """The longest that content is kept after its incident was closed."""
    return timedelta(days=max(retention_days(key_class, closing) for key_class in KeyClass for closing in Closing))


def forget_accounts(*, now: datetime | None = None) -> int:
    """Cut off the accounts that are switched off, once the longest period since the last event by or about them is
    over and no case that they acted on is open. Returns their number."""
    now = now or timezone.now()
    return sum(_forget(log_id, now) for log_id in LogId.objects.filter(account__is_active=False).order_by("pk"))


@transaction.atomic
def _forget(log_id: LogId, now: datetime) -> bool:
    account_id = log_id.account_id
    if account_id is None or _has_recent_event(log_id, now - longest_period()) or _has_open_case(account_id):
        return False
    log_id.account = None
    log_id.save(update_fields=["account"])
    record_event(by=None, action="log_id.forget", on=log_id, at=now)
    return True


def _has_recent_event(log_id: LogId, since: datetime) -> bool:
    """Two look-ups of an index: the condition that joins them would read more."""
    return any(
        AuditEvent.objects.filter(of_account, at__gt=since).order_by("-number")[:1].exists()
        for of_account in (Q(actor=log_id.pk), Q(object_id=log_id.pk))
    )


def _has_open_case(account_id: int) -> bool:
    """Whether the account acted on an incident that is open, or has a legal hold, an appeal or a police hold."""
    events = AuditEvent.objects.filter(events_by(account_id))
    cases: tuple[QuerySet[Model], ...] = (
        Incident.objects.exclude(state=State.CLOSED).annotate(incident=F("pk")),
        Hold.objects.open(),
        Appeal.objects.waiting(),
        PoliceHold.objects.blocking(),
    )
    return any(
        events.filter(object_id__in=rows.order_by().values(text=Cast("incident", CharField()))).exists()
        for rows in cases
    )

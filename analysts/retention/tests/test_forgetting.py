"""People who left are cut off from their ids in the audit log, once every period is over and no case is open."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from analysts.codes import HoldReason
from analysts.models import Appeal, Hold, Incident, PoliceHold, Recipient, User
from analysts.retention.forgetting import forget_accounts, longest_period
from analysts.states import State
from analysts.tests.factories import incident_of
from audit import chain
from audit.actions import record_event
from audit.models import AuditEvent, LogId
from countries.models import Portal

DAY = timedelta(days=1)


@pytest.fixture
def incident(belize: Portal, ana: User) -> Incident:
    """Closed, and in the log by Ana, who left."""
    incident = incident_of(belize)
    record_event(by=ana, action="incident.view", on=incident)
    Incident.objects.filter(pk=incident.pk).update(state=State.CLOSED, closing="not_actioned", closed_on="2026-01-01")
    User.objects.filter(pk=ana.pk).update(is_active=False)
    return incident


def after(*, days: int = 0) -> datetime:
    return timezone.now() + longest_period() + timedelta(days=days)


def is_known(user: User) -> bool:
    return LogId.objects.filter(account=user).exists()


def test_account_is_forgotten_once_the_longest_period_is_over(incident: Incident, ana: User, ben: User) -> None:
    record_event(by=ben, action="incident.view", on=incident)
    assert forget_accounts(now=after(days=-1)) == 0
    assert is_known(ana)
    assert forget_accounts(now=after(days=1)) == 1
    assert (is_known(ana), is_known(ben)) == (False, True)
    event = AuditEvent.objects.latest("number")
    assert (event.action, event.actor, event.object_id, event.details) == ("log_id.forget", "", "ana", {})
    assert AuditEvent.objects.filter(actor="ana").exists()
    assert chain.verify_chain().faults == []
    assert forget_accounts(now=after(days=2)) == 0


def test_event_about_the_account_counts(incident: Incident, ana: User) -> None:
    now = after(days=1)
    record_event(by=None, action="user.change", on=ana, at=now - DAY)
    assert forget_accounts(now=now) == 0


@pytest.mark.parametrize("case", ["open", "hold", "appeal", "police"])
def test_account_is_known_while_a_case_is_open(incident: Incident, ana: User, ben: User, case: str) -> None:
    now = timezone.now()
    match case:
        case "open":
            Incident.objects.filter(pk=incident.pk).update(state=State.WAITING, closing="", closed_on=None)
        case "hold":
            Hold.objects.create(
                incident=incident, reason=HoldReason.values[0], by=ben, at=now, review_on=now.date() + DAY
            )
        case "appeal":
            received_at = now.replace(second=0, microsecond=0)
            Appeal.objects.create(incident=incident, appellant="owner", received_at=received_at, entered_by=ben)
        case "police":
            police = Recipient.objects.create(kind="police", name="Example Police")
            PoliceHold.objects.create(incident=incident, police=police, by=ben, at=now)
    assert forget_accounts(now=after(days=1)) == 0
    assert is_known(ana)

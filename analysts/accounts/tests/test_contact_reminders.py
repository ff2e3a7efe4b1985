"""The monthly mail about contacts that are due for a check: one a month, with a count and a link to sign in."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core import mail

from analysts.accounts.alarms import send_due_alarms
from analysts.accounts.operator_mails import remind_operators
from analysts.models import Alarm, User
from analysts.pages import tasks
from audit.models import AuditEvent
from countries.models import Portal
from tests.rig.fixtures import client_of

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def stale(belize: Portal, olga: User) -> Portal:
    belize.contacts.update(verified_on=date(2020, 1, 1))
    olga.email = "olga@example.org"
    olga.save()
    return belize


def test_operators_are_reminded_once_a_month_with_a_count_and_a_link(stale: Portal, settings: Any) -> None:
    settings.STAFF_URL = "https://staff.example.org"
    assert remind_operators(now=NOW)
    assert not remind_operators(now=NOW.replace(day=31))
    assert send_due_alarms(tasks.ALARMS, now=NOW) == 1
    [sent] = mail.outbox
    assert (sent.to, "Belize" in str(sent.message())) == (["olga@example.org"], False)
    assert sent.body == "1 contact of a portal is due for a check.\nSign in: https://staff.example.org/accounts/login/"
    assert remind_operators(now=NOW.replace(month=6))
    assert [event.action for event in AuditEvent.objects.all()] == ["contact.remind", "contact.remind"]


def test_no_operator_is_reminded_of_nothing(stale: Portal, olga: User) -> None:
    stale.contacts.update(verified_on=NOW.date())
    assert not remind_operators(now=NOW)
    stale.contacts.update(verified_on=date(2020, 1, 1))
    User.objects.filter(pk=olga.pk).update(email="")
    assert not remind_operators(now=NOW)
    assert not Alarm.objects.exists()


def test_dashboard_of_operators_counts_contacts_and_texts(
    stale: Portal, olga: User, ana: User, django_assert_num_queries: Callable[..., Any]
) -> None:
    page = client_of(olga).get("/admin/").content.decode()
    assert "1 contact is due for a check" in page
    assert "10 texts of visible portals need a review" in page
    assert "portal-care" not in client_of(ana).get("/admin/").content.decode()

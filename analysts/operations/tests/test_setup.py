"""The steps of a first start: done when the installation shows it, and on the dashboard until all are."""

from typing import Any

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from analysts.codes import Role
from analysts.models import HostReading, ReadingKind, User
from analysts.operations import jobs
from analysts.operations.setup_steps import build_steps
from countries.models import Portal, PortalState
from tests.rig.fixtures import client_of, create_person


@pytest.fixture
def bare(settings: Any, adam: User) -> User:
    """The first administrator of a fresh installation."""
    settings.DEMO, settings.HOTLINE_NAME, settings.HOTLINE_MARK = False, "", ""
    settings.WORK_TIME_ZONE = "UTC"
    User.objects.exclude(pk=adam.pk).update(is_active=False)
    Portal.objects.update(state=PortalState.DRAFT)
    adam.email = "adam@example.org"
    adam.save()
    return adam


def left(user: User) -> list[str]:
    return [step.name for step in build_steps(user) if not step.is_done]


def test_each_step_is_done_once_the_installation_shows_it(bare: User, settings: Any) -> None:
    steps = ["second_administrator", "hotline", "time_zone", "mail", "backups", "operators", "analysts", "portal"]
    assert left(bare) == steps
    create_person("second", Role.ADMINISTRATOR)
    assert left(bare) == steps[1:]
    settings.HOTLINE_NAME, settings.HOTLINE_MARK, settings.WORK_TIME_ZONE = "Example Hotline", "<svg/>", "Europe/Paris"
    assert left(bare) == steps[3:]
    jobs.order_test_message(by=bare)
    # Not before the message has left.
    assert left(bare)[0] == "mail"
    ProcrastinateJob.objects.filter(task_name=jobs.TEST_MESSAGE_TASK).delete()
    HostReading.objects.create(kind=ReadingKind.BACKUP, name="database", moment=timezone.now())
    assert left(bare) == steps[5:]
    for number in range(2):
        create_person(f"operator-{number}", Role.OPERATOR)
    create_person("first-analyst", Role.ANALYST)
    assert left(bare) == ["portal"]


def test_dashboard_leads_to_the_steps_until_all_are_done(bare: User) -> None:
    client = client_of(bare)
    assert "8 steps are left, the first of them: A second administrator." in client.get("/admin/").content.decode()
    page = client.get("/admin/operations/setup/").content.decode()
    assert page.count("to do</span>") == 8
    assert 'aria-current="step"' in page

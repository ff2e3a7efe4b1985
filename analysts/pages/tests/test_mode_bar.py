"""Modes in the bar of staff pages and in `manage.py health`, from the one query of the bar."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from analysts.accounts import modes
from analysts.models import User, WorkerHeartbeat, WorkerKind
from analysts.operations import staff_bar as health
from analysts.operations.operations_items import all_items, read_state
from countries.models import ModeKind, ReadyText
from countries.tests.factories import waiting_banner


def test_bar_and_health_name_the_modes_that_are_on(adam: User, django_assert_num_queries: Callable[..., Any]) -> None:
    now = timezone.now()
    until = now + timedelta(hours=1)
    WorkerHeartbeat.objects.bulk_create(WorkerHeartbeat(pk=kind, at=now) for kind in WorkerKind)
    waiting = waiting_banner(adam)
    with django_assert_num_queries(1):
        assert health.read_bar(now) == health.StaffBar([], ())
    modes.end_mode(by=adam, mode=waiting)

    more: dict[str, Any] = {"reason": "A test.", "now": now}
    modes.start_mode(by=adam, kind=ModeKind.BANNER, ready_text=ReadyText.SLOW, ends_at=until, **more)
    with django_assert_num_queries(1):
        bar = health.read_bar(now)
    assert [(mode.kind, mode.by, mode.since, mode.until) for mode in bar.modes] == [
        (ModeKind.BANNER, "adam", now, until)
    ]
    items = {item.name: item for item in all_items(read_state(now))}
    assert (items["modes"].is_late, items["modes"].details) == (
        False,
        (f"banner by adam until {until:%Y-%m-%dT%H:%MZ}",),
    )
    assert health.read_bar(until).modes == ()

    modes.start_mode(by=adam, kind=ModeKind.READ_ONLY, ends_at=None, **more)
    items = {item.name: item for item in all_items(read_state(now))}
    assert items["modes"].is_late
    assert items["modes"].details[-1] == "read-only by adam until a person ends it"
    # A line of its own in the bar, not one of those that are late.
    assert health.read_bar(now).late == []

"""Nightly runs killed at each step: the next run completes them, and nothing is lost or left over."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from pkgutil import resolve_name
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection, transaction

from analysts.assessment.intake import run as intake
from analysts.models import Incident, User
from analysts.retention import erasure, resealing
from analysts.tests.factories import incident_of
from analysts.tests.march import (
    DESTROYED,
    EMPTIED,
    MARCH,
    MARCH_CLOSES,
    address,
    events,
    key_of,
    nothing_found,
    open_keys,
    said,
)
from audit.chain import verify_chain
from countries.models import Portal
from portal_site.database import roles
from reports import keys
from reports.models import KeyState, SealingKey, Submission
from tests.rig.fixtures import send_report

__all__ = ["open_keys"]


class Killed(BaseException):
    """Simulates the end of the process."""


STEPS = {
    "before a key is made": ("reports.keymaking.keys.create", "before"),
    "before its row": ("reports.keymaking.keys.create", "after"),
    "before it is published": ("reports.keymaking.keys.publish", "before"),
    "before keys close": ("analysts.retention.erasure._close_past_months", "before"),
    "with a closed key published": ("analysts.retention.erasure._withdraw_closed", "before"),
    "in a batch": ("analysts.retention.resealing._reseal_row", "after"),
    "between batches": ("analysts.retention.resealing._seal_batch_anew", "after"),
    "before the key counts as empty": ("analysts.retention.resealing.seal_anew", "after"),
    "in the last transaction": ("analysts.retention.erasure.record_event", "after"),
    "before the files go": ("analysts.retention.erasure._mark_destroyed", "after"),
    "with an overwritten file": ("reports.keys.Path.unlink", "before"),
    "before dead bytes go": ("analysts.retention.erasure._blank_destroyed", "before"),
}


@contextmanager
def killed(where: str, *, call: int) -> Iterator[None]:
    """Simulate the end of the process before or after the given call of a function, if it happens."""
    target, moment = STEPS[where]
    calls = 0
    module, _, name = target.rpartition(".")
    with pytest.MonkeyPatch.context() as patch:
        original: Callable[..., Any] = resolve_name(target)

        def dying(*args: Any, **kwargs: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == call and moment == "before":
                raise Killed
            answer = original(*args, **kwargs)
            if calls == call:
                raise Killed
            return answer

        patch.setattr(f"{module}.{name}", dying)
        yield


def the_state(open_keys: Path) -> dict[str, Any]:
    """Everything that a nightly run may change, with keys identified by class and month."""
    return {
        "keys": sorted(SealingKey.objects.values_list("key_class", "month", "state", "emptied_on", "destroyed_on")),
        "counted": sorted(str(key.resealed) for key in SealingKey.objects.filter(state=KeyState.DESTROYED)),
        "published": sorted(key_id.rsplit("-", 1)[0] for key_id in keys.public_key_ids()),
        "readable": sorted(
            (incident.state, address(incident) or "", *said(incident)) for incident in Incident.objects.all()
        ),
        "blank": sorted(len(bytes(sealed)) for sealed in Submission.objects.values_list("sealed", flat=True)),
        "destroyed": [details["erased"] for details in events("key.destroy")],
        "files": sorted(SealingKey.objects.filter(pk__in=keys.private_key_ids()).values_list("key_class", "month")),
    }


# The same for each test below: made by the first.
_uninterrupted: dict[str, Any] = {}


def uninterrupted_state(open_keys: Path, nights: Sequence[datetime]) -> dict[str, Any]:
    """The state after uninterrupted runs, which leave nothing behind."""
    if _uninterrupted:
        return _uninterrupted
    before = {path: path.read_bytes() for path in open_keys.rglob("*") if path.is_file()}
    with transaction.atomic():
        for now in nights:
            erasure.tend_keys(now=now)
        _uninterrupted.update(the_state(open_keys))
        transaction.set_rollback(True)
    for path in open_keys.rglob("*"):
        if path.is_file() and path not in before:
            path.unlink()
    for path, content in before.items():
        path.write_bytes(content)
    return _uninterrupted


@pytest.mark.parametrize("where", STEPS)
def test_run_that_was_killed_is_finished_by_the_next(
    belize: Portal, ana: User, open_keys: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.setattr(resealing, "BATCH", 2)
    for number in range(3):
        nothing_found(belize, ana, f"https://a.example/{number}")
        incident_of(belize, f"https://b.example/{number}", now=MARCH)
    nights = (MARCH_CLOSES, EMPTIED, DESTROYED)

    wanted = uninterrupted_state(open_keys, nights)

    kills = 0
    for now in nights:
        for call in (1, 2):
            try:
                with killed(where, call=call):
                    erasure.tend_keys(now=now)
            except Killed:
                kills += 1
        erasure.tend_keys(now=now)
    assert kills
    found = the_state(open_keys)
    # A key file unknown to the database seals nothing and is not counted here.
    assert found == wanted
    assert verify_chain().faults == []


REPORTS = 40
A_NIGHT = """
import sys
from datetime import datetime
import django
django.setup()
from analysts.retention import erasure, resealing
resealing.BATCH = 3
print("ready", flush=True)
erasure.tend_keys(now=datetime.fromisoformat(sys.argv[1]))
"""


def start_night(now: str) -> subprocess.Popen[str]:
    """A nightly run in a separate process, with the staff database role."""
    server = connection.get_connection_params()
    url = f"postgres://{roles.STAFF}@/{server['dbname']}?host={quote(server['host'], safe='')}"
    process = subprocess.Popen(
        [sys.executable, "-c", A_NIGHT, now],
        cwd=settings.BASE_DIR,
        env={
            **os.environ,
            "DATABASE_URL": f"{url}&port={server['port']}" if server.get("port") else url,
            "DJANGO_SETTINGS_MODULE": "portal_site.settings",
            "KEYRING": str(settings.KEYRING),
        },
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.django_db(transaction=True)
def test_process_killed_in_mid_work_loses_nothing(belize: Portal, ana: User) -> None:
    """Kill the process with SIGKILL while it reseals and while it destroys."""
    erased = nothing_found(belize, ana, "https://erased.example/1")
    for number in range(REPORTS):
        send_report(belize, f"https://kept.example/{number}", now=MARCH)
    intake.take_in(now=MARCH)
    erasure.tend_keys(now=MARCH_CLOSES)
    chance = random.Random(1)
    moved = 0
    for _ in range(3):
        process = start_night(EMPTIED.isoformat())
        wanted = moved + chance.randrange(3, 12)
        while moved < wanted and process.poll() is None:
            moved = Submission.objects.filter(key=key_of(4)).count()
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        moved = Submission.objects.filter(key=key_of(4)).count()
    assert 0 < moved < REPORTS
    assert key_of(3).emptied_on is None

    for now in (EMPTIED, DESTROYED):
        erasure.tend_keys(now=now)
    assert key_of(3).state == KeyState.DESTROYED
    assert key_of(3).pk not in keys.private_key_ids()
    assert said(erased) == [""]
    readable = {text for incident in Incident.objects.exclude(pk=erased.pk) for text in said(incident)}
    assert readable == {f"https://kept.example/{number}" for number in range(REPORTS)}
    # Each row is counted once despite the killed runs.
    assert [details["resealed"] for details in events("key.destroy")] == [{"unassessed": REPORTS}]
    assert verify_chain().faults == []

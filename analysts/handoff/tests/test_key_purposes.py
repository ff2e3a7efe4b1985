"""Each key of the installation has one purpose, and one that had three goes on working until its successors exist."""

import os
import shutil
from base64 import b64encode
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from analysts.handoff.results import import_results
from analysts.handoff.signing import public_half
from analysts.models import BatchKind, User
from analysts.retention.anchoring import sign_line
from analysts.takedown.tracing.tests.test_tracing import now
from analysts.tests.batches import (
    drawn_by,
    illegal_incidents,
    opened,
    result,
    results_of,
    traces_of_three_methods,
    workstation_for_batches,
)
from audit import chain
from audit.actions import record_event
from audit.anchors import AnchorLine
from countries.models import Portal
from portal_site.checks.keys import SECRETS
from reports.installation_keys import (
    anchor_key,
    derive_handoff_sealing_key,
    fingerprint_key,
    handoff_key,
    opening_results_keys,
    reply_link_key,
    results_key,
)
from workstation.sealed_file import OpenBatch

__all__ = ["now"]

SUCCESSORS = ("anchor.key", "results.key")


@pytest.fixture
def own_keyring(open_keys: Path, tmp_path: Path, settings: Any) -> Path:
    """A copy of the keyring in which a test may remove keys; its folder of private halves."""
    folder = tmp_path / "keyring"
    shutil.copytree(open_keys, folder)
    settings.KEYRING = folder
    return folder / "private"


@pytest.fixture
def former_keyring(own_keyring: Path) -> Path:
    """As an installation from before the successors existed has it."""
    for name in SUCCESSORS:
        (own_keyring / name).unlink()
    return own_keyring


def test_each_file_of_the_keyring_changes_its_own_purpose_only(
    own_keyring: Path, tmp_path: Path, settings: Any
) -> None:
    purposes: dict[str, Callable[[], bytes]] = {
        "anchor.key": anchor_key,
        "fingerprint.key": fingerprint_key,
        "handoff.key": handoff_key,
        "reply-links.key": reply_link_key,
        "results.key": lambda: results_key().raw,
    }
    assert purposes.keys() == SECRETS.keys()
    before = {name: read() for name, read in purposes.items()}
    assert len({*before.values()}) == len(before)
    for name in purposes:
        settings.KEYRING = tmp_path / f"without-{name}"
        shutil.copytree(own_keyring, settings.KEYRING / "private")
        (settings.KEYRING / "private" / name).write_text(os.urandom(SECRETS[name]).hex())
        after = {other: read() for other, read in purposes.items()}
        assert {other for other in purposes if after[other] != before[other]} == {name}


def test_installation_with_the_former_key_alone_goes_on_working(former_keyring: Path) -> None:
    former = derive_handoff_sealing_key(handoff_key())

    assert (anchor_key(), results_key().raw) == (handoff_key(), former.raw)
    assert [key.raw for key in opening_results_keys(timezone.now())] == [former.raw]
    out = StringIO()
    call_command("create_keys", stdout=out)
    assert "opens results" in out.getvalue()
    assert "signs anchors" in out.getvalue()

    assert len({anchor_key(), handoff_key(), results_key().raw[:32], former.raw[:32]}) == 4


@pytest.fixture
def batch_from_before(former_keyring: Path, belize: Portal, sena: User, now: datetime) -> OpenBatch:
    """A batch that was drawn before the installation had a key of results."""
    illegal_incidents(belize, sena, now=now)
    batch = opened(drawn_by(sena, workstation_for_batches(), now=now, kind=BatchKind.TRACES), now=now)
    call_command("create_keys", stdout=StringIO())
    return batch


def test_results_of_a_batch_from_before_are_opened_for_two_weeks(
    batch_from_before: OpenBatch, former_keyring: Path, sena: User, now: datetime
) -> None:
    results = [result(item, traces=traces_of_three_methods(now)) for item in batch_from_before.incidents]
    content = results_of(batch_from_before, results, now=now)
    path = former_keyring / "results.key"
    end = now.replace(microsecond=0) + timedelta(seconds=1)

    os.utime(path, (0, (end - timedelta(days=14)).timestamp()))
    refused = import_results(by=sena, content=content, now=end)
    os.utime(path, (0, (end - timedelta(days=13)).timestamp()))
    imported = import_results(by=sena, content=content, now=now)

    assert not refused.is_whole
    assert imported.is_whole


def test_verify_audit_takes_the_keys_of_lines_from_before_and_after(open_keys: Path, db: None, tmp_path: Path) -> None:
    record_event(by=None, action="intake.run")
    moment = datetime(2026, 11, 24, 12, tzinfo=UTC)
    former = public_half(handoff_key())
    present = public_half(anchor_key())
    line = AnchorLine.at(moment, chain.newest_anchor())
    later = AnchorLine.at(moment + timedelta(hours=1), chain.newest_anchor())
    path = tmp_path / "anchors"
    path.write_text(f"{line.sign(handoff_key())}\n{sign_line(later)}\n")

    def verify(*public: bytes) -> str:
        out, options = StringIO(), [part for key in public for part in ("--public-key", b64encode(key).decode())]
        with suppress(SystemExit):
            call_command("verify_audit", "--anchors", str(path), *options, stdout=out)
        return out.getvalue()

    assert "No fault; all 2 anchors match." in verify(former, present)
    assert "Line 1 of the file was changed or signed with another key." in verify(present)
    assert "Line 2 of the file was changed or signed with another key." in verify(former)

"""Replacing a compromised key: the new key seals, the old one is emptied; and the commands for keys."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.utils import timezone

from analysts.incidents.contents import opening
from analysts.models import Incident, Report, User
from analysts.retention import erasure, public_transactions, resealing
from analysts.tests.factories import incident_of
from analysts.tests.march import MARCH, MARCH_CLOSES, create_removed_incident, key_of, nothing_found, open_keys
from audit.models import AuditEvent
from countries.models import Portal
from reports import keymaking, keys
from reports.actions import KeyClosed
from reports.models import KeyClass, KeyState, SealingKey, Submission
from tests.rig.fixtures import send_report

__all__ = ["open_keys"]


def written_in(report: Report) -> list[str]:
    return [str(envelope.payload.get("addresses", "")) for envelope in opening.unseal_envelopes(report)]


def test_replaced_key_takes_nothing_new_and_nothing_is_left_under_it(
    belize: Portal, ana: User, open_keys: Path
) -> None:
    kept = incident_of(belize, "https://a.example/1", now=MARCH)
    old = key_of(3)
    successor = erasure.rotate_key(old.pk, now=MARCH)

    assert successor.startswith("words-2026-03-r02-")
    assert keys.public_key(MARCH).id == successor
    assert not (open_keys / "public" / f"{old.pk}.pub").exists()
    assert [
        (key.pk, key.state) for key in SealingKey.objects.filter(key_class="words", month=old.month).order_by("state")
    ] == [
        (old.pk, KeyState.CLOSED),
        (successor, KeyState.OPEN),
    ]
    assert {submission.key_id for submission in Submission.objects.all()} == {successor}
    assert written_in(kept.sightings.get().report) == ["https://a.example/1"]
    assert AuditEvent.objects.get(action="key.rotate").details == {"successor": successor}
    # After the time for a backup of the resealed content.
    assert erasure.tend_keys(now=MARCH + timedelta(days=1)).destroyed == []
    assert erasure.tend_keys(now=MARCH + timedelta(days=2)).destroyed == [old.pk]
    assert not (open_keys / "private" / f"{old.pk}.key").exists()


def test_key_of_addresses_is_replaced_and_destroyed_at_once_where_asked(
    belize: Portal, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The last try is enough.
    monkeypatch.setattr(resealing, "PATIENCE", 1)
    incident = create_removed_incident(belize, ana, "https://a.example/1")
    old = key_of(3, KeyClass.ADDRESSES)
    successor = erasure.rotate_key(old.pk, now=MARCH, at_once=True)

    destroyed = SealingKey.objects.get(pk=old.pk)
    assert destroyed.state == KeyState.DESTROYED
    # A second run finds it done.
    erasure.destroy_key(destroyed, now=MARCH)
    incident.refresh_from_db()
    assert incident.key_id == successor
    assert opening.unseal_address(incident) is not None


def refuse_still_open(*_args: object, **_values: object) -> None:
    raise public_transactions.StillOpen


@pytest.mark.parametrize(
    ("module", "step", "answer"),
    [
        (public_transactions, "await_public_transactions", refuse_still_open),
        (erasure, "_mark_destroyed", lambda *_args, **_values: False),
    ],
)
def test_key_that_is_in_use_is_left_for_the_next_night(
    open_keys: Path, monkeypatch: pytest.MonkeyPatch, module: ModuleType, step: str, answer: Callable[..., object]
) -> None:
    old = key_of(3)
    monkeypatch.setattr(module, step, answer)
    with pytest.raises(resealing.InUse):
        erasure.rotate_key(old.pk, now=MARCH, at_once=True)
    assert SealingKey.objects.get(pk=old.pk).state == KeyState.CLOSED
    assert keys.has_private_half(old.pk)


def test_key_of_a_past_month_needs_no_successor_of_its_own(belize: Portal, ana: User) -> None:
    incident_of(belize, "https://a.example/1", now=MARCH)
    erasure.tend_keys(now=MARCH_CLOSES)

    assert erasure.rotate_key(key_of(3).pk, now=MARCH_CLOSES) == key_of(4).pk
    assert SealingKey.objects.filter(month=MARCH.date().replace(day=1), key_class="words").count() == 1


class Killed(BaseException):
    """Simulates the end of the process."""


@pytest.mark.parametrize(
    ("module", "step"),
    [
        (erasure, "_withdraw_closed"),
        (erasure, "empty_key"),
        (resealing, "_seal_batch_anew"),
        (erasure, "destroy_key"),
    ],
)
def test_rotation_that_was_killed_goes_on_when_it_is_run_again(
    belize: Portal, ana: User, monkeypatch: pytest.MonkeyPatch, module: ModuleType, step: str
) -> None:
    incident_of(belize, "https://a.example/1", now=MARCH)
    old = key_of(3)

    def die(*args: Any, **kwargs: Any) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(module, step, die)
        with pytest.raises(Killed):
            erasure.rotate_key(old.pk, now=MARCH, at_once=True)
    successor = erasure.rotate_key(old.pk, now=MARCH, at_once=True)

    assert SealingKey.objects.get(pk=old.pk).state == KeyState.DESTROYED
    assert SealingKey.objects.filter(key_class="words", month=old.month).count() == 2
    assert {submission.key_id for submission in Submission.objects.all()} == {successor}


def test_successor_made_by_a_run_cut_short_is_used(open_keys: Path) -> None:
    old = key_of(3)
    made = keymaking.make_another(old)

    assert keymaking.make_another(old) == made
    assert erasure.rotate_key(old.pk, now=MARCH) == made


def test_newest_key_of_a_month_seals_where_an_old_one_is_still_there(open_keys: Path) -> None:
    """As on a server mirrored without deletions, or if the random suffixes sort in another order."""
    old = key_of(3)
    content = (open_keys / "public" / f"{old.pk}.pub").read_text()
    third = ""
    for _ in range(2):
        third = erasure.rotate_key(
            SealingKey.objects.get(key_class="words", month=old.month, state="open").pk, now=MARCH
        )
    (open_keys / "public" / f"{old.pk}.pub").write_text(content)
    (open_keys / "public" / "words-2026-03-ffffffff.pub").write_text(content)

    assert third.startswith("words-2026-03-r03-")
    assert keys.public_key(MARCH).id == third


def test_public_server_left_behind_is_refused(belize: Portal, open_keys: Path, settings: Any, tmp_path: Path) -> None:
    left_behind = tmp_path / "public-server"
    (left_behind / "public").mkdir(parents=True)
    for path in (open_keys / "public").glob("words-2026-03-*.pub"):
        (left_behind / "public" / path.name).write_text(path.read_text())
    erasure.rotate_key(key_of(3).pk, now=MARCH)
    settings.KEYRING = left_behind

    with pytest.raises(KeyClosed):
        send_report(belize, "https://a.example/1", now=MARCH)
    # Callers that do not know KeyClosed can still handle it as a refusal by the database.
    assert issubclass(KeyClosed, IntegrityError)
    assert not Submission.objects.exists()


def said(command: str, *arguments: str, **options: Any) -> str:
    out = StringIO()
    call_command(command, *arguments, stdout=out, **options)
    return out.getvalue()


@pytest.mark.parametrize("key_id", ["words-2020-01-00000000", "fingerprint"])
def test_rotate_keys_refuses_what_is_no_key(open_keys: Path, key_id: str) -> None:
    with pytest.raises(CommandError, match=rf"There is no key {key_id} that can be replaced"):
        said("rotate_keys", key_id)


def test_rotate_keys_refuses_a_destroyed_key(open_keys: Path) -> None:
    old = key_of(3)
    erasure.rotate_key(old.pk, now=MARCH, at_once=True)
    with pytest.raises(CommandError, match="There is no key"):
        said("rotate_keys", old.pk)


def test_rotate_keys_says_what_to_do_next(open_keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: MARCH)
    old = key_of(3)
    output = said("rotate_keys", old.pk)

    assert output.startswith(f"{old.pk} is closed; words-2026-03-r02-")
    assert "tend_keys destroys the old key in 2 days." in output
    assert "mirror the keyring's folder `public`, including deletions" in output
    assert "can still read copies of data sealed with it" in output
    assert "The old key is destroyed." in said("rotate_keys", old.pk, destroy_now=True)


def test_rotate_keys_reports_missing_private_half(
    belize: Portal, open_keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: MARCH)
    incident_of(belize, "https://a.example/1", now=MARCH)
    (open_keys / "private" / f"{key_of(3).pk}.key").unlink()
    with pytest.raises(CommandError, match=r"The private half of words-2026-03-[0-9a-f]{8} is missing"):
        said("rotate_keys", key_of(3).pk)


def test_tend_keys_prints_preview_and_results(
    belize: Portal, ana: User, open_keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: MARCH)
    assert said("tend_keys", preview=True) == "No keys of past months are left.\n"
    nothing_found(belize, ana, "https://a.example/1")
    incident_of(belize, "https://b.example/1", now=MARCH)
    words, addresses = key_of(3), key_of(3, KeyClass.ADDRESSES)
    late = MARCH_CLOSES + timedelta(days=20)
    monkeypatch.setattr(timezone, "now", lambda: late)

    assert said("tend_keys", preview=True) == (
        f"{addresses.pk}: close\n  stays: 1 recent, 1 unassessed\n"
        f"{words.pk}: empty (destroyed from 2026-04-26)\n  goes: 1 envelopes\n  stays: 1 unassessed\n"
    )
    assert SealingKey.objects.exclude(state=KeyState.OPEN).count() == 0
    assert said("tend_keys") == "Keys created: 2, closed: 2, emptied: 1, destroyed: 0.\n"
    later = late + timedelta(days=2)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert said("tend_keys") == "Keys created: 0, closed: 0, emptied: 0, destroyed: 1.\n"
    copy = open_keys / "private" / f"{words.pk}.key"
    copy.write_text("00")
    assert f"Removed files of the destroyed key {words.pk} from the keyring." in said("tend_keys")


def test_tend_keys_fails_loudly_where_a_half_is_missing(
    belize: Portal, ana: User, open_keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing_found(belize, ana, "https://a.example/1")
    Incident.objects.update(state="waiting", closing="", closed_on=None)
    nothing_found(belize, ana, "https://b.example/1")
    late = MARCH_CLOSES + timedelta(days=20)
    monkeypatch.setattr(timezone, "now", lambda: late)
    (open_keys / "private" / f"{key_of(3).pk}.key").unlink()

    with pytest.raises(CommandError, match="The private half is missing of words-2026-03"):
        said("tend_keys")

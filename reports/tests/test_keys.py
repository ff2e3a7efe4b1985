"""The keyring: its files, the key in use, and interrupted runs."""

import os
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from countries.models import Portal
from portal_site.checks.keys import SECRETS
from portal_site.database import roles
from reports import keys
from reports.models import KeyClass, KeyState, Message, NoticeAnswer, NoticeLink, Receipt, SealingKey, Submission
from tests.rig.fixtures import Sender


@pytest.fixture
def empty_keyring(db: None, settings: Any, tmp_path: Path) -> Path:
    settings.KEYRING = tmp_path
    return tmp_path


def create_keys(**options: Any) -> str:
    out = StringIO()
    call_command("create_keys", stdout=out, **options)
    return out.getvalue()


def names(folder: Path, pattern: str) -> list[str]:
    return sorted(path.name.rsplit("-", 1)[0] for path in folder.glob(pattern))


def test_create_keys_makes_this_month_and_thirteen_ahead(empty_keyring: Path) -> None:
    said = create_keys()

    months = sorted(SealingKey.objects.filter(key_class=KeyClass.WORDS).values_list("month", flat=True))
    assert months[0] == timezone.localdate().replace(day=1)
    assert len(months) == len(set(months)) == 14
    assert said.endswith("Made 28 sealing keys.\n")


def test_create_keys_may_be_run_again(empty_keyring: Path) -> None:
    create_keys()
    before = {path: path.read_bytes() for path in empty_keyring.rglob("*") if path.is_file()}

    assert create_keys() == "Made 0 sealing keys.\n"
    assert {path: path.read_bytes() for path in empty_keyring.rglob("*") if path.is_file()} == before


def test_public_folder_holds_nothing_but_public_halves_for_words(empty_keyring: Path) -> None:
    create_keys()

    assert {path.suffix for path in (empty_keyring / "public").iterdir()} == {".pub"}
    assert {path.name.split("-")[0] for path in (empty_keyring / "public").iterdir()} == {"words"}
    assert names(empty_keyring / "private", "addresses-*.pub") == names(empty_keyring / "private", "addresses-*.key")
    assert keys.private_halves(empty_keyring / "public") == []
    assert names(empty_keyring / "private", "masks-*.key") == [
        name.replace("addresses", "masks") for name in names(empty_keyring / "private", "addresses-*.key")
    ]
    assert len(keys.private_halves(empty_keyring)) == 28 + 14 + 5


def test_private_halves_are_readable_by_their_owner_alone(empty_keyring: Path) -> None:
    create_keys()

    private = {path: len(bytes.fromhex(path.read_text())) for path in empty_keyring.rglob("*.key")}
    assert {path.stat().st_mode & 0o777 for path in private} == {0o600}
    assert {path.name: size for path, size in private.items() if path.name in SECRETS} == SECRETS
    assert {size for path, size in private.items() if path.name not in SECRETS} == {32, 96}
    assert (empty_keyring / "private").stat().st_mode & 0o777 == 0o700
    assert (empty_keyring / "public").stat().st_mode & 0o777 == 0o755


def test_key_of_a_run_that_was_cut_short_is_completed(empty_keyring: Path) -> None:
    create_keys()
    (lost, *_) = sorted((empty_keyring / "public").iterdir())
    content = lost.read_bytes()
    lost.unlink()
    create_keys()

    assert lost.read_bytes() == content


def test_pair_is_not_sealed_to_before_it_is_published(empty_keyring: Path) -> None:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    key_id = keys.create(KeyClass.WORDS, date(2026, 11, 1))
    with pytest.raises(keys.NoOpenKey):
        keys.public_key(now)
    keys.publish(key_id)
    assert keys.public_key(now).id == key_id


def test_missing_month_falls_back_to_the_newest_before_it(empty_keyring: Path) -> None:
    made = {}
    for month in (1, 3, 7):
        made[month] = keys.create(KeyClass.WORDS, date(2026, month, 1))
        keys.publish(made[month])

    assert keys.public_key(datetime(2026, 5, 9, tzinfo=UTC)).id == made[3]
    assert keys.public_key(datetime(2026, 7, 1, tzinfo=UTC)).id == made[7]
    # Only later ones: an early key is better than a lost report.
    assert keys.public_key(datetime(2025, 12, 31, tzinfo=UTC)).id == made[1]


def test_damaged_public_half_is_passed_over(empty_keyring: Path) -> None:
    made = {}
    for month in (1, 3):
        made[month] = keys.create(KeyClass.WORDS, date(2026, month, 1))
        keys.publish(made[month])
    (empty_keyring / "public" / f"{made[3]}.pub").write_text("half a k")
    assert keys.public_key(datetime(2026, 5, 9, tzinfo=UTC)).id == made[1]

    (empty_keyring / "public" / f"{made[3]}.pub").unlink()
    (empty_keyring / "public" / f"{made[3]}.pub").mkdir()
    assert keys.public_key(datetime(2026, 5, 9, tzinfo=UTC)).id == made[1]

    (empty_keyring / "public" / f"{made[1]}.pub").write_text("")
    # A process that has read a key continues with it; another one finds none.
    keys._read_public.cache_clear()
    with pytest.raises(keys.NoOpenKey):
        keys.public_key(datetime(2026, 5, 9, tzinfo=UTC))


def test_destroyed_private_half_opens_nothing_more(empty_keyring: Path) -> None:
    key_id = keys.create(KeyClass.WORDS, date(2026, 1, 1))
    assert keys.private_key(key_id).id == key_id
    folder = empty_keyring / "private"
    changed_at = folder.stat().st_mtime_ns
    (folder / f"{key_id}.key").unlink()
    # Within the same tick of the file system's clock.
    os.utime(folder, ns=(changed_at, changed_at))

    with pytest.raises(keys.KeyMissing):
        keys.private_key(key_id)


def test_key_of_masks_is_made_for_an_older_key_of_addresses_and_goes_with_it(empty_keyring: Path) -> None:
    create_keys()
    [key_id, other, *_] = sorted(SealingKey.objects.filter(key_class=KeyClass.ADDRESSES).values_list("pk", flat=True))
    path = empty_keyring / "private" / f"{key_id.replace('addresses', 'masks')}.key"
    kept = keys.mask_key(other)
    path.unlink()
    with pytest.raises(keys.KeyMissing):
        keys.mask_key(key_id)

    assert create_keys() == "Made 0 sealing keys.\n"
    assert (keys.mask_key(key_id).raw != kept.raw, keys.mask_key(other).raw) == (True, kept.raw)
    keys.destroy_key(key_id)
    with pytest.raises(keys.KeyMissing):
        keys.mask_key(key_id)
    assert not path.exists()
    assert keys.mask_key(other) == kept


@pytest.mark.parametrize("months", [-1, 121])
def test_months_back_has_limits(empty_keyring: Path, months: int) -> None:
    with pytest.raises(CommandError):
        create_keys(months_back=months)


def test_months_back_reaches_over_new_year(empty_keyring: Path) -> None:
    create_keys(months_back=13)

    assert SealingKey.objects.filter(key_class=KeyClass.WORDS).count() == 13 + 1 + 13


def test_database_refuses_an_envelope_under_a_closed_key(belize: Portal, send: Sender) -> None:
    send(belize, "example.org/a")
    SealingKey.objects.update(state=KeyState.CLOSED)

    with pytest.raises(IntegrityError):
        send(belize, "example.org/b")
    assert Submission.objects.count() == 1


@pytest.mark.parametrize("role", [roles.PUBLIC, roles.STAFF])
def test_each_role_stores_an_envelope_in_its_hour(belize: Portal, send: Sender, role: str) -> None:
    """The database sets the times of the public role's, which may not change them later, and a language that is there.

    The receipt has a day, and a reply the minute.
    """
    roles.grant_roles()
    before, other = timezone.now().replace(minute=0, second=0, microsecond=0), datetime(2026, 3, 4, 5, tzinfo=UTC)
    link = NoticeLink.objects.create(id=uuid.uuid4(), expires_on=other, sealed=b"s")
    key = SealingKey.objects.filter(key_class=KeyClass.WORDS, state=KeyState.OPEN).earliest("month")
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL SESSION AUTHORIZATION {role}")
        send(belize, "example.org/a", now=other, language="ur")
        cursor.execute(
            "INSERT INTO reports_noticeanswer (id, link_id, received_hour, key_id, digest, sealed)"
            " VALUES (%s, %s, %s, %s, 'd', 's')",
            [uuid.uuid4(), link.pk, other, key.pk],
        )
        cursor.execute("RESET SESSION AUTHORIZATION")
    stored, replied_at = Submission.objects.get(), NoticeAnswer.objects.get().received_at
    day = Receipt.objects.get().changed_on
    if role == roles.STAFF:
        assert (stored.received_hour, stored.language, replied_at, day) == (other, "ur", other, other.date())
        return
    assert before <= stored.received_hour <= replied_at <= timezone.now()
    assert (stored.language, replied_at.second, day) == (belize.default_language, 0, stored.received_hour.date())


def test_replay_of_what_is_stored_is_no_failure_after_its_key_closed(belize: Portal, send: Sender) -> None:
    code = send(belize, "example.org/a")
    SealingKey.objects.update(state=KeyState.CLOSED)
    send(belize, "example.org/a", code=code)

    assert Submission.objects.count() == 1


OTHER_TEXT, ERASED = {"sealed": b"other"}, {"sealed": b"", "digest": None}
# Changes of an envelope, each with the states of its key in which the database allows it.
CHANGES: list[tuple[dict[str, Any], set[KeyState]]] = [
    *(({**other, **resealed}, set()) for resealed in ({}, OTHER_TEXT | {"key": "another"}) for other in (
        {"id": uuid.UUID(int=1)}, {"receipt": "another"}, {"portal": "another"}, {"language": "es"},
        {"received_hour": datetime(2026, 1, 1, tzinfo=UTC)}, {"kind": "details"}, {"digest": b"other"},
        {"kind": "answer", "message": "another"},
    )),
    (OTHER_TEXT, set()),
    (OTHER_TEXT | {"key": "another"}, set(KeyState)),
    ({"digest": None}, set()),
    (OTHER_TEXT | {"key": "another", "digest": None}, set()),
    ({"sealed": b""}, set()),
    (ERASED, {KeyState.DESTROYED}),
    (ERASED | {"key": "another"}, set()),
]  # fmt: skip


@pytest.mark.parametrize("state", KeyState)
def test_envelope_is_only_sealed_again_under_another_key_or_blanked_with_its_own(
    belize: Portal, zambia: Portal, send: Sender, state: KeyState
) -> None:
    send(belize, "example.org/a")
    other = Receipt.objects.create(id=uuid.uuid4(), changed_on=date(2026, 11, 1), mailbox_key=b"m")
    key = Submission.objects.get().key
    another = SealingKey.objects.filter(key_class=KeyClass.WORDS).exclude(pk=key.pk).earliest("month")
    message = Message.objects.create(receipt=other, key=another, sealed_for_reporter=b"s", sealed_for_staff=b"s")
    for reached in list(KeyState)[1 : list(KeyState).index(state) + 1]:
        SealingKey.objects.filter(pk=key.pk).update(
            state=reached, destroyed_on=date(2026, 11, 1) if reached == KeyState.DESTROYED else None
        )
    rows = {"receipt": other, "portal": zambia, "key": another, "message": message}

    def is_done(change: dict[str, Any]) -> bool:
        values = {name: rows[name] if value == "another" else value for name, value in change.items()}
        try:
            with transaction.atomic():
                Submission.objects.update(**values)
                transaction.set_rollback(True)
        except IntegrityError:
            return False
        return True

    assert [change for change, states in CHANGES if is_done(change) != (state in states)] == []


# By the state of a key, the states that it can get; and whether its row can be deleted.
NEXT_STATES = {
    KeyState.OPEN: ({KeyState.OPEN, KeyState.CLOSED}, True),
    KeyState.CLOSED: (set(KeyState), True),
    KeyState.DESTROYED: (set(), False),
}


@pytest.mark.parametrize("state", KeyState)
def test_database_keeps_a_key_in_the_order_of_its_states(empty_keyring: Path, state: KeyState) -> None:
    create_keys()
    key = SealingKey.objects.filter(pk=SealingKey.objects.earliest("month").pk)

    def move(to: KeyState) -> None:
        key.update(state=to, destroyed_on=date(2026, 11, 1) if to == KeyState.DESTROYED else None)

    for reached in list(KeyState)[: list(KeyState).index(state) + 1]:
        move(reached)
    with connection.cursor() as cursor:
        cursor.execute("SELECT reports_key_is_open(%s), reports_key_is_open('words-2026-01-none')", [key.get().pk])
        assert cursor.fetchone() == (state == KeyState.OPEN, False)

    def is_done(change: Callable[[], object]) -> bool:
        try:
            with transaction.atomic():
                change()
                transaction.set_rollback(True)
        except IntegrityError:
            return False
        return True

    states, is_deleted = NEXT_STATES[state]
    assert {later for later in KeyState if is_done(partial(move, later))} == states
    assert is_done(key.delete) is is_deleted
    [another] = {*KeyClass} - {KeyClass(key.get().key_class)}
    for field, value in (("id", "other"), ("key_class", another), ("month", date(2020, 1, 1))):
        assert not is_done(partial(key.update, **{field: value}))


def test_database_refuses_minutes(belize: Portal, send: Sender) -> None:
    send(belize, "example.org/a")
    stored = Submission.objects.get()
    stored.pk, stored.digest = None, b"x" * 32
    stored.received_hour = stored.received_hour.replace(minute=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        stored.save(force_insert=True)


def test_private_half_that_was_cut_short_is_none(empty_keyring: Path) -> None:
    key_id = keys.create(KeyClass.WORDS, date(2026, 1, 1))
    assert keys.has_private_half(key_id)
    (empty_keyring / "private" / f"{key_id}.key").write_bytes(b"")
    assert not keys.has_private_half(key_id)


def test_private_halves_may_be_read_by_the_group_their_folder_was_given_to(empty_keyring: Path) -> None:
    """Then the user who makes and destroys keys is not the one who opens with them."""
    (empty_keyring / "private").mkdir(mode=0o700, exist_ok=True)
    (empty_keyring / "private").chmod(0o2750)
    call_command("create_keys", stdout=StringIO())
    assert {path.stat().st_mode & 0o777 for path in empty_keyring.rglob("*.key")} == {0o640}


def test_destroyed_key_is_overwritten_before_its_name_goes(tmp_path: Path, settings: Any) -> None:
    """A second name of the file shows what is left of it."""
    settings.KEYRING = tmp_path / "keyring"
    key_id = keys.create(KeyClass.WORDS, date(2026, 11, 1))
    keys.publish(key_id)
    private = tmp_path / "keyring" / "private"
    (tmp_path / "rest").hardlink_to(private / f"{key_id}.key")
    size = (tmp_path / "rest").stat().st_size
    keys.destroy_key(key_id)
    assert ((tmp_path / "rest").read_bytes(), list(private.glob("*.key"))) == (b"\0" * size, [])


def test_keys_and_their_ends_are_on_disk_before_anything_follows(
    empty_keyring: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash leaves no half key that was sealed to, and none that was destroyed."""
    flushed: list[tuple[str, bytes]] = []

    def note(descriptor: int) -> None:
        path = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
        flushed.append((path.name, path.read_bytes() if path.is_file() else b""))

    monkeypatch.setattr(os, "fsync", note)
    key_id = keys.create(KeyClass.WORDS, date(2026, 11, 1))
    keys.publish(key_id)
    halves = [(empty_keyring / name).read_bytes() for name in (f"private/{key_id}.key", f"public/{key_id}.pub")]
    descriptors = len(os.listdir("/proc/self/fd"))
    keys.destroy_key(key_id)

    draft = f"{key_id}.new"
    erased = (f"{key_id}.key", b"\0" * len(halves[0]))
    assert flushed == [*((draft, half) for half in halves), ("public", b""), erased, ("private", b"")]
    assert len(os.listdir("/proc/self/fd")) == descriptors

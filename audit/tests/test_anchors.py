"""The anchor file: lines are appended, read, and verified against the chain together."""

import fcntl
import os
import stat
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from io import StringIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command

from audit import anchors
from audit.actions import record_event
from audit.anchors import AnchorLine
from audit.chain import Anchor
from audit.models import AuditEvent

type ChainOf = Callable[[int], list[AuditEvent]]
type Tamper = Callable[..., None]

SECRET = bytes(range(32))
MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)
FIRST, SECOND = AnchorLine(MONDAY, Anchor(1, "a" * 64)), AnchorLine(TUESDAY, Anchor(2, "b" * 64))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "anchors"


def verify(file: Path, public: bytes | None = None, out: StringIO | None = None) -> list[str]:
    out = out or StringIO()
    key = ["--public-key", b64encode(public).decode()] if public else []
    call_command("verify_audit", "--anchors", str(file), *key, stdout=out)
    return out.getvalue().splitlines()


def test_append_anchor_adds_a_line_and_keeps_existing_lines(file: Path) -> None:
    assert anchors.append_anchor(file, FIRST) == FIRST
    before = file.read_bytes()
    assert anchors.append_anchor(file, SECOND) == SECOND

    assert file.read_bytes() == before + f"2026-11-24 2:{'b' * 64}\n".encode()
    assert anchors.read_anchors(file) == [FIRST, SECOND]


def test_append_keeps_the_first_line_of_an_hour(file: Path) -> None:
    anchors.append_anchor(file, FIRST)

    assert anchors.append_anchor(file, AnchorLine(MONDAY, Anchor(7, "c" * 64))) == FIRST
    later = anchors.append_anchor(file, AnchorLine(MONDAY, Anchor(7, "c" * 64), hour=7))
    assert anchors.append_anchor(file, AnchorLine(MONDAY, Anchor(8, "d" * 64), hour=7)) == later
    assert anchors.read_anchors(file) == [FIRST, later]


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_append_makes_a_file_that_its_group_may_read(file: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        anchors.append_anchor(file, FIRST)
    finally:
        os.umask(before)

    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_line_and_the_name_of_a_new_file_are_on_disk(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_disk: list[Path] = []
    monkeypatch.setattr(
        os, "fsync", lambda descriptor: on_disk.append(Path(os.readlink(f"/proc/self/fd/{descriptor}")))
    )
    locked: list[int] = []
    monkeypatch.setattr(fcntl, "flock", lambda _file, lock: locked.append(lock))
    anchors.append_anchor(file, FIRST)
    assert on_disk == [file, file.parent]
    anchors.append_anchor(file, SECOND)
    assert on_disk == [file, file.parent, file]
    # One process after the other, and nothing left open.
    assert locked == [fcntl.LOCK_EX] * 2
    assert {file, file.parent}.isdisjoint(each.resolve() for each in Path("/proc/self/fd").iterdir())


def test_append_to_a_place_that_is_not_there_fails(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        anchors.append_anchor(tmp_path / "missing" / "anchors", FIRST)


def test_read_of_a_file_that_is_not_there_yet_finds_nothing(file: Path) -> None:
    assert anchors.read_anchors(file) == []


def test_read_takes_lines_without_a_day(file: Path) -> None:
    file.write_text(f"{FIRST.anchor}\n{SECOND}\n")

    assert anchors.read_anchors(file) == [AnchorLine(None, FIRST.anchor), SECOND]


@pytest.mark.parametrize(
    "text",
    [
        "\n",
        "yesterday\n",
        f"{SECOND}",
        f"2026-13-01 {SECOND.anchor}\n",
        f"{SECOND} more\n",
        "ä:ö\n",
        f"2026-11-24T24 {SECOND.anchor}\n",
        f"{SECOND} 0123456789abcdef:short\n",
    ],
)
def test_read_names_the_line_that_is_no_anchor(file: Path, text: str) -> None:
    file.write_text(f"{FIRST}\n{text}")

    with pytest.raises(anchors.BadLine, match="line 2"):
        anchors.read_anchors(file)
    with pytest.raises(anchors.BadLine, match="line 2"):
        anchors.append_anchor(file, SECOND)
    assert file.read_text() == f"{FIRST}\n{text}"


def test_verify_audit_proves_every_line_of_a_file(chain_of: ChainOf, file: Path) -> None:
    events = chain_of(4)
    anchors.append_anchor(file, AnchorLine(MONDAY, Anchor(2, events[1].hash)))
    anchors.append_anchor(file, AnchorLine(TUESDAY, Anchor(4, events[3].hash)))

    assert verify(file) == [
        "4 audit events read, the last one is number 4.",
        "Compared with the file: from event 2 (2026-11-23) to event 4 (2026-11-24).",
        "Signatures not checked, as no public key was given: 0 of 2 lines are signed.",
        "No fault; all 2 anchors match.",
    ]


def test_verify_audit_names_the_lines_that_do_not_hold(chain_of: ChainOf, file: Path) -> None:
    events = chain_of(2)
    anchors.append_anchor(file, AnchorLine(MONDAY, Anchor(2, "a" * 64)))
    anchors.append_anchor(file, AnchorLine(TUESDAY, Anchor(9, events[1].hash)))
    out = StringIO()

    with pytest.raises(SystemExit):
        call_command("verify_audit", "--anchors", str(file), stdout=out)

    assert out.getvalue().splitlines()[3:] == [
        "2: the event is not the one the anchor names: the chain was rebuilt",
        "9: the event the anchor names is missing: the end of the chain was cut off",
    ]


def test_verify_audit_checks_signatures_with_a_public_key(chain_of: ChainOf, file: Path) -> None:
    events = chain_of(4)
    moment = datetime(2026, 11, 24, 13, 59, tzinfo=timezone(timedelta(hours=2)))
    line = AnchorLine.at(moment, Anchor(3, events[2].hash)).sign(SECRET)
    file.write_text(f"{SECOND.anchor.number}:{events[1].hash}\n{line}\n")
    public = Ed25519PrivateKey.from_private_bytes(SECRET).public_key().public_bytes_raw()
    said = [
        "4 audit events read, the last one is number 4.",
        "Compared with the file: from event 2 to event 3 (2026-11-24T11).",
        f"Signatures checked with the key {anchors.key_id_of(public)}: 1 of 2 lines are signed.",
        "Events after number 3 are covered by no anchor.",
    ]
    assert verify(file, public) == [*said, "No fault; all 2 anchors match."]

    # The hash is the same, but not the hour that was signed.
    file.write_text(file.read_text().replace("T11", "T12"))
    said[1] = said[1].replace("T11", "T12")
    out = StringIO()
    with pytest.raises(SystemExit):
        verify(file, public, out)
    assert out.getvalue().splitlines() == [*said, "Line 2 of the file was changed or signed with another key."]


@pytest.mark.parametrize("signature", ["", "x", "a" * 86, "ä"])
def test_what_is_no_signature_or_no_key_is_refused(signature: str) -> None:
    public = Ed25519PrivateKey.from_private_bytes(SECRET).public_key().public_bytes_raw()
    FIRST.sign(SECRET).verify_signature(public)
    for line, key in ((replace(FIRST, signature=signature), public), (FIRST.sign(SECRET), public[1:])):
        with pytest.raises(anchors.BadAnchorSignature):
            line.verify_signature(key)


@pytest.mark.django_db
def test_last_checks_are_those_of_their_day_and_kind() -> None:
    """Events in order, each with what is the last check, and the last full one of Tuesday, after it."""
    tuesday = datetime(2026, 11, 24, tzinfo=UTC)
    second = timedelta(seconds=1)
    steps = [
        (anchors.ANCHORED, tuesday - second, True, False),
        (anchors.ANCHORED, tuesday, False, False),
        (anchors.AT_FAULT, tuesday, True, False),
        (anchors.ANCHORED, tuesday + timedelta(days=1) - second, True, True),
        ("intake.run", tuesday, True, False),
        (anchors.AT_FAULT, tuesday, True, False),
        (anchors.ANCHORED, tuesday + timedelta(days=1), True, False),
    ]
    assert (anchors.last_check(), anchors.last_full_check_on(TUESDAY)) == (None, None)
    last = full = None
    for action, at, is_full, is_found in steps:
        event = record_event(by=None, action=action, details={"full": is_full}, at=at)
        last, full = event if action != "intake.run" else last, event if is_found else full
        assert (anchors.last_check(), anchors.last_full_check_on(TUESDAY)) == (last, full)


@pytest.mark.parametrize("key", ["no base64", b64encode(b"k" * 31).decode()])
def test_verify_audit_refuses_what_is_no_public_key(file: Path, key: str) -> None:
    with pytest.raises(CommandError, match="--public-key"):
        call_command("verify_audit", "--anchors", str(file), "--public-key", key)


@pytest.mark.parametrize(
    ("text", "said"),
    [(None, "contains no anchors"), ("", "contains no anchors"), ("yesterday\n", "Line 1"), (FIRST, "Line 1")],
)
@pytest.mark.django_db
def test_verify_audit_refuses_a_file_that_proves_nothing(file: Path, text: str | None, said: str) -> None:
    if text is not None:
        file.write_text(str(text))

    with pytest.raises(CommandError, match=said):
        verify(file)

"""Hostile lines of results: each is refused with its reason, and changes nothing."""

import json
import random
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from analysts.handoff import signing
from analysts.handoff.actions import close_workstation
from analysts.handoff.results import import_results
from analysts.handoff.results_reading import MOST_RESULT_LINES, read_results
from analysts.handoff.sealed_lines import sealing_info, unseal_line
from analysts.handoff.signing import Typ
from analysts.models import BatchItem, BatchKind, HostingTrace, Incident, User, Workstation
from analysts.takedown.tracing.tests.test_tracing import illegal, now
from analysts.tests.batches import (
    SECRET,
    drawn_by,
    result_lines,
    secret_of_a_stranger,
    traces_of_three_methods,
    workstation_for_batches,
)
from reports import installation_keys, sealing
from workstation.sealed_file import seal_line

__all__ = ["illegal", "now"]

NO_LINE = "This is not a line of results for this installation: it is damaged, cut short or from another file."


@pytest.fixture
def room(db: None) -> Workstation:
    return workstation_for_batches()


def sealed(signed: str, *, typ: Typ = Typ.RESULTS) -> bytes:
    """A signed line, sealed to this installation by the workstation's own code."""
    return seal_line(signed, installation_keys.results_key().public().raw, typ).encode()


def signed(payload: bytes, *, secret: bytes = SECRET, typ: Typ = Typ.RESULTS) -> str:
    return signing.sign_line(payload, secret=secret, typ=typ)


def drawn_result(by: User, room: Workstation, now: datetime) -> dict[str, Any]:
    """A result with three traces for the only incident of a new batch."""
    batch = drawn_by(by, room, now=now, kind=BatchKind.TRACES)
    item = BatchItem.objects.get(batch=batch)
    traces = traces_of_three_methods(now)
    return {"kind": "result", "batch": str(batch.pk), "item": str(item.pk), "seconds": 0, "traces": traces}


def refusal_of(by: User, line: bytes, now: datetime) -> str:
    [(outcome, reason)] = result_lines(import_results(by=by, content=line, now=now))
    assert outcome == "refused", reason
    assert not HostingTrace.objects.exists()
    return reason


@pytest.mark.parametrize("who", ["stranger", "closed", "installation", "signed as a batch", "sealed as a batch"])
def test_line_that_no_open_workstation_signed_as_a_result_is_refused(
    illegal: Incident, ana: User, adam: User, room: Workstation, now: datetime, who: str
) -> None:
    payload = json.dumps(drawn_result(ana, room, now)).encode()
    reason = "Signed by a workstation that is closed or was never registered."
    match who:
        case "stranger":
            line = sealed(signed(payload, secret=secret_of_a_stranger()))
        case "closed":
            close_workstation(by=adam, workstation=room)
            line = sealed(signed(payload))
        case "installation":
            line = sealed(signed(payload, secret=installation_keys.handoff_key()))
        case "signed as a batch":
            line, reason = sealed(signed(payload, typ=Typ.BATCH)), NO_LINE
        case _:
            line, reason = sealed(signed(payload), typ=Typ.BATCH), NO_LINE
    assert refusal_of(ana, line, now) == reason


def test_line_changed_after_it_was_signed_is_refused(
    illegal: Incident, ana: User, room: Workstation, now: datetime
) -> None:
    header, payload, signature = signed(json.dumps(drawn_result(ana, room, now)).encode()).split(".")
    other = json.loads(urlsafe_b64decode(payload + "=="))
    other["traces"][0]["country"] = "US"
    changed = urlsafe_b64encode(json.dumps(other).encode()).rstrip(b"=").decode()
    invalid = "The signature is invalid: the line was changed after it was signed."
    assert refusal_of(ana, sealed(f"{header}.{changed}.{signature}"), now) == invalid
    assert refusal_of(ana, sealed(f"{header}.{payload}.{signature[:-30]}"), now) == invalid
    for line in (b"\xff\xfe", b"hello", sealed(f"{header}.{payload}"), sealed(f"{header}.{payload}.{signature}")[:-30]):
        assert refusal_of(ana, line, now) == NO_LINE


def test_header_that_names_another_algorithm_or_more_is_no_line(
    illegal: Incident, ana: User, room: Workstation, now: datetime
) -> None:
    _header, payload, signature = signed(json.dumps(drawn_result(ana, room, now)).encode()).split(".")
    right = {"alg": "EdDSA", "kid": signing.public_key_id(signing.public_half(SECRET)), "typ": "batch-results"}
    wrong_headers: list[dict[str, Any]] = [
        {"alg": "none"},
        {"alg": "HS256"},
        {"crit": ["x"], "x": 1},
        {"jwk": {}},
        {"kid": 7},
        {"kid": ["a"]},
        {"typ": "JWT"},
        {"b64": False, "crit": ["b64"]},
    ]
    for wrong in wrong_headers:
        header = urlsafe_b64encode(json.dumps(right | wrong).encode()).rstrip(b"=").decode()
        for end in (signature, ""):
            assert refusal_of(ana, sealed(f"{header}.{payload}.{end}"), now) == NO_LINE, wrong


def trace_with(**more: Any) -> dict[str, Any]:
    at = "2026-11-25T12:00:00Z"
    return {"traces": [{"method": "dns", "country": "NL", "provider": "Alpha", "at": at, **more}]}


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "question"},
        {"kind": None},
        {"item": "7"},
        {"item": None},
        {"item": 7},
        {"extra": "field"},
        {"traces": []},
        {"traces": None},
        {"traces": {}},
        {"skipped": True},
        {"seconds": -1},
        {"note": "\0"},
        {"traces": [trace_with()["traces"][0]] * 2},
        {"traces": [trace_with()["traces"][0]] * 100},
        trace_with(method="magic"),
        trace_with(method="other"),
        trace_with(method=1),
        trace_with(country="nl"),
        trace_with(country="EU"),
        trace_with(country="NLD"),
        trace_with(provider=""),
        trace_with(provider="   "),
        trace_with(provider="x" * 121),
        trace_with(provider="a\0b"),
        trace_with(provider="a\nb"),
        trace_with(provider="a\u202eb"),
        trace_with(provider=["Alpha"]),
        trace_with(network="x" * 121),
        trace_with(note="x" * 201),
        trace_with(at="2026-11-25T12:00:00"),
        trace_with(at="2026-11-25"),
        trace_with(at=1764072000),
        trace_with(at="1764072000"),
        trace_with(at="2026-02-30T12:00:00Z"),
        trace_with(at="0001-01-01T00:00:00+14:00"),
        trace_with(at="9999-12-31T23:59:59-14:00"),
        trace_with(at="２０２６-11-25T12:00:00Z"),
        {"available": {"outcome": "perhaps", "at": "2026-11-25T12:00:00Z"}},
        {"available": {"outcome": "gone"}},
        {"available": "gone"},
    ],
)
def test_malformed_result_is_refused_with_the_place(
    illegal: Incident, ana: User, room: Workstation, now: datetime, wrong: dict[str, Any]
) -> None:
    payload = json.dumps(drawn_result(ana, room, now) | wrong).encode()
    assert refusal_of(ana, sealed(signed(payload)), now).startswith("Invalid format: ")


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"null",
        b"[]",
        b"7",
        b'"result"',
        b"{",
        b"\xff",
        b'{"kind": "result", "item": NaN}',
        b'{"kind": "results", "format": 1e400}',
        b'{"kind": "results", "format": 1, "made_at": "2026-11-25T12:00:00Z", "count": 99999999999999999999999}',
        b'{"kind": "result", "item": "\\ud800"}',
        b'{"kind": "result", "traces": ' + b"[" * 9000 + b"]" * 9000 + b"}",
    ],
)
def test_payload_that_is_no_result_is_refused(ana: User, room: Workstation, now: datetime, payload: bytes) -> None:
    assert refusal_of(ana, sealed(signed(payload)), now).startswith("Invalid format: ")


def test_long_line_and_many_lines_are_not_read(ana: User, room: Workstation, now: datetime) -> None:
    assert refusal_of(ana, b"x" * 70_000, now) == "This line is too long."
    lines = result_lines(import_results(by=ana, content=b"x\n" * (MOST_RESULT_LINES + 200), now=now))
    assert len(lines) == MOST_RESULT_LINES + 1
    assert lines[-1][1] == "More than 51 lines. The lines from here on were not read."


def test_no_harm_done_to_a_line_is_more_than_a_refusal(open_keys: Path) -> None:
    """Change, remove and insert random bytes, sealed and unsealed: each line is the signed result or refused."""
    chance, key = random.Random(11), installation_keys.results_key()
    workstations = {
        signing.public_key_id(signing.public_half(SECRET)): Workstation(public_key=signing.public_half(SECRET))
    }
    item = "b1a7f6ce-93f0-4c36-8a54-5d1a2d2f9e07"
    payload = {"kind": "result", "batch": item, "item": item, "seconds": 0, "available": {"outcome": "gone"}}
    payload["available"] = {"outcome": "gone", "at": "2026-11-25T12:00:00Z"}
    whole = signed(json.dumps(payload).encode()).encode()
    [right] = [read.content for read in read_results(sealed(whole.decode()), workstations, key)]
    assert right is not None
    reasons = Counter[str]()
    for number in range(2000):
        inner = harmed(whole, chance)
        outer = sealed(inner.decode("ascii", "replace")) if number % 2 else harmed(sealed(whole.decode()), chance)
        for read in read_results(outer, workstations, key):
            assert (read.content is None) == bool(read.reason)
            assert read.content in (None, right)
            reasons[read.reason] += 1
    assert reasons[""] < 60
    assert sum(reasons.values()) >= 2000


@pytest.mark.parametrize("content", [None, {}, {"line": 1}, {"line": ["a"]}, {"line": "a"}])
def test_what_seals_no_line_or_to_another_key_is_none(content: dict[str, Any] | None, open_keys: Path) -> None:
    key = installation_keys.results_key()
    to = sealing.generate_key("k") if content == {"line": "a"} else key
    value = None if content is None else sealing.seal_json(content, to=to.public(), info=sealing_info(Typ.RESULTS))
    with pytest.raises(signing.NoLine):
        unseal_line(b"A" if value is None else urlsafe_b64encode(value), key=key, typ=Typ.RESULTS)


def harmed(whole: bytes, chance: random.Random) -> bytes:
    line = bytearray(whole)
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(len(line))
        match chance.randrange(3):
            case 0:
                line[at] = chance.choice(b"ABCxyz019-_.=+/ \0\xff")
            case 1:
                del line[at : at + chance.randrange(1, 60)]
            case _:
                line[at:at] = chance.choice([b".", b"=", b"A", b"\0", b"{}", b"e30"])
    return bytes(line)

"""The isolated workstation's tool: from a workstation file to results that are taken in."""

import io
import stat
import subprocess
import sys
from base64 import b64decode
from contextlib import redirect_stderr, redirect_stdout
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.utils import timezone

from analysts.handoff import actions, signing
from analysts.handoff.actions import export_questions
from analysts.handoff.tests.test_handoff import also
from analysts.models import AvailabilityCheck, CheckOutcome, HostingTrace, TraceMethod, User
from analysts.tests.handing_off import result_lines
from countries.models import Portal
from reports import keys
from tests.rig.installation import ROOT
from workstation import handoff as tool


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def portal_key(open_keys: Path) -> str:
    return signing.as_text(signing.public_half(keys.handoff_key()))


def run(*given: Any, typed: str = "") -> tuple[int, str, str]:
    """Run it in this process: its exit code, what it printed, and its errors."""
    said, error = io.StringIO(), io.StringIO()
    with redirect_stdout(said), redirect_stderr(error), mock.patch("sys.stdin", io.StringIO(typed)):
        status = tool.main([*map(str, given)])
    return status, said.getvalue(), error.getvalue()


def run_elsewhere(*given: Any, typed: str = "") -> tuple[int, str, str]:
    """Run it as on a machine without the project: another folder, none of its settings."""
    done = subprocess.run(
        [sys.executable, "-I", ROOT / "workstation" / "handoff.py", *map(str, given)],
        input=typed,
        env={"PATH": "/usr/bin", "PYTHONIOENCODING": "utf-8"},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_round_trip(belize: Portal, ana: User, adam: User, now: datetime, portal_key: str, tmp_path: Path) -> None:
    status, public, _error = run_elsewhere("make-key", tmp_path / "key")
    assert (status, len(b64decode(public))) == (0, 32)
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    room = actions.register_workstation(by=adam, name="Room 2", public_key=signing.from_text(public))
    incidents = also(belize, ana, now, 3)
    exported = export_questions(by=ana, now=now)
    file = tmp_path / "questions.jsonl"
    file.write_bytes(exported.content)

    asked = ("--portal-key", portal_key)
    assert run("check", file, *asked) == (0, "Complete and valid: 3 questions.\n", "")
    listed = [line.split("\t") for line in run("list", file, *asked)[1].splitlines()]
    assert [line[:2] for line in listed] == [["1", "trace"], ["2", "trace"], ["3", "trace"]]
    assert {line[3] for line in listed} == {f"https://example.com/{each}" for each in range(3)}

    at = f"{now - timedelta(minutes=5):%Y-%m-%dT%H:%MZ}"
    rows = [f"1,{method},nl,Alpha Hosting,AS64496 Example Net,,{at}" for method in ("dns", "whois_address", "bgp")]
    rows += [f"{listed[1][2]},other,DE,Beta Hosting,,asked their staff,", "2,gone,,,,,"]
    (tmp_path / "answers.csv").write_text("\n".join([",".join(tool.COLUMNS), *rows]), encoding="utf-8-sig")
    signing_it = ("sign", tmp_path / "answers.csv", tmp_path / "back", "--key", tmp_path / "key", "--questions", file)
    assert run_elsewhere(*signing_it, *asked) == (0, "Signed: 2 of 3 questions answered.\n", "")

    came = actions.import_answers(by=ana, content=(tmp_path / "back").read_bytes())
    assert (result_lines(came), came.promised) == ([("taken", "")] * 2, 2)
    first = exported.handoff.items.get(pk=listed[0][2])
    assert (first.workstation, first.incident.chases.get().country) == (room, "NL")
    assert HostingTrace.objects.count() == 4
    assert AvailabilityCheck.objects.get().outcome == "gone"
    assert len(incidents) == 3


def test_answers_are_asked_for_and_written_down(
    belize: Portal, ana: User, now: datetime, portal_key: str, tmp_path: Path
) -> None:
    also(belize, ana, now, 2)
    file, out = tmp_path / "questions.jsonl", tmp_path / "answers.csv"
    file.write_bytes(export_questions(by=ana, now=now).content)
    # One method, another with the same place but for the network, a slip, whether it is there; the second is left out.
    typed = "dns\nNL\nAlpha Hosting\nAS64496\n\nbgp\n\n\nAS64497\n\nmagic\nonline\n\n\n"
    status, said, error = run("ask", out, "--questions", file, "--portal-key", portal_key, typed=typed)
    assert (status, error) == (0, "")
    assert "Not saved: 'magic' is not one of" in said
    rows = [line.rpartition(",")[0] for line in out.read_text().splitlines()[1:]]
    assert rows == [
        "1,dns,NL,Alpha Hosting,AS64496,",
        "1,bgp,NL,Alpha Hosting,AS64497,",
        "1,online,,,,",
    ]


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        ("tampered", "line 2: the signature is invalid: the line was changed after it was signed"),
        ("cut", "2 questions were sent, but 1 are in the file, or their order was changed"),
        ("turned", "2 questions were sent, but 2 are in the file, or their order was changed"),
        ("beheaded", "the first line, with the number of questions, is missing"),
        ("torn", "line 3: damaged or cut short"),
        ("stranger", "line 1: signed with another key, or a line of another kind of file"),
        ("typo", "the hotline's key is 44 characters ending in =, as the staff site shows it"),
    ],
)
def test_file_that_is_not_whole_is_no_file_to_work_with(
    belize: Portal, ana: User, now: datetime, portal_key: str, tmp_path: Path, harm: str, says: str
) -> None:
    also(belize, ana, now, 2)
    head, first, second = export_questions(by=ana, now=now).content.decode().splitlines()
    lines, key = [head, first, second], portal_key
    match harm:
        case "tampered":
            lines[1] = ".".join([*first.split(".")[:1], second.split(".")[1], first.split(".")[2]])
        case "cut":
            lines = lines[:2]
        case "turned":
            lines = [head, second, first]
        case "beheaded":
            lines = lines[1:]
        case "torn":
            lines[2] = second.rpartition(".")[0]
        case "stranger":
            key = signing.as_text(signing.public_half(bytes(32)))
        case _:
            key = portal_key[:-3]
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(lines))
    status, said, error = run("check", file, "--portal-key", key)
    assert (status, said, error) == (1, "", f"handoff.py: {says}\n")


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("9,dns,NL,Alpha,,,", "no question has the number or id '9'"),
        ("1,magic,NL,Alpha,,,", "'magic' is not one of online, gone, unclear, dns"),
        ("1,dns,Holland,Alpha,,,", "'Holland' is not a two-letter country code such as NL"),
        ("1,dns,NL,,,,", "the provider is missing"),
        ("1,other,NL,Alpha,,,", "specify the other method in the note"),
        ("1,gone,,,,,noon", "'noon' is not a time such as 2026-11-25T12:00Z"),
        ("1,gone,,,,,2026-11-25T12:00", "has no time zone: add Z for UTC, or an offset such as +01:00"),
        ("1,gone,,,,,\n1,online,,,,,", "line 3: the availability is given twice"),
        ("1,dns,NL,Alpha,,,\n1,dns,NL,Alpha,,,", "line 3: dns is given twice"),
    ],
)
def test_slip_in_the_answers_is_named_before_anything_is_signed(
    belize: Portal, ana: User, now: datetime, portal_key: str, tmp_path: Path, row: str, says: str
) -> None:
    also(belize, ana, now)
    (tmp_path / "q").write_bytes(export_questions(by=ana, now=now).content)
    (tmp_path / "a").write_text(f"{','.join(tool.COLUMNS)}\n{row}\n")
    run("make-key", tmp_path / "key")
    asked = ("--questions", tmp_path / "q", "--portal-key", portal_key)
    status, _said, error = run("sign", tmp_path / "a", tmp_path / "out", "--key", tmp_path / "key", *asked)
    assert status == 1
    assert says in error
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("1,dns,NL,Société,,,".encode("cp1252"), "line 3: not written in UTF-8; save the table as CSV UTF-8"),
        ("1,dns,NL,Alpha,,,".encode("utf-16"), "line 3: not written in UTF-8; save the table as CSV UTF-8"),
        (b"1,dns,NL,Al\0pha,,,", "line 3: contains a NUL character; type the line again"),
        (b"1,dns,NL," + b"x" * 200_000, "line 3: field larger than field limit (131072)"),
    ],
    ids=["cp1252", "utf-16", "nul", "huge"],
)
def test_table_that_cannot_be_read_says_in_which_line(
    belize: Portal, ana: User, now: datetime, portal_key: str, tmp_path: Path, row: bytes, says: str
) -> None:
    also(belize, ana, now)
    (tmp_path / "q").write_bytes(export_questions(by=ana, now=now).content)
    # As a spreadsheet writes it, with a mark before.
    head = f"{','.join(tool.COLUMNS)}\r\n1,gone,,,,,\r\n".encode("utf-8-sig")
    (tmp_path / "a").write_bytes(head + row + b"\r\n")
    run("make-key", tmp_path / "key")
    asked = ("--questions", tmp_path / "q", "--portal-key", portal_key)
    done = run("sign", tmp_path / "a", tmp_path / "out", "--key", tmp_path / "key", *asked)
    assert done == (1, "", f"handoff.py: {says}\n")
    assert not (tmp_path / "out").exists()


def test_key_is_never_written_over(tmp_path: Path) -> None:
    run("make-key", tmp_path / "key")
    before = (tmp_path / "key").read_text()
    assert run("make-key", tmp_path / "key")[0] == 1
    assert (tmp_path / "key").read_text() == before


def test_tool_knows_the_same_words_as_the_installation() -> None:
    assert tuple(TraceMethod.values) == tool.METHODS
    assert tuple(CheckOutcome.values) == tool.OUTCOMES

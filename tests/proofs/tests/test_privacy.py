"""The canary's own parts: spellings are found, whole or cut off; nothing else is; statements cannot be changed."""

import base64
import bz2
import gzip
import hashlib
import html
import json
import lzma
import quopri
import secrets
import subprocess
import sys
import urllib.parse
import zlib
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path

import brotli
import pytest
from django.conf import settings

from reports import receipts
from tests.proofs import privacy, privacy_statement
from tests.proofs.privacy import outside, times
from tests.proofs.privacy.markers import SEED_ADDRESS, Markers
from tests.proofs.privacy.search import PART, Control, Hit, Search
from tests.proofs.privacy.spellings import SPELLINGS
from tests.proofs.privacy.statement import NotGenuine, sign_statement, signing_key, verify_statement

TYPED = "what a reporter typed"

# Spellings made by programs independent of this search.
WRITTEN: dict[str, Callable[[str], bytes]] = {
    "plain": str.encode,
    "capitals": lambda text: text.upper().encode(),
    "UTF-16 big-endian": lambda text: text.encode("utf-16-be"),
    "UTF-16 little-endian": lambda text: text.encode("utf-16"),
    "UTF-32": lambda text: text.encode("utf-32"),
    "base64": lambda text: base64.b64encode(text.encode()),
    "base64, one later": lambda text: base64.b64encode(f"x{text}".encode()),
    "base64, two later": lambda text: base64.b64encode(f"xy{text}y".encode()),
    "base64 of UTF-16": lambda text: base64.b64encode(text.encode("utf-16")),
    "base32": lambda text: base64.b32encode(f"xyz{text}".encode()),
    "hexadecimal": lambda text: text.encode().hex().encode(),
    "hexadecimal, spaced": lambda text: text.encode().hex(":").encode(),
    "JSON escapes": lambda text: "".join(f"\\u{ord(letter):04X}" for letter in text).encode(),
    "percent-encoding": lambda text: "".join(f"%{ord(letter):02X}" for letter in text).encode(),
    "HTML entities": lambda text: "".join(f"&#{ord(letter)};" for letter in text).encode(),
    "HTML in JSON": lambda text: json.dumps(html.escape(f"<{text}>")).encode(),
    "quoted-printable": lambda text: quopri.encodestring(f"é={text}".encode()),
    "a query": lambda text: urllib.parse.urlencode({"é": text}).encode(),
    "reversed": lambda text: text[::-1].encode(),
    "gzip": lambda text: b"before" + gzip.compress(text.encode()),
    "zlib in base64": lambda text: b'{"a": "' + base64.urlsafe_b64encode(zlib.compress(text.encode() * 9)) + b'"}',
    "gzip in zlib": lambda text: zlib.compress(gzip.compress(text.encode())),
    "bzip2": lambda text: b"x" + bz2.compress(text.encode()),
    "xz": lambda text: lzma.compress(text.encode()),
}


@pytest.fixture
def markers() -> Markers:
    markers = Markers()
    markers.of(TYPED)
    return markers


def found(markers: Markers, data: bytes, place: str = "here") -> set[str]:
    """The search's findings in `data`, among random bytes."""
    search = Search(markers)
    search.look(place, secrets.token_bytes(1001) + data + secrets.token_bytes(1001))
    return {hit.marker for hit in search.hits}


@pytest.mark.parametrize("name", WRITTEN)
def test_marker_is_found_however_it_is_written(markers: Markers, name: str) -> None:
    assert found(markers, WRITTEN[name](markers.of(TYPED))) == {TYPED}


def test_compressed_page_is_found_by_its_name(markers: Markers) -> None:
    search = Search(markers)
    search.look("static/page.html.br", brotli.compress(markers.of(TYPED).encode()))
    assert Hit("static/page.html.br > brotli", TYPED, "plain") in search.hits


@pytest.mark.parametrize("place", range(8))
def test_marker_is_found_wherever_it_lies(markers: Markers, place: int) -> None:
    """The search reads four bytes at a time, in blocks: tried at each offset, and across a block's end."""
    search = Search(markers)
    search.look("here", bytes(2**18 - 12 + place) + markers.of(TYPED).encode() + bytes(50))
    assert set(search.hits) == {Hit("here", TYPED, "plain")}


def test_marker_across_two_chunks_of_a_file_is_found(
    markers: Markers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.proofs.privacy.search.CHUNK", 10_000)
    path = tmp_path / "file"
    path.write_bytes(secrets.token_bytes(9_990) + markers.of(TYPED).encode() + bytes(20_000))
    search = Search(markers)
    search.look_at_file(path, "file")
    # The first chunk ends within it and shows a part.
    assert Hit("file", TYPED, "plain") in search.hits


def test_marker_cut_off_at_either_end_is_found(markers: Markers) -> None:
    marker = markers.of(TYPED)
    assert found(markers, marker[3:].encode()) == {PART}
    assert found(markers, marker[:-3].encode()) == {PART}


def test_address_is_found_however_it_is_written(markers: Markers) -> None:
    address = ip_address(markers.peer(0))
    mapped = ip_address(f"::ffff:{address}")
    spellings = [
        str(address).encode(),
        f"::ffff:{address}".encode(),
        str(mapped).encode(),
        mapped.packed,
        address.reverse_pointer.encode(),
        str(address).replace(".", "-").encode(),
        b"\x02\x20" + address.packed,
        f" {int(address)} ".encode(),
        b"\\x" + address.packed.hex().encode() + b"\t",
        base64.b64encode(f"ip={address}".encode()),
        hashlib.sha256(str(address).encode()).digest(),
        hashlib.sha1(str(address).encode(), usedforsecurity=False).hexdigest().encode(),
    ]
    assert [spelling for spelling in spellings if not found(markers, spelling)] == []


def test_number_within_another_is_no_address(markers: Markers) -> None:
    address = ip_address(markers.peer(0))
    assert found(markers, f"1{int(address)}".encode()) == set()
    assert found(markers, f"{address.packed.hex()}-8a6b-4c1d-9e2f-000000000000".encode()) == set()


def test_receipt_and_what_follows_from_it_is_found(markers: Markers) -> None:
    nonce = secrets.token_bytes(receipts.NONCE_BYTES)
    code = receipts.code_from_nonce(nonce)
    markers.remember_receipt("a report", code=code, nonce=nonce)
    credentials = receipts.derive_credentials(code)
    for data in (
        code.encode(),
        code.lower().encode(),
        receipts.format_code(code).encode(),
        nonce,
        nonce.hex().encode(),
        credentials.digest_key,
        credentials.mailbox.raw.hex().encode(),
    ):
        assert found(markers, data), data


def test_planted_leak_is_distinguished_from_a_real_leak(markers: Markers) -> None:
    seed = markers.of("seed: row")
    markers.of(TYPED)
    assert found(markers, seed.encode()) == {"seed: row"}
    # Also where only a part of it is left.
    assert found(markers, seed[4:].encode()) == {f"seed: {PART}"}
    assert found(markers, markers.seed_peer.encode()) == {SEED_ADDRESS}


def test_bytes_that_mean_nothing_hold_nothing(markers: Markers) -> None:
    assert found(markers, secrets.token_bytes(200_000) + bytes(200_000)) == set()


def test_control_is_found_in_its_place_only(markers: Markers) -> None:
    search = Search(
        markers, [Control("a log", "logs/*.log", b"known words"), Control("mail", "mail/*", b"known words")]
    )
    search.look("logs/a.log", b"some known words")
    assert [control.found for control in search.controls] == [True, False]


def test_there_are_enough_spellings_and_markers(markers: Markers) -> None:
    assert len(SPELLINGS) >= 10
    assert len(markers.identity) >= 25
    assert len(set(markers.named.values())) == len(markers.named)


def test_statement_is_genuine_until_it_is_changed(tmp_path: Path) -> None:
    key = signing_key(tmp_path / "key")
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0
    assert signing_key(tmp_path / "key").private_bytes_raw() == key.private_bytes_raw()
    signed = sign_statement({"holds": False, "hits": [{"place": "é"}]}, key)
    mine = key.public_key().public_bytes_raw().hex()
    assert verify_statement(json.dumps(signed, indent=4), public_key=mine) == signed["statement"]

    with pytest.raises(NotGenuine, match="not the one that was signed"):
        verify_statement(json.dumps({**signed, "statement": {**signed["statement"], "holds": True}}))
    with pytest.raises(NotGenuine, match="another key"):
        verify_statement(
            json.dumps(sign_statement(signed["statement"], signing_key(tmp_path / "other"))), public_key=mine
        )
    for nothing in ("", "[]", "{}", '{"statement": 1, "public_key": "00", "signature": "zz"}'):
        with pytest.raises(NotGenuine, match="no signed statement"):
            verify_statement(nothing)


@pytest.fixture
def leaky(markers: Markers) -> privacy.Findings:
    """The findings of a run where one log holds a reporter's text."""
    search = Search(markers)
    search.look("logs/public.log", markers.of(TYPED).encode())
    return privacy.Findings(search, markers, kinds=100)


def test_leak_fails_the_command_and_is_named_but_never_shown(
    leaky: privacy.Findings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(privacy, "examine", lambda folder, full: leaky)
    with pytest.raises(SystemExit) as ended:
        privacy_statement.main(["--key", str(tmp_path / "key")])
    assert ended.value.code == 1
    printed = capsys.readouterr()
    statement = verify_statement(printed.out)
    assert statement["holds"] is False
    assert statement["hits"] == [{"place": "logs/public.log", "marker": TYPED, "spelling": "plain"}]
    assert f"found: {TYPED} (plain) in logs/public.log" in printed.err
    assert leaky.markers.core not in printed.out + printed.err


def test_times_finer_than_the_hour_are_seen_in_logs(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "postgres").mkdir()
    (tmp_path / "logs" / "public.log").write_text("2026-11-24T18:00 ERROR\n2026-11-24T18:31 ERROR\nat 18:00:07\n")
    (tmp_path / "logs" / "worker.log").write_text("began 1795545469 ago, pid 12345, line:481, took 00:00\n")
    (tmp_path / "postgres" / "log").write_text("1 LOG:  database system was shut down at 2026-11-24 18:31:05 UTC\n")
    assert times.lines_with_times(tmp_path) == ["logs/public.log:2", "logs/public.log:3", "logs/worker.log:1"]


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="only Linux shows which files a process holds open")
def test_file_that_a_process_writes_elsewhere_is_seen(tmp_path: Path) -> None:
    """Also when it has no name any more."""
    inside, elsewhere = tmp_path / "inside", tmp_path / "elsewhere"
    inside.mkdir()
    code = f"""
import os, sys
kept = open({str(elsewhere)!r}, "w")
removed = open({str(elsewhere)!r} + "-removed", "w+")
removed.write("what was typed"); removed.flush(); os.unlink(removed.name)
own = open({str(inside / "own")!r}, "w")
print("ready", flush=True); sys.stdin.read()
"""
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code], stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL) as process:
        assert process.stdout
        process.stdout.readline()
        watch = outside.FileWatch((inside,), lambda: [process.pid])
        watch.look()
        process.communicate()
    assert watch.written == {str(elsewhere): b"", f"{elsewhere}-removed (deleted)": b"what was typed"}


def test_command_checks_a_statement_and_starts_nothing(tmp_path: Path) -> None:
    """In a folder of its own: neither the demo's server nor anything else appears in it."""
    path = tmp_path / "statement.json"
    signed = sign_statement({"holds": True, "commit": "abc", "at": "2026-11-24T18:00Z"}, signing_key(tmp_path / "key"))
    data = tmp_path / "data"

    def check(text: str) -> subprocess.CompletedProcess[str]:
        path.write_text(text)
        return subprocess.run(
            [sys.executable, "-m", "tests.proofs.privacy_statement", "--verify", str(path)],
            cwd=settings.BASE_DIR,
            env={"PATH": "", "DATA_DIR": str(data)},
            capture_output=True,
            text=True,
            check=False,
        )

    done = check(json.dumps(signed))
    assert (done.returncode, done.stdout) == (0, "Genuine: commit abc, 2026-11-24T18:00Z. It holds.\n")
    assert not data.exists()
    assert check(json.dumps(signed).replace("abc", "abd")).returncode == 1

"""Dependencies are pinned, listed and compatibly licensed; a failed audit never passes as a successful one."""

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from portal_site.environment import PROJECT
from supply import audit, bill, licences
from supply.pins import DEMO, EVERYTHING, RUNTIME, read_pins

DIGEST = "0" * 64
LOCK = f"""
# Two parts, one of them for another system.
sqlparse==0.6.1 \\
    --hash=sha256:{DIGEST}
    # via django
colorama==0.4.6 ; sys_platform == 'win32' \\
    --hash=sha256:{DIGEST}
"""


# --- Pins ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lock", [RUNTIME, DEMO, EVERYTHING], ids=lambda path: path.name)
def test_every_requirement_is_pinned_with_hashes(lock: Path) -> None:
    # Raises for a line that is not.
    names = [pin.name for pin in read_pins(lock)]

    assert len(names) == len(set(names)) > 20


@pytest.mark.parametrize("lock", [RUNTIME, DEMO], ids=lambda path: path.name)
def test_what_runs_is_what_was_tested(lock: Path) -> None:
    everything = {pin.name: pin for pin in read_pins(EVERYTHING)}

    assert [pin.name for pin in read_pins(lock) if everything[pin.name].version != pin.version] == []


@pytest.mark.parametrize(
    "line",
    [
        "sqlparse==0.6.1",
        "sqlparse>=0.6.1 --hash=sha256:" + DIGEST,
        "sqlparse --hash=sha256:" + DIGEST,
        "sqlparse==0.6.1 --hash=md5:" + DIGEST,
        "sqlparse @ file:///somewhere --hash=sha256:" + DIGEST,
        "--index-url https://packages.example.org/",
        "-r others.txt",
    ],
)
def test_line_that_pins_nothing_is_refused(tmp_path: Path, line: str) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text(f"{LOCK}{line}\n")

    with pytest.raises(ValueError, match="not pinned to a version and hashes"):
        read_pins(lock)


# The installer's own configuration decides where files come from: an index, a mirror, a folder.
INSTALLS = [
    "Makefile",
    "Dockerfile",
    "compose.yaml",
    "pyproject.toml",
    ".ci/run",
    "requirements.txt",
    "requirements-demo.txt",
    "requirements-dev.txt",
]


@pytest.mark.parametrize("name", INSTALLS)
def test_nothing_that_installs_names_an_address(name: str) -> None:
    named = re.findall(r"\w+://[\w.-]+", (PROJECT / name).read_text())

    assert {address for address in named if not address.startswith(("postgres://", "http://127.0.0.1"))} == set()


# --- Licences and the bill of materials ------------------------------------------------------------


def test_licences_are_those_of_what_is_installed() -> None:
    assert licences.DOCUMENT.read_text() == licences.render_document(), "Run: make sbom"


def test_unreviewed_licence_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(licences, "PERMISSIVE", licences.PERMISSIVE - {"MIT-0"})

    with pytest.raises(licences.Unknown, match="cffi is under 'MIT-0'"):
        licences.render_document()


@pytest.fixture(scope="module")
def made() -> str:
    return bill.build_bill()


def test_bill_is_valid_and_lists_what_is_pinned(made: str) -> None:
    # Loaded here, because it takes seconds, which every run of any test would wait for.
    from cyclonedx.schema import SchemaVersion  # noqa: PLC0415 - see above
    from cyclonedx.validation.json import JsonStrictValidator  # noqa: PLC0415 - the same

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(made) is None
    parts = json.loads(made)["components"]
    needed = {pin.name: pin for pin in read_pins(RUNTIME) if pin.needed_here}
    assert {part["purl"] for part in parts} == {f"pkg:pypi/{name}@{pin.version}" for name, pin in needed.items()}
    assert [part["name"] for part in parts if not part["licenses"] or not part["hashes"]] == []


def test_bill_holds_no_address_and_no_path(made: str) -> None:
    assert set(re.findall(r"\w+://[\w.-]+", made)) == {"http://cyclonedx.org"}  # the name of its schema
    assert str(PROJECT) not in made
    assert sys.prefix not in made


def test_bill_is_the_same_twice(made: str) -> None:
    assert bill.build_bill() == made


# --- The audit: against a server on loopback that knows flaws --------------------------------------


@contextmanager
def service(flaw: dict[str, Any] | None, *, status: int = 200) -> Iterator[str]:
    """The address of a server that answers like a database of known flaws (OSV). `flaw`: one of sqlparse."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            known = flaw is not None and asked["package"]["name"] == "sqlparse"
            body = json.dumps({"vulns": [flaw]} if known else {}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


FLAW = {
    "id": "EXAMPLE-1",
    "modified": "2026-11-24T00:00:00Z",
    "affected": [
        {
            "package": {"name": "sqlparse", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "0.6.2"}]}],
        }
    ],
}


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / "requirements.txt"
    path.write_text(LOCK)
    return path


def test_audit_counts_what_it_asked_about(lock: Path) -> None:
    with service(None) as address:
        assert audit.find_flaws(lock, ["-s", "osv", "--osv-url", address]) == (1, [])


def test_audit_names_a_known_flaw_and_what_mends_it(lock: Path) -> None:
    with service(FLAW) as address:
        audited, found = audit.find_flaws(lock, ["-s", "osv", "--osv-url", address])

    assert (audited, found) == (1, ["sqlparse 0.6.1: EXAMPLE-1, mended in 0.6.2"])


def test_audit_of_nothing_is_no_audit(lock: Path) -> None:
    with service(None, status=503) as address, pytest.raises(audit.NotAudited, match="nothing was audited"):
        audit.find_flaws(lock, ["-s", "osv", "--osv-url", address])


def test_package_that_was_not_asked_about_fails_the_audit(lock: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(*args: Any, **kwargs: Any) -> subprocess.CompletedProcess[str]:
        skipped = {"dependencies": [{"name": "sqlparse", "skip_reason": "not found"}]}
        return subprocess.CompletedProcess([], 0, json.dumps(skipped), "")

    monkeypatch.setattr(subprocess, "run", answer)
    with pytest.raises(audit.NotAudited, match="not audited: sqlparse"):
        audit.find_flaws(lock)


def test_audit_without_internet_fails_loudly() -> None:
    """Run as by `make audit`, with every connection refused."""
    closed = {f"{scheme}_PROXY": "http://127.0.0.1:9" for scheme in ("HTTP", "HTTPS", "ALL")}
    done = subprocess.run(
        [sys.executable, "-m", "supply.audit", "--timeout", "3"],
        cwd=PROJECT,
        env={"PATH": "/usr/bin:/bin", "XDG_RUNTIME_DIR": "/nonexistent", "XDG_CACHE_HOME": "/nonexistent", **closed},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == audit.NOT_AUDITED
    assert done.stdout == ""
    said = done.stderr.splitlines()
    assert [line[: line.index(" the internet")] for line in said] == [
        f"AUDIT FAILED. {name}: nothing was audited;" for name in ("requirements.txt", "requirements-dev.txt")
    ]

"""deploy/nginx/members.conf and sources.conf under a real web server: which paths the systems of other organisations
reach, and how many requests at once."""

import http.client
import json
import os
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Event, Thread
from typing import Any

import pytest

from tests.proofs import certificates, web_server
from tests.proofs.ports import free_port, is_listening

KEY = "a-key-of-a-test"


@dataclass(frozen=True, slots=True)
class Door:
    """One of the two files, with its host and certificate.

    Attributes:
        path: one that passes; `closed` are others that do not.
        sent: headers that pass.
        refusal: Retry-After and type of the answer to one request too many.
    """

    name: str
    host: str
    certificate: str
    path: str
    closed: tuple[str, ...]
    sent: Mapping[str, str]
    at_once: int
    refusal: tuple[str, str]


CLOSED = ("/", "/admin/", "/accounts/login/", "/api/../admin/", "/api/%2e%2e/admin/", "/static/x.css", "/apis/")
KEPT = {"authorization": f"Bearer {KEY}", "connection": "close", "x-forwarded-proto": "https"}
DOORS = (
    Door(
        name="members",
        host="list.example.org",
        certificate="list",
        path="/api/url-list/changes?since=1",
        closed=CLOSED,
        sent={"if-none-match": '"1-hashes-json"', "accept-encoding": "identity"},
        at_once=6,
        refusal=("60", "application/json"),
    ),
    Door(
        name="sources",
        host="partners.example.org",
        certificate="partners",
        path="/api/v1/reports",
        closed=(*CLOSED, "/bz/en/", "/api/url-list/", "/api/v1/../url-list/", "/health/ready/"),
        sent={"idempotency-key": "request-1", "content-type": "application/json"},
        at_once=8,
        refusal=("10", "application/problem+json"),
    ),
)


@dataclass
class Surface:
    """Replaces the surface behind: it records its requests, and holds its answers back until `go` is set."""

    asked: Queue[tuple[str, dict[str, str]]] = field(default_factory=Queue)
    go: Event = field(default_factory=Event)


@pytest.fixture
def surface() -> Iterator[Surface]:
    surface = Surface()
    surface.go.set()
    yield surface
    surface.go.set()


@pytest.fixture(params=DOORS, ids=lambda door: door.name)
def door(request: pytest.FixtureRequest) -> Door:
    row: Door = request.param
    return row


@pytest.fixture
def port(surface: Surface, door: Door, tmp_path: Path) -> Iterator[int]:
    """The shipped nginx with the include from the guide of this door; the port that its systems reach."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            surface.asked.put((self.path, {name.lower(): value for name, value in self.headers.items()}))
            assert surface.go.wait(60)
            self.send_response(429 if self.path.endswith("too-often") else 200)
            self.send_header("Retry-After", "1234")
            self.end_headers()

        do_POST = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            """Log nothing."""

    behind = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=behind.serve_forever, daemon=True).start()
    folder, listens = tmp_path / "nginx", free_port()
    certificates.make_certificates(tmp_path / "tls", [door.host])
    for suffix in ("crt", "key"):
        (tmp_path / "tls" / f"{door.certificate}.{suffix}").write_bytes(
            (tmp_path / "tls" / f"staff.{suffix}").read_bytes()
        )
    folder.mkdir()
    place = f"server 127.0.0.1:{behind.server_port}"
    for name in ("nginx.conf", f"{door.name}.conf", f"pass-{door.name}.conf", "pass-public.conf", "pages.conf"):
        text = (web_server.SHIPPED / name).read_text()
        for shipped, here in {
            "user www-data;\n": "user root;\n" if os.geteuid() == 0 else "",
            "    include /etc/nginx/portals/public.conf;\n": "",
            # Only the upstream of staff.conf.
            "    include /etc/nginx/portals/staff.conf;\n": f"    upstream portals_staff {{ {place}; }}\n"
            f"    include {folder}/{door.name}.conf;\n",
            "server unix:/run/portals-sources/gunicorn.sock": place,
            "/etc/nginx/portals": str(folder),
            "/run/portals-nginx": str(tmp_path),
            "/run/nginx.pid": str(tmp_path / "nginx.pid"),
            "/etc/portals/tls": str(tmp_path / "tls"),
            "    listen [::]:443 ssl;\n": "",
            "listen 443 ssl;": f"listen 127.0.0.1:{listens} ssl;",
        }.items():
            text = text.replace(shipped, here)
        (folder / name).write_text(text)
    command = [
        web_server.find_nginx(),
        "-e",
        "stderr",
        "-p",
        str(tmp_path),
        "-c",
        str(folder / "nginx.conf"),
        "-g",
        "daemon off;",
    ]
    with (tmp_path / "said").open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said)
    try:
        while not is_listening(("127.0.0.1", listens)):
            assert process.poll() is None, (tmp_path / "said").read_text()
        yield listens
    finally:
        process.terminate()
        process.wait(30)
        behind.shutdown()
        behind.server_close()


@dataclass
class Asked:
    connection: http.client.HTTPSConnection

    def answer(self) -> tuple[int, http.client.HTTPMessage, bytes]:
        with closing(self.connection), self.connection.getresponse() as answer:
            return answer.status, answer.headers, answer.read()


def ask(
    port: int, path: str, tmp_path: Path, door: Door, headers: Mapping[str, str] | None = None, method: str = "GET"
) -> Asked:
    """Send a request; `answer` waits for its response."""
    trusted = ssl.create_default_context(cafile=str(certificates.authority_path(tmp_path / "tls")))
    connection = http.client.HTTPSConnection("localhost", port, context=trusted, timeout=60)
    body = b"{}" if method == "POST" else None
    connection.request(method, path, body, headers={"Host": door.host, **(headers or {})})
    return Asked(connection)


def test_systems_reach_their_paths_and_no_others(port: int, surface: Surface, door: Door, tmp_path: Path) -> None:
    for path in door.closed:
        assert ask(port, path, tmp_path, door).answer()[0] == 404, path
    assert surface.asked.empty()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_key_passes_and_nothing_about_the_visitor_does(
    port: int, surface: Surface, door: Door, tmp_path: Path, method: str
) -> None:
    sent = {"Authorization": f"Bearer {KEY}", **door.sent}
    about = {"Cookie": "session=1", "User-Agent": "a", "X-Forwarded-For": "192.0.2.7", "Referer": "https://a.invalid/"}
    assert ask(port, door.path, tmp_path, door, {**sent, **about}, method).answer()[0] == 200
    path, headers = surface.asked.get(timeout=30)
    assert path == door.path
    length = {"content-length": "2"} if method == "POST" else {}
    assert headers == {"host": door.host, **KEPT, **door.sent, **length}
    # The key is nowhere but in memory.
    written = [file for file in tmp_path.rglob("*") if file.is_file() and KEY.encode() in file.read_bytes()]
    assert written == []


def test_systems_together_leave_others_their_threads(port: int, surface: Surface, door: Door, tmp_path: Path) -> None:
    surface.go.clear()
    waiting = []
    for number in range(door.at_once):
        waiting.append(ask(port, f"{door.path}&{number}", tmp_path, door))
        surface.asked.get(timeout=30)
    status, headers, said = ask(port, door.path, tmp_path, door).answer()
    surface.go.set()
    assert (status, (headers["Retry-After"], headers["Content-Type"])) == (429, door.refusal)
    assert json.loads(said)
    assert [each.answer()[0] for each in waiting] == [200] * door.at_once
    assert surface.asked.empty()


def test_refusal_of_the_surface_itself_comes_through_as_it_is(port: int, door: Door, tmp_path: Path) -> None:
    status, headers, _said = ask(port, f"{door.path}/too-often", tmp_path, door).answer()
    assert (status, headers["Retry-After"]) == (429, "1234")

"""deploy/nginx/members.conf under a real web server: which paths members reach, and how many requests at once."""

import http.client
import json
import os
import ssl
import subprocess
from collections.abc import Iterator
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

NAME = "list.example.org"
KEY = "urll_a-key-of-a-test"
AT_ONCE = 6


@dataclass
class Surface:
    """Replaces the staff surface: it records its requests, and holds its answers back until `go` is set."""

    asked: Queue[tuple[str, dict[str, str]]] = field(default_factory=Queue)
    go: Event = field(default_factory=Event)


@pytest.fixture
def surface() -> Iterator[Surface]:
    found = Surface()
    found.go.set()
    yield found
    found.go.set()


@pytest.fixture
def port(surface: Surface, tmp_path: Path) -> Iterator[int]:
    """The shipped nginx with the include from docs/guides/url-list.md; the port that members reach."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            surface.asked.put((self.path, {name.lower(): value for name, value in self.headers.items()}))
            assert surface.go.wait(60)
            self.send_response(429 if self.path == "/api/too-often" else 200)
            self.send_header("Retry-After", "1234")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Log nothing."""

    behind = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=behind.serve_forever, daemon=True).start()
    folder, listens = tmp_path / "nginx", free_port()
    certificates.make_certificates(tmp_path / "tls", [NAME])
    for suffix in ("crt", "key"):
        (tmp_path / "tls" / f"list.{suffix}").write_bytes((tmp_path / "tls" / f"staff.{suffix}").read_bytes())
    folder.mkdir()
    for name in ("nginx.conf", "members.conf", "pass-members.conf", "pass-public.conf", "pages.conf"):
        text = (web_server.SHIPPED / name).read_text()
        for shipped, here in {
            "user www-data;\n": "user root;\n" if os.geteuid() == 0 else "",
            "    include /etc/nginx/portals/public.conf;\n": "",
            # Only the upstream of staff.conf.
            "    include /etc/nginx/portals/staff.conf;\n": "    upstream portals_staff { server 127.0.0.1:"
            f"{behind.server_port}; }}\n    include {folder}/members.conf;\n",
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


def ask(port: int, path: str, tmp_path: Path, **headers: str) -> Asked:
    """Send a request; `answer` waits for its response."""
    trusted = ssl.create_default_context(cafile=str(certificates.authority_path(tmp_path / "tls")))
    connection = http.client.HTTPSConnection("localhost", port, context=trusted, timeout=60)
    connection.request("GET", path, headers={"Host": NAME, **headers})
    return Asked(connection)


def test_members_reach_the_list_and_nothing_else_of_the_staff_surface(
    port: int, surface: Surface, tmp_path: Path
) -> None:
    for path in ("/", "/admin/", "/accounts/login/", "/api/../admin/", "/api/%2e%2e/admin/", "/static/x.css", "/apis/"):
        assert ask(port, path, tmp_path).answer()[0] == 404, path
    assert surface.asked.empty()


def test_key_reaches_the_list_and_nothing_about_the_visitor_does(port: int, surface: Surface, tmp_path: Path) -> None:
    sent = {"Authorization": f"Bearer {KEY}", "If-None-Match": '"1-hashes-json"'}
    about = {"Cookie": "session=1", "User-Agent": "a", "X-Forwarded-For": "192.0.2.7", "Referer": "https://a.invalid/"}
    assert ask(port, "/api/url-list/changes?since=1", tmp_path, **sent, **about).answer()[0] == 200
    path, headers = surface.asked.get(timeout=30)
    assert path == "/api/url-list/changes?since=1"
    assert headers == {
        "host": NAME,
        "connection": "close",
        "authorization": f"Bearer {KEY}",
        "if-none-match": '"1-hashes-json"',
        "accept-encoding": "identity",
        "x-forwarded-proto": "https",
    }
    # The key is nowhere but in memory.
    written = [file for file in tmp_path.rglob("*") if file.is_file() and KEY.encode() in file.read_bytes()]
    assert written == []


def test_members_together_leave_staff_their_threads(port: int, surface: Surface, tmp_path: Path) -> None:
    surface.go.clear()
    waiting = []
    for number in range(AT_ONCE):
        waiting.append(ask(port, f"/api/url-list/?{number}", tmp_path))
        surface.asked.get(timeout=30)
    status, headers, said = ask(port, "/api/url-list/", tmp_path).answer()
    surface.go.set()
    assert (status, headers["Retry-After"], headers["Content-Type"]) == (429, "60", "application/json")
    assert set(json.loads(said)) == {"detail"}
    assert [each.answer()[0] for each in waiting] == [200] * AT_ONCE
    assert surface.asked.empty()


def test_refusal_of_the_list_itself_comes_through_as_it_is(port: int, tmp_path: Path) -> None:
    status, headers, _said = ask(port, "/api/too-often", tmp_path).answer()
    assert (status, headers["Retry-After"]) == (429, "1234")

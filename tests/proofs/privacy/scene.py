"""The context of all kinds of request: the running stack, the markers, and data that earlier kinds leave for others."""

import http.client
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import LiteralString
from uuid import UUID

import psycopg
from psycopg import sql

from portal_site.database import embedded, roles
from reports import notice_links, receipts, sealing
from tests.proofs.privacy import routes
from tests.proofs.privacy.markers import Markers
from tests.proofs.privacy.notifications import NotificationQueue
from tests.proofs.privacy.routes import RoutePath
from tests.proofs.stack import HOSTS, Stack
from tests.proofs.visitor import HttpVisitor, Page

# Seconds: answers of a raw connection are read to their end, but no longer than this.
PATIENCE_SECONDS = 10
GONE = "no answer"
HOMES = """
SELECT min(slug), language FROM countries_portal JOIN countries_portaltext AS text ON portal_id = countries_portal.id
WHERE state = 'live' GROUP BY language ORDER BY language
"""
# Until a worker that was disturbed looks for jobs again and has done one: one that ends is started again first.
JOB_SECONDS = 180
DEFER = """
INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('default', %s, '{"timestamp": 0}') RETURNING id
"""
UNFINISHED = "SELECT task_name FROM procrastinate_jobs WHERE id = ANY(%s)"


type SqlStatement = LiteralString | sql.Composed


@dataclass(frozen=True, slots=True)
class StoredReport:
    """A stored report: its receipt's code as shown, and the form it came from."""

    code: str
    token: str

    @property
    def receipt_id(self) -> UUID:
        return receipts.derive_credentials(receipts.parse_code(self.code)).receipt_id


@dataclass
class Scene:
    """One for a whole run. Each kind comes from the next visitor's address, with all identity headers."""

    stack: Stack
    markers: Markers
    portals: dict[str, str] = field(default_factory=dict)
    sent: list[StoredReport] = field(default_factory=list)
    visits: Iterator[int] = field(default_factory=count)
    opened: list[HttpVisitor] = field(default_factory=list)
    sessions: dict[str, dict[str, str]] = field(default_factory=dict)
    partner_key: str = ""
    known_routes: dict[str, list[RoutePath]] = field(default_factory=dict)
    queue: NotificationQueue = field(init=False)

    # --- Clients ----------------------------------------------------------------------------------

    def visitor(self, surface: str = "public") -> HttpVisitor:
        visitor = self.stack.visitor(surface, peer=self.markers.peer(next(self.visits)))
        dropped = ("Cookie", "Origin", "Sec-Fetch-Site") if surface == "staff" else ()
        visitor.headers = {name: value for name, value in self.markers.identity.items() if name not in dropped}
        self.opened.append(visitor)
        return visitor

    def close(self) -> None:
        """End every visitor's connection."""
        while self.opened:
            self.opened.pop().close()

    def lines(self, first: str, *more: str, host: str = HOSTS["public"]) -> bytes:
        """A request's head with all identity headers, spelled out; `more` are header lines that come last."""
        identity = [f"{name}: {value}" for name, value in self.markers.identity.items()]
        return "\r\n".join([first, f"Host: {host}", *identity, *more, "", ""]).encode("latin-1")

    def raw(self, sent: bytes, *, surface: str = "public", then: Callable[[socket.socket], None] | None = None) -> str:
        """Send bytes as they are through the web server; the status that came back, or GONE."""
        with suppress(OSError), self.visitor(surface).socket() as connection:
            return self.spoken(connection, sent, then)
        return GONE

    def raw_to_gunicorn(self, sent: bytes, *, surface: str = "public") -> str:
        """The same, past the web server: gunicorn's own answer and its logs."""
        with suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(self.stack.folder / "run" / f"{surface}.sock"))
            return self.spoken(connection, sent)
        return GONE

    def spoken(
        self, connection: socket.socket, sent: bytes, then: Callable[[socket.socket], None] | None = None
    ) -> str:
        connection.settimeout(PATIENCE_SECONDS)
        connection.sendall(sent)
        if then:
            then(connection)
            return GONE
        answer = b""
        with suppress(OSError):
            while b"\r\n" not in answer and (piece := connection.recv(65536)):
                answer += piece
        words = answer.split(None, 2)
        if len(words) > 1 and words[0].startswith(b"HTTP/"):
            return words[1].decode("latin-1")
        return "a page without a head" if b"<html" in answer.lower() else GONE

    def routes(self, surface: str) -> list[RoutePath]:
        if surface not in self.known_routes:
            self.known_routes[surface] = routes.discover_routes(self.stack, surface)
        return self.known_routes[surface]

    # --- What visitors do -------------------------------------------------------------------------

    @property
    def portal(self) -> str:
        return f"/{self.portals['live']}/en/"

    def homes(self) -> list[str]:
        """The home page of one live portal in each language that any of them has."""
        with self.stack.connect() as owner:
            return [f"/{slug}/{language}/" for slug, language in owner.execute(HOMES)]

    def form(self, visitor: HttpVisitor, path: str = "") -> str:
        """The token of a new form; its nonce and code are remembered as secrets."""
        token = visitor.get(path or f"{self.portal}report/").field("token")
        self.know(token, f"form {len(self.markers.secrets)}")
        return token

    def know(self, token: str, which: str) -> None:
        nonce = bytes.fromhex(token.split(":")[1])
        self.markers.remember_receipt(which, code=receipts.code_from_nonce(nonce), nonce=nonce)

    def report(self, visitor: HttpVisitor, addresses: str, **more: str) -> Page:
        """Send a report from a new form; it is remembered if it was stored."""
        token = self.form(visitor)
        page = visitor.post(f"{self.portal}report/", {"token": token, "addresses": addresses, **more, **self.odd})
        if page.receipt:
            self.sent.append(StoredReport(page.receipt, token))
        return page

    @property
    def odd(self) -> dict[str, str]:
        """A field that no form has."""
        return {self.markers.of("name of an odd field"): self.markers.of("odd field")}

    def unknown_code(self) -> str:
        which = f"unknown code {len(self.markers.secrets)}"
        code = receipts.code_from_nonce(self.markers.random(which).randbytes(receipts.NONCE_BYTES))
        self.markers.remember_receipt(which, code=code)
        return receipts.format_code(code)

    def signed_in(self, role: str, *, again: bool = False) -> HttpVisitor:
        """With the session of an earlier kind, where there is one and `again` does not say otherwise."""
        visitor = self.visitor("staff")
        if again or role not in self.sessions:
            visitor.sign_in(role, self.stack.accounts()[role])
            self.sessions[role] = visitor.cookies
        visitor.cookies = dict(self.sessions[role])
        return visitor

    def act(self, visitor: HttpVisitor, path: str, fields: dict[str, str]) -> Page:
        """A member of staff presses a button."""
        token = {"csrfmiddlewaretoken": visitor.cookies.get("__Host-csrf", "")}
        headers = {"Origin": f"https://{visitor.host}", "Sec-Fetch-Site": "same-origin"}
        return visitor.post(path, {**token, **fields}, headers)

    def notice(self) -> str:
        """The path of the page behind a notice's link, as staff make one."""
        secret = secrets.token_bytes(notice_links.SECRET_BYTES)
        credentials = notice_links.derive_link_credentials(secret)
        sealed = sealing.seal_json(
            {"reference": "RP-7K2M-XQ4D", "host": "host[.]example"},
            to=credentials.key.public(),
            info=notice_links.link_info(credentials.link_id),
        )
        with self.stack.connect() as owner:
            owner.execute(
                "INSERT INTO reports_noticelink (id, expires_on, sealed) VALUES (%s, current_date + 30, %s)",
                [credentials.link_id, sealed],
            )
        return f"/notice/en/{notice_links.encode_secret(secret)}/"

    # --- What goes wrong --------------------------------------------------------------------------

    @contextmanager
    def database(
        self, *statements: SqlStatement, afterwards: Sequence[SqlStatement] = ()
    ) -> Iterator[psycopg.Connection]:
        """Run SQL as the owner: `statements` now and `afterwards` on leaving."""
        with self.stack.connect() as owner:
            for statement in statements:
                owner.execute(statement)
            try:
                yield owner
            finally:
                for statement in afterwards:
                    owner.execute(statement)

    def manage(self, *arguments: str, role: str = roles.STAFF) -> bool:
        """Run a command; returns whether it succeeded. Its output is kept, as a system's journal would keep it."""
        done = self.stack.run_manage(*arguments, role=role)
        self.note(done.stdout + done.stderr)
        return done.returncode == 0

    def shell(self, code: str) -> None:
        """Python in a process of the staff's side. Raises RuntimeError where it fails."""
        if not self.manage("shell", "--verbosity", "0", "--command", code):
            raise RuntimeError("A command in the staff's shell failed.")

    def run_jobs(self, *names: str) -> None:
        """Have the worker run some of its jobs now. Raises RuntimeError where they do not end.

        All at once: a worker that has lost its connection looks for new jobs only every few seconds.
        """
        with self.stack.connect() as owner:
            numbers = [
                owner.execute(DEFER, [name if "." in name else f"analysts.pages.tasks.{name}"]).fetchall()[0][0]
                for name in names
            ]
            end = time.monotonic() + JOB_SECONDS
            # Removed once it succeeded.
            while left := owner.execute(UNFINISHED, [numbers]).fetchall():
                self.start_again("worker", self.stack.start_worker)
                if time.monotonic() > end:
                    raise RuntimeError(f"The worker does not finish {left}.")
                time.sleep(0.05)

    def await_intake(self) -> None:
        """Wait until intake has taken in what was sent. Raises RuntimeError where it does not."""
        self.start_again("intake", self.stack.start_intake)
        with self.stack.connect() as owner:
            end = time.monotonic() + JOB_SECONDS
            while owner.execute("SELECT FROM reports_arrival LIMIT 1").fetchall():
                if time.monotonic() > end:
                    raise RuntimeError("Intake does not take in what waits.")
                time.sleep(0.05)

    def start_again(self, name: str, start: Callable[[], None]) -> None:
        """Start a process that has ended, as the system's service manager would.

        Without the database intake and the worker end, the worker after up to two minutes of waiting for connections.
        """
        process = self.stack.processes.get(name)
        if process is None or process.poll() is not None:
            self.stack.stop_process(name)
            start()

    def program(self, name: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs as the owner of the database. Raises EmbeddedServerError where it fails."""
        embedded.give_to_server(self.backups)
        connect = ("-h", self.stack.database["host"], "-U", "postgres")
        self.note(embedded.run_program(name, *connect, *arguments, cluster=self.stack.folder / "postgres"))

    @property
    def backups(self) -> Path:
        folder = self.stack.folder / "backup"
        folder.mkdir(exist_ok=True)
        return folder

    def note(self, printed: str) -> None:
        with (self.stack.folder / "logs" / "manage.log").open("a") as log:
            log.write(printed)

    def later(self, act: Callable[[], str]) -> "Later":
        return Later(act)


class Later:
    """A slow kind that runs beside the others."""

    def __init__(self, act: Callable[[], str]) -> None:
        self.came = GONE
        self.act = act
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        with suppress(OSError, http.client.HTTPException):
            self.came = self.act()

    def end(self, seconds: float) -> str:
        self.thread.join(seconds)
        return "still waiting" if self.thread.is_alive() else self.came

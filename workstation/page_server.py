"""The local page: one person, on the loopback interface only.

The pages that are visited run on the same machine, so nothing is trusted because it comes from it: each request needs
the secret of this start in its path, the exact Host, and where it changes something the exact Origin. No page may frame
this one. All answers are built in memory, and no address is written anywhere.
"""

import secrets
import subprocess
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from workstation import page_markup
from workstation.batch_work import BatchWork, NotNow
from workstation.result_rules import FormValues
from workstation.sealed_file import JsonObject

LOOPBACK = "127.0.0.1"
LONGEST_BODY = 64 * 1024
MOST_FIELDS = 200
HERE = Path(__file__).parent
# Where the scripts of the staff site are in a copy of the project. On the workstation they are in this folder.
STAFF_SCRIPTS = HERE.parent / "static" / "staff"
FILES = {"page.css": "text/css; charset=utf-8", **dict.fromkeys(page_markup.SCRIPTS, "text/javascript; charset=utf-8")}
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Not `no-referrer`, with which browsers send the Origin "null".
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def can_hand_over(address: str) -> bool:
    """Whether the address may be given to the browser: http or https with a host, onion services included."""
    parts = urlsplit(address)
    is_plain = address.isprintable() and not any(char.isspace() for char in address)
    return is_plain and address.lower().startswith(("http://", "https://")) and bool(parts.hostname)


def hand_to_browser(command: str, address: str) -> None:
    """Start the configured program with the address as its only argument, without a shell. Raises NotNow."""
    try:
        allowed = can_hand_over(address)
    except ValueError:
        allowed = False
    if not allowed:
        raise NotNow("Only http and https addresses can be handed to the browser. Copy this one.")
    try:
        subprocess.Popen(
            [command, address],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        raise NotNow("The configured browser could not be started.") from None


class PageServer(ThreadingHTTPServer):
    """`secret`: of this start. `write_results`: writes the file of results and returns its name.

    A thread for each connection, because browsers open some that they do not use; one at a time acts, under `lock`.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(
        self,
        work: BatchWork,
        *,
        write_results: Callable[[], str],
        browser: str = "",
        port: int = 0,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__((LOOPBACK, port), PageHandler)
        self.work, self.write_results, self.browser, self.clock = work, write_results, browser, clock
        self.secret = secrets.token_urlsafe(32)
        self.lock = threading.Lock()
        self.host = f"{LOOPBACK}:{self.server_address[1]}"
        self.origin = f"http://{self.host}"

    @property
    def base(self) -> str:
        return f"/{self.secret}/"


class PageHandler(BaseHTTPRequestHandler):
    server: PageServer
    server_version, sys_version = "workstation", ""
    # A connection that sends nothing ends.
    timeout = 10

    def do_GET(self) -> None:
        if not self._is_ours():
            return
        path = self.path.removeprefix(self.server.base)
        if path in FILES:
            file = HERE / path
            content = (file if file.exists() else STAFF_SCRIPTS / path).read_bytes()
            self._answer(HTTPStatus.OK, content, FILES[path])
            return
        with self.server.lock:
            self._show(path)

    def _show(self, path: str) -> None:
        work, now = self.server.work, self.server.clock()
        work.count_time(now=now)
        if path == "":
            self._show_list()
        elif (number := _number_of(path)) is not None:
            self._show_incident(number)
        else:
            self._refuse(HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        if not self._is_ours():
            return
        if self.headers.get_all("Origin") != [self.server.origin]:
            self._refuse(HTTPStatus.FORBIDDEN)
            return
        values = self._read_form()
        if values is None:
            self._refuse(HTTPStatus.BAD_REQUEST)
            return
        with self.server.lock:
            self._act(self.path.removeprefix(self.server.base), values)

    def _act(self, path: str, values: FormValues) -> None:
        if (number := _number_of(path)) is not None:
            self._act_on_incident(number, values)
        elif path in ("break", "results", "next"):
            self._act_on_batch(path)
        else:
            self._refuse(HTTPStatus.NOT_FOUND)

    # --- Who asks -------------------------------------------------------------------------------------

    def _is_ours(self) -> bool:
        """Refuse, with an empty answer, all that does not come from the page of this start."""
        secret = self.path.split("/")[1] if self.path.count("/") >= 2 else ""
        is_known = secrets.compare_digest(secret.encode(), self.server.secret.encode())
        origin = self.headers.get_all("Origin") or [self.server.origin]
        # Browsers say who asked. "none" is the address bar.
        site = self.headers.get_all("Sec-Fetch-Site") or ["none"]
        exact = self.headers.get_all("Host") == [self.server.host] and origin == [self.server.origin]
        if is_known and exact and site in (["none"], ["same-origin"]):
            return True
        self._refuse(HTTPStatus.FORBIDDEN)
        return False

    def _read_form(self) -> FormValues | None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LONGEST_BODY:
            return None
        if self.headers.get_content_type() != "application/x-www-form-urlencoded":
            return None
        try:
            body = self.rfile.read(int(length)).decode()
            return parse_qs(body, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
        except ValueError:
            return None

    # --- Acts -----------------------------------------------------------------------------------------

    def _act_on_incident(self, number: int, values: FormValues) -> None:
        work, now = self.server.work, self.server.clock()
        # The buttons of a check's results are named for what they record.
        act = (values.get("do") or ["save" if "available" in values else ""])[0]
        work.count_time(now=now)
        try:
            incident = work.incident(number)
            if "typed" in values:
                work.keep_draft(incident, _fields_of(values))
            match act:
                case "reveal":
                    work.reveal(incident, now=now)
                case "hide":
                    work.hide(now=now)
                case "reports" | "words":
                    work.show_words(incident, masked=act == "words")
                case "browse":
                    self._browse(incident)
                case "skip":
                    work.skip(incident, now=now)
                    self._to_next()
                    return
                case "save":
                    faults = work.finish(incident, _fields_of(values), now=now)
                    if not faults:
                        work.reveal_next_check(incident, now=now)
                        self._to_next()
                        return
                    self._show_incident(number, faults=faults)
                    return
                case _:
                    pass
        except NotNow as refused:
            self._show_list(message=str(refused)) if act == "reveal" else self._show_incident(
                number, faults=[str(refused)]
            )
            return
        self._redirect(f"item/{number}")

    def _browse(self, incident: JsonObject) -> None:
        if self.server.work.revealed != incident["item"]:
            raise NotNow("Reveal the incident first.")
        if not self.server.browser:
            raise NotNow("No browser is configured. Copy the address.")
        hand_to_browser(self.server.browser, incident["address"])

    def _act_on_batch(self, act: str) -> None:
        if act == "break":
            self.server.work.begin_break(now=self.server.clock())
            self._redirect("")
        elif act == "next":
            self._to_next()
        else:
            self.server.work.hide(now=self.server.clock())
            self._show_list(message=f"The results are in {self.server.write_results()}. Bring this file back.")

    def _to_next(self) -> None:
        incident = self.server.work.next_incident()
        self._redirect("" if incident is None else f"item/{incident['number']}")

    # --- Answers --------------------------------------------------------------------------------------

    def _show_list(self, *, message: str = "") -> None:
        page = page_markup.draw_list(self.server.work, base=self.server.base, now=self.server.clock(), message=message)
        self._answer(HTTPStatus.OK, page.encode(), "text/html; charset=utf-8")

    def _show_incident(self, number: int, *, faults: list[str] | None = None) -> None:
        work = self.server.work
        try:
            incident = work.incident(number)
        except NotNow:
            self._refuse(HTTPStatus.NOT_FOUND)
            return
        page = page_markup.draw_incident(
            work,
            incident,
            base=self.server.base,
            now=self.server.clock(),
            faults=faults or [],
            can_browse=bool(self.server.browser),
        )
        status = HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK
        self._answer(status, page.encode(), "text/html; charset=utf-8")

    def _redirect(self, path: str) -> None:
        self._answer(HTTPStatus.SEE_OTHER, b"", "text/plain", location=f"{self.server.base}{path}")

    def _refuse(self, status: HTTPStatus) -> None:
        self.close_connection = True
        self._answer(status, b"", "text/plain")

    def _answer(self, status: HTTPStatus, body: bytes, content_type: str, *, location: str = "") -> None:
        self.send_response(status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is logged: a log would outlive the batch."""


def _number_of(path: str) -> int | None:
    """The number of `item/7`; None for any other path."""
    name, _slash, number = path.partition("/")
    return int(number) if name == "item" and number.isascii() and number.isdecimal() and len(number) < 4 else None


def _fields_of(values: FormValues) -> FormValues:
    return {name: items for name, items in values.items() if name not in ("do", "typed")}

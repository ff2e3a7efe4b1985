"""A client without a browser: comes from an address of its choice, keeps cookies only on the staff's host."""

import gzip
import html
import http.client
import re
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode

# Longer than the web server waits (60 s), so that its answer is received.
TIMEOUT_SECONDS = 90
# The web server closes a connection that was not used for 30 seconds.
IDLE_SECONDS = 20
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Page:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def field(self, name: str) -> str:
        """The value of the first field of that name. Raises LookupError where there is none."""
        tags = re.findall(r"<input\b[^>]*>", self.text)
        for tag in tags:
            if re.search(rf'\bname="{re.escape(name)}"', tag):
                value = re.search(r'\bvalue="([^"]*)"', tag)
                return html.unescape(value[1]) if value else ""
        raise LookupError(f"No field {name!r} on a page with status {self.status}.")

    @property
    def receipt(self) -> str:
        """The receipt that the page shows, or "" where it shows none."""
        found = re.search(r'id="receipt"[^>]*>([^<]+)<', self.text)
        return html.unescape(found[1]).strip() if found else ""


@dataclass
class HttpVisitor:
    """One connection at a time, kept between requests; a broken one is reopened with the next request."""

    host: str
    port: int
    peer: str = "127.0.0.1"
    tls: ssl.SSLContext | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    connection: http.client.HTTPConnection | None = None
    used: float = 0

    def socket(self) -> socket.socket:
        """A raw connection, for what no well-behaved client would send."""
        raw = socket.create_connection(("127.0.0.1", self.port), TIMEOUT_SECONDS, source_address=(self.peer, 0))
        return self.tls.wrap_socket(raw, server_hostname=self.host) if self.tls else raw

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Page:
        """Raises OSError or http.client.HTTPException where no answer comes."""
        if time.monotonic() - self.used > IDLE_SECONDS:
            self.close()
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_SECONDS)
            self.connection.sock = self.socket()
        sent = {"Host": self.host, **self.headers, **(headers or {})}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        try:
            self.connection.request(method, path, body, sent)
            answer = self.connection.getresponse()
            received = {name.lower(): value for name, value in answer.getheaders()}
            body = answer.read()
            if received.get("content-encoding") == "gzip" and body:
                body = gzip.decompress(body)
            page = Page(answer.status, received, body)
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        self.used = time.monotonic()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                self.cookies.update({key: morsel.value for key, morsel in SimpleCookie(value).items()})
        if answer.will_close:
            self.close()
        return page

    def get(self, path: str, **headers: str) -> Page:
        return self.request("GET", path, headers=headers)

    def post(
        self,
        path: str,
        fields: Mapping[str, str] | Sequence[tuple[str, str]] | bytes,
        headers: Mapping[str, str] | None = None,
    ) -> Page:
        """The body that a browser sends for a form; bytes are sent as they are."""
        body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
        return self.request("POST", path, body, {"Content-Type": FORM, **(headers or {})})

    def report(self, addresses: str, *, portal: str = "bz", language: str = "en") -> Page:
        """Open the form and send it: the page with the receipt, or any other answer."""
        path = f"/{portal}/{language}/report/"
        return self.post(path, {"token": self.get(path).field("token"), "addresses": addresses})

    def sign_in(self, username: str, password: str) -> Page:
        """Sign in as staff. Returns the page after it; raises RuntimeError where that fails."""
        path = "/accounts/login/"
        token = self.get(path).field("csrfmiddlewaretoken")
        fields = {"csrfmiddlewaretoken": token, "login": username, "password": password}
        page = self.post(path, fields, {"Origin": f"https://{self.host}", "Sec-Fetch-Site": "same-origin"})
        if page.status != 302:
            raise RuntimeError(f"{username} could not sign in (status {page.status}).")
        return page

    def post_form(self, path: str, fields: Mapping[str, str]) -> Page:
        """Send a staff form as a browser does, with the token that belongs to the cookie."""
        token = self.cookies.get("__Host-csrf", "")
        headers = {"Origin": f"https://{self.host}", "Sec-Fetch-Site": "same-origin"}
        return self.post(path, {"csrfmiddlewaretoken": token, **fields}, headers)

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None

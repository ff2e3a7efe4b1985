"""A mail server inside a machine of the proof `releases`: TLS from the first byte, on port 465 of loopback.

Run there with the Python of Debian: `python3 mail_at_home.py CERTIFICATE KEY FILE`. For each message that it accepts it
writes the Message-ID, a line each, to FILE.
"""

import socketserver
import ssl
import sys
from pathlib import Path

PORT = 465


class MailSession(socketserver.StreamRequestHandler):
    """As much of SMTP as smtplib asks for."""

    server: "HomeMailServer"

    def handle(self) -> None:
        self._say("220 mail.example.org")
        while line := self.rfile.readline():
            match line.upper().split()[:1]:
                case [b"QUIT"]:
                    self._say("221 bye")
                    return
                case [b"DATA"]:
                    self._say("354 go on")
                    self._keep()
                    self._say("250 kept")
                case _:
                    self._say("250 ok")

    def _keep(self) -> None:
        with self.server.kept.open("a", encoding="utf-8") as kept:
            for line in iter(self.rfile.readline, b".\r\n"):
                if line.lower().startswith(b"message-id:"):
                    kept.write(line.split(b":", 1)[1].decode().strip() + "\n")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class HomeMailServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, certificate: str, key: str, kept: Path) -> None:
        super().__init__(("127.0.0.1", PORT), MailSession)
        self.kept = kept
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate, key)
        self.socket = context.wrap_socket(self.socket, server_side=True)


if __name__ == "__main__":
    HomeMailServer(sys.argv[1], sys.argv[2], Path(sys.argv[3])).serve_forever()

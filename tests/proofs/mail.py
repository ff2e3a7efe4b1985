"""A real mail server on loopback, over TLS: it writes each message to a file in a folder."""

import asyncio
import ssl
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.proofs.ports import free_port


class Keeper:
    """Writes each message to a file, headers and envelope included."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.taken = 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.taken += 1
        lines = [f"From <{envelope.mail_from}>", *(f"To <{to}>" for to in envelope.rcpt_tos), ""]
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        await asyncio.to_thread(
            (self.folder / f"{self.taken:04}.eml").write_bytes, "\n".join(lines).encode() + b"\n" + content
        )
        return "250 kept"


class MailServer:
    """`environment()` is the mail settings of a process that uses it."""

    def __init__(self, folder: Path, tls: Path) -> None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(tls / "mail.crt", tls / "mail.key")
        self.keeper = Keeper(folder)
        self.controller = Controller(self.keeper, hostname="127.0.0.1", port=free_port(), ssl_context=context)

    def start(self) -> None:
        self.controller.start()

    def stop(self) -> None:
        self.controller.stop(no_assert=True)

    def environment(self) -> dict[str, str]:
        return {"MAIL_HOST": "localhost", "MAIL_PORT": str(self.controller.port), "ALERT_EMAILS": "duty@example.org"}

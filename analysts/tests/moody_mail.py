"""A mail server on loopback with simulated failures: refusing, hanging, and dropping the connection."""

import asyncio
import ssl
from collections import Counter
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import Enum, auto
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.proofs.ports import free_port


class Mood(Enum):
    WELL = auto()
    # Responds with 550 to RCPT; `REFUSES_LETTER` responds with 554 to DATA.
    REFUSES = auto()
    REFUSES_LETTER = auto()
    # Responds with 451 to RCPT.
    BUSY = auto()
    # Accepts the letter and does not respond until the client times out.
    HANGS = auto()
    # Accepts the letter and drops the connection before responding.
    DROPS = auto()
    # Accepts the letter and does not respond to QUIT.
    RUDE = auto()


class Moody:
    def __init__(self, mood: Callable[[], Mood]) -> None:
        self.mood = mood
        self.taken: list[EmailMessage] = []

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        match self.mood():
            case Mood.REFUSES:
                return f"550 no such user: {address}"
            case Mood.BUSY:
                return "451 later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        mood = self.mood()
        if mood is Mood.REFUSES_LETTER:
            return "554 spam"
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        self.taken.append(message_from_bytes(content, policy=policy.default))
        if mood is Mood.HANGS:
            await asyncio.sleep(3600)
        if mood is Mood.DROPS and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return "250 taken"

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.mood() is Mood.RUDE:
            await asyncio.sleep(3600)
        return "221 bye"


class MoodyServer:
    """A server whose `mood` can change between commands. `tls`: folder of its certificate; None for plain text."""

    def __init__(self, tls: Path | None = None) -> None:
        self.tls = tls
        self.mood = Mood.WELL
        self.port = free_port()
        self.handler = Moody(lambda: self.mood)
        self._controller: Controller | None = None

    @property
    def taken(self) -> list[EmailMessage]:
        return self.handler.taken

    def ids(self) -> Counter[str]:
        """How many letters arrived per Message-ID."""
        return Counter(str(message["Message-ID"]) for message in self.taken)

    def start(self) -> None:
        context = None
        if self.tls:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(self.tls / "mail.crt", self.tls / "mail.key")
        self._controller = Controller(self.handler, hostname="127.0.0.1", port=self.port, ssl_context=context)
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop(no_assert=True)
            self._controller = None

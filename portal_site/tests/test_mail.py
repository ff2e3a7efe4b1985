"""Mail leaves over TLS to a server that proves its name, or not at all: the shipped settings against a real server."""

import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as Keeper

from portal_site.tests.certificates import certificate
from portal_site.tests.installation import ROOT, free_port

SEND = """
import django; django.setup()
from django.core.mail import send_mail
send_mail(subject="count", message="3", from_email=None, recipient_list=["duty@example.org"])
"""


class Box(Keeper):
    """Keeps what arrives."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[Message] = []

    def handle_message(self, message: Message) -> None:
        self.messages.append(message)


@contextmanager
def mail_server(certificate_file: Path, key_file: Path) -> Iterator[tuple[int, Box]]:
    """A mail server on loopback that speaks TLS from the first byte."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_file, key_file)
    box = Box()
    controller = Controller(box, hostname="127.0.0.1", port=free_port(), ssl_context=context)
    controller.start()
    try:
        yield controller.port, box
    finally:
        controller.stop()


def send(
    port: int, *, trusted: Path | None, surface: str = "staff", demo: str = "0"
) -> subprocess.CompletedProcess[str]:
    """A process of the installation mails through localhost; `trusted` is the one authority it knows."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "portal_site.settings",
        "SURFACE": surface,
        "DEMO": demo,
        "MAIL_HOST": "localhost" if port else "",
        "MAIL_PORT": str(port),
        "MAIL_FROM": "portals@example.org",
    }
    if trusted:
        environment["SSL_CERT_FILE"] = str(trusted)
    return subprocess.run(
        [sys.executable, "-c", SEND], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_mail_reaches_a_server_that_proves_its_name(tmp_path: Path) -> None:
    files = certificate(tmp_path, "localhost")
    with mail_server(*files) as (port, box):
        done = send(port, trusted=files[0])

    assert (done.returncode, done.stderr) == (0, "")
    assert [message["Subject"] for message in box.messages] == ["count"]


def test_mail_does_not_reach_a_server_nobody_vouches_for(tmp_path: Path) -> None:
    with mail_server(*certificate(tmp_path, "localhost")) as (port, box):
        done = send(port, trusted=None)

    assert "SSLCertVerificationError" in done.stderr
    assert box.messages == []


def test_mail_does_not_reach_a_server_with_another_name(tmp_path: Path) -> None:
    files = certificate(tmp_path, "mail.example.org")
    with mail_server(*files) as (port, box):
        done = send(port, trusted=files[0])

    assert "SSLCertVerificationError" in done.stderr
    assert "Hostname mismatch" in done.stderr
    assert box.messages == []


@pytest.mark.parametrize("surface", ["staff", "public"])
def test_mail_without_a_server_fails_and_is_seen(surface: str) -> None:
    done = send(0, trusted=None, surface=surface)

    assert "MailNotConfigured" in done.stderr
    assert done.stdout == ""


def test_public_surface_never_mails_even_where_a_server_is_named(tmp_path: Path) -> None:
    files = certificate(tmp_path, "localhost")
    with mail_server(*files) as (port, box):
        done = send(port, trusted=files[0], surface="public")

    assert "MailNotConfigured" in done.stderr
    assert box.messages == []


def test_demo_writes_mail_to_the_terminal() -> None:
    assert "Subject: count" in send(0, trusted=None, demo="1").stdout

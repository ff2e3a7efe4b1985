"""Mail is sent over TLS to a server with a valid certificate, or not at all: the shipped settings, a real server."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.proofs import certificates
from tests.proofs.mail import MailServer
from tests.rig.installation import ROOT

SEND = """
import django; django.setup()
from django.core.mail import send_mail
send_mail(subject="count", message="3", from_email=None, recipient_list=["duty@example.org"])
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MailServer]:
    """TLS from the first byte; its certificate names localhost and 127.0.0.1."""
    certificates.make_certificates(tmp_path / "tls", [])
    (tmp_path / "mail").mkdir()
    server = MailServer(tmp_path / "mail", tmp_path / "tls")
    server.start()
    yield server
    server.stop()


def taken(server: MailServer) -> list[str]:
    return [path.read_text() for path in server.keeper.folder.iterdir()]


def send(environment: dict[str, str], trusted: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Mail from a process of an installation; `trusted` is the only authority it trusts."""
    settings = {"DJANGO_SETTINGS_MODULE": "portal_site.settings", "SURFACE": "staff", "DEMO": "0", **environment}
    if trusted:
        settings["SSL_CERT_FILE"] = str(certificates.authority_path(trusted / "tls"))
    return subprocess.run(
        [sys.executable, "-c", SEND],
        cwd=ROOT,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_mail_reaches_a_server_that_proves_its_name(server: MailServer, tmp_path: Path) -> None:
    done = send(server.environment(), trusted=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert ["Subject: count" in message for message in taken(server)] == [True]


def test_mail_is_not_sent_to_a_server_with_an_untrusted_certificate(server: MailServer) -> None:
    done = send(server.environment())

    assert "SSLCertVerificationError" in done.stderr
    assert taken(server) == []


def test_mail_does_not_reach_a_server_with_another_name(server: MailServer, tmp_path: Path) -> None:
    # A name for this machine that needs no name server, and that is not in the certificate.
    done = send({**server.environment(), "MAIL_HOST": "127.1"}, trusted=tmp_path)

    assert "Hostname mismatch" in done.stderr
    assert taken(server) == []


@pytest.mark.parametrize("surface", ["staff", "public"])
def test_mail_without_a_server_fails_and_is_seen(surface: str) -> None:
    done = send({"SURFACE": surface, "MAIL_HOST": ""})

    assert "MailNotConfigured" in done.stderr
    assert done.stdout == ""


def test_public_surface_never_mails_even_where_a_server_is_named(server: MailServer, tmp_path: Path) -> None:
    done = send({**server.environment(), "SURFACE": "public"}, trusted=tmp_path)

    assert "MailNotConfigured" in done.stderr
    assert taken(server) == []


def test_demo_writes_mail_to_the_terminal() -> None:
    assert "Subject: count" in send({"DEMO": "1", "MAIL_HOST": ""}).stdout

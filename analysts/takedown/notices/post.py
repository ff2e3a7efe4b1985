"""One letter handed to the mail server, and what the server said: its code at most, never its words."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from django.conf import settings
from django.core.mail import EmailMessage, InvalidMailer, mailers
from django.core.mail.backends.base import BaseEmailBackend

from analysts.models import Notice
from analysts.models.notice import DeadReason
from analysts.takedown.notices.rendering import Letter

# From this on the server says that another attempt would end the same way.
PERMANENT = 500


@dataclass(frozen=True, slots=True)
class MailAccepted:
    """The server has it now."""


@dataclass(frozen=True, slots=True)
class Away:
    """It may take it later: it did not answer, or said so with `code`. Perhaps it has it, and its answer was lost."""

    code: int | None = None


@dataclass(frozen=True, slots=True)
class MailRefused:
    """It will not take it, however often it is asked."""

    reason: DeadReason
    code: int | None = None


type Answer = MailAccepted | Away | MailRefused


def post_letter(notice: Notice, letter: Letter, *, now: datetime) -> Answer:
    """Outside any transaction: it may last as long as the server likes to be silent, many times over."""
    if settings.DEMO and not settings.MAIL_HOST:
        # Nobody is written to, and no address goes to the terminal, where other mail of the demo does.
        return MailAccepted()
    try:
        with open_connection(mailers.default) as mailer:
            mailer.send_messages([build_message(notice, letter, now=now)])
    except InvalidMailer:
        return MailRefused(DeadReason.NO_MAIL)
    except smtplib.SMTPRecipientsRefused as refused:
        return answer_of(max(code for code, _words in refused.recipients.values()))
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as refused:
        return answer_of(refused.smtp_code)
    except smtplib.SMTPResponseException as refused:
        # Of the greeting or of our own sign-in: what is wrong there is put right without touching the letter.
        return Away(refused.smtp_code)
    except (smtplib.SMTPNotSupportedError, ValueError):
        # An address that no server of this kind can deliver to.
        return MailRefused(DeadReason.REFUSED)
    except OSError:
        return Away()
    return MailAccepted()


@contextmanager
def open_connection(mailer: BaseEmailBackend) -> Iterator[BaseEmailBackend]:
    """The connection, opened and closed. Whatever the server says to our leaving, it has answered about the letter."""
    try:
        mailer.open()
        yield mailer
    finally:
        with suppress(OSError):
            mailer.close()


def answer_of(code: int) -> Away | MailRefused:
    return MailRefused(DeadReason.REFUSED, code) if code >= PERMANENT else Away(code)


def build_message(notice: Notice, letter: Letter, *, now: datetime) -> EmailMessage:
    """The same Message-ID in every attempt, so that whoever gets it twice can tell."""
    headers = {
        "Message-ID": notice.message_id,
        "Date": format_datetime(now),
        # No out-of-office reply is wanted.
        "Auto-Submitted": "auto-generated",
    }
    mail = EmailMessage(letter.subject, letter.body, to=[notice.recipient.email], headers=headers)
    mail.attach(letter.file_name, letter.attachment, "text/csv")
    return mail

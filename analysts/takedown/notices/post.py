"""Delivery of one letter to the mail server. Only the SMTP code of its response is kept, never the text."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from django.conf import settings
from django.core.mail import EmailMessage, InvalidMailer, mailers
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analysts.accounts.operator_mails import sign_in_line
from analysts.models import Notice, Purpose, RecipientAccess
from analysts.models.notice import DeadReason
from analysts.takedown.notices.machine_reports.building import NO_REPORTS, MachineReports
from analysts.takedown.notices.machine_reports.mail import FeedbackMail
from analysts.takedown.notices.rendering import Letter
from countries.automatic_mail import AUTOMATIC

# SMTP codes from here on are permanent failures.
PERMANENT = 500


@dataclass(frozen=True, slots=True)
class MailAccepted:
    """The server accepted the letter."""


@dataclass(frozen=True, slots=True)
class Away:
    """A temporary failure: no response, or the temporary `code`. The letter may have been accepted all the same."""

    code: int | None = None


@dataclass(frozen=True, slots=True)
class MailRefused:
    """A permanent failure; a retry would end the same way."""

    reason: DeadReason
    code: int | None = None


type Answer = MailAccepted | Away | MailRefused


def post_letter(notice: Notice, letter: Letter, reports: MachineReports, *, now: datetime) -> Answer:
    """Hand the letter to the mail server. Call it outside a transaction: it may block for several timeouts."""
    if settings.DEMO and not settings.MAIL_HOST:
        # The demo sends no notices and, unlike its other mail, does not print them: they contain addresses.
        return MailAccepted()
    try:
        with open_connection(mailers.default) as mailer:
            mailer.send_messages([build_message(notice, letter, reports, now=now)])
    except InvalidMailer:
        return MailRefused(DeadReason.NO_MAIL)
    except smtplib.SMTPRecipientsRefused as refused:
        return answer_of(max(code for code, _words in refused.recipients.values()))
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as refused:
        return answer_of(refused.smtp_code)
    except smtplib.SMTPResponseException as refused:
        # The greeting or our sign-in failed, which is corrected without changing the letter.
        return Away(refused.smtp_code)
    except (smtplib.SMTPNotSupportedError, ValueError):
        # The server cannot deliver to an address of this form.
        return MailRefused(DeadReason.REFUSED)
    except OSError:
        return Away()
    return MailAccepted()


@contextmanager
def open_connection(mailer: BaseEmailBackend) -> Iterator[BaseEmailBackend]:
    """Open and close the connection. Errors on closing are ignored: the server has already answered for the letter."""
    try:
        mailer.open()
        yield mailer
    finally:
        with suppress(OSError):
            mailer.close()


def answer_of(code: int) -> Away | MailRefused:
    return MailRefused(DeadReason.REFUSED, code) if code >= PERMANENT else Away(code)


def build_message(
    notice: Notice, letter: Letter, reports: MachineReports = NO_REPORTS, *, now: datetime
) -> EmailMessage:
    """Build the e-mail. All attempts share one Message-ID, so that recipients can recognise duplicates.

    Without reports it is a text and its table.
    """
    headers = {"Message-ID": notice.message_id, "Date": format_datetime(now), "Reply-To": settings.HOTLINE_MAILBOX}
    # An alert is not a referral: the inbox does not have it, and a child in danger does not wait for a sign-in.
    is_alert = any(item.alert_id for item in letter.items)
    if not is_alert and RecipientAccess.objects.open(now.date()).filter(recipient=notice.recipient).exists():
        subject, body = announce_in_inbox(notice.items.filter(dropped="").count())
        return EmailMessage(subject, body, to=[notice.recipient.email], headers=headers | AUTOMATIC)
    if Purpose(notice.purpose).row.is_automatic:
        headers |= AUTOMATIC
    mail = FeedbackMail(letter.subject, letter.body, to=[notice.recipient.email], headers=headers)
    if reports.files:
        mail.attach_reports(reports.files)
    if letter.table:
        mail.attach(letter.file_name, letter.attachment, "text/csv")
    if letter.case_file:
        mail.attach(f"{notice.reference}.txt", "".join(letter.case_file), "text/plain")
    return mail


def announce_in_inbox(number: int) -> tuple[str, str]:
    """Subject and text of the mail to a recipient that reads here: a count and the link to sign in, nothing else.

    The same for a referral, a reminder, an answer and a correction.
    """
    subject = _("%(hotline)s: new in your inbox") % {"hotline": settings.HOTLINE_NAME or _("Hotline")}
    text = ngettext(
        "%(number)d reference in your inbox is new or has news. Read and answer it there.",
        "%(number)d references in your inbox are new or have news. Read and answer them there.",
        number,
    ) % {"number": number}
    return subject, f"{text}{sign_in_line()}\n"

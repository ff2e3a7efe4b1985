"""The mail backend where no mail server is configured."""

from collections.abc import Sequence

from django.core.mail import EmailMessage, InvalidMailer
from django.core.mail.backends.base import BaseEmailBackend


class MailNotConfigured(InvalidMailer):
    """MAIL_HOST is not set, or this is the public surface, which never mails."""


class NoMail(BaseEmailBackend):
    """Raises, so that a job that must mail fails visibly. Printing a mail would lose it, and put it into a log."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        raise MailNotConfigured("MAIL_HOST is not set.")

"""Mail where none is configured."""

from collections.abc import Sequence

from django.core.mail import EmailMessage, InvalidMailer
from django.core.mail.backends.base import BaseEmailBackend


class MailNotConfigured(InvalidMailer):
    """MAIL_HOST is not set, or this is the public surface, which never mails."""


class NoMail(BaseEmailBackend):
    """Refuses, so that a job that must mail fails and is seen. To print a mail is to lose it and to log it."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        raise MailNotConfigured("MAIL_HOST is not set.")

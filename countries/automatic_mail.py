"""Mail that no person wrote says so (RFC 3834), so that programs which answer for absent people stay silent."""

from collections.abc import Sequence
from types import MappingProxyType

from django.core.mail import EmailMessage

AUTOMATIC = MappingProxyType({"Auto-Submitted": "auto-generated"})


def send_automatic_mail(*, subject: str, message: str, to: Sequence[str]) -> None:
    """Raises SMTPException, OSError; MailNotConfigured without a mail server."""
    EmailMessage(subject, message, to=to, headers=dict(AUTOMATIC)).send()

"""Whether mail leaves: the worker signs in at the mail server each minute, and administrators order test messages."""

import logging
from datetime import datetime
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import mailers
from django.utils import translation
from django.utils.translation import gettext as _

from analysts.models import HostReading, ReadingKind, User
from countries.automatic_mail import send_automatic_mail

logger = logging.getLogger(__name__)


def check_mail_server(now: datetime) -> None:
    """Note whether the mail server takes a connection and the sign-in, or that none is set. Nothing is sent."""
    number = int(not _can_connect()) if settings.MAIL_HOST else None
    before = read_mail_server()
    is_continued = before is not None and before.number == number
    since = before.moment if before is not None and is_continued else now
    HostReading.objects.create(kind=ReadingKind.MAIL, name="server", number=number, moment=since)


def _can_connect() -> bool:
    mailer = mailers.default
    try:
        mailer.open()
    except (OSError, SMTPException):
        logger.exception("mail server", extra={"fact": "the mail server takes no connection or no sign-in"})
        return False
    mailer.close()
    return True


def read_mail_server() -> HostReading | None:
    """The newest reading; None before the first."""
    return HostReading.objects.filter(kind=ReadingKind.MAIL).order_by("name", "-id").first()


def send_test_message(*, user_id: int) -> None:
    """Mail it to the account's own address. Raises SMTPException, OSError; the job fails then, with its reason."""
    user = User.objects.get(pk=user_id)
    with translation.override(user.language or settings.LANGUAGE_CODE):
        send_automatic_mail(
            subject=_("Test message"),
            message=_("Mail from the reporting portals arrives. You ordered this message on the operations page."),
            to=[user.email],
        )

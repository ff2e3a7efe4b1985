"""The test message by which an administrator sees that mail leaves."""

from django.conf import settings
from django.core.mail import send_mail
from django.utils import translation
from django.utils.translation import gettext as _

from analysts.models import User


def send_test_message(*, user_id: int) -> None:
    """Mail it to the account's own address. Raises SMTPException, OSError; the job fails then, with its reason."""
    user = User.objects.get(pk=user_id)
    with translation.override(user.language or settings.LANGUAGE_CODE):
        send_mail(
            _("Test message"),
            _("Mail from the reporting portals arrives. You ordered this message on the operations page."),
            None,
            [user.email],
        )

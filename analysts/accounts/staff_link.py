"""The link in mails to staff: where to sign in. The setting STAFF_URL decides it for all of them."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _


def write_sign_in_line() -> str:
    """A line with the address for signing in, after a line break; "" without STAFF_URL."""
    if not settings.STAFF_URL:
        return ""
    return "\n" + _("Sign in: %(address)s") % {"address": f"{settings.STAFF_URL}{reverse('account_login')}"}

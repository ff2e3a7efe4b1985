"""The mail to administrators and auditors about new accounts of staff, through the outbox of alarms.

Every account but a partner's can write public words, open reports, read the audit log or see who works how long. The
mail contains a count and where to sign in.
"""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analysts.accounts.alarms import AlarmMail, raise_alarm
from analysts.accounts.operator_mails import sign_in_line
from analysts.codes import Role
from analysts.models import Alarm, AlarmKind, User

WARNED_ROLES = (Role.ADMINISTRATOR, Role.AUDITOR)


def announce_account(*, now: datetime | None = None) -> None:
    """Raise the mail, in the transaction that adds an account, gives it a role or switches it on again."""
    raise_alarm(AlarmKind.ACCOUNT, to=User.objects.mail_addresses(*WARNED_ROLES), now=now or timezone.now())


def write_account_mail() -> AlarmMail | None:
    """The mail; None if no such account is active any more, or no administrator or auditor has an address."""
    raised_at = Alarm.objects.filter(kind=AlarmKind.ACCOUNT).values("raised_at")
    accounts = User.objects.filter(is_active=True, unchanged_since__gte=raised_at).exclude(role=Role.PARTNER)
    number, to = accounts.count(), User.objects.mail_addresses(*WARNED_ROLES)
    if not number or not to:
        return None
    message = ngettext(
        "%(number)d account of staff is new, or was given a role, renamed or switched on. Check that you expected it.",
        "%(number)d accounts of staff are new, or were given a role, renamed or switched on. Check that you expected "
        "them.",
        number,
    ) % {"number": number}
    return AlarmMail(message + sign_in_line(), subject=_("Reporting portals: accounts of staff"), to=to)

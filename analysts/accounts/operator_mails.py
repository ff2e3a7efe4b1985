"""Mails to operators, through the outbox of alarms: contacts to check, and what one operator stopped.

They contain counts only, and where to sign in. The worker looks every minute, so that the first mail about a suspension
leaves within a minute of it.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analysts.accounts.alarms import AlarmMail, raise_alarm
from analysts.codes import Role
from analysts.models import AlarmKind, User
from audit.actions import record_event
from countries.models import ContactReminder, EmergencySuspension, Withdrawal
from countries.staff.contacts.contact_checks import visible_contacts_due
from countries.staff.workspace.withdrawal import end_replaced

# Between two alarms about a suspension or a withdrawal, until a second operator has decided.
BETWEEN_ALARMS = timedelta(hours=1)


def operators_mailed() -> list[str]:
    """The addresses of the active operators."""
    return User.objects.mail_addresses(Role.OPERATOR)


@transaction.atomic
def remind_operators(*, now: datetime | None = None) -> bool:
    """Queue this month's mail once contacts are due; returns whether this call queued it.

    Safe to repeat on any day: a worker that did not run on the first of the month reminds later.
    """
    now = now or timezone.now()
    today = timezone.localdate(now)
    month, to = today.replace(day=1), operators_mailed()
    number = visible_contacts_due(today).count()
    if not number or not to:
        return False
    row, is_first = ContactReminder.objects.get_or_create(defaults={"month": month})
    if not is_first and not ContactReminder.objects.filter(pk=row.pk, month__lt=month).update(month=month):
        return False
    raise_alarm(AlarmKind.CONTACTS, to=to, now=now)
    record_event(by=None, action="contact.remind", details={"number": number}, at=now)
    return True


def write_contacts_mail() -> AlarmMail | None:
    """The mail; None if no contact is due any more, or no operator has an address."""
    number, to = visible_contacts_due(timezone.localdate()).count(), operators_mailed()
    if not number or not to:
        return None
    message = ngettext(
        "%(number)d contact of a portal is due for a check.",
        "%(number)d contacts of portals are due for a check.",
        number,
    ) % {"number": number}
    return AlarmMail(message + sign_in_line(), subject=_("Reporting portals: contacts to check"), to=to)


@transaction.atomic
def raise_emergency_alarm(*, now: datetime | None = None) -> int:
    """Raise the alarm if one is due for a suspension or withdrawal that waits; returns their number. Safe to repeat."""
    now = now or timezone.now()
    end_replaced(now=now)
    is_due = Q(alarmed_at=None) | Q(alarmed_at__lte=now - BETWEEN_ALARMS)
    due = EmergencySuspension.objects.waiting().filter(is_due).update(alarmed_at=now)
    due += Withdrawal.objects.waiting().filter(is_due).update(alarmed_at=now)
    if due:
        raise_alarm(AlarmKind.EMERGENCY, to=_emergency_recipients(), now=now)
    return due


def write_emergency_mail() -> AlarmMail | None:
    """The alarm; None if all of them have been decided. It names no portal."""
    suspended, withdrawn = EmergencySuspension.objects.waiting().count(), Withdrawal.objects.waiting().count()
    to = _emergency_recipients()
    if not (suspended or withdrawn) or not to:
        return None
    sentences = [_suspended_sentence(suspended)] * bool(suspended) + [_withdrawn_sentence(withdrawn)] * bool(withdrawn)
    subject = (
        _("Reporting portals: a portal was suspended in an emergency")
        if suspended
        else _("Reporting portals: something wrong was withdrawn from the public pages")
    )
    return AlarmMail("\n".join(sentences) + sign_in_line(), subject=subject, to=to)


def _suspended_sentence(number: int) -> str:
    return ngettext(
        "%(number)d portal was suspended by one operator in an emergency. A second operator must confirm or lift that: "
        "sign in, the dashboard names it.",
        "%(number)d portals were suspended by one operator in an emergency. A second operator must confirm or lift "
        "that: sign in, the dashboard names them.",
        number,
    ) % {"number": number}


def _withdrawn_sentence(number: int) -> str:
    return ngettext(
        "%(number)d withdrawal from the public pages by one operator waits. A second operator must decide it: sign in, "
        "the dashboard names it.",
        "%(number)d withdrawals from the public pages by one operator wait. A second operator must decide them: sign "
        "in, the dashboard names them.",
        number,
    ) % {"number": number}


def _emergency_recipients() -> list[str]:
    """The staff on duty, and all operators with an e-mail address."""
    return list(dict.fromkeys([*settings.ALERT_EMAILS, *operators_mailed()]))


def sign_in_line() -> str:
    """A line with the address for signing in, after a line break; "" without STAFF_URL."""
    if not settings.STAFF_URL:
        return ""
    return "\n" + _("Sign in: %(address)s") % {"address": f"{settings.STAFF_URL}{reverse('account_login')}"}

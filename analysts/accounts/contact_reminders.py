"""The monthly mail to operators that contacts of visible portals are due for a check. It contains a count only."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analysts.accounts.alarms import AlarmMail, raise_alarm
from analysts.accounts.staff_link import write_sign_in_line
from analysts.models import AlarmKind, User
from audit.actions import record_event
from countries.models import ContactReminder
from countries.staff.contacts.contact_checks import visible_contacts_due


@transaction.atomic
def remind_operators(*, now: datetime | None = None) -> bool:
    """Put the mail of this month into the outbox, once contacts are due; True if it was put there now.

    Safe to repeat, and not bound to a day: a worker that was away on the first reminds later.
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


def operators_mailed() -> list[str]:
    """The addresses of the active operators."""
    return list(User.objects.operators_with_mail().values_list("email", flat=True))


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
    return AlarmMail(message + write_sign_in_line(), subject=_("Reporting portals: contacts to check"), to=to)

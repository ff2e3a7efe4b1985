"""The alarm about portals that one operator suspended in an emergency: each hour, until a second one has decided.

The worker looks every minute, so the first mail leaves within a minute of the suspension.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analysts.accounts.alarms import AlarmMail, raise_alarm
from analysts.accounts.staff_link import write_sign_in_line
from analysts.models import AlarmKind, User
from countries.models import EmergencySuspension

BETWEEN_ALARMS = timedelta(hours=1)


@transaction.atomic
def raise_emergency_alarm(*, now: datetime | None = None) -> int:
    """Raise the alarm if one is due for a suspension that waits; returns for how many. Safe to repeat."""
    now = now or timezone.now()
    waiting = EmergencySuspension.objects.waiting()
    due = waiting.filter(Q(alarmed_at=None) | Q(alarmed_at__lte=now - BETWEEN_ALARMS)).update(alarmed_at=now)
    if due:
        raise_alarm(AlarmKind.EMERGENCY, to=_recipients(), now=now)
    return due


def write_emergency_mail() -> AlarmMail | None:
    """The alarm; None if all of them have been decided. It names no portal."""
    number, to = EmergencySuspension.objects.waiting().count(), _recipients()
    if not number or not to:
        return None
    message = ngettext(
        "%(number)d portal was suspended by one operator in an emergency. A second operator must confirm or lift that: "
        "sign in, the dashboard names it.",
        "%(number)d portals were suspended by one operator in an emergency. A second operator must confirm or lift "
        "that: sign in, the dashboard names them.",
        number,
    ) % {"number": number}
    return AlarmMail(
        message + write_sign_in_line(), subject=_("Reporting portals: a portal was suspended in an emergency"), to=to
    )


def _recipients() -> list[str]:
    """The staff on duty, and all operators with an e-mail address."""
    operators = User.objects.operators_with_mail().values_list("email", flat=True)
    return list(dict.fromkeys([*settings.ALERT_EMAILS, *operators]))

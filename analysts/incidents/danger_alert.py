"""The mails about reports that say a child is in danger now. They name no person, portal or address."""

from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analysts.accounts.alarms import AlarmMail, raise_alarm
from analysts.models import HOTLINE, AlarmKind, Incident, User

# Larger counts are not computed: the exact number would not change the response.
MOST_COUNTED = 100


def write_danger_mail() -> AlarmMail | None:
    """The mail; None if all these incidents have been assessed in the meantime."""
    in_danger = Incident.objects.in_danger()
    lines = []
    if count := in_danger.apart()[:MOST_COUNTED].count():
        lines.append(
            ngettext(
                "Child in danger now, according to a report: %(count)d incident.",
                "Child in danger now, according to reports: %(count)d incidents.",
                count,
            )
            % {"count": count}
        )
    if count := in_danger.alike()[:MOST_COUNTED].count():
        lines.append(
            ngettext(
                "Among similar reports: %(count)d says that a child is in danger now.",
                "Among similar reports: %(count)d say that a child is in danger now.",
                count,
            )
            % {"count": count}
        )
    return AlarmMail("\n".join(lines)) if lines else None


def announce_return(incident: Incident, *, now: datetime) -> None:
    """Raise the mail that it waits again, in the transaction that ended its claim; nothing unless a child is in danger.

    It goes to the staff on duty and to the analysts of its portals.
    """
    if incident.child_in_danger:
        raise_alarm(AlarmKind.RETURNED, to=_find_readers(incident.portals), now=now)


def write_return_mail() -> AlarmMail | None:
    """The mail; None if no such incident waits any more."""
    returned = Incident.objects.in_danger().waiting().filter(fence__gt=0)
    portals = {portal for row in returned.values_list("portals", flat=True)[:MOST_COUNTED] for portal in row}
    message = _(
        "A report that says that a child is in danger waits again: it was in review, and its claim ended because "
        "nothing was done about it. Sign in and choose Next."
    )
    return AlarmMail(message, to=_find_readers(portals)) if portals else None


def _find_readers(portals: Collection[int]) -> list[str]:
    """The addresses of the staff on duty, and of the analysts of these portals."""
    analysts = User.objects.analysts() if HOTLINE in portals else User.objects.analysts_of(portals)
    addresses = analysts.exclude(email="").order_by("pk").values_list("email", flat=True)
    return list(dict.fromkeys([*settings.ALERT_EMAILS, *addresses]))

"""The alarm about one person who reveals far more addresses in a day than a shift needs.

Senior analysts and auditors learn who, and never how many; nothing is refused.
"""

from datetime import datetime, timedelta

from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analysts.accounts.alarms import AlarmMail, raise_alarm
from analysts.codes import Role
from analysts.incidents.page_kit import Counts, PageSection
from analysts.models import AlarmKind, Exposure, User
from analysts.welfare.exposure import work_day
from audit.actions import record_event
from countries.decided_settings import number_in_force

WARNED_ROLES = (Role.SENIOR, Role.AUDITOR)
# How long the dashboard names the person.
SHOWN_FOR = timedelta(days=1)


def note_unusual_reading(by: User, *, now: datetime) -> None:
    """Raise the alarm and record it, once a person and day, if `by` has revealed more than REVEALS_A_DAY addresses."""
    today = Exposure.objects.filter(user=by, day=work_day(now), alarmed_at=None)
    if today.filter(addresses_read__gt=number_in_force("REVEALS_A_DAY")).update(alarmed_at=now):
        raise_alarm(AlarmKind.READING, to=User.objects.mail_addresses(*WARNED_ROLES), now=now)
        record_event(by=by, action="welfare.unusual_reading", at=now)


def write_reading_mail() -> AlarmMail | None:
    """The alarm; None if it is over a day old, or no recipient has an e-mail address."""
    number, to = _alarmed_lately(timezone.now()).count(), User.objects.mail_addresses(*WARNED_ROLES)
    if not number or not to:
        return None
    message = ngettext(
        "%(number)d person has revealed unusually many addresses in a day. Sign in: the dashboard names them.",
        "%(number)d people have revealed unusually many addresses in a day. Sign in: the dashboard names them.",
        number,
    ) % {"number": number}
    return AlarmMail(message, subject=_("Reporting portals: unusually many addresses revealed"), to=to)


def _alarmed_lately(now: datetime) -> QuerySet[Exposure]:
    # By the index of days: one alarm a person and day.
    return Exposure.objects.filter(day__gte=work_day(now - SHOWN_FOR), alarmed_at__gt=now - SHOWN_FOR)


def count_unusual(user: User, now: datetime) -> dict[str, QuerySet[Model, object]]:
    return {"unusual_reading": _alarmed_lately(now)} if user.role in WARNED_ROLES else {}


def show_unusual(user: User, now: datetime, counts: Counts) -> PageSection | None:
    """The notice of the dashboard that names who revealed unusually many addresses within a day."""
    if not counts.get("unusual_reading"):
        return None
    days = list(_alarmed_lately(now).select_related("user").order_by("-day", "user__desk_name", "user"))
    return PageSection("analysts/welfare/_dashboard_unusual.html", days)

"""How much waits for intake, in comparison with how much it takes in.

Both are counts that single reports move, so only the band of their ratio is shown, and none while little waits: a
reporter who sends one report sees nothing of it. How long the oldest waits is shown in whole hours
(`analysts.operations.health_signs`).
"""

from datetime import datetime, timedelta

from django.db.models import Sum, TextChoices
from django.utils.translation import gettext_lazy as _

from analysts.models import PortalHour
from reports.models import Arrival, the_hour

HOUR = timedelta(hours=1)
# Fewer are not compared.
LEAST_WAITING = 1000
# More are not counted.
MOST_COUNTED = 100_000


class Backlog(TextChoices):
    """The envelopes that wait, by the reports taken in that are of this hour and the one before."""

    LITTLE = "little", _("hardly anything")
    SOME = "some", _("less than half as many as in two hours")
    MUCH = "much", _("up to as many as in two hours")
    MORE = "more", _("more than in two hours")


def read_backlog(now: datetime) -> Backlog:
    """One query where less than LEAST_WAITING wait, otherwise two."""
    waiting = Arrival.objects.all()[:MOST_COUNTED].count()
    if waiting < LEAST_WAITING:
        return Backlog.LITTLE
    recent = PortalHour.objects.filter(hour__gte=the_hour(now) - HOUR)
    taken = recent.aggregate(Sum("reports"))["reports__sum"] or 0
    if waiting > taken:
        return Backlog.MORE
    return Backlog.MUCH if 2 * waiting > taken else Backlog.SOME

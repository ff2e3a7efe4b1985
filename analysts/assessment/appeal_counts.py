"""How appeals were decided."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from analysts.codes.appeals import AppealOutcome
from analysts.models import Appeal

YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class AppealCount:
    label: str
    number: int


def count_appeals(now: datetime) -> list[AppealCount]:
    """Appeals of all portals: decided within a year by outcome, and waiting. One query."""
    counted = Appeal.objects.filter(Q(outcome="") | Q(reviewed_at__gt=now - YEAR))
    numbers = dict(counted.order_by().values_list("outcome").annotate(number=Count("pk")))
    labels = [(outcome.value, str(capfirst(outcome.label))) for outcome in AppealOutcome]
    return [AppealCount(label, numbers.get(outcome, 0)) for outcome, label in [*labels, ("", _("Waiting"))]]

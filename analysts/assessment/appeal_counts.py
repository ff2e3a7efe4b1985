"""How appeals were decided."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from analysts.codes.appeals import AppealOutcome
from analysts.incidents.table import count_label
from analysts.models import Appeal

YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class AppealCount:
    label: str
    number: str


def count_appeals(now: datetime) -> list[AppealCount]:
    """Of all portals: those decided within a year by outcome, and those that wait."""
    decided = Appeal.objects.filter(reviewed_at__gt=now - YEAR).exclude(outcome="")
    numbers = dict(decided.order_by().values_list("outcome").annotate(number=Count("pk")))
    return [
        *(AppealCount(str(capfirst(each.label)), str(numbers.get(each.value, 0))) for each in AppealOutcome),
        AppealCount(_("Waiting"), count_label(Appeal.objects.waiting())),
    ]

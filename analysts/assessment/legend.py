"""The legend of incident lists: priorities, reasons and ages."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from analysts.incidents.priority import PriorityReason, priority_level
from analysts.incidents.table import AgeMark


@dataclass(frozen=True, slots=True)
class LegendPriority:
    """Priorities of one colour: the numbers, and their meaning."""

    level: int
    numbers: str
    meaning: Promise


LEGEND = {
    "priorities": (
        LegendPriority(priority_level(10), "10", _("a child may be in danger now")),
        LegendPriority(priority_level(9), "9", _("read the words first, next after danger")),
        LegendPriority(priority_level(5), "5–8", _("high")),
        LegendPriority(priority_level(1), "1–4", _("other")),
        LegendPriority(priority_level(0), "0", _("one of many similar reports, folded into one row")),
    ),
    "reasons": list(PriorityReason),
    "ages": list(AgeMark),
}

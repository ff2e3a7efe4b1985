"""Incidents as lists show them: masked, and with what the viewer's own portals reported alone."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.utils.formats import date_format, number_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analysts.incidents import contents
from analysts.incidents.priority import PriorityReason
from analysts.models import Incident, IncidentKind, Sighting, User
from countries.languages import language_name
from reports.addresses import mask_all_but_suffix

# Counting further costs more than it tells, and nobody turns that many pages.
MOST_COUNTED = 1000

# The stubs know Paginator as generic; at run time it is a plain class.
if TYPE_CHECKING:
    RowPaginator = Paginator[Any]
else:
    RowPaginator = Paginator


class CappedPaginator(RowPaginator):
    """Pages over the first MOST_COUNTED only: neither the count nor the last page reads everything."""

    @cached_property
    def count(self) -> int:
        """Where there are fewer, the list is of these from now on: somebody's few rows among the many of others' are
        found by whose they are, and then put in order. In the order of all, everything before them would be read.
        """
        rows = cast("QuerySet[Any]", self.object_list)
        found = list(rows.order_by().values_list("pk", flat=True)[:MOST_COUNTED])
        if len(found) < MOST_COUNTED:
            self.object_list = rows.filter(pk__in=found)
        return len(found)

    @property
    def counted(self) -> str:
        return number_label(self.count)


def count_label(rows: QuerySet[Any]) -> str:
    """How many, as text: exact below MOST_COUNTED, "1,000+" from there on."""
    return number_label(rows.order_by()[:MOST_COUNTED].count())


def number_label(number: int) -> str:
    return number_format(number, force_grouping=True) + ("+" if number >= MOST_COUNTED else "")


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """An incident in a list. `portals`, `languages` and `reports` tell of the viewer's portals alone."""

    incident: Incident
    address: str
    reasons: list[str]
    portals: list[str]
    languages: list[str]
    reports: int
    age: str
    # How many are folded into this row, as text; "" where it stands for itself alone.
    alike: str = ""
    # Who handed it over to the viewer with a note; "" where nobody did.
    handed_over_by: str = ""
    # How many of those say that a child is in danger, as text; "" where none does.
    in_danger: str = ""


def incident_rows(incidents: Iterable[Incident], user: User, now: datetime) -> list[IncidentRow]:
    """One query for all of them, whatever their number, where `key` is selected with them."""
    shown = list(incidents)
    portals: dict[object, dict[str, None]] = defaultdict(dict)
    languages: dict[object, dict[str, None]] = defaultdict(dict)
    reports: dict[object, int] = defaultdict(int)
    seen = (
        Sighting.objects.filter(incident__in=shown, portal__in=user.portal_ids)
        .values_list("incident_id", "portal__name", "report__language")
        .annotate(number=Count("pk"))
        .order_by("portal__name", "report__language")
    )
    for incident_id, portal, language, number in seen:
        portals[incident_id][portal] = None
        languages[incident_id][language_name(language)] = None
        reports[incident_id] += number
    return [
        IncidentRow(
            incident=incident,
            address=mask_address(incident),
            reasons=[str(PriorityReason(reason).label) for reason in incident.priority_reasons],
            portals=list(portals[incident.pk]),
            languages=list(languages[incident.pk]),
            reports=reports[incident.pk],
            age=age_label(incident.waiting_since, now),
        )
        for incident in shown
    ]


def age_label(since: datetime, now: datetime) -> str:
    """How long ago, in whole hours and then days: times are kept to the hour, and minutes would pretend otherwise."""
    hours = int((now - since) / timedelta(hours=1))
    if hours < 1:
        return _("less than an hour")
    if hours < 48:
        return ngettext("%(hours)d hour", "%(hours)d hours", hours) % {"hours": hours}
    days = hours // 24
    return ngettext("%(days)d day", "%(days)d days", days) % {"days": days}


def mask_address(incident: Incident) -> str:
    """What may be shown before a reveal: enough to tell two incidents apart, no word of the address."""
    if incident.kind == IncidentKind.WORDS:
        return _("Words without an address")
    if incident.erased_on:
        return _("Address erased on %(date)s") % {"date": date_format(incident.erased_on, "j M Y")}
    opened = contents.unseal_address(incident)
    return mask_all_but_suffix(opened.normalised) if opened else _("Address no longer readable")

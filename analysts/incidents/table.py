"""Rows of incident lists: masked addresses, and figures from the viewer's own portals only."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from django.core.paginator import Paginator
from django.db.models import Count, Model, QuerySet
from django.utils.formats import date_format, number_format
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analysts.incidents import contents
from analysts.incidents.priority import PriorityReason
from analysts.models import Incident, IncidentKind, Sighting, User
from countries.languages import language_name
from reports.addresses import mask_all_but_suffix

# Larger counts are not exact: counting further is expensive, and lists are not paged that far.
MOST_COUNTED = 1000

# The stubs know Paginator as generic; at run time it is a plain class.
if TYPE_CHECKING:
    RowPaginator = Paginator[Any]
else:
    RowPaginator = Paginator


class CappedPaginator(RowPaginator):
    """Paginates the first MOST_COUNTED rows only, so that neither the count nor the last page reads all rows."""

    @cached_property
    def count(self) -> int:
        """The number of rows, at most MOST_COUNTED.

        Below that, the list is narrowed to the ids found. Otherwise PostgreSQL would walk the ordering index past all
        rows of other users to find a user's few rows.
        """
        rows = cast("QuerySet[Model]", self.object_list)
        found = list(rows.order_by().values_list("pk", flat=True)[:MOST_COUNTED])
        if len(found) < MOST_COUNTED:
            self.object_list = rows.filter(pk__in=found)
        return len(found)

    @property
    def counted(self) -> str:
        return number_label(self.count)


@dataclass(frozen=True, slots=True)
class CappedCount:
    """A number of rows, at most MOST_COUNTED."""

    number: int

    @property
    def label(self) -> str:
        """The number as text: exact below MOST_COUNTED, otherwise "1,000+"."""
        return number_label(self.number)


def count_rows(rows: QuerySet[Model]) -> CappedCount:
    return CappedCount(rows.order_by()[:MOST_COUNTED].count())


def count_label(rows: QuerySet[Model]) -> str:
    return count_rows(rows).label


def number_label(number: int) -> str:
    return number_format(number, force_grouping=True) + ("+" if number >= MOST_COUNTED else "")


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """An incident in a list. `portals`, `languages` and `reports` cover the viewer's portals only."""

    incident: Incident
    address: str
    reasons: list[str]
    portals: list[str]
    languages: list[str]
    reports: int
    age: str
    # Number of similar reports that this row represents, as text; "" for a single incident.
    alike: str = ""
    # Who handed it over to the viewer with a note; "" if it was not handed over.
    handed_over_by: str = ""
    # How many of the similar reports say that a child is in danger, as text; "" for none.
    in_danger: str = ""


def incident_rows(incidents: Iterable[Incident], user: User, now: datetime) -> list[IncidentRow]:
    """Build the rows. One query in total, provided that `incidents` selects `key` as a related object."""
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
    """The age in whole hours, or in days from 48 hours on. Times are only stored to the hour."""
    hours = int((now - since) / timedelta(hours=1))
    if hours < 1:
        return _("less than an hour")
    if hours < 48:
        return ngettext("%(hours)d hour", "%(hours)d hours", hours) % {"hours": hours}
    days = hours // 24
    return ngettext("%(days)d day", "%(days)d days", days) % {"days": days}


def mask_address(incident: Incident) -> str:
    """The masked address, which can be shown before a reveal: distinguishes incidents without exposing any word."""
    if incident.kind == IncidentKind.WORDS:
        return _("Words without an address")
    if incident.erased_on:
        return _("Address erased on %(date)s") % {"date": date_format(incident.erased_on, "j M Y")}
    opened = contents.unseal_address(incident)
    return mask_all_but_suffix(opened.normalised) if opened else _("Address no longer readable")

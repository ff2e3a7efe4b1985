"""Computed columns of the operators' list of portals."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, ngettext

from countries.disclosure import KeyedCount
from countries.figures import last_closed_month, reports_of_month
from countries.models import Portal, PortalState
from countries.staff.contacts.contact_checks import is_due
from countries.staff.document.checklist_item import Checklist
from countries.staff.requests.staff_pages import format_day
from countries.staff.workspace.checklist import build_checklist, read_shared_findings
from countries.staff.workspace.checklist_counts import with_contacts_due, with_open_items


@dataclass(frozen=True, slots=True)
class PortalListRow:
    checklist: Checklist
    month: date
    # In that month; None if it is not counted yet.
    reports: KeyedCount | None
    stale: int


def portal_rows(portals: Iterable[Portal]) -> dict[int, PortalListRow]:
    """Maps portal ids to list rows; three queries if texts, contacts and partners are prefetched."""
    portals, now, today = list(portals), timezone.now(), timezone.localdate()
    month = last_closed_month(now)
    reports = reports_of_month([portal.pk for portal in portals], month)
    shared = read_shared_findings(portals)
    return {
        portal.pk: PortalListRow(
            checklist=build_checklist(portal, today, shared),
            month=month,
            reports=None if reports is None else reports.get(portal.pk, KeyedCount(0, 0)),
            stale=sum(is_due(contact, today) for contact in portal.contacts.all()),
        )
        for portal in portals
    }


def sortable_portals(portals: QuerySet[Portal], query: Mapping[str, str]) -> QuerySet[Portal]:
    """The portals with the counts that columns are sorted by, if the query sorts by any column."""
    if "o" not in query:
        return portals
    today = timezone.localdate()
    return with_contacts_due(with_open_items(portals, today), today)


def render_cell(label: str, value: str | int) -> str:
    """A cell with its column's label, which is shown if the window is too narrow for columns."""
    return format_html('<span class="narrow-label">{}:</span> <bdi>{}</bdi>', label, value)


def state_label(portal: Portal) -> str:
    """The state's label; for a scheduled portal its opening day and whether it was missed."""
    label = str(PortalState(portal.state).label)
    if portal.state != PortalState.SCHEDULED or portal.opens_on is None:
        return label
    if portal.opening_missed_on is not None:
        return gettext("did not open on %(date)s: the checklist is not complete") % {
            "date": format_day(portal.opens_on)
        }
    return gettext("opens on %(date)s") % {"date": format_day(portal.opens_on)}


def checklist_label(checklist: Checklist) -> str:
    """The percentage done, with an expandable list of open items."""
    percentage = gettext("%(number)d %%") % {"number": checklist.percentage}
    if checklist.complete:
        return percentage
    count = len(checklist.open)
    return format_html(
        '<details class="open-items"><summary>{} <span class="quiet">{}</span></summary><ul>{}</ul></details>',
        percentage,
        ngettext("%(count)d open", "%(count)d open", count) % {"count": count},
        format_html_join("", '<li title="{}">{}</li>', ((item.missing, item.title) for item in checklist.open)),
    )

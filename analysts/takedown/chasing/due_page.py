"""The to-do page: one list for each kind, with the form that hands incidents over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from analysts.accounts.staff_request import StaffRequest
from analysts.incidents.few_open import find_few_takedowns
from analysts.incidents.permissions import check_sees_content
from analysts.incidents.table import MOST_COUNTED, CappedPaginator, IncidentRow, age_label, mark_age, rows_by_id
from analysts.models import DESK_FIELDS
from analysts.takedown.chasing import lists, to_do
from analysts.takedown.chasing.forms import HandOverDue
from analysts.takedown.chasing.to_do_round import is_after
from analysts.takedown.chasing.waits_page import WAITS, waits_page
from analysts.takedown.list_place import KIND, MINE, WHOSE
from analysts.takedown.next_steps.permissions import colleagues_of
from analysts.takedown.notices.covered import NoticeSummary, summarise_notices
from analysts.takedown.routing.to_do import ROUTE
from analysts.takedown.to_do_kinds import ToDoLine, owned_ids
from analysts.welfare import viewing
from countries.staff.requests.staff_pages import staff_page

ROWS_PER_PAGE = 30
# The other value of `whose`. Only what the user follows up comes first if any of it is due.
ALL = "all"


@dataclass(frozen=True, slots=True)
class DueLine:
    """One to-do about an incident, or about a notice that may cover several incidents.

    `row` has the incident with its masked address; None if it can no longer be seen.
    """

    name: str
    # The hosting, or the recipient of the notice; "" where unknown.
    place: str
    why: str
    since: datetime
    due_for: str
    # `AgeMark` of that time.
    due_mark: str
    url: str
    incident: UUID
    row: IncidentRow | None
    # Facts about the notice, if the line is about one.
    notice: NoticeSummary | None = None

    @property
    def owner(self) -> str:
        """The name of the person who follows it up, or of several; "": the analysts of its portals."""
        if self.notice:
            return ", ".join(self.notice.owners)
        step = self.row.next_step if self.row else None
        return str(step.owner) if step and step.owner else ""


@require_safe
def due_page(request: StaffRequest) -> HttpResponse:
    check_sees_content(request.user)
    user, now = request.user, timezone.now()
    chosen, whose = request.GET.get("what", ""), request.GET.get("whose", "")
    if whose == WAITS:
        return waits_page(request)
    # A link to one kind lists as many as the number in it says.
    is_mine = whose == MINE or not (whose or chosen or not lists.followed_up_due(user, now).exists())
    owned = owned_ids(user) if is_mine else None
    few_ids = None if is_mine else find_few_takedowns(user)
    kinds = lists.due_kinds(user, now, few_ids) if owned is None else lists.own_kinds(owned, user, now)
    kind = lists.BY_NAME.get(chosen) or (kinds[0].kind if kinds else to_do.CHECK)
    rows_of_kind = lists.due_lines(kind, user, now, few_ids, owned)
    number, focus = find_place(rows_of_kind, request.GET.get("after"))
    in_order = not (is_mine or kind.begins_with(few_ids))
    pages = CappedPaginator(rows_of_kind, ROWS_PER_PAGE, counts_in_order=in_order)
    page = pages.get_page(request.GET.get("page", number))
    lines = [kind.line(row, now) for row in page]
    rows = rows_by_id({line.incident for line in lines}, user, now)
    notices = summarise_notices({line.notice for line in lines if line.notice}, user)
    filters = {"view": "due", "what": kind.name} | ({"whose": MINE} if is_mine else {})
    viewing.view_queue(by=user, filters=filters, now=now)
    context = {
        "title": _("To do"),
        "kinds": kinds,
        "kind": kind,
        "page": page,
        "is_mine": is_mine,
        "whose": MINE if is_mine else ALL,
        "focus": focus,
        "columns": [
            _("Incident or notice"),
            _("Priority"),
            _("Address"),
            _("Hosted by or sent to"),
            _("Due for"),
            _("Owner"),
        ],
        "lines": [due_line(kind, line, rows, notices, now, is_mine=is_mine) for line in lines],
        "hand_over": HandOverDue(colleagues=colleagues_of(user).only(*DESK_FIELDS), user=user, auto_id="hand_over_%s")
        if lines
        else None,
        "like_routes_url": reverse("admin:like_routes", query=query_of_rows(kind, is_mine)) if kind is ROUTE else "",
    }
    return staff_page(request, "analysts/takedown/chasing/due.html", context)


def due_line(
    kind: lists.ListedKind,
    to_do: ToDoLine,
    rows: Mapping[UUID, IncidentRow],
    notices: Mapping[UUID, NoticeSummary],
    now: datetime,
    *,
    is_mine: bool = False,
) -> DueLine:
    since = to_do.since or now
    return DueLine(
        name=to_do.name,
        place=to_do.place,
        why=to_do.why or str(kind.why),
        since=since,
        due_for=age_label(since, now),
        due_mark=mark_age(since, now),
        url=due_url(to_do.incident, kind, is_mine=is_mine),
        incident=to_do.incident,
        row=rows.get(to_do.incident),
        notice=notices.get(to_do.notice) if to_do.notice else None,
    )


def find_place(rows: "QuerySet[Model, object]", after: str | None) -> tuple[int, int]:
    """The page with the first row after a place, and which row of it has the focus: 1 for the first, 0 for none."""
    if after is None:
        return 1, 0
    later = is_after(rows, after)
    if later is None or not rows.filter(later).exists():
        return 1, 1
    before = rows.exclude(later).order_by()[:MOST_COUNTED].count()
    return before // ROWS_PER_PAGE + 1, before % ROWS_PER_PAGE + 1


def query_of_rows(kind: lists.ListedKind, is_mine: bool) -> dict[str, str]:
    return {KIND: kind.name} | ({WHOSE: MINE} if is_mine else {})


def due_url(incident: UUID, kind: lists.ListedKind, *, is_mine: bool) -> str:
    """The section of the incident's page where the to-do is done. The page then offers the next one of its list."""
    return f"{reverse('admin:incident', args=[incident], query=query_of_rows(kind, is_mine))}#{kind.section}"

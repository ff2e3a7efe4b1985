"""The queue page: incidents that wait for an analyst, best first."""

from datetime import datetime
from uuid import UUID

from django.core.paginator import Page
from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from analysts.accounts.staff_request import StaffRequest
from analysts.assessment.flood_groups import flood_groups, group_rows
from analysts.assessment.flood_rows import recent_closings
from analysts.assessment.forms import ChosenFilters, QueueFilter, View, portals_with_languages
from analysts.assessment.legend import draw_legend
from analysts.assessment.open_drafts import last_decision
from analysts.assessment.queue_filters import USUAL, UsualFilters, filter_queue
from analysts.incidents.few_open import among_open, has_few_open
from analysts.incidents.permissions import check_can_see_queue
from analysts.incidents.table import MOST_COUNTED, CappedPaginator, IdPaginator, first_ids, incident_rows
from analysts.models import Incident, User
from analysts.models.compiled_arguments import AnyOf, Many
from analysts.models.compiled_query import CompiledQuery
from analysts.welfare import viewing
from countries.staff.requests.staff_pages import staff_page

ROWS_A_PAGE = 30


@require_safe
def queue_page(request: StaffRequest) -> HttpResponse:
    check_can_see_queue(request.user)
    user, now = request.user, timezone.now()
    form = QueueFilter(request.GET, portals=portals_with_languages(user))
    chosen = form.chosen()
    page, incidents = find_page(chosen, user, now, request.GET.get("page"))
    groups = flood_groups(chosen, user, now) if page.number == 1 else []
    viewing.view_queue(by=user, filters={name: form.data.get(name, value) for name, value in chosen.items()}, now=now)
    rows = incident_rows([*incidents, *(group.longest_waiting for group in groups)], user, now)
    context = {
        "title": _("Queue"),
        "form": form,
        "page": page,
        "rows": rows[: len(incidents)],
        "groups": group_rows(groups, rows[len(incidents) :]),
        "closings": recent_closings(user, now) if page.number == 1 and not chosen else [],
        "chosen": chosen,
        "last": last_decision(user),
        "legend": draw_legend(),
    }
    return staff_page(request, "analysts/assessment/queue.html", context)


def find_page(
    chosen: ChosenFilters, user: User, now: datetime, page: str | None
) -> tuple["Page[UUID]", list[Incident]]:
    """The page and its incidents; each view is in the order of its index.

    Two queries, as `CappedPaginator` asks them: of a user's few rows the ids come first, then the rows among these.
    """
    # The index of one chosen portal finds its incidents soon.
    is_few = chosen.get("view") == View.ACTING and "portal" not in chosen and has_few_open(user.portal_ids)
    if not chosen.keys() <= USUAL or page not in (None, "", "1"):
        rows = filter_queue(chosen, user, now)
        found = CappedPaginator(among_open(rows, user) if is_few else rows, ROWS_A_PAGE).get_page(page)
        return found, list(found)
    asked = UsualFilters.of(chosen, user)
    ids = _usual_ids(*asked, user, now, is_few)
    shown = _usual_rows(*asked, Many(ids) if len(ids) < MOST_COUNTED else None, user, now, is_few)
    return IdPaginator(ids, ROWS_A_PAGE).get_page(1), shown


@CompiledQuery
def _usual_ids(
    view: View, portal: int | None, languages: list[str] | None, user: User, now: datetime, is_few: bool
) -> "QuerySet[Model, UUID]":
    asked = UsualFilters(view, portal, languages)
    rows = asked.narrow(filter_queue(asked.chosen, user, now))
    if is_few:
        return first_ids(among_open(rows, user))
    # The index of the portals would list all takedowns before the first one is counted.
    return first_ids(rows, in_order=view == View.ACTING)


@CompiledQuery
def _usual_rows(
    view: View,
    portal: int | None,
    languages: list[str] | None,
    ids: Many | None,
    user: User,
    now: datetime,
    is_few: bool,
) -> "QuerySet[Incident]":
    asked = UsualFilters(view, portal, languages)
    rows = asked.narrow(filter_queue(asked.chosen, user, now))
    if ids is not None:
        rows = rows.filter(pk=AnyOf(ids))
    elif is_few:
        rows = among_open(rows, user)
    return rows[:ROWS_A_PAGE]

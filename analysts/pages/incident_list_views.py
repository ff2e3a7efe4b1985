"""The page of all incidents: filters, saved views, and the rows of one page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from analysts.accounts.staff_request import StaffRequest
from analysts.assessment.forms import portals_with_languages
from analysts.assessment.legend import LEGEND
from analysts.incidents.list_kit import ALONE, FILTERS, describe_filters, open_filters_url
from analysts.incidents.permissions import check_can_see_queue
from analysts.models import SavedView
from analysts.pages.incident_list import COLUMNS, Cursor, find_list_page, list_incidents
from analysts.pages.incident_list_form import IncidentListForm
from analysts.pages.lanes import lane_heading
from analysts.pages.saved_view_forms import SaveViewForm
from analysts.pages.saved_views import views_of
from analysts.welfare import viewing
from countries.staff.requests.staff_pages import staff_page


@dataclass(frozen=True, slots=True)
class SavedViewRow:
    """A saved view on the page. `form`: to change it, for its owner."""

    view: SavedView
    is_current: bool
    form: SaveViewForm | None


@require_safe
def incident_list(request: StaffRequest) -> HttpResponse:
    return list_page(request, request.GET)


def list_page(
    request: StaffRequest,
    data: Mapping[str, object],
    *,
    save_form: SaveViewForm | None = None,
    change_form: SaveViewForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The list with the filters of `data`. The forms: refused ones, of a saved view."""
    check_can_see_queue(request.user)
    user, now = request.user, timezone.now()
    form = IncidentListForm(data, user=user, portals=portals_with_languages(user))
    if request.GET.get(FILTERS) == ALONE:
        return TemplateResponse(
            request, "analysts/pages/_list_filters.html", {"form": form, "list_request": form.read_request()}
        )
    list_request, after = form.read_request(), Cursor.parse(str(data.get("after", "")))
    page = find_list_page(list_request, after) if list_request else None
    viewing.view_incident_list(by=user, filters=list_request.chosen if list_request else {}, now=now)
    query, views = list_request.query if list_request else "", list(views_of(user))
    context = {
        "title": heading_of(query, views),
        "form": form,
        "has_filters": FILTERS in request.GET or bool(form.errors),
        "filters_url": open_filters_url("admin:incident_list", query),
        "list_request": list_request,
        "filters_set": describe_filters(form),
        "page": page,
        "is_first": after is None,
        "columns": [column.heading for column in COLUMNS],
        "rows": list_incidents(page.incidents, user, now) if page else [],
        "saved_views": [
            SavedViewRow(
                view, view.query == query, change_form_of(view, change_form) if view.owner_id == user.pk else None
            )
            for view in views
        ],
        "save_form": save_form or SaveViewForm(auto_id="view_%s"),
        "legend": LEGEND,
        "refused": change_form or save_form,
    }
    return staff_page(request, "analysts/pages/incident_list.html", context, status=status)


def heading_of(query: str, views: Iterable[SavedView]) -> str:
    """The name of the lane or saved view with this query."""
    return lane_heading(query) or next(
        (view.name for view in views if query and view.query == query), _("All incidents")
    )


def change_form_of(view: SavedView, refused: SaveViewForm | None) -> SaveViewForm:
    """The form that changes the view; `refused`, with what was typed, if it is of this view."""
    auto_id = f"view{view.pk}_%s"
    if refused and refused.auto_id == auto_id:
        return refused
    return SaveViewForm(auto_id=auto_id, initial={"name": view.name, "is_shared": view.is_shared})

"""Pages of what waits for a second person."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from audit.permissions import why_not
from countries.models import Change
from countries.staff import changes
from countries.staff.changes import check_can_confirm, check_can_refuse
from countries.staff.differences import differences
from countries.staff.document import document_of
from countries.staff.permissions import check_is_operator
from countries.staff.staff_pages import OperatorRequest, staff_page

MOST_LISTED = 20


@require_safe
def changes_list(request: OperatorRequest) -> HttpResponse:
    check_is_operator(request.user)
    found = Change.objects.select_related("portal")
    decided = found.exclude(pk__in=Change.objects.waiting())[:MOST_LISTED]
    context = {
        "title": _("Changes for a second person"),
        "waiting": [(change, changes.what(change)) for change in found.waiting()],
        "decided": [(change, changes.what(change)) for change in decided],
    }
    return staff_page(request, "countries/staff/changes.html", context)


@require_safe
def review(request: OperatorRequest, change_id: int) -> HttpResponse:
    check_is_operator(request.user)
    change = get_object_or_404(Change.objects.select_related("portal"), pk=change_id)
    # Of a change that was decided, the portal before it is not kept.
    document = change.document if change.decided_at is None else None
    found = differences(document_of(change.portal), document) if document else []
    context = {
        "title": f"{change.portal}: {changes.what(change)}",
        "change": change,
        "what": changes.what(change),
        "first": [difference for difference in found if difference.misleads],
        "others": [difference for difference in found if not difference.misleads],
        "why_not": why_not(check_can_confirm, request.user, change),
        "why_not_refused": why_not(check_can_refuse, request.user, change),
    }
    return staff_page(request, "countries/staff/change.html", context)


@require_POST
def confirm(request: OperatorRequest, change_id: int) -> HttpResponse:
    check_is_operator(request.user)
    try:
        changes.confirm(by=request.user, change=get_object_or_404(Change, pk=change_id))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("admin:change_review", change_id)
    messages.success(request, _("Confirmed: the public sees it within seconds."))
    return redirect("admin:changes")


@require_POST
def refuse(request: OperatorRequest, change_id: int) -> HttpResponse:
    check_is_operator(request.user)
    changes.refuse(by=request.user, change=get_object_or_404(Change, pk=change_id))
    messages.success(request, _("Refused: nothing has changed."))
    return redirect("admin:changes")

"""The page of systemic cases: those that wait for a senior analyst, and the user's own with their answers."""

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from analysts.accounts.staff_request import StaffRequest
from analysts.codes import Role
from analysts.incidents.permissions import check_sees_content
from analysts.models import SystemicCase
from audit.actions import record_view
from countries.decided_settings import number_in_force
from countries.staff.requests.staff_pages import staff_page

# The length of each list: the cases that wait longest, and the latest of one's own.
MOST_LISTED = 100


@require_safe
def systemic_cases(request: StaffRequest) -> HttpResponse:
    user, now = request.user, timezone.now()
    check_sees_content(user)
    waiting = SystemicCase.objects.waiting().open_to(user).select_related("sent_by")
    own = SystemicCase.objects.filter(sent_by=user, incident__portals__overlap=user.portal_array)
    context = {
        "title": _("Systemic cases"),
        "answers": user.role == Role.SENIOR,
        "waiting": waiting[:MOST_LISTED],
        "own": own.select_related("answered_by").order_by("-sent_at", "pk")[:MOST_LISTED],
        "days": number_in_force("SYSTEMIC_CASE_DAYS"),
        "now": now,
    }
    record_view(by=user, action="systemic_case.view", at=now)
    return staff_page(request, "analysts/takedown/systemic_cases/list.html", context)

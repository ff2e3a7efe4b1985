"""Context of the staff page layout, computed lazily, so that public pages do not pay for it."""

from collections.abc import Callable
from functools import cache

from django.http import HttpRequest
from django.utils import timezone

from analysts.assessment.forms import View
from analysts.assessment.queue_views import count_queue
from analysts.incidents.permissions import check_can_see_queue
from analysts.incidents.table import CappedCount
from analysts.models import User
from analysts.pages import approvals, health
from analysts.pages.menu import can_view_portals, menu_for
from analysts.welfare.display_preferences import display_of
from audit.permissions import is_allowed


def staff(request: HttpRequest) -> dict[str, Callable[[], object]]:
    """Callables that templates call by name. Each is computed at most once per page."""
    numbers = {"approvals_waiting": cache(lambda: approvals_waiting(request))}
    return {
        **numbers,
        "menu": cache(lambda: menu_for(request.user, numbers) if isinstance(request.user, User) else []),
        "sees_queue": cache(lambda: sees_queue(request)),
        "display": cache(lambda: display_classes(request)),
        "sees_portals": cache(lambda: sees_portals(request)),
        "reports_of_danger": cache(lambda: reports_of_danger(request)),
        "staff_bar": cache(lambda: staff_bar(request)),
    }


def sees_queue(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and is_allowed(check_can_see_queue, request.user)


def display_classes(request: HttpRequest) -> str:
    """CSS classes of the page's body, for users who can reveal content."""
    user = request.user
    return display_of(user).classes if isinstance(user, User) and is_allowed(check_can_see_queue, user) else ""


def sees_portals(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and can_view_portals(request.user)


def approvals_waiting(request: HttpRequest) -> int | None:
    """Number of requests waiting for a second person; None for users who decide none."""
    return approvals.count_waiting(request.user) if isinstance(request.user, User) else None


def reports_of_danger(request: HttpRequest) -> CappedCount | None:
    """Number of incidents in the queue's danger view; None for users without a queue, or if there is none."""
    if not isinstance(request.user, User) or not is_allowed(check_can_see_queue, request.user):
        return None
    counted = count_queue({"view": View.DANGER}, request.user, timezone.now())
    return counted if counted.number else None


def staff_bar(request: HttpRequest) -> health.StaffBar:
    """What is late and which modes are on, for every member of staff: nothing in it is content."""
    return health.read_bar(timezone.now()) if isinstance(request.user, User) else health.StaffBar([])

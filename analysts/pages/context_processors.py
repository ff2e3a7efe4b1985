"""Context of the staff page layout, computed lazily, so that public pages do not pay for it."""

from collections.abc import Callable, Mapping
from functools import cache

from django.http import HttpRequest
from django.utils import timezone

from analysts.accounts.time_zones import describe_zone
from analysts.assessment.queue.filters import count_frame
from analysts.incidents.permissions import check_can_see_queue
from analysts.incidents.table import number_label
from analysts.models import User
from analysts.operations.staff_bar import StaffBar, read_bar
from analysts.pages import approvals
from analysts.pages.lanes import MenuParts, read_menu_parts
from analysts.pages.menu import MenuGroup, can_view_portals, menu_for
from analysts.welfare.display_preferences import display_of
from audit.permissions import is_allowed


def staff(request: HttpRequest) -> dict[str, Callable[[], object]]:
    """Callables that templates call by name. Each is computed at most once per page."""
    numbers = {"approvals_waiting": cache(lambda: approvals_waiting(request))}
    counts = cache(lambda: queue_counts(request))
    return {
        **numbers,
        "menu": cache(lambda: menu_of(request, numbers)),
        "menu_parts": cache(lambda: menu_parts(request, counts())),
        "sees_queue": cache(lambda: sees_queue(request)),
        "display": cache(lambda: display_classes(request)),
        "time_zone_note": lambda: describe_zone(request.user),
        "sees_portals": cache(lambda: sees_portals(request)),
        "reports_of_danger": lambda: reports_of_danger(counts()),
        "staff_bar": cache(lambda: staff_bar(request)),
    }


def menu_of(request: HttpRequest, numbers: Mapping[str, Callable[[], int | None]]) -> list[MenuGroup]:
    return menu_for(request.user, numbers, request.path_info) if isinstance(request.user, User) else []


def queue_counts(request: HttpRequest) -> Mapping[str, int] | None:
    """As `count_frame`; None for users without a queue."""
    user = request.user
    return count_frame(user) if isinstance(user, User) and is_allowed(check_can_see_queue, user) else None


def menu_parts(request: HttpRequest, counts: Mapping[str, int] | None) -> MenuParts | None:
    """Lanes and saved views; None for users without a queue."""
    return read_menu_parts(request.user, counts["alike"]) if counts and isinstance(request.user, User) else None


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


def reports_of_danger(counts: Mapping[str, int] | None) -> tuple[int, str] | None:
    """Number of incidents in the queue's danger view, also as text; None for users without a queue, or if it is 0."""
    return (counts["danger"], number_label(counts["danger"])) if counts and counts["danger"] else None


def staff_bar(request: HttpRequest) -> StaffBar:
    """Late items and the modes that are on, for every member of staff: nothing in it is content."""
    return read_bar(timezone.now()) if isinstance(request.user, User) else StaffBar([])

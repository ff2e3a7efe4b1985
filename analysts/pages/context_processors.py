"""Context of the staff page layout, computed lazily, so that public pages do not pay for it."""

from collections.abc import Callable, Mapping
from functools import cache

from django.http import HttpRequest
from django.utils import timezone

from analysts.accounts.time_zones import describe_zone
from analysts.incidents.permissions import check_can_see_queue
from analysts.incidents.table import CappedCount
from analysts.models import User
from analysts.operations.staff_bar import StaffBar, build_bar
from analysts.pages import approvals
from analysts.pages.frame_numbers import FrameNumbers, read_frame
from analysts.pages.lanes import MenuParts, read_menu_parts
from analysts.pages.menu import MenuGroup, can_view_portals, menu_for
from analysts.welfare.display_preferences import display_of
from audit.permissions import is_allowed


def staff(request: HttpRequest) -> dict[str, Callable[[], object]]:
    """Callables that templates call by name. Each is computed at most once per page."""
    numbers = {"approvals_waiting": cache(lambda: approvals_waiting(request))}
    frame = cache(lambda: read_frame_of(request))
    return {
        **numbers,
        "menu": cache(lambda: menu_of(request, numbers)),
        "menu_parts": cache(lambda: menu_parts(request, frame())),
        "sees_queue": cache(lambda: sees_queue(request)),
        "display": cache(lambda: display_classes(request)),
        "time_zone_note": lambda: describe_zone(request.user),
        "sees_portals": cache(lambda: sees_portals(request)),
        "reports_of_danger": lambda: reports_of_danger(frame()),
        "staff_bar": lambda: staff_bar(frame()),
    }


def menu_of(request: HttpRequest, numbers: Mapping[str, Callable[[], int | None]]) -> list[MenuGroup]:
    return menu_for(request.user, numbers, request.path_info) if isinstance(request.user, User) else []


def menu_parts(request: HttpRequest, frame: FrameNumbers | None) -> MenuParts | None:
    """Lanes and saved views; None for users without a queue."""
    return (
        read_menu_parts(frame.menu, request.user) if frame and frame.menu and isinstance(request.user, User) else None
    )


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


def read_frame_of(request: HttpRequest) -> FrameNumbers | None:
    """What the frame shows, with one query; None without a member of staff."""
    if not isinstance(request.user, User):
        return None
    reader = request.user if is_allowed(check_can_see_queue, request.user) else None
    return read_frame(reader, timezone.now())


def reports_of_danger(frame: FrameNumbers | None) -> CappedCount | None:
    """Number of incidents in the queue's danger view; None for users without a queue, or if there is none."""
    return CappedCount(frame.danger) if frame and frame.danger else None


def staff_bar(frame: FrameNumbers | None) -> StaffBar:
    """What is late and which modes are on, for every member of staff: nothing in it is content."""
    return build_bar(frame.signs, timezone.now()) if frame else StaffBar([])

"""Context of the staff page layout, computed lazily, so that public pages do not pay for it."""

from collections.abc import Callable
from functools import cache

from django.http import HttpRequest
from django.utils import timezone

from analysts.accounts.permissions import PORTAL_READERS
from analysts.accounts.time_zones import describe_zone
from analysts.assessment.queue.filters import count_frame
from analysts.codes import Role
from analysts.incidents.permissions import ANALYSTS
from analysts.incidents.table import number_label
from analysts.models import User
from analysts.operations.staff_bar import StaffBar, read_bar
from analysts.pages import approvals
from analysts.pages.lanes import read_menu_parts
from analysts.pages.menu import menu_for
from analysts.welfare.display_preferences import display_of
from analysts.welfare.support import contacts_of_today


def read_bar_of(user: User) -> StaffBar:
    match user.role:
        case Role.RECIPIENT:
            return StaffBar([])
        case Role.PARTNER:
            return read_bar(timezone.now()).without_names()
        case _:
            return read_bar(timezone.now())


def staff(request: HttpRequest) -> dict[str, Callable[[], object]]:
    """Callables that templates call by name. Each is computed at most once per page."""

    def lazy[Value](compute: Callable[[User], Value], default: Value) -> Callable[[], Value]:
        """`default`: the value for a visitor who has not signed in."""
        return cache(lambda: compute(request.user) if isinstance(request.user, User) else default)

    sees_queue = lazy(lambda user: user.role in ANALYSTS.roles, default=False)
    # As `count_frame`; empty for users without a queue.
    counts = lazy(lambda user: count_frame(user) if sees_queue() else {}, default=dict[str, int]())
    # None for users who decide no requests.
    numbers = {"approvals_waiting": lazy(approvals.count_waiting, default=None)}
    return {
        **numbers,
        "menu": lazy(lambda user: menu_for(user, numbers, request.path_info), default=[]),
        "menu_parts": lazy(lambda user: read_menu_parts(user, counts()["alike"]) if counts() else None, default=None),
        "sees_queue": sees_queue,
        # CSS classes of the page's body, for users who can reveal content.
        "display": lazy(lambda user: display_of(user).classes if sees_queue() else "", default=""),
        "time_zone_note": cache(lambda: describe_zone(request.user)),
        # The day's contacts; pages with revealed content name them.
        "support_contacts": cache(lambda: contacts_of_today(now=timezone.now())),
        "sees_portals": lazy(lambda user: user.role in PORTAL_READERS.roles, default=False),
        # The number of incidents in the queue's danger view, also as text; None for none.
        "reports_of_danger": cache(
            lambda: (danger, number_label(danger)) if (danger := counts().get("danger", 0)) else None
        ),
        # Late items and the modes that are on, for every member of staff: nothing in it is content. Officers of a
        # recipient are no staff.
        "staff_bar": lazy(read_bar_of, default=StaffBar([])),
    }

"""What the frame of every staff page shows, found out where a template asks for it: public pages never do."""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.http import HttpRequest

from analysts.accounts.permissions import check_is_administrator
from analysts.incidents.permissions import check_can_see_queue
from analysts.incidents.table import MOST_COUNTED
from analysts.models import Incident, Proposal, User
from analysts.pages.menu import can_view_portals, menu_for
from analysts.welfare.display_preferences import look_of
from analysts.welfare.permissions import check_can_see_welfare
from audit.permissions import allowed
from countries.models import Change
from countries.staff.permissions import check_is_operator


def staff(request: HttpRequest) -> dict[str, Callable[[], Any]]:
    """Functions, which a template calls where it names them, each at most once a page."""
    numbers = {
        "confirmations": cache(lambda: confirmations(request)),
        "changes_waiting": cache(lambda: changes_waiting(request)),
    }
    return {
        **numbers,
        "menu": cache(lambda: menu_for(request.user, numbers) if isinstance(request.user, User) else []),
        "sees_welfare": cache(lambda: sees_welfare(request)),
        "look": cache(lambda: look(request)),
        "sees_portals": cache(lambda: sees_portals(request)),
        "reports_of_danger": cache(lambda: reports_of_danger(request)),
    }


def sees_welfare(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and allowed(check_can_see_welfare, request.user)


def look(request: HttpRequest) -> str:
    """Classes of the page's body, for those before whom something is revealed."""
    user = request.user
    return look_of(user).classes if isinstance(user, User) and allowed(check_can_see_queue, user) else ""


def sees_portals(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and can_view_portals(request.user)


def confirmations(request: HttpRequest) -> int | None:
    """How many decisions wait for a second administrator; None for everybody else."""
    if not isinstance(request.user, User) or not allowed(check_is_administrator, request.user):
        return None
    return Proposal.objects.waiting().count()


def changes_waiting(request: HttpRequest) -> int | None:
    """How many changes of visible portals wait for a second operator; None for whoever is none."""
    if not isinstance(request.user, User) or not allowed(check_is_operator, request.user):
        return None
    return Change.objects.waiting().count()


def reports_of_danger(request: HttpRequest) -> int:
    """How many of the user's incidents tell of a child in danger and are not assessed, up to MOST_COUNTED."""
    if not isinstance(request.user, User) or not allowed(check_can_see_queue, request.user):
        return 0
    return Incident.objects.visible_to(request.user).in_danger()[:MOST_COUNTED].count()

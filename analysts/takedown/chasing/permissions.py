"""Who may record availability checks and escalate."""

from django.utils.translation import gettext_lazy as _

from analysts.incidents.permissions import check_sees_content
from analysts.models import Chase, User
from audit.permissions import Denied


def check_can_check(user: User, chase: Chase | None) -> None:
    """`chase`: the incident's latest; None where it has never had an illegal verdict."""
    check_sees_content(user)
    if chase is None or chase.ended_at is not None:
        raise Denied(_("Only open incidents with an illegal verdict can be checked or escalated."))


def check_can_escalate(user: User, chase: Chase | None) -> None:
    check_can_check(user, chase)
    if chase is None or chase.noticed_at is None:
        raise Denied(_("No notice has been sent yet. Confirm the route first."))
    if chase.has_moved:
        raise Denied(_("The agreed hosting has changed. Approve the new route first."))
    if chase.removed_in_a_row:
        raise Denied(_("The latest availability check found it removed."))

"""May I say whether it is still there, or tell somebody else about it?"""

from django.utils.translation import gettext_lazy as _

from analysts.incidents.permissions import check_sees_content
from analysts.models import Chase, User
from audit.permissions import Denied


def check_can_see_due(user: User) -> None:
    check_sees_content(user)


def check_can_check(user: User, chase: Chase | None) -> None:
    """`chase`: of the incident, the latest; None where it was never found illegal."""
    check_sees_content(user)
    if chase is None or chase.ended_at is not None:
        raise Denied(_("Only what was found illegal, and is not over yet, is looked for."))


def check_can_escalate(user: User, chase: Chase | None) -> None:
    check_can_check(user, chase)
    if chase is None or chase.noticed_at is None:
        raise Denied(_("Nobody has been told yet. Confirm its route first."))
    if chase.has_moved:
        raise Denied(_("It is hosted elsewhere now. Approve where it goes first."))
    if chase.gone_in_a_row:
        raise Denied(_("The latest look found it gone."))

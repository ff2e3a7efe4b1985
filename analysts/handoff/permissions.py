"""May I carry something to the isolated workstation, and say whose answers are believed?"""

from django.utils.translation import gettext_lazy as _

from analysts.codes import Role
from analysts.incidents.permissions import check_sees_content
from analysts.models import User, Workstation
from audit.permissions import Denied


def check_can_hand_off(user: User) -> None:
    """Files hold addresses in clear, and their answers decide what happens to incidents."""
    check_sees_content(user)


def check_keeps_workstations(user: User) -> None:
    """Never the same people as those who take answers in: a false workstation and its answers take two of them."""
    if not user.is_active or user.role != Role.ADMINISTRATOR:
        raise Denied(_("Isolated workstations are registered by administrators only."))


def check_can_close_workstation(user: User, workstation: Workstation) -> None:
    check_keeps_workstations(user)
    if workstation.closed_on is not None:
        raise Denied(_("This workstation is not used any more."))

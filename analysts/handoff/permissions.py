"""Who may exchange files with the isolated workstation, and who may register workstations."""

from django.utils.translation import gettext_lazy as _

from analysts.codes import Role
from analysts.incidents.permissions import check_sees_content
from analysts.models import User, Workstation
from audit.permissions import Denied


def check_can_hand_off(user: User) -> None:
    """Analysts only: the files hold addresses in clear, and their answers change incidents."""
    check_sees_content(user)


def check_keeps_workstations(user: User) -> None:
    """Administrators only, who cannot import results, so that a false workstation needs two people."""
    if not user.is_active or user.role != Role.ADMINISTRATOR:
        raise Denied(_("Only administrators can register isolated workstations."))


def check_can_close_workstation(user: User, workstation: Workstation) -> None:
    check_keeps_workstations(user)
    if workstation.closed_on is not None:
        raise Denied(_("This workstation is already closed."))

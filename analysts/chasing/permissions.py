"""May I say whether it is still there, or tell somebody else about it?"""

from django.utils.translation import gettext_lazy as _

from analysts.models import Incident, User
from analysts.permissions import check_sees_content
from audit.permissions import Denied

NOT_CHASED = _("Only what was found illegal, and is not over yet, is looked for.")


def check_can_see_due(user: User) -> None:
    check_sees_content(user)


def check_can_check(user: User, incident: Incident) -> None:
    check_sees_content(user)
    if not incident.chases.filter(ended_at=None).exists():
        raise Denied(NOT_CHASED)

"""Who may record hosting traces."""

from django.utils.translation import gettext_lazy as _

from analysts.incidents.permissions import check_sees_content
from analysts.models import Incident, User
from audit.permissions import Denied


def check_can_trace(user: User, incident: Incident) -> None:
    check_sees_content(user)
    if incident.known_open_chase is None:
        raise Denied(_("Only open incidents with an illegal verdict can be traced."))

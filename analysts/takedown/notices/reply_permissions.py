"""May I read what addressees answered?"""

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from analysts.incidents.permissions import check_sees_content
from analysts.models import Incident, Reply, User
from audit.permissions import Denied


def check_can_read_replies(user: User, incident: Incident) -> None:
    """Whoever may see the incident: an addressee's words may quote what was reported."""
    check_sees_content(user)


def check_can_read_these(user: User, replies: Collection[Reply]) -> None:
    """Of a letter that tells of several portals, whoever works for them all: nobody reads it away from the others."""
    theirs = Reply.objects.readable_by(user).filter(pk__in=[reply.pk for reply in replies])
    if theirs.count() < len({reply.pk for reply in replies}):
        raise Denied(_("It answers a letter that tells of portals that you do not work for, too."))

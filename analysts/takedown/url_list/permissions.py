"""May I? What is on the URL list is content, and a key that opens its addresses is too.

Whose systems may fetch hashes is the operators' to say; addresses are handed out by those to whom they are open.
"""

from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import Who
from analysts.accounts.permissions import CONTENT_ROLES
from analysts.codes import Role
from analysts.incidents.permissions import check_sees_content
from analysts.models import FeedScope, Incident, User
from audit.permissions import Denied


def check_can_list(user: User, incident: Incident) -> None:
    check_sees_content(user)
    if not incident.chases.filter(ended_at=None).exists() or incident.assessments.acted_on() is None:
        raise Denied(_("Only what was found illegal and is not over goes on the URL list."))


def check_can_keep(user: User, incident: Incident) -> None:
    check_sees_content(user)


def check_can_take_off(user: User, incident: Incident) -> None:
    check_sees_content(user)


def check_can_see_list(user: User) -> None:
    """Counts for all who see it; what is to be reviewed for those who may open it."""
    if not user.is_active or user.role not in CONTENT_ROLES | {Role.OPERATOR}:
        raise Denied(_("The URL list is open to analysts and operators only."))


def check_keeps_members(user: User) -> None:
    if not user.is_active or user.role not in (Role.OPERATOR, Role.SENIOR):
        raise Denied(_("Only operators and senior analysts make and close the keys of members."))


def check_can_make_key(user: User, scope: FeedScope) -> None:
    check_keeps_members(user)
    if scope == FeedScope.ADDRESSES:
        check_gives_addresses(user)


def check_gives_addresses(user: User) -> None:
    if not user.is_active or user.role != Role.SENIOR:
        raise Denied(_("A key that opens addresses is made by a senior analyst."))


LIST_READERS = Who(CONTENT_ROLES | {Role.OPERATOR}, check_can_see_list)
MEMBER_KEEPERS = Who(frozenset({Role.OPERATOR, Role.SENIOR}), check_keeps_members)

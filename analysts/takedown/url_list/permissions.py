"""Permissions for the URL list, its entries and member keys.

Entries are reported content. Operators may create keys for hashes; keys for addresses are created by senior analysts,
who may see addresses themselves.
"""

from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import restrict_to
from analysts.accounts.permissions import CONTENT_ROLES
from analysts.codes import Role, Severity
from analysts.incidents.permissions import check_sees_content
from analysts.models import FeedScope, Incident, User
from audit.permissions import Denied

NOT_LISTED = _("Text and links that only assist an offence are not put on the URL list: members block material.")


def check_can_list(user: User, incident: Incident) -> None:
    check_sees_content(user)
    verdict = incident.assessments.acted_on()
    if not incident.chases.filter(ended_at=None).exists() or verdict is None:
        raise Denied(_("Only open incidents with an illegal verdict can be put on the URL list."))
    if not Severity(verdict.severity).row.is_listed:
        raise Denied(NOT_LISTED)


def check_can_change_entry(user: User, incident: Incident) -> None:
    """Check whether the user may review an entry, take it off, or withdraw a waiting listing."""
    check_sees_content(user)


# The counts. The list of due reviews is shown only to roles that may see content.
LIST_READERS, check_can_see_list = restrict_to(
    CONTENT_ROLES | {Role.OPERATOR}, _("Only analysts and operators can see the URL list.")
)
MEMBER_KEEPERS, check_keeps_members = restrict_to(
    {Role.OPERATOR, Role.SENIOR}, _("Only operators and senior analysts can create and close member keys.")
)


def check_can_make_key(user: User, scope: FeedScope) -> None:
    check_keeps_members(user)
    if scope == FeedScope.ADDRESSES:
        check_gives_addresses(user)


def check_gives_addresses(user: User) -> None:
    if not user.is_active or user.role != Role.SENIOR:
        raise Denied(_("Only a senior analyst can create a key for addresses."))

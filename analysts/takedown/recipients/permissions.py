"""Permissions to see, edit and verify recipients. Recipients contain no report data."""

from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import restrict_to
from analysts.accounts.permissions import CONTENT_ROLES
from analysts.codes import Role
from analysts.models import Recipient, User
from analysts.models.recipient import Channel
from audit.permissions import Denied
from countries.staff.requests.approvals import check_is_second_person

RECIPIENT_READERS, check_can_see = restrict_to(
    CONTENT_ROLES | {Role.OPERATOR}, _("Only analysts and operators can see recipients.")
)
RECIPIENT_EDITORS, check_can_edit = restrict_to({Role.OPERATOR}, _("Only operators can add and change recipients."))
RECIPIENT_VERIFIERS, check_may_verify = restrict_to(
    {Role.OPERATOR, Role.SENIOR}, _("Only operators and senior analysts can verify recipients.")
)


def check_can_verify(user: User, recipient: Recipient) -> None:
    """Require a second person, so that a wrong address is noticed before notices go to it."""
    check_may_verify(user)
    if recipient.closed_on is not None:
        raise Denied(_("This recipient is deactivated. Reactivate it first."))
    if recipient.is_verified:
        raise Denied(_("This recipient is already verified."))
    if not can_be_reached(recipient):
        raise Denied(_("This recipient has no contact details yet."))
    refusal = _("You entered the contact details. A second person has to verify them.")
    check_is_second_person(user, recipient.changed_by_id, recipient.changed_at, refusal=refusal)


def check_can_decide_contact(user: User, recipient: Recipient, *, takes: bool) -> None:
    """Only a second person takes a contact that a trace found; the person who verifies may keep the known one."""
    check_may_verify(user)
    if not recipient.proposed_email:
        raise Denied(_("No other contact is proposed any more."))
    if not takes:
        return
    if recipient.closed_on is not None:
        raise Denied(_("This recipient is deactivated. Reactivate it first."))
    refusal = _("You proposed this contact. A second person has to decide.")
    check_is_second_person(user, recipient.proposed_by_id, recipient.proposed_at, refusal=refusal)


def check_can_close_down(user: User, recipient: Recipient) -> None:
    check_can_edit(user)
    if recipient.closed_on is not None:
        raise Denied(_("This recipient is already deactivated."))


def check_can_reopen(user: User, recipient: Recipient) -> None:
    check_can_edit(user)
    if recipient.closed_on is None:
        raise Denied(_("This recipient is not deactivated."))


def can_be_reached(recipient: Recipient) -> bool:
    match Channel(recipient.channel):
        case Channel.EMAIL | Channel.XARF:
            return bool(recipient.email)
        case Channel.LINK:
            return bool(recipient.form_address)
        case Channel.BY_HAND:
            return True

"""May I? Who sees, enters and verifies recipients. They tell nothing of any report."""

from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import Who
from analysts.accounts.permissions import CONTENT_ROLES
from analysts.codes import Role
from analysts.models import Recipient, User
from analysts.models.recipient import Channel
from audit.permissions import Denied

VERIFIERS = frozenset({Role.OPERATOR, Role.SENIOR})


def check_can_see(user: User) -> None:
    if not user.is_active or user.role not in CONTENT_ROLES | {Role.OPERATOR}:
        raise Denied(_("Recipients are open to analysts and operators only."))


def check_can_edit(user: User) -> None:
    if not user.is_active or user.role != Role.OPERATOR:
        raise Denied(_("Only an operator enters and changes recipients."))


def check_may_verify(user: User) -> None:
    if not user.is_active or user.role not in VERIFIERS:
        raise Denied(_("Only an operator or a senior analyst verifies recipients."))


def check_can_verify(user: User, recipient: Recipient) -> None:
    """Two people: a slip, or a wrong address entered on purpose, is seen by somebody else before anything leaves."""
    check_may_verify(user)
    if recipient.closed_on is not None:
        raise Denied(_("It is not used any more. Take it up again first."))
    if recipient.verified_on is not None:
        raise Denied(_("It is verified."))
    if not can_be_reached(recipient):
        raise Denied(_("Nobody has entered yet where it is reached."))
    if recipient.changed_by_id == user.pk:
        raise Denied(_("You entered where it is reached. Somebody else has to verify it."))


def check_can_close_down(user: User, recipient: Recipient) -> None:
    check_can_edit(user)
    if recipient.closed_on is not None:
        raise Denied(_("It is not used any more already."))


def check_can_reopen(user: User, recipient: Recipient) -> None:
    check_can_edit(user)
    if recipient.closed_on is None:
        raise Denied(_("It is in use."))


def can_be_reached(recipient: Recipient) -> bool:
    match Channel(recipient.channel):
        case Channel.EMAIL:
            return bool(recipient.email)
        case Channel.LINK:
            return bool(recipient.form_address)
        case Channel.BY_HAND:
            return True


RECIPIENT_READERS = Who(CONTENT_ROLES | {Role.OPERATOR}, check_can_see)
RECIPIENT_EDITORS = Who(frozenset({Role.OPERATOR}), check_can_edit)
RECIPIENT_VERIFIERS = Who(VERIFIERS, check_may_verify)

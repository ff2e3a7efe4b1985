"""Who opens an inbox: accounts of the role *recipient*, while their access is confirmed. And who gives access.

Which referrals an account sees is decided in the query alone: `Referral.objects.in_inbox_of`.
"""

from datetime import date

from django.utils.translation import gettext_lazy as _

from analysts.accounts.access import restrict_to
from analysts.accounts.permissions import check_is_administrator
from analysts.codes import Role
from analysts.models import RecipientAccess, User
from audit.permissions import Denied, Late

INBOX_READERS, check_has_inbox = restrict_to({Role.RECIPIENT}, _("Only accounts of recipients have an inbox."))
ACCESS_SUSPENDERS, check_may_suspend = restrict_to(
    {Role.ADMINISTRATOR, Role.SENIOR}, _("Only administrators and senior analysts can suspend an inbox.")
)


def open_access(user: User, today: date) -> RecipientAccess | None:
    """The user's access, if it opens an inbox today. One query."""
    return RecipientAccess.objects.open(today).filter(user=user).select_related("recipient").first()


def check_inbox_is_open(user: User, today: date) -> RecipientAccess:
    check_has_inbox(user)
    if (access := open_access(user, today)) is None:
        raise Denied(_("Your inbox is not open: the hotline has to confirm your account. Ask your contact there."))
    return access


def check_can_bind(user: User, account: User) -> None:
    check_is_administrator(user)
    if account.role != Role.RECIPIENT or account.unconfirmed:
        raise Denied(_("Only an approved account with the role of a recipient has an inbox."))


def check_can_confirm(user: User, access: RecipientAccess) -> None:
    check_is_administrator(user)
    if access.suspended_at is not None:
        raise Denied(_("This inbox is suspended. Request approval to open it again."))


def check_can_suspend(user: User, access: RecipientAccess) -> None:
    check_may_suspend(user)
    if access.suspended_at is not None:
        raise Late(_("This inbox is already suspended."))

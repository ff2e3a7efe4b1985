"""Inboxes of recipients: two administrators bind an account to one recipient, and one person confirms or suspends it.

The binding lasts: another recipient needs another account. A suspended account takes two administrators again.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts.accounts import sessions
from analysts.accounts.approvals import check_requester, name_of_account
from analysts.accounts.permissions import check_is_administrator
from analysts.codes.recipient_kinds import kinds_that_are
from analysts.models import Recipient, RecipientAccess, RecipientQuerySet, User
from analysts.takedown.inbox.permissions import check_can_bind, check_can_confirm, check_can_suspend
from audit.actions import JSON, record_event
from audit.log_ids import AccountId
from audit.permissions import Denied
from countries.models import ApprovalRequest
from countries.staff.requests.approvals import ApprovalKind, StaffMember, request_approval


def recipients_with_inbox() -> RecipientQuerySet:
    """Recipients that can have accounts: verified police forces and hotlines."""
    return Recipient.objects.usable().filter(kind__in=kinds_that_are(lambda row: row.is_national))


@transaction.atomic
def request_access(
    *, by: User, user: User, recipient: Recipient, reason: str, now: datetime | None = None
) -> ApprovalRequest:
    """Request that the account opens the recipient's inbox: a new account, or one that was suspended. Raises Denied."""
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    check_can_bind(by, user)
    access = RecipientAccess.objects.filter(user=user).select_related("recipient").first()
    if access and access.recipient_id != recipient.pk:
        name = {"name": access.recipient.name}
        raise Denied(_("This account belongs to %(name)s. Open another account for another recipient.") % name)
    if access and access.suspended_at is None:
        raise Denied(_("This account opens that inbox already."))
    _check_recipient(recipient)
    payload: dict[str, JSON] = {"recipient": str(recipient.pk)}
    before = _state_of(user)
    return request_approval(RECIPIENT_ACCESS, by=by, about=user, payload=payload, before=before, reason=reason, now=now)


@transaction.atomic
def confirm_access(*, by: User, access: RecipientAccess, now: datetime | None = None) -> RecipientAccess:
    """Confirm for another quarter that the person still works for the recipient. Raises Denied."""
    now = now or timezone.now()
    access = _lock_access(access)
    check_can_confirm(by, access)
    before = access.confirmed_on.isoformat()
    access.confirmed_on, access.confirmed_by = now.date(), by
    access.save(update_fields=["confirmed_on", "confirmed_by"])
    details = {**_account_details(access), "before": before, "after": access.confirmed_on.isoformat()}
    record_event(by=by, action="inbox.confirm", on=access.user, details=details, at=now)
    return access


@transaction.atomic
def suspend_access(*, by: User, access: RecipientAccess, now: datetime | None = None) -> RecipientAccess:
    """Close the inbox to the account at once, and end its sessions. Raises Denied, Late if it is suspended already."""
    now = now or timezone.now()
    access = _lock_access(access)
    check_can_suspend(by, access)
    access.suspended_at, access.suspended_by = now, by
    access.save(update_fields=["suspended_at", "suspended_by"])
    sessions.end_all(access.user)
    record_event(by=by, action="inbox.suspend", on=access.user, details=_account_details(access), at=now)
    return access


def _lock_access(access: RecipientAccess) -> RecipientAccess:
    rows = RecipientAccess.objects.select_for_update(of=("self",)).select_related("user", "recipient")
    return rows.get(pk=access.pk)


def _check_recipient(recipient: Recipient) -> None:
    if not recipients_with_inbox().filter(pk=recipient.pk).exists():
        raise Denied(_("Only a verified police force or hotline has an inbox."))


def _recipient_of(request: ApprovalRequest) -> Recipient:
    return Recipient.objects.get(pk=request.payload["recipient"])


def _state_of(user: User) -> list[object]:
    """The facts that the second administrator must find as the first one saw it."""
    access = RecipientAccess.objects.filter(user=user).values_list("recipient", "suspended_at").first()
    return [user.role, user.name, *map(str, access or ())]


def _check_access(by: StaffMember, request: ApprovalRequest, now: datetime) -> None:
    check_requester(by, request, now)
    _check_recipient(_recipient_of(request))


def _open_access(request: ApprovalRequest, by: StaffMember, now: datetime) -> str:
    fields = {"confirmed_on": now.date(), "confirmed_by_id": by.pk, "suspended_at": None, "suspended_by": None}
    RecipientAccess.objects.update_or_create(
        user=request.about_row(User),
        defaults=fields,
        create_defaults={**fields, "recipient": _recipient_of(request)},
    )
    return ""


def _account_details(access: RecipientAccess) -> dict[str, JSON]:
    return {"account": AccountId(access.user_id), "recipient": str(access.recipient_id)}


def _audit_details(request: ApprovalRequest) -> dict[str, JSON]:
    account = request.about_row(User)
    return {"account": AccountId(account.pk), "recipient": request.payload["recipient"]}


def _list_effects(request: ApprovalRequest) -> list[str]:
    recipient = _recipient_of(request)
    name = {"name": recipient.name, "kind": recipient.get_kind_display()}
    return [
        _("The account opens the inbox of %(name)s (%(kind)s): what was referred to it, and nothing else.") % name,
        _("It opens addresses one by one, each on record, and answers in the recipient’s name."),
        _("It is due to be confirmed in three months."),
    ]


RECIPIENT_ACCESS = ApprovalKind(
    code="recipient_access",
    check_may_decide=check_is_administrator,
    check_is_current=_check_access,
    contents=lambda request: _state_of(request.about_row(User)),
    changed_message=gettext_lazy("The account has changed since the request. Decline it and make a new one."),
    apply=_open_access,
    audit_details=_audit_details,
    title=lambda request: _("%(name)s: inbox of a recipient") % {"name": name_of_account(request)},
    template="analysts/accounts/_approval.html",
    review=_list_effects,
    needs_recent_sign_in=True,
)

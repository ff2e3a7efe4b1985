"""Approval requests about accounts: giving a role that opens reports or creates accounts, and account recovery.

One administrator requests, another approves. If the person needs a new password and second factor, each of the two is
shown one half of a one-time code and hands it over, so that neither can use another person's account alone.
"""

from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts.accounts import actions, permissions, sessions
from analysts.accounts.coverage import note_coverage
from analysts.accounts.permissions import check_is_administrator
from analysts.codes import Role
from analysts.models import User
from audit.actions import JSON
from audit.permissions import Denied, is_allowed
from countries.models import ApprovalRequest
from countries.staff.approvals import Approval, ApprovalKind, StaffMember, request_approval
from countries.staff.staff_pages import staff_page


@transaction.atomic
def request_role(*, by: User, user: User, role: Role, now: datetime | None = None) -> tuple[ApprovalRequest, str]:
    """Request a role that needs two administrators.

    Returns the request and the first half of the one-time code ("" if the person needs none).
    """
    user = _lock_account(user)
    permissions.check_can_request_role(by, user, role)
    half = actions.begin_code(user) if enters_again(user) else ""
    return request_approval(ACCOUNT_ROLE, by=by, account=user, payload={"role": role.value}, now=now), half


@transaction.atomic
def request_recovery(*, by: User, user: User, now: datetime | None = None) -> tuple[ApprovalRequest, str]:
    """Request recovery for a person who lost their password or second factor.

    Returns the request and the first half of the one-time code.
    """
    user = _lock_account(user)
    permissions.check_can_request_recovery(by, user)
    half = actions.begin_code(user)
    return request_approval(ACCOUNT_RECOVERY, by=by, account=user, payload={}, now=now), half


def has_waiting_request(user: User) -> bool:
    return ApprovalRequest.objects.waiting().filter(account=user).exists()


def enters_again(user: User) -> bool:
    """Whether one administrator alone gave the account its current role and so may know its credentials."""
    return user.unconfirmed or not permissions.needs_two(user.role)


def halves_page(request: HttpRequest, user: User, *, first: str = "", second: str = "") -> HttpResponse:
    """The page that shows the code halves to the administrator once; they are stored only as hashes."""
    context = {"title": _("Code for %(name)s") % {"name": user}, "account": user, "first": first, "second": second}
    return staff_page(request, "analysts/accounts/halves.html", context)


@dataclass(frozen=True, slots=True)
class AccountReview:
    """What the second administrator reviews before approving. `role` is "" for a recovery."""

    account: User
    role: str
    # Whether the person sets a new password and second factor, with a code of two halves.
    enters_again: bool


def _lock_account(user: User) -> User:
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _account_of(request: ApprovalRequest) -> User:
    if request.account is None:
        raise ValueError("The request is not about an account.")
    return request.account


def check_requester(by: StaffMember, request: ApprovalRequest, now: datetime) -> None:
    if not is_allowed(check_is_administrator, request.requested_by):
        raise Denied(gettext_lazy("The person who requested this is no longer an administrator."))


def _check_recovery(by: StaffMember, request: ApprovalRequest, now: datetime) -> None:
    check_requester(by, request, now)
    if not _account_of(request).is_active:
        raise Denied(gettext_lazy("The account is deactivated."))


def _give_role(request: ApprovalRequest, by: StaffMember, now: datetime) -> str:
    user, half = _account_of(request), ""
    if enters_again(user):
        # The administrator who created the account may know its password or have set up its second factor.
        half = actions.complete_code(user, now)
        user.set_unusable_password()
        Authenticator.objects.filter(user=user).delete()
    user.role = Role(request.payload["role"])
    # An approved account that was deactivated stays deactivated.
    user.is_active = user.is_active or user.unconfirmed
    user.unconfirmed = False
    user.save(update_fields=["role", "password", "is_active", "unconfirmed"])
    sessions.end_all(user)
    note_coverage(now=now)
    return half


def _let_recover(request: ApprovalRequest, by: StaffMember, now: datetime) -> str:
    return actions.complete_code(_account_of(request), now)


def _discard_code(request: ApprovalRequest) -> None:
    actions.discard_half_code(_account_of(request))


def _audit_details(request: ApprovalRequest) -> dict[str, JSON]:
    return {"account": _account_of(request).username, "role": request.payload.get("role", "")}


def _role_label(request: ApprovalRequest) -> str:
    return str(Role(request.payload["role"]).label) if request.payload else ""


def _build_review(request: ApprovalRequest) -> AccountReview:
    account = _account_of(request)
    role = _role_label(request)
    return AccountReview(account=account, role=role, enters_again=not role or enters_again(account))


def _second_half_page(http_request: HttpRequest, approval: Approval) -> HttpResponse:
    return halves_page(http_request, _account_of(approval.request), second=approval.secret)


ACCOUNT_ROLE = ApprovalKind(
    code="account_role",
    check_may_decide=check_is_administrator,
    check_is_current=check_requester,
    apply=_give_role,
    discard=_discard_code,
    audit_details=_audit_details,
    title=lambda request: _("%(name)s: role %(role)s") % {"name": request.account, "role": _role_label(request)},
    template="analysts/accounts/_approval.html",
    review=_build_review,
    approved_message=gettext_lazy("Approved."),
    needs_recent_sign_in=True,
    secret_page=_second_half_page,
)
ACCOUNT_RECOVERY = ApprovalKind(
    code="account_recovery",
    check_may_decide=check_is_administrator,
    check_is_current=_check_recovery,
    apply=_let_recover,
    discard=_discard_code,
    audit_details=_audit_details,
    title=lambda request: _("%(name)s: new password and second factor") % {"name": request.account},
    template="analysts/accounts/_approval.html",
    review=_build_review,
    approved_message=gettext_lazy("Approved."),
    needs_recent_sign_in=True,
    secret_page=_second_half_page,
)
ACCOUNT_KINDS = (ACCOUNT_ROLE, ACCOUNT_RECOVERY)

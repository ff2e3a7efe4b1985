"""Vouching for accounts: two administrators confirm, once, accounts that the command or an earlier version made.

An account that the product adds is made by two administrators. For all others the first vouching decides: it includes
an account, or leaves it out, which then is no second person until a later vouching includes it.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from analysts.accounts.approvals import account_ids, check_requester
from analysts.accounts.permissions import check_is_administrator
from analysts.models import User
from audit.actions import JSON
from audit.models import AuditEvent, LogId
from audit.permissions import Denied
from countries.models import ApprovalRequest
from countries.staff.requests.approvals import ApprovalKind, StaffMember, request_approval


@dataclass(frozen=True, slots=True)
class VouchingReview:
    """For the second administrator: the accounts, each with the name of its maker, and those left out."""

    accounts: list[tuple[User, str]]
    others: list[User]


@transaction.atomic
def request_vouching(
    *, by: User, accounts: Collection[User], reason: str, now: datetime | None = None
) -> ApprovalRequest:
    """Request that these accounts count as made by two. Raises Denied, also if the requester's own is left out."""
    by = User.objects.select_for_update(no_key=True).get(pk=by.pk)
    check_is_administrator(by)
    account_ids = sorted(account.pk for account in accounts)
    _check_own_account(by, account_ids)
    if not account_ids or User.objects.to_vouch_for().filter(pk__in=account_ids).count() != len(account_ids):
        raise Denied(gettext_lazy("The accounts have changed. Open the page again."))
    payload: dict[str, JSON] = {"accounts": account_ids}
    # About the account of the requester, who vouches; the approver is another person.
    return request_approval(
        VOUCHING, by=by, about=by, payload=payload, before=_identities(account_ids), reason=reason, now=now
    )


def names_of_makers(accounts: Iterable[User]) -> dict[int, str]:
    """Who added each account, by its number: the user name, of an earlier event that of then. Two queries."""
    accounts_by_id = {str(account.pk): account.pk for account in accounts}
    names = {"": str(_("the command on the server"))}
    rows_of_ids = LogId.objects.exclude(account=None).values_list("value", "account", "account__username")
    for value, number, username in rows_of_ids:
        accounts_by_id[value], names[value] = number, username
    events = AuditEvent.objects.filter(
        action="user.add", object_type=User._meta.label_lower, object_id__in=list(accounts_by_id)
    )
    rows = events.values_list("object_id", "actor")
    return {accounts_by_id[object_id]: names.get(actor, actor) for object_id, actor in rows}


def _check_own_account(user: StaffMember, account_ids: Collection[int]) -> None:
    """Otherwise a vouching could leave an installation with one administrator who is a second person, or none."""
    if not user.is_vouched_for and user.pk not in account_ids:
        raise Denied(gettext_lazy("Your own account is not among them. The two who vouch must be."))


def _identities(account_ids: Collection[int]) -> list[list[object]]:
    rows = User.objects.filter(pk__in=account_ids).order_by("pk")
    return [list(row) for row in rows.values_list("pk", "username", "name", "role", "is_active")]


def _check_vouching(by: StaffMember, request: ApprovalRequest, now: datetime) -> None:
    check_requester(by, request, now)
    _check_own_account(by, request.payload["accounts"])


def _vouch(request: ApprovalRequest, by: StaffMember, now: datetime) -> str:
    User.objects.filter(pk__in=request.payload["accounts"]).update(is_vouched_for=True)
    User.objects.filter(is_vouched_for=None).update(is_vouched_for=False)
    return ""


def _build_review(request: ApprovalRequest) -> VouchingReview:
    account_ids = request.payload["accounts"]
    accounts = list(User.objects.filter(pk__in=account_ids))
    makers = names_of_makers(accounts)
    return VouchingReview(
        [(account, makers.get(account.pk, "")) for account in accounts],
        list(User.objects.to_vouch_for().exclude(pk__in=account_ids)),
    )


def _title(request: ApprovalRequest) -> str:
    number = len(request.payload["accounts"])
    return ngettext("Vouch for %(number)d account", "Vouch for %(number)d accounts", number) % {"number": number}


VOUCHING = ApprovalKind(
    code="account_vouching",
    check_may_decide=check_is_administrator,
    check_is_current=_check_vouching,
    contents=lambda request: _identities(request.payload["accounts"]),
    changed_message=gettext_lazy("An account has changed since the request. Decline it and make a new one."),
    apply=_vouch,
    audit_details=lambda request: {"accounts": account_ids(request.payload["accounts"])},
    title=_title,
    template="analysts/accounts/_vouching_approval.html",
    review=_build_review,
    approved_message=gettext_lazy("Approved. These accounts can be second persons; accounts left out cannot."),
    needs_recent_sign_in=True,
)

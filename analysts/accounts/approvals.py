"""Approval requests about accounts: a role, more portals, and recovery.

One administrator requests, another approves. If the person needs a new password and second factor, each of the two is
shown one half of a one-time code and hands it over, so that neither can use another person's account alone.
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import partial

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts.accounts import actions, permissions, sessions
from analysts.accounts.account_mails import announce_account
from analysts.accounts.coverage import note_coverage
from analysts.accounts.permissions import check_is_administrator
from analysts.codes import Role
from analysts.models import RecipientAccess, User
from audit.actions import JSON
from audit.log_ids import AccountId
from audit.permissions import Denied, is_allowed
from countries.models import ApprovalRequest, LanguageRole, Portal
from countries.staff.requests.approvals import Approval, ApprovalKind, StaffMember, request_approval
from countries.staff.requests.staff_pages import staff_page

# Names by the label of the change that approval makes, as a second administrator reviews them.
type Effects = list[tuple[str, list[str]]]


@transaction.atomic
def request_role(*, by: User, user: User, role: Role, now: datetime | None = None) -> tuple[ApprovalRequest, str]:
    """Request a role that needs two administrators.

    Returns the request and the first half of the one-time code ("" if the person needs none).
    """
    user = _lock_account(user)
    permissions.check_can_request_role(by, user, role)
    half = actions.begin_code(user) if needs_new_credentials(user) else ""
    payload: dict[str, JSON] = {"role": role.value, "portals": _portal_ids(user), "all_portals": user.all_portals}
    return request_approval(ACCOUNT_ROLE, by=by, about=user, payload=payload, now=now), half


@transaction.atomic
def request_portals(
    *, by: User, user: User, portals: Collection[Portal], all_portals: bool = False, now: datetime | None = None
) -> ApprovalRequest:
    """Request these portals for an account beside those it has; `all_portals`: all, also those created later.

    Raises Denied, also if the account has them already.
    """
    user = _lock_account(user)
    permissions.check_can_request_portals(by, user)
    portal_ids = {portal.pk for portal in portals}
    payload: dict[str, JSON] = {
        "portals": sorted(portal_ids - set(_portal_ids(user))),
        "all_portals": all_portals and not user.all_portals,
    }
    if not any(payload.values()):
        raise Denied(gettext_lazy("The account has these portals already."))
    return request_approval(ACCOUNT_PORTALS, by=by, about=user, payload=payload, now=now)


@transaction.atomic
def request_recovery(*, by: User, user: User, now: datetime | None = None) -> tuple[ApprovalRequest, str]:
    """Request recovery for a person who lost their password or second factor.

    Returns the request and the first half of the one-time code.
    """
    user = _lock_account(user)
    permissions.check_can_request_recovery(by, user)
    half = actions.begin_code(user)
    return request_approval(ACCOUNT_RECOVERY, by=by, about=user, payload={}, now=now), half


def account_ids(numbers: Iterable[int]) -> list[JSON]:
    """The accounts, for an audit event."""
    return [AccountId(number) for number in sorted(numbers)]


def has_waiting_request(user: User) -> bool:
    return ApprovalRequest.objects.waiting_about(user).exists()


def needs_new_credentials(user: User) -> bool:
    """Whether one administrator alone could have made the account and so may know its credentials."""
    return not user.is_vouched_for


def half_page(request: HttpRequest, user: User, half: str, *, is_second: bool = False) -> HttpResponse:
    """The page that shows an administrator one half of the code, once; halves are stored only as hashes."""
    title, which = _("Code for %(name)s") % {"name": user.username}, "second" if is_second else "first"
    context = {"title": title, "account": user, "half": half, "which": which}
    return staff_page(request, "analysts/accounts/half.html", context)


def _lock_account(user: User) -> User:
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


def check_requester(by: StaffMember, request: ApprovalRequest, now: datetime) -> None:
    if not is_allowed(check_is_administrator, request.requested_by):
        raise Denied(gettext_lazy("The person who requested this is no longer an administrator."))


def _check_role(by: StaffMember, request: ApprovalRequest, now: datetime) -> None:
    """The second administrator must have seen all portals that the role opens."""
    check_requester(by, request, now)
    user, payload = request.about_row(User), request.payload
    if (user.all_portals and not payload.get("all_portals")) or set(_portal_ids(user)) - set(
        payload.get("portals", [])
    ):
        raise Denied(gettext_lazy("The account has changed since the request. Decline it and make a new one."))


def _check_recovery(by: StaffMember, request: ApprovalRequest, now: datetime) -> None:
    check_requester(by, request, now)
    if not request.about_row(User).is_active:
        raise Denied(gettext_lazy("The account is deactivated."))


def _give_role(request: ApprovalRequest, by: StaffMember, now: datetime) -> str:
    user, half = request.about_row(User), ""
    if needs_new_credentials(user):
        # The administrator who created the account may know its password or have set up its second factor.
        half = actions.complete_code(user, now)
        user.set_unusable_password()
        Authenticator.objects.filter(user=user).delete()
        user.is_vouched_for = True
    user.role = Role(request.payload["role"])
    # A translator's languages and an inbox are requested once more, so that both administrators see them.
    LanguageRole.objects.filter(account=user).delete()
    RecipientAccess.objects.filter(user=user).delete()
    if user.role in (Role.RECIPIENT, Role.TRANSLATOR):
        user.portals.clear()
        user.portal_groups.clear()
        user.all_portals = False
    # An approved account that was deactivated stays deactivated.
    user.is_active = user.is_active or user.unconfirmed
    user.unconfirmed = False
    user.unchanged_since = now
    user.save(
        update_fields=[
            *("role", "password", "is_active", "unconfirmed", "unchanged_since", "is_vouched_for", "all_portals"),
        ]
    )
    sessions.end_all(user)
    announce_account(now=now)
    note_coverage(now=now)
    return half


def _give_portals(request: ApprovalRequest, by: StaffMember, now: datetime) -> str:
    user = request.about_row(User)
    user.portals.add(*request.payload["portals"])
    if request.payload["all_portals"]:
        user.all_portals = True
        user.save(update_fields=["all_portals"])
    note_coverage(now=now)
    return ""


def _let_recover(request: ApprovalRequest, by: StaffMember, now: datetime) -> str:
    return actions.complete_code(request.about_row(User), now)


def _discard_code(request: ApprovalRequest) -> None:
    actions.discard_half_code(request.about_row(User))


def _portal_ids(user: User) -> list[int]:
    return sorted(user.portals.order_by().values_list("pk", flat=True))


def _portals_of(request: ApprovalRequest) -> QuerySet[Portal]:
    return Portal.objects.filter(pk__in=request.payload.get("portals", []))


def _audit_details(request: ApprovalRequest) -> dict[str, JSON]:
    account = request.about_row(User)
    details: dict[str, JSON] = {"account": AccountId(account.pk)}
    if "role" in request.payload:
        details |= {"role": request.payload["role"], "role_before": account.role}
    if "portals" in request.payload:
        details |= {
            "portals": list(_portals_of(request).values_list("slug", flat=True)),
            "all_portals": request.payload["all_portals"],
        }
    return details


def name_of_account(request: ApprovalRequest) -> str:
    """The account that the request is about, as administrators see it."""
    return request.about_row(User).username


def _role_label(request: ApprovalRequest) -> str:
    return str(Role(request.payload["role"]).label) if "role" in request.payload else ""


def _list_effects(request: ApprovalRequest) -> list[str]:
    """The sentences of the request's page that say what approval does."""
    account, role = request.about_row(User), _role_label(request)
    opens = not role or Role(request.payload["role"]) in permissions.CONTENT_ROLES
    portals = ", ".join(portal.name for portal in _portals_of(request)) if opens else ""
    needs_code = request.kind == ACCOUNT_RECOVERY.code or (bool(role) and needs_new_credentials(account))
    effects = {
        _("The account gets the role %(role)s.") % {"role": role}: role,
        _("It can open the reports of all portals, including those created later."): (
            opens and request.payload.get("all_portals")
        ),
        _("It can open the reports of these portals: %(portals)s") % {"portals": portals}: portals,
        _("Its password and second factor, if set, are removed."): role and needs_code,
        _(
            "You are shown the second half of a code. Together with the first half, it lets the person set a new "
            "password within an hour, and then a second factor."
        ): needs_code,
    }
    return [sentence for sentence, applies in effects.items() if applies]


def _second_half_page(http_request: HttpRequest, approval: Approval) -> HttpResponse:
    return half_page(http_request, approval.request.about_row(User), approval.secret, is_second=True)


_account_kind = partial(
    ApprovalKind,
    check_may_decide=check_is_administrator,
    audit_details=_audit_details,
    template="analysts/accounts/_approval.html",
    review=_list_effects,
    needs_recent_sign_in=True,
)
ACCOUNT_ROLE = _account_kind(
    code="account_role",
    check_is_current=_check_role,
    apply=_give_role,
    discard=_discard_code,
    title=lambda request: (
        _("%(name)s: role %(role)s") % {"name": name_of_account(request), "role": _role_label(request)}
    ),
    secret_page=_second_half_page,
)
ACCOUNT_PORTALS = _account_kind(
    code="account_portals",
    check_is_current=check_requester,
    apply=_give_portals,
    title=lambda request: _("%(name)s: more portals") % {"name": name_of_account(request)},
)
ACCOUNT_RECOVERY = _account_kind(
    code="account_recovery",
    check_is_current=_check_recovery,
    apply=_let_recover,
    discard=_discard_code,
    title=lambda request: _("%(name)s: new password and second factor") % {"name": name_of_account(request)},
    secret_page=_second_half_page,
)
ACCOUNT_KINDS = (ACCOUNT_ROLE, ACCOUNT_PORTALS, ACCOUNT_RECOVERY)

"""Approval requests: the rules shared by all kinds, and `ApprovalKind`, which describes one kind.

A package that needs a second person defines an `ApprovalKind` and an action that ends with `request_approval`.
`analysts/pages/approvals.py` lists all kinds and contains their pages.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.actions import JSON, Actor, record_event
from audit.log_ids import AccountId
from audit.permissions import Denied, HasPermissions, Late
from countries.decided_settings import number_in_force
from countries.models import ApprovalRequest, ApprovalState
from countries.models.approval import about_field


class StaffMember(Actor, HasPermissions, Protocol):
    """A signed-in account. A protocol, because this app does not import the user model."""

    @property
    def pk(self) -> int: ...

    @property
    def is_active(self) -> bool: ...

    @property
    def unchanged_since(self) -> datetime: ...

    @property
    def is_vouched_for(self) -> bool | None: ...


def check_is_operator(user: HasPermissions) -> None:
    if not user.has_perm("countries.change_portal"):
        raise Denied(_("Only operators may change a portal."))


class AlreadyWaiting(Denied):
    """Refused because another request about the same has to be decided first."""


@dataclass(frozen=True, slots=True)
class Approval:
    """An approved request. `secret` is shown to the second person once and not stored; most kinds have none."""

    request: ApprovalRequest
    secret: str = ""


def digest_of(document: object) -> str:
    """SHA-256 in hexadecimal of plain JSON, independent of the order of keys."""
    return hashlib.sha256(json.dumps(document, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


APPROVED = _("Approved.")


def _do_nothing(*_args: object) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalKind:
    """One kind of request: its rules and effect, and what its page shows."""

    # Stored with each request.
    code: str
    # Whether the user may make, see and decide requests of this kind; raises Denied.
    check_may_decide: Callable[[StaffMember], None]
    # Conditions at the time of approval beyond the shared rules; raises Denied.
    check_is_current: Callable[[StaffMember, ApprovalRequest, datetime], None] = _do_nothing
    # The present contents of the row, as plain JSON. If they are not those of the time of the request, it is refused
    # with `changed_message`.
    contents: Callable[[ApprovalRequest], object] | None = None
    changed_message: str | Promise = ""
    # Puts the request into effect; returns the secret of `Approval`. May raise Denied or ValidationError.
    apply: Callable[[ApprovalRequest, StaffMember, datetime], str]
    # Called when the request is declined, to undo what was prepared for it.
    discard: Callable[[ApprovalRequest], None] = _do_nothing
    # Returns the part of the payload to keep once the request is decided.
    prune: Callable[[dict[str, object]], dict[str, object]] = dict
    # Details for the audit event: codes, names and changed values, never anything about a report.
    audit_details: Callable[[ApprovalRequest], Mapping[str, JSON]]
    # The heading of the request's page and its title in the list.
    title: Callable[[ApprovalRequest], str]
    # The part of the request's page that shows the effect of approval, and its context variable `review`.
    template: str
    review: Callable[[ApprovalRequest], object]
    approved_message: str | Promise = APPROVED
    # Whether the second person must have signed in recently.
    needs_recent_sign_in: bool = False
    # The page that shows a secret.
    secret_page: Callable[[HttpRequest, Approval], HttpResponse] | None = None


def check_is_second_person(
    user: StaffMember, asked_by: int | None, asked_at: datetime | None, *, refusal: str | Promise
) -> None:
    """Refuse the account that asked (its id), with `refusal`, one that a single administrator could have made, and one
    that was created, renamed, activated or given its role after `asked_at`: the first person alone could have made it
    the second. Raises Denied.

    Every rule of two people asks this, whether or not its rows are approval requests.
    """
    if asked_by == user.pk:
        raise Denied(refusal)
    if user.is_vouched_for is False:
        raise Denied(_("Two administrators have not vouched for your account. Another person must decide this."))
    if asked_at is not None and user.unchanged_since > asked_at:
        raise Denied(
            _(
                "Your account was created, renamed, activated or given its role after this was requested. "
                "Another person must decide it, or it must be requested again."
            )
        )


def check_can_decline(kind: ApprovalKind, user: StaffMember, request: ApprovalRequest) -> None:
    """Raises Denied. The requester may decline too, which withdraws the request."""
    kind.check_may_decide(user)
    if request.state == ApprovalState.EXPIRED:
        raise Late(_("This request was not decided in time and has expired. It must be made again."))
    if not request.is_waiting:
        raise Late(_("This request has already been decided."))


def check_can_approve(kind: ApprovalKind, user: StaffMember, request: ApprovalRequest, now: datetime) -> None:
    check_can_decline(kind, user, request)
    if request.expires_at <= now:
        raise Denied(_("This request was not decided in time and has expired. It must be made again."))
    refusal = _("Another person must approve your request.")
    check_is_second_person(user, request.requested_by_id, request.requested_at, refusal=refusal)
    if request.account_id == user.pk:
        raise Denied(_("This request is about your own account. Another person must approve it."))
    if kind.contents and request.digest != digest_of(kind.contents(request)):
        raise Denied(kind.changed_message)
    kind.check_is_current(user, request, now)


def request_approval(
    kind: ApprovalKind,
    *,
    by: StaffMember,
    about: Model,
    payload: Mapping[str, JSON],
    before: object = None,
    reason: str = "",
    now: datetime | None = None,
) -> ApprovalRequest:
    """Create an approval request, as an action's last step, in its transaction, with the row `about` locked.

    `before`: the present contents of the row, where the kind compares them.

    Raises Denied, and AlreadyWaiting if another request about the same is waiting.
    """
    kind.check_may_decide(by)
    if waiting := ApprovalRequest.objects.waiting_about(about).select_related("requested_by").first():
        raise AlreadyWaiting(
            _("Another request about this, made by %(name)s, is waiting. It must be approved or declined first.")
            % {"name": waiting.requested_by}
        )
    now = now or timezone.now()
    request = ApprovalRequest.objects.create(
        kind=kind.code,
        **{about_field(about): about},
        payload=dict(payload),
        digest=digest_of(before) if kind.contents else "",
        reason=reason,
        requested_by_id=by.pk,
        requested_at=now,
        expires_at=now + timedelta(days=number_in_force("APPROVAL_DAYS")),
    )
    details: dict[str, JSON] = {"reason": reason} if reason else {}
    _record_event(by, "approval.request", request, {**details, **kind.audit_details(request)})
    return request


@transaction.atomic
def approve_request(
    kind: ApprovalKind, *, by: StaffMember, request: ApprovalRequest, now: datetime | None = None
) -> Approval:
    """Approve the request and apply it. Raises Denied, Late if already decided, and what `kind.apply` raises."""
    now = now or timezone.now()
    request = _lock_request(kind, request)
    check_can_approve(kind, by, request, now)
    details = {**_requester_details(request), **kind.audit_details(request)}
    secret = kind.apply(request, by, now)
    _save_decision(kind, request, ApprovalState.APPROVED, by, now)
    _record_event(by, "approval.approve", request, details)
    return Approval(request, secret)


@transaction.atomic
def decline_request(
    kind: ApprovalKind, *, by: StaffMember, request: ApprovalRequest, now: datetime | None = None
) -> ApprovalRequest:
    """Decline the request without effect; by its requester, withdraw it. Raises Denied, Late."""
    request = _lock_request(kind, request)
    check_can_decline(kind, by, request)
    kind.discard(request)
    _save_decision(kind, request, ApprovalState.DECLINED, by, now or timezone.now())
    _record_event(by, "approval.decline", request, {**_requester_details(request), **kind.audit_details(request)})
    return request


def expire_requests(kinds: Mapping[str, ApprovalKind], *, now: datetime | None = None) -> int:
    """Expire the waiting requests whose time is over, without effect. `kinds`: by code. Returns the number expired."""
    now = now or timezone.now()
    overdue = ApprovalRequest.objects.overdue(now).order_by("pk")
    return sum(end_request(kinds[request.kind], request, by=None, now=now) for request in overdue)


@transaction.atomic
def end_request(kind: ApprovalKind, request: ApprovalRequest, *, by: StaffMember | None, now: datetime) -> bool:
    """End a request without effect, because its time is over or `by` switched the requester off.

    Returns whether it waited: it may have been decided while this waited for the lock.
    """
    request = _lock_request(kind, request)
    if not request.is_waiting:
        return False
    details = {**_requester_details(request), **kind.audit_details(request)}
    kind.discard(request)
    _save_decision(kind, request, ApprovalState.EXPIRED, None, now)
    _record_event(by, "approval.expire", request, details)
    return True


def _lock_request(kind: ApprovalKind, request: ApprovalRequest) -> ApprovalRequest:
    """Lock what the request is about, then the request, and return its current row; serialises two decisions."""
    if kind.code != request.kind:
        raise ValueError(f"A request of kind {request.kind} is not of kind {kind.code}.")
    QuerySet(type(request.about)).select_for_update(no_key=True).get(pk=request.about.pk)
    return ApprovalRequest.objects.with_names().select_for_update(of=("self",)).get(pk=request.pk)


def _save_decision(
    kind: ApprovalKind, request: ApprovalRequest, state: ApprovalState, by: StaffMember | None, now: datetime
) -> None:
    request.state = state
    request.payload = kind.prune(request.payload)
    request.decided_by_id = by.pk if by else None
    request.decided_at = now
    request.save(update_fields=["state", "payload", "decided_by", "decided_at"])


def _requester_details(request: ApprovalRequest) -> dict[str, JSON]:
    return {"requested_by": AccountId(request.requested_by_id)}


def _record_event(by: StaffMember | None, action: str, request: ApprovalRequest, details: Mapping[str, JSON]) -> None:
    record_event(
        by=by,
        action=action,
        on=request.about,
        portal=request.portal.slug if request.portal else "",
        details={"request": request.pk, "kind": request.kind, **details},
    )

"""Whose an id in the audit log is: an auditor asks with a reason, and a second person approves.

The answer is on a page for the person who asked, for SHOWN_FOR. Each time it is read is an event.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysts.accounts.access import restrict_to
from analysts.codes import Role
from analysts.models import User
from audit.actions import record_view
from audit.models import LogId
from audit.permissions import Denied, check_can_read_events, is_allowed
from countries.models import ApprovalRequest, ApprovalState
from countries.models.approval import ApprovalRequestQuerySet
from countries.staff.requests.approvals import ApprovalKind, StaffMember, request_approval

# After the approval.
SHOWN_FOR = timedelta(hours=24)

RESOLVERS, check_may_resolve = restrict_to(
    {Role.AUDITOR, Role.ADMINISTRATOR},
    gettext_lazy("Only auditors and administrators decide whose an id in the audit log is."),
)
GONE = gettext_lazy("Nothing leads from this id to an account any more.")


@transaction.atomic
def request_name(*, by: User, log_id: LogId, reason: str, now: datetime | None = None) -> ApprovalRequest:
    """Ask whose the id is. Raises Denied, also if that is forgotten."""
    check_can_read_events(by)
    log_id = LogId.objects.select_for_update(no_key=True).get(pk=log_id.pk)
    if log_id.account_id is None:
        raise Denied(GONE)
    return request_approval(LOG_ID, by=by, about=log_id, payload={}, reason=reason, now=now)


def shown_until(request: ApprovalRequest) -> datetime | None:
    """When the answer disappears; None without an approval."""
    return request.decided_at + SHOWN_FOR if request.decided_at and request.state == ApprovalState.APPROVED else None


def open_answers(user: User, now: datetime) -> ApprovalRequestQuerySet:
    """The approved requests of the user whose answer can still be read."""
    approved = ApprovalRequest.objects.of_kinds([LOG_ID.code]).filter(state=ApprovalState.APPROVED)
    return approved.filter(requested_by=user, decided_at__gt=now - SHOWN_FOR).order_by("pk")


def check_can_read_name(by: User, request: ApprovalRequest, now: datetime) -> None:
    check_can_read_events(by)
    if request.requested_by_id != by.pk:
        raise Denied(gettext_lazy("Only the person who asked reads the answer."))
    until = shown_until(request)
    if until is None or now >= until:
        raise Denied(gettext_lazy("There is no answer to read. It is shown for a day after the approval."))


def read_name(*, by: User, request: ApprovalRequest, now: datetime | None = None) -> User:
    """The account of the id. The view is recorded. Raises Denied, also once the account is forgotten."""
    check_can_read_name(by, request, now or timezone.now())
    log_id = request.about_row(LogId)
    if log_id.account is None:
        raise Denied(GONE)
    record_view(by=by, action="log_id.read", on=log_id, details={"request": request.pk})
    return log_id.account


def _check_current(by: StaffMember, request: ApprovalRequest, now: datetime) -> None:
    if not is_allowed(check_can_read_events, request.requested_by):
        raise Denied(gettext_lazy("The person who requested this is no longer an auditor."))
    account_id = request.about_row(LogId).account_id
    if account_id is None:
        raise Denied(GONE)
    if account_id == by.pk:
        raise Denied(gettext_lazy("Another person must decide this."))


def _list_effects(request: ApprovalRequest) -> list[str]:
    """For the second person, who sees the id and no name."""
    return [
        _("For %(hours)d hours, the person who asked reads on a page whose id this is. Each reading is an event.")
        % {"hours": SHOWN_FOR // timedelta(hours=1)},
        _("You are shown no name."),
    ]


LOG_ID = ApprovalKind(
    code="log_id",
    check_may_decide=check_may_resolve,
    check_is_current=_check_current,
    apply=lambda request, by, now: "",
    audit_details=lambda request: {},
    title=lambda request: _("Whose is %(id)s?") % {"id": request.about_row(LogId).value},
    template="analysts/accounts/_log_id_approval.html",
    review=_list_effects,
    needs_recent_sign_in=True,
)

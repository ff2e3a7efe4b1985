"""Views of approval requests: one list and one page for all kinds."""

from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.csp import CSP
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_POST, require_safe

from analysts.accounts import recent_sign_in
from analysts.accounts.access import restrict_to
from analysts.accounts.approvals import ACCOUNT_KINDS
from analysts.accounts.group_approvals import GROUP_CHANGE
from analysts.accounts.language_approvals import ACCOUNT_LANGUAGES
from analysts.accounts.log_ids.requests import LOG_ID, RESOLVERS, open_answers
from analysts.accounts.staff_request import StaffRequest
from analysts.accounts.vouching import VOUCHING
from analysts.codes import Role
from analysts.incidents.page_kit import Counts, PageSection
from analysts.models import User
from analysts.operations.setting_changes import SETTING_CHANGE
from analysts.sources.actions import SOURCE_KEY
from analysts.takedown.inbox.inbox_access import RECIPIENT_ACCESS
from audit.permissions import Late, check_can_read_events, is_allowed, why_not
from countries.models import ApprovalRequest
from countries.staff.contacts.service_approvals import HELP_SERVICE
from countries.staff.requests.approvals import (
    ApprovalKind,
    approve_request,
    check_can_approve,
    check_can_decline,
    decline_request,
)
from countries.staff.requests.staff_pages import staff_page
from countries.staff.translation.opened_languages import LANGUAGE_CHANGE
from countries.staff.workspace.portal_approvals import PORTAL_KINDS

KINDS: tuple[ApprovalKind, ...] = (
    *PORTAL_KINDS,
    HELP_SERVICE,
    LANGUAGE_CHANGE,
    *ACCOUNT_KINDS,
    ACCOUNT_LANGUAGES,
    RECIPIENT_ACCESS,
    VOUCHING,
    GROUP_CHANGE,
    SETTING_CHANGE,
    SOURCE_KEY,
    LOG_ID,
)
KIND_BY_CODE = {kind.code: kind for kind in KINDS}
MOST_LISTED = 20
# The name of the number of answers that a user can read.
ANSWERS = "log_answers"
# The page of a request about a portal shows its preview in a frame.
FRAMES_CSP = {**settings.SECURE_CSP, "frame-src": [CSP.SELF]}


def kinds_decided_by(user: User) -> list[str]:
    """The codes of the kinds that the user can see and decide."""
    return [kind.code for kind in KINDS if is_allowed(kind.check_may_decide, user)]


APPROVERS, check_sees_approvals = restrict_to(
    RESOLVERS.roles | {Role.OPERATOR},
    gettext_lazy("Only operators, administrators and auditors can open approval requests."),
)


def count_waiting(user: User) -> int | None:
    """Number of waiting requests that the user can see; None if they can see no kind of request."""
    kinds = kinds_decided_by(user)
    return ApprovalRequest.objects.waiting().of_kinds(kinds).count() if kinds else None


def count_answers(user: User, now: datetime) -> Mapping[str, QuerySet[Model, object]]:
    return {ANSWERS: open_answers(user, now)} if is_allowed(check_can_read_events, user) else {}


def show_answers(user: User, now: datetime, counts: Counts) -> PageSection | None:
    """For a person who asked whose an id in the audit log is: the answers are shown for a day."""
    if not counts.get(ANSWERS):
        return None
    return PageSection("analysts/pages/_dashboard_answers.html", open_answers(user, now))


@require_safe
def approval_list(request: StaffRequest) -> HttpResponse:
    check_sees_approvals(request.user)
    requests = ApprovalRequest.objects.of_kinds(kinds_decided_by(request.user)).with_names()
    decided = requests.exclude(decided_at=None).order_by("-decided_at", "-pk")[:MOST_LISTED]
    context = {
        "title": _("Approval requests"),
        "waiting": [(KIND_BY_CODE[row.kind].title(row), row) for row in requests.waiting()],
        "decided": [(KIND_BY_CODE[row.kind].title(row), row) for row in decided],
    }
    return staff_page(request, "analysts/pages/approvals.html", context)


@require_safe
@csp_override(FRAMES_CSP)
def approval_detail(request: StaffRequest, request_id: int) -> HttpResponse:
    return _approval_page(request, _find_request(request.user, request_id))


@require_POST
@csp_override(FRAMES_CSP)
def approve_view(request: StaffRequest, request_id: int) -> HttpResponse:
    approval = _find_request(request.user, request_id)
    kind = KIND_BY_CODE[approval.kind]
    if kind.needs_recent_sign_in and not recent_sign_in.is_recent(request, recent_sign_in.MINUTES):
        return recent_sign_in.ask_again(request)
    try:
        approved = approve_request(kind, by=request.user, request=approval)
    except Late as late:
        return _approval_page(request, _find_request(request.user, request_id), refusal=str(late.reason), status=409)
    except ValidationError as error:
        return _approval_page(request, approval, refusal=" ".join(error.messages), status=422)
    if approved.secret and kind.secret_page:
        return kind.secret_page(request, approved)
    messages.success(request, str(kind.approved_message))
    return redirect("admin:approvals")


@require_POST
@csp_override(FRAMES_CSP)
def decline_view(request: StaffRequest, request_id: int) -> HttpResponse:
    approval = _find_request(request.user, request_id)
    try:
        declined = decline_request(KIND_BY_CODE[approval.kind], by=request.user, request=approval)
    except Late as late:
        return _approval_page(request, _find_request(request.user, request_id), refusal=str(late.reason), status=409)
    messages.success(
        request,
        _("Withdrawn: nothing has changed.") if declined.is_withdrawn else _("Declined: nothing has changed."),
    )
    return redirect("admin:approvals")


def _find_request(user: User, request_id: int) -> ApprovalRequest:
    """The request. Raises Http404 if it does not exist or is of a kind that the user does not decide."""
    check_sees_approvals(user)
    return get_object_or_404(ApprovalRequest.objects.of_kinds(kinds_decided_by(user)).with_names(), pk=request_id)


def _approval_page(
    request: StaffRequest, approval: ApprovalRequest, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    kind = KIND_BY_CODE[approval.kind]
    context = {
        "title": kind.title(approval),
        "approval": approval,
        "kind": kind,
        "review": kind.review(approval),
        "refusal": refusal,
        "why_not_approved": why_not(check_can_approve, kind, request.user, approval, timezone.now()),
        "why_not_declined": why_not(check_can_decline, kind, request.user, approval),
        "is_own": approval.requested_by_id == request.user.pk,
    }
    return staff_page(request, "analysts/pages/approval.html", context, status=status)

"""Pages of recipients' accounts: the list with confirming and suspending, and the request to open an inbox."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from analysts.accounts import recent_sign_in
from analysts.accounts.permissions import check_is_administrator
from analysts.accounts.recent_sign_in import needs_recent_sign_in
from analysts.accounts.staff_request import StaffRequest
from analysts.models import Recipient, RecipientAccess, User
from analysts.takedown.inbox import inbox_access, permissions
from audit.permissions import Denied, why_not
from audit.reason_field import ReasonField
from countries.models import ApprovalRequest
from countries.staff.requests.staff_pages import staff_page

MOST_LISTED = 500


class RecipientForm(forms.Form):
    """The one recipient of an account; of a suspended account, only its own."""

    recipient = forms.ModelChoiceField(
        label=gettext_lazy("Recipient"),
        queryset=Recipient.objects.none(),
        help_text=gettext_lazy("Verified police forces and hotlines. The account never changes its recipient."),
    )
    reason = ReasonField()

    def __init__(self, *args: object, access: RecipientAccess | None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type] # as the form takes them
        recipients = inbox_access.recipients_with_inbox()
        self.fields["recipient"].queryset = (  # type: ignore[attr-defined] # a ModelChoiceField
            recipients.filter(pk=access.recipient_id) if access else recipients
        )


@dataclass(frozen=True, slots=True)
class InboxAccessRow:
    """An account in the list. `state`: in words; `why_not_confirmed`: "" if it can be confirmed."""

    access: RecipientAccess
    state: str
    why_not_confirmed: str
    why_not_suspended: str


def _state_words(access: RecipientAccess, today: date) -> str:
    if not access.user.is_active:
        return _("account switched off")
    if access.suspended_at is not None:
        return _("suspended")
    if not access.is_confirmed(today):
        return _("not confirmed: it sees nothing")
    if not access.recipient.is_usable:
        return _("recipient not verified: it sees nothing")
    return _("open")


def _row_of(access: RecipientAccess, by: User) -> InboxAccessRow:
    return InboxAccessRow(
        access,
        _state_words(access, timezone.now().date()),
        why_not(permissions.check_can_confirm, by, access),
        why_not(permissions.check_can_suspend, by, access),
    )


@require_safe
def account_list(request: StaffRequest) -> HttpResponse:
    permissions.check_may_suspend(request.user)
    return _list_page(request)


def _list_page(request: StaffRequest, *, refusal: str = "", status: int = 200) -> HttpResponse:
    accesses = RecipientAccess.objects.select_related("user", "recipient", "confirmed_by", "suspended_by")
    context = {
        "title": _("Inboxes of recipients"),
        "rows": [_row_of(access, request.user) for access in accesses[:MOST_LISTED]],
        "refusal": refusal,
    }
    return staff_page(request, "analysts/takedown/inbox/accounts.html", context, status=status)


@require_POST
@needs_recent_sign_in()
def confirm_view(request: StaffRequest, access_id: int) -> HttpResponse:
    check_is_administrator(request.user)
    message = _("Confirmed for three months.")
    return _act(request, access_id, inbox_access.confirm_access, message)


@require_POST
def suspend_view(request: StaffRequest, access_id: int) -> HttpResponse:
    """At once: no second person, and no request to sign in again."""
    permissions.check_may_suspend(request.user)
    message = _("Suspended. The account is signed out and sees nothing.")
    return _act(request, access_id, inbox_access.suspend_access, message)


def _act(request: StaffRequest, access_id: int, verb: Callable[..., RecipientAccess], message: str) -> HttpResponse:
    access = get_object_or_404(RecipientAccess, pk=access_id)
    try:
        verb(by=request.user, access=access)
    except Denied as denied:
        return _list_page(request, refusal=str(denied.reason), status=409)
    messages.success(request, message)
    return redirect("admin:recipient_accounts")


@require_http_methods(["GET", "HEAD", "POST"])
def account_page(request: StaffRequest, user_id: int) -> HttpResponse:
    """Request that the account opens the inbox of a recipient."""
    check_is_administrator(request.user)
    if recent_sign_in.must_ask_again(request):
        return recent_sign_in.ask_again(request)
    account = get_object_or_404(User, pk=user_id)
    access = RecipientAccess.objects.filter(user=account).select_related("user", "recipient").first()
    form = RecipientForm(request.POST if request.method == "POST" else None, access=access)
    if form.is_valid():
        try:
            requested = inbox_access.request_access(by=request.user, user=account, **form.cleaned_data)
        except Denied as denied:
            form.add_error(None, str(denied.reason))
        else:
            messages.success(request, _("Approval requested. Another administrator must approve the inbox."))
            return redirect("admin:approval", requested.pk)
    context = {
        "title": _("%(name)s: inbox of a recipient") % {"name": account.username},
        "account": account,
        "form": form,
        "row": _row_of(access, request.user) if access else None,
        "waiting": ApprovalRequest.objects.waiting_about(account).first(),
        "no_access": why_not(permissions.check_can_bind, request.user, account),
    }
    return staff_page(request, "analysts/takedown/inbox/account.html", context, status=422 if form.errors else 200)

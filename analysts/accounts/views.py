"""Views: request a recovery code for an account, and the page on which a person enters their code."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from analysts.accounts import actions, approvals
from analysts.accounts.approvals import half_page
from analysts.accounts.forms import EnterForm
from analysts.accounts.permissions import check_is_administrator
from analysts.accounts.recent_sign_in import needs_recent_sign_in
from analysts.accounts.sign_in import delays
from analysts.accounts.staff_request import StaffRequest
from analysts.models import User
from audit.permissions import Denied


@require_POST
@needs_recent_sign_in()
def recover_account(request: StaffRequest, user_id: int) -> HttpResponse:
    check_is_administrator(request.user)
    user = get_object_or_404(User, pk=user_id)
    _request, half = approvals.request_recovery(by=request.user, user=user)
    return half_page(request, user, half)


@sensitive_post_parameters()
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def entry_code_page(request: HttpRequest) -> HttpResponse:
    """Set a password with a one-time code; no sign-in needed. Not delayed: 120 random bits cannot be guessed."""
    form = EnterForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            fields = form.cleaned_data
            actions.redeem_code(
                user=form.holder, first=fields["first"], second=fields["second"], password=fields["password"]
            )
        except Denied as denied:
            form.add_error(None, str(denied.reason))
        else:
            messages.success(request, _("Your password is set. Sign in with it, then set up a second factor."))
            answer = redirect("account_login")
            delays.remember_browser(request, answer, form.holder.username)
            return answer
    return render(request, "account/enter.html", {"form": form}, status=422 if form.is_bound else 200)

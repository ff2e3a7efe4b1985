"""Pages of what takes two administrators, and the page on which a person uses the code they hand over."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from analysts.accounts import actions, delays
from analysts.accounts.forms import EnterForm
from analysts.accounts.permissions import check_can_confirm, check_is_administrator
from analysts.accounts.recent_sign_in import needs_recent_sign_in
from analysts.accounts.staff_request import StaffRequest
from analysts.models import Proposal, User
from audit.permissions import Denied, why_not
from countries.staff.staff_pages import staff_page


@require_safe
def confirmations(request: StaffRequest) -> HttpResponse:
    check_is_administrator(request.user)
    waiting = Proposal.objects.waiting().select_related("user", "asked_by")
    context = {
        "title": _("Waiting for a second administrator"),
        "waiting": [(proposal, why_not(check_can_confirm, request.user, proposal)) for proposal in waiting],
    }
    return staff_page(request, "analysts/accounts/confirmations.html", context)


@require_POST
@needs_recent_sign_in()
def confirm(request: StaffRequest, proposal_id: int) -> HttpResponse:
    check_is_administrator(request.user)
    confirmed = actions.confirm(by=request.user, proposal=get_object_or_404(Proposal, pk=proposal_id))
    if confirmed.half:
        return halves_page(request, confirmed.proposal.user, second=confirmed.half)
    messages.success(request, _("Confirmed."))
    return redirect("admin:confirmations")


@require_POST
def refuse(request: StaffRequest, proposal_id: int) -> HttpResponse:
    check_is_administrator(request.user)
    actions.refuse(by=request.user, proposal=get_object_or_404(Proposal, pk=proposal_id))
    messages.success(request, _("Refused: nothing has changed."))
    return redirect("admin:confirmations")


@require_POST
@needs_recent_sign_in()
def recover(request: StaffRequest, user_id: int) -> HttpResponse:
    check_is_administrator(request.user)
    user = get_object_or_404(User, pk=user_id)
    _proposal, half = actions.propose_recovery(by=request.user, user=user)
    return halves_page(request, user, first=half)


def halves_page(request: HttpRequest, user: User, *, first: str = "", second: str = "") -> HttpResponse:
    """What the administrator hands over, shown this once. It stands nowhere but in this answer."""
    context = {"title": _("A code for %(name)s") % {"name": user}, "account": user, "first": first, "second": second}
    return staff_page(request, "analysts/accounts/halves.html", context)


@sensitive_post_parameters()
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Open to strangers: the code is what lets somebody in. Never delayed, as 120 random bits are never guessed."""
    form = EnterForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            said = form.cleaned_data
            actions.enter(user=form.holder, first=said["first"], second=said["second"], password=said["password"])
        except Denied as denied:
            form.add_error(None, str(denied.reason))
        else:
            messages.success(request, _("Your password is set. Sign in with it, then set up a second factor."))
            answer = redirect("account_login")
            delays.remember(request, answer, form.holder.username)
            return answer
    return render(request, "account/enter.html", {"form": form}, status=422 if form.is_bound else 200)

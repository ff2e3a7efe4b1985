"""The page that switches an account off and hands over what it holds."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from analysts.accounts import recent_sign_in
from analysts.accounts.account_forms import AccountChoice
from analysts.accounts.permissions import check_is_administrator
from analysts.accounts.staff_request import StaffRequest
from analysts.incidents.table import count_label
from analysts.models import User
from analysts.pages.held_work import HELD, HeldKind, switch_off
from audit.permissions import Denied
from countries.staff.requests.staff_pages import staff_page


class SwitchOffForm(forms.Form):
    """A colleague for each kind of work that can be handed to one."""

    def __init__(self, *args: Any, kinds: list[HeldKind], user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        colleagues = User.objects.analysts().exclude(pk=user.pk).order_by("username")
        for kind in kinds:
            self.fields[kind.name] = AccountChoice(
                label=str(kind.label),
                queryset=colleagues,
                required=False,
                empty_label=str(kind.queue),
                help_text=gettext_lazy("Incidents of portals that the colleague may not read go to the queue."),
            )


@require_http_methods(["GET", "HEAD", "POST"])
def switch_off_page(request: StaffRequest, user_id: int) -> HttpResponse:
    check_is_administrator(request.user)
    if recent_sign_in.must_ask_again(request):
        return recent_sign_in.ask_again(request)
    user = get_object_or_404(User, pk=user_id)
    kinds = [kind for kind in HELD if kind.held_by(user).exists()]
    offered = [kind for kind in kinds if kind.can_be_handed]
    form = SwitchOffForm(request.POST if request.method == "POST" else None, kinds=offered, user=user)
    if form.is_valid():
        try:
            switch_off(by=request.user, user=user, to={name: to for name, to in form.cleaned_data.items() if to})
        except Denied as denied:
            form.add_error(None, str(denied.reason))
        else:
            messages.success(request, _("%(name)s is switched off, and holds nothing.") % {"name": user.username})
            return redirect("admin:analysts_user_changelist")
    context = {
        "title": _("Switch off %(name)s") % {"name": user.username},
        "account": user,
        "form": form,
        "holdings": [(kind, count_label(kind.held_by(user))) for kind in kinds],
    }
    return staff_page(request, "analysts/pages/switch_off.html", context, status=422 if form.errors else 200)

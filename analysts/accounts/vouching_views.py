"""The page on which an administrator requests vouching for accounts that no two administrators made."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from analysts.accounts import recent_sign_in, vouching
from analysts.accounts.account_forms import account_label
from analysts.accounts.permissions import check_is_administrator
from analysts.accounts.staff_request import StaffRequest
from analysts.models import User
from audit.generic_classes import ModelMultipleChoiceField
from audit.permissions import Denied
from audit.reason_field import ReasonField
from countries.models import ApprovalRequest
from countries.staff.requests.staff_pages import staff_page


class VouchedChoices(ModelMultipleChoiceField[User]):
    """Accounts, each with its role and who added it. `makers`: their names by account."""

    makers: dict[int, str]

    def label_from_instance(self, account: User) -> str:
        name = account_label(account)
        if maker := self.makers.get(account.pk):
            return _("%(name)s: %(role)s, added by %(maker)s") % {
                "name": name,
                "role": account.get_role_display(),
                "maker": maker,
            }
        return f"{name}: {account.get_role_display()}"


class VouchingForm(forms.Form):
    accounts = VouchedChoices(
        label=gettext_lazy("Accounts that you vouch for"),
        queryset=User.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("You know the person, and no other person can sign in to the account."),
    )
    reason = ReasonField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("VouchedChoices", self.fields["accounts"])
        field.queryset = User.objects.to_vouch_for()
        field.makers = vouching.names_of_makers(field.queryset)


@require_http_methods(["GET", "HEAD", "POST"])
def vouching_page(request: StaffRequest) -> HttpResponse:
    check_is_administrator(request.user)
    if recent_sign_in.must_ask_again(request):
        return recent_sign_in.ask_again(request)
    form = VouchingForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            requested = vouching.request_vouching(by=request.user, **form.cleaned_data)
        except Denied as denied:
            form.add_error(None, str(denied.reason))
        else:
            messages.success(request, _("Approval requested. Another administrator must vouch for the accounts too."))
            return redirect("admin:approval", requested.pk)
    context = {
        "title": _("Vouch for accounts"),
        "form": form,
        "has_accounts": User.objects.to_vouch_for().exists(),
        "waiting": ApprovalRequest.objects.waiting().filter(kind=vouching.VOUCHING.code).first(),
    }
    return staff_page(request, "analysts/accounts/vouching.html", context, status=422 if form.errors else 200)

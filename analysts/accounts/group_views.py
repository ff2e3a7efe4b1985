"""Pages of portal groups: the list with a form for a new group, and the request to change one."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from analysts.accounts import group_approvals, recent_sign_in
from analysts.accounts.account_forms import AccountChoices
from analysts.accounts.permissions import check_is_administrator
from analysts.accounts.staff_request import StaffRequest
from analysts.models import User
from audit.free_text import refuse_addresses
from audit.generic_classes import ModelForm
from audit.permissions import Denied
from audit.reason_field import ReasonField
from countries.models import ApprovalRequest, Portal, PortalGroup
from countries.staff.requests.staff_pages import staff_page


class GroupNameForm(ModelForm[PortalGroup]):
    class Meta:
        model = PortalGroup
        fields = ("name",)

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        refuse_addresses(name)
        return name


class GroupForm(forms.Form):
    """Members and portals of a group. Present members of `group` can stay, analysts or not."""

    members = AccountChoices(
        label=gettext_lazy("Members"),
        queryset=User.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    portals = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Portals"),
        queryset=Portal.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    reason = ReasonField()

    def __init__(self, *args: Any, group: PortalGroup, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        analysts = User.objects.analysts().values("pk")
        members = User.objects.filter(Q(pk__in=analysts) | Q(pk__in=group.members.values("pk")))
        cast(AccountChoices, self.fields["members"]).queryset = members


def _counted_groups() -> QuerySet[PortalGroup]:
    return PortalGroup.objects.annotate(
        member_count=Count("members", distinct=True), portal_count=Count("portals", distinct=True)
    )


@require_http_methods(["GET", "HEAD", "POST"])
def group_list(request: StaffRequest) -> HttpResponse:
    check_is_administrator(request.user)
    if recent_sign_in.must_ask_again(request):
        return recent_sign_in.ask_again(request)
    form = GroupNameForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        group = group_approvals.add_group(by=request.user, name=form.cleaned_data["name"])
        return redirect("admin:portal_group", group.pk)
    context = {"title": _("Portal groups"), "groups": _counted_groups(), "form": form}
    return staff_page(request, "analysts/accounts/groups.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def group_detail(request: StaffRequest, group_id: int) -> HttpResponse:
    check_is_administrator(request.user)
    if recent_sign_in.must_ask_again(request):
        return recent_sign_in.ask_again(request)
    group = get_object_or_404(PortalGroup, pk=group_id)
    initial = {"members": group.members.all(), "portals": group.portals.all()}
    form = GroupForm(request.POST if request.method == "POST" else None, group=group, initial=initial)
    if form.is_valid():
        try:
            requested = group_approvals.request_group(by=request.user, group=group, **form.cleaned_data)
        except Denied as denied:
            form.add_error(None, str(denied.reason))
        else:
            messages.success(request, _("Approval requested. The group changes once another administrator approves."))
            return redirect("admin:approval", requested.pk)
    context = {
        "title": group.name,
        "group": group,
        "form": form,
        "waiting": ApprovalRequest.objects.waiting_about(group).first(),
    }
    return staff_page(request, "analysts/accounts/group.html", context, status=422 if form.errors else 200)

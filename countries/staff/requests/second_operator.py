"""Admin of single rows that the public may see: a save that changes such a row becomes an approval request."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.permissions import Denied
from audit.staff_admin import StaffModelAdmin
from countries.models import ApprovalRequest
from countries.staff.requests.staff_pages import refusal_page

# The stubs know these as generic; at run time they are plain classes.
if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    RowModelAdmin = admin.ModelAdmin[Any]
    RowModelForm = forms.ModelForm[Any]
else:
    RowModelAdmin = admin.ModelAdmin
    RowModelForm = forms.ModelForm


class SecondOperatorRequest(HttpRequest):
    """State passed between the steps of a save: Django's hooks share only the request."""

    # Set if the save became an approval request.
    approval: ApprovalRequest


def reason_field(help_text: "StrOrPromise") -> forms.CharField:
    """The reason that the second operator reads."""
    return forms.CharField(
        label=gettext_lazy("Reason for the change"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60}),
        help_text=help_text,
    )


def check_request(form: RowModelForm, waiting_about: str) -> None:
    """Add the faults of a save that becomes an approval request. `waiting_about`: the request's field for the row."""
    if not str(form.cleaned_data.get("reason", "")).strip():
        form.add_error("reason", _("Give a reason: the person who approves the request reads it."))
    if not {*form.changed_data} - {"reason"}:
        raise ValidationError(_("Nothing differs from what is stored."), code="same")
    if ApprovalRequest.objects.waiting().filter(**{waiting_about: form.instance}).exists():
        raise ValidationError(_("Another request about this is waiting. It must be approved or declined first."))


class SecondOperatorAdmin(StaffModelAdmin, RowModelAdmin):
    """Rows are never deleted. `save_model` sets `SecondOperatorRequest.approval` where it makes a request."""

    requested_message: str | Promise = ""
    actions = None

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        """Refuse politely a save that lost a race against another request or change."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Denied as denied:
            return refusal_page(request, denied.reason)
        except ValidationError as error:
            return refusal_page(request, " ".join(error.messages))

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        if approval := getattr(request, "approval", None):
            messages.success(request, str(self.requested_message))
            return redirect("admin:approval", approval.pk)
        return super().response_change(request, obj)

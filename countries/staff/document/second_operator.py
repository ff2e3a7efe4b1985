"""Admin of single rows that the public may see: a save that changes such a row becomes an approval request."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.actions import record_event
from audit.free_text import refuse_addresses
from audit.generic_classes import ModelForm
from audit.permissions import Denied
from audit.staff_admin import RecordedModelAdmin
from countries.models import ApprovalRequest
from countries.models.approval import about_field
from countries.staff.document.row_requests import EditedRows
from countries.staff.requests.approvals import StaffMember
from countries.staff.requests.staff_pages import refusal_page

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


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
        validators=[refuse_addresses],
    )


def check_request(form: ModelForm[Any]) -> None:
    """Add the faults of a save that becomes an approval request."""
    if not str(form.cleaned_data.get("reason", "")).strip():
        form.add_error("reason", _("Give a reason: the person who approves the request reads it."))
    if not {*form.changed_data} - {"reason"}:
        raise ValidationError(_("Nothing differs from what is stored."), code="same")
    if ApprovalRequest.objects.waiting_about(form.instance).exists():
        raise ValidationError(_("Another request about this is waiting. It must be approved or declined first."))


class SecondOperatorAdmin(RecordedModelAdmin[Any]):
    """Rows are never deleted. A new one is not public, so that it has no reason and none of `public_fields`."""

    rows: EditedRows[Any]
    request_change: Callable[..., ApprovalRequest]
    public_fields: tuple[str, ...]
    # Fields of the form alone, for those who may change the row.
    form_fields: tuple[str, ...] = ()
    # The events of a direct save are `<event>.add` and `<event>.change`.
    event: str
    requested_message: str | Promise = ""

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        typed = [name for name in self.rows.fields if self.model._meta.get_field(name).editable]
        if obj is None:
            return (self.rows.key, *(name for name in typed if name not in self.public_fields))
        second_person_fields = (*self.form_fields, "reason") if self.has_change_permission(request, obj) else ()
        return (self.rows.key, *typed, *second_person_fields)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (self.rows.key,) if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: ModelForm[Any], change: bool) -> None:
        stored, by = self.rows.lock(obj) if change else None, cast(StaffMember, request.user)
        if stored and self.rows.needs_second(stored, obj):
            row, reason = {about_field(obj): obj}, form.cleaned_data["reason"].strip()
            cast(SecondOperatorRequest, request).approval = self.request_change(by=by, reason=reason, **row)
            return
        super().save_model(request, obj, form, change)
        action = f"{self.event}.change" if change else f"{self.event}.add"
        before = self.rows.document(stored) if stored else {}
        record_event(by=by, action=action, on=obj, details=self.rows.event_details(before, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Refuse politely a save that lost a race against another request or change."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except Denied as denied:
            return refusal_page(request, denied.reason)
        except ValidationError as error:
            return refusal_page(request, " ".join(error.messages))

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        if approval := getattr(request, "approval", None):
            messages.success(request, str(self.requested_message))
            return redirect("admin:approval", approval.pk)
        return super().response_change(request, obj)

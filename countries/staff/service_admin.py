"""Admin of help services: unverified ones are saved directly, others by an approval request."""

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.actions import record_event
from audit.listed_lookups import ListedLookups
from audit.permissions import Denied
from countries.models import ApprovalRequest, HelpService
from countries.staff.approvals import StaffMember
from countries.staff.document import Document
from countries.staff.service_approvals import (
    FIELDS,
    request_service,
    service_details,
    service_document,
    service_needs_second,
)
from countries.staff.staff_pages import refusal_page

# The stubs know these as generic; at run time they are plain classes.
if TYPE_CHECKING:
    ServiceModelAdmin = admin.ModelAdmin[HelpService]
    ServiceModelForm = forms.ModelForm[HelpService]
else:
    ServiceModelAdmin = admin.ModelAdmin
    ServiceModelForm = forms.ModelForm


class ServiceRequest(HttpRequest):
    """State passed between the steps of a save: Django's hooks share only the request."""

    approval: ApprovalRequest
    # The stored service before the save.
    before: Document


class HelpServiceForm(ServiceModelForm):
    reason = forms.CharField(
        label=gettext_lazy("Reason for the change"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60}),
        help_text=gettext_lazy(
            "Needed for a verified service and to verify one: a second operator reads this reason and must approve."
        ),
    )

    def clean(self) -> dict[str, object]:
        """Verifier, day and source belong together; a change that needs a second operator needs a reason."""
        super().clean()
        given = self.cleaned_data
        verified_on, verified_by = given.get("verified_on"), given.get("verified_by")
        if verified_by and not verified_on and "verified_on" not in self.errors:
            self.add_error("verified_on", _("Say when the service was verified."))
        if verified_on and not verified_by and "verified_by" not in self.errors:
            self.add_error("verified_by", _("Say who verified the service."))
        if verified_on and not given.get("source") and "source" not in self.errors:
            self.add_error("source", _("Enter the source of these details: without it they cannot be verified."))
        if verified_on and verified_on > timezone.localdate():
            self.add_error("verified_on", _("This day is in the future."))
        # The instance still has the stored values here.
        if self.instance.pk and (self.instance.is_verified or verified_on):
            self._check_request()
        return given

    def _check_request(self) -> None:
        if not str(self.cleaned_data.get("reason", "")).strip():
            self.add_error("reason", _("Give a reason: the person who approves the request reads it."))
        if not {*self.changed_data} - {"reason"}:
            raise ValidationError(_("Nothing differs from what is stored."), code="same")
        if ApprovalRequest.objects.waiting().filter(service=self.instance).exists():
            raise ValidationError(_("Another request about this is waiting. It must be approved or declined first."))


@admin.register(HelpService)
class HelpServiceAdmin(ListedLookups, ServiceModelAdmin):
    """Admin of help services. They are never deleted: without verification the public does not see them."""

    form = HelpServiceForm
    list_display = ("name", "kind", "countries", "verified_on", "verified_by")
    ordering = ("position", "name")
    actions = None

    def get_fields(self, request: HttpRequest, obj: HelpService | None = None) -> tuple[str, ...]:
        """A new service is unverified: the public does not see it."""
        if obj is None:
            return ("key", *(name for name in FIELDS if not name.startswith("verified_")))
        return ("key", *FIELDS, *(("reason",) if self.has_change_permission(request, obj) else ()))

    def get_readonly_fields(self, request: HttpRequest, obj: HelpService | None = None) -> tuple[str, ...]:
        return ("key",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: HelpService | None = None) -> bool:
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

    def save_model(self, request: HttpRequest, obj: HelpService, form: ServiceModelForm, change: bool) -> None:
        stored = HelpService.objects.select_for_update(no_key=True).get(pk=obj.pk) if change else None
        asking = cast(ServiceRequest, request)
        if stored and service_needs_second(stored, obj):
            asking.approval = request_service(
                by=cast(StaffMember, request.user), service=obj, reason=form.cleaned_data["reason"].strip()
            )
        else:
            asking.before = service_document(stored) if stored else {}
            super().save_model(request, obj, form, change)

    def response_change(self, request: HttpRequest, obj: HelpService) -> HttpResponse:
        if approval := getattr(request, "approval", None):
            messages.success(request, _("Approval requested. The public sees the change once it is approved."))
            return redirect("admin:approval", approval.pk)
        return super().response_change(request, obj)

    # These replace Django's own history: the audit log is the one record.

    def log_addition(self, request: HttpRequest, obj: HelpService, message: object) -> Any:
        by = cast(StaffMember, request.user)
        record_event(by=by, action="help_service.add", on=obj, details=service_details({}, obj))

    def log_change(self, request: HttpRequest, obj: HelpService, message: object) -> Any:
        if not hasattr(request, "approval"):
            by = cast(StaffMember, request.user)
            details = service_details(cast(ServiceRequest, request).before, obj)
            record_event(by=by, action="help_service.change", on=obj, details=details)

"""Admin of help services: unverified ones are saved directly, others by an approval request."""

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.actions import record_event
from countries.languages import country_in_words
from countries.models import HelpService
from countries.public.network.hotlines import listed_hotlines
from countries.staff.contacts.service_approvals import (
    FIELDS,
    request_service,
    service_details,
    service_document,
    service_needs_second,
)
from countries.staff.document.portal_document import Document
from countries.staff.requests.approvals import StaffMember
from countries.staff.requests.second_operator import (
    SecondOperatorAdmin,
    SecondOperatorRequest,
    check_request,
    reason_field,
)
from countries.staff.requests.staff_pages import format_day

# The stubs know these as generic; at run time they are plain classes.
if TYPE_CHECKING:
    ServiceModelForm = forms.ModelForm[HelpService]
else:
    ServiceModelForm = forms.ModelForm


class ServiceRequest(SecondOperatorRequest):
    # The stored service before the save.
    before: Document


class HelpServiceForm(ServiceModelForm):
    reason = reason_field(
        gettext_lazy(
            "Needed for a verified service and to verify one: a second operator reads this reason and must approve."
        )
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
            check_request(self, "service")
        return given


@admin.register(HelpService)
class HelpServiceAdmin(SecondOperatorAdmin):
    """Admin of help services. They are never deleted: without verification the public does not see them."""

    form = HelpServiceForm
    list_display = ("name", "kind", "countries", "source", "public_since")
    ordering = ("position", "name")
    requested_message = gettext_lazy("Approval requested. The public sees the change once it is approved.")

    def get_fields(self, request: HttpRequest, obj: HelpService | None = None) -> tuple[str, ...]:
        """A new service is unverified: the public does not see it."""
        if obj is None:
            return ("key", *(name for name in FIELDS if not name.startswith("verified_")))
        return ("key", *FIELDS, *(("reason",) if self.has_change_permission(request, obj) else ()))

    def get_readonly_fields(self, request: HttpRequest, obj: HelpService | None = None) -> tuple[str, ...]:
        return ("key",) if obj else ()

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

    @admin.display(description=gettext_lazy("verified"), ordering="verified_on")
    def public_since(self, service: HelpService) -> str:
        if service.verified_on is None:
            return _("no: the public does not see it")
        return _("%(date)s, by %(name)s") % {"date": format_day(service.verified_on), "name": service.verified_by}

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """The list has the national hotlines below, which are in a file."""
        rows = [(country_in_words(each.country), each, format_day(each.verified_on)) for each in listed_hotlines()]
        context: dict[str, object] = {"hotlines": rows, "hotlines_file": settings.HOTLINES_FILE}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    # These replace Django's own history: the audit log is the one record.

    def log_addition(self, request: HttpRequest, obj: HelpService, message: object) -> Any:
        by = cast(StaffMember, request.user)
        record_event(by=by, action="help_service.add", on=obj, details=service_details({}, obj))

    def log_change(self, request: HttpRequest, obj: HelpService, message: object) -> Any:
        if not hasattr(request, "approval"):
            by = cast(StaffMember, request.user)
            details = service_details(cast(ServiceRequest, request).before, obj)
            record_event(by=by, action="help_service.change", on=obj, details=details)

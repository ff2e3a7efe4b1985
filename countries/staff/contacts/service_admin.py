"""Admin of help services: unverified ones are saved directly, others by an approval request."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from countries.languages import country_in_words
from countries.models import HelpService
from countries.public.network.hotlines import listed_hotlines
from countries.staff.contacts.service_approvals import SERVICES, request_service
from countries.staff.contacts.verified_form import VerifiedForm, describe_lapse
from countries.staff.document.second_operator import SecondOperatorAdmin, check_request, reason_field
from countries.staff.requests.staff_pages import format_day


class HelpServiceForm(VerifiedForm):
    reason = reason_field(
        gettext_lazy(
            "Needed for a verified service and to verify one: a second operator reads this reason and must approve."
        )
    )

    def clean(self) -> dict[str, object]:
        """Verifier, day and source belong together; a change that needs a second operator needs a reason."""
        super().clean()
        cleaned = self.cleaned_data
        verified_on, verified_by = cleaned.get("verified_on"), cleaned.get("verified_by")
        if verified_by and not verified_on and "verified_on" not in self.errors:
            self.add_error("verified_on", _("Say when the service was verified."))
        if verified_on and not verified_by and "verified_by" not in self.errors:
            self.add_error("verified_by", _("Say who verified the service."))
        if verified_on and not cleaned.get("source") and "source" not in self.errors:
            self.add_error("source", _("Enter the source of these details: without it they cannot be verified."))
        if verified_on and verified_on > timezone.localdate():
            self.add_error("verified_on", _("This day is in the future."))
        # The instance still has the stored values here.
        if self.instance.pk and (self.instance.is_verified or verified_on):
            check_request(self)
        return cleaned

    def save(self, commit: bool = True) -> Any:
        self.record_verification()
        return super().save(commit)


@admin.register(HelpService)
class HelpServiceAdmin(SecondOperatorAdmin):
    """Admin of help services. They are never deleted: without verification the public does not see them."""

    form = HelpServiceForm
    rows = SERVICES
    request_change = staticmethod(request_service)
    public_fields = ("verified_on", "verified_by")
    form_fields = ("verified_again",)
    event = "help_service"
    list_display = ("name", "kind", "countries", "source", "public_since")
    ordering = ("position", "name")
    requested_message = gettext_lazy("Approval requested. The public sees the change once it is approved.")

    @admin.display(description=gettext_lazy("verified"), ordering="verified_on")
    def public_since(self, service: HelpService) -> str:
        if service.has_changed_since_verified:
            return describe_lapse(service)
        if not service.is_verified:
            return _("no: the public does not see it")
        return _("%(date)s, by %(name)s") % {"date": format_day(service.verified_on), "name": service.verified_by}

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """The list has the national hotlines below, which are in a file."""
        rows = [
            (country_in_words(hotline.country), hotline, format_day(hotline.verified_on))
            for hotline in listed_hotlines()
        ]
        context: dict[str, object] = {"hotlines": rows, "hotlines_file": settings.HOTLINES_FILE}
        return super().changelist_view(request, {**context, **(extra_context or {})})

"""Admin base class that turns a save of a public portal into an approval request, by saving and rolling back."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.admin.models import LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.actions import JSON
from audit.generic_classes import ModelForm
from audit.staff_admin import StaffModelAdmin
from countries.models import Portal
from countries.staff.document.portal_document import Document, document_of
from countries.staff.document.second_operator import reason_field
from countries.staff.document.steps import PortalStep
from countries.staff.requests.approvals import StaffMember
from countries.staff.workspace import portal_approvals

# Django's change message: for each part of the page, how it changed, and its name and fields.
type ChangeMessage = list[dict[str, dict[str, JSON]]]


class StepRequest(HttpRequest):
    """The request of a step of a portal's workspace. Django's hooks of a form page share only the request."""

    step: PortalStep
    # The language of the text that the step shows; "" for steps without one, and for a portal without texts.
    language: str
    # Why the approval request could not be made.
    refusal: list[str]
    # Whether the save needs a second operator.
    waits: bool
    # The stored portal before the save; {} for a new one.
    before: Document


class Rehearsed(Exception):
    """Carries the saved portal's document out of the transaction that is rolled back."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self.document = document


class AskingForm(ModelForm[Portal]):
    """Portal form with a reason, required for a public portal, and with the errors of a refused approval request."""

    refusal: list[str] = []
    reason = reason_field(
        gettext_lazy("The public can see this portal: a second operator reads this reason and must approve the change.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and portal_approvals.needs_second(self.instance) and "reason" in self.fields:
            self.fields["reason"].required = True

    def clean(self) -> dict[str, object] | None:
        cleaned = super().clean()
        if self.refusal:
            raise ValidationError(self.refusal)
        return cleaned


class AskingAdmin(StaffModelAdmin[Portal]):
    """Saves hidden portals directly, and makes an approval request for portals that the public sees.

    Django validates and saves the form and its inlines as usual. In `log_change`, the last step of the transaction, the
    portal is read as a document and everything is rolled back.
    """

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Redirect to the page that creates portals (`staff.starting`)."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return redirect("admin:portal_new")

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        try:
            # Locked: a save writes every field, so it must not overwrite a change of state.
            with transaction.atomic():
                if request.method == "POST" and object_id and object_id.isdecimal():
                    Portal.objects.held().filter(pk=object_id).first()
                return super().changeform_view(request, object_id, *args, **kwargs)
        except Rehearsed as rehearsed:
            portal = self.get_object(request, str(object_id))
            assert portal is not None  # noqa: S101 - found by the save that was rolled back
            try:
                return self._request_change(request, portal, rehearsed.document)
            except ValidationError as error:
                # Show the form again with the errors and what was typed.
                cast(StepRequest, request).refusal = error.messages
                return super().changeform_view(request, object_id, *args, **kwargs)

    def _request_change(self, request: HttpRequest, portal: Portal, document: Document) -> HttpResponse:
        requested = portal_approvals.request_words(
            by=cast(StaffMember, request.user),
            portal=portal,
            document=document,
            reason=request.POST.get("reason", "").strip(),
        )
        messages.success(request, _("Approval requested. The public sees the change once it is approved."))
        return redirect("admin:approval", requested.pk)

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> type[ModelForm[Portal]]:
        form = super().get_form(request, *args, **kwargs)
        refusing = type(form.__name__, (form,), {"refusal": getattr(request, "refusal", [])})
        return cast(type[ModelForm[Portal]], refusing)

    def second_operator_fieldset(self, request: HttpRequest, obj: Portal | None) -> list[Any]:
        """The reason, for a portal whose changes a second operator approves."""
        if obj is None or not portal_approvals.needs_second(obj) or not self.has_change_permission(request, obj):
            return []
        return [(gettext_lazy("Second operator"), {"fields": ("reason",)})]

    def save_model(self, request: HttpRequest, obj: Portal, form: ModelForm[Portal], change: bool) -> None:
        stored = Portal.objects.get(pk=obj.pk) if change else None
        staff_request = cast(StepRequest, request)
        staff_request.waits = bool(stored and portal_approvals.needs_second(stored))
        staff_request.before = document_of(stored) if stored else {}
        super().save_model(request, obj, form, change)

    def log_change(self, request: HttpRequest, obj: Portal, message: ChangeMessage) -> LogEntry:
        if cast(StepRequest, request).waits:
            raise Rehearsed(document_of(obj))
        return super().log_change(request, obj, message)

"""Admin base class: a portal's form as the steps of a workspace. A save of a public portal becomes a request.

Django validates and saves the form and its inlines as usual. In `log_change`, the last step of the transaction, a
public portal is read as a document, everything is rolled back, and the document is requested.
"""

from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.actions import JSON
from audit.generic_classes import ModelForm
from audit.staff_admin import StaffModelAdmin
from countries.models import Portal
from countries.staff.document.portal_document import Document, document_of
from countries.staff.document.portal_fields import step_fieldsets
from countries.staff.document.second_operator import reason_field
from countries.staff.document.steps import PortalStep
from countries.staff.requests.approvals import StaffMember
from countries.staff.translation.language_field import language_choices
from countries.staff.workspace import portal_approvals
from countries.staff.workspace.admin_inlines import (
    ContactInline,
    PartnerInline,
    PortalLanguageInline,
    TextInline,
    missing_kinds,
)
from countries.staff.workspace.checklist import build_checklist
from countries.staff.workspace.step_frame import StepRequest, address_after_save, build_workspace, language_shown
from countries.staff.workspace.steps import first_open_address

# The stubs know it as generic; at run time it is a plain class.
if TYPE_CHECKING:
    from django.contrib.admin.options import InlineModelAdmin

    type PortalInline = InlineModelAdmin[Any, Portal]

# Django's change message: for each part of the page, how it changed, and its name and fields.
type ChangeMessage = list[dict[str, dict[str, JSON]]]

INLINES: "dict[PortalStep, type[PortalInline]]" = {
    PortalStep.COUNTRY: PortalLanguageInline,
    PortalStep.WORDS: TextInline,
    PortalStep.HELP: ContactInline,
    PortalStep.PARTNERS: PartnerInline,
}


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


class StepAdmin(StaffModelAdmin[Portal]):
    """Portal admin with one address for each step; the admin's own form page leads to the first unfinished one.

    A step's form has only the step's fields and rows, so that a save cannot change those of another.
    """

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Redirect to the page that creates portals (`staff.starting`)."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return redirect("admin:portal_new")

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        portal = self.get_object(request, object_id)
        if portal is None:
            raise Http404
        return redirect(first_open_address(portal.pk, build_checklist(portal, timezone.localdate())))

    def step_view(self, request: HttpRequest, portal_id: int, step: PortalStep) -> HttpResponse:
        """The form of one step; of the words step, for the language named in the query."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        staff_request = cast(StepRequest, request)
        staff_request.step, staff_request.language = step, ""
        if step is PortalStep.WORDS and (portal := self.get_object(request, str(portal_id))):
            staff_request.language = language_shown(portal, request.GET.get("language", ""))
        return self.changeform_view(request, str(portal_id))

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        try:
            # Locked: a save writes every field, so it must not overwrite a change of state.
            with transaction.atomic():
                if request.method == "POST" and object_id and object_id.isdecimal():
                    Portal.objects.locked().filter(pk=object_id).first()
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

    def get_fieldsets(self, request: HttpRequest, obj: Portal | None = None) -> list[Any]:
        fieldsets: list[Any] = list(step_fieldsets(cast(StepRequest, request).step))
        if obj and portal_approvals.needs_second(obj) and self.has_change_permission(request, obj):
            fieldsets.append((gettext_lazy("Second operator"), {"fields": ("reason",)}))
        return fieldsets

    def get_inlines(self, request: HttpRequest, obj: Portal | None) -> "list[type[PortalInline]]":
        inline = INLINES.get(cast(StepRequest, request).step)
        return [inline] if inline else []

    def get_form(self, request: HttpRequest, obj: Portal | None = None, *args: Any, **kwargs: Any) -> Any:
        """The form without the declared fields of other steps: Django leaves out only those of the model."""
        form = super().get_form(request, obj, *args, **kwargs)
        names = set(flatten_fieldsets(self.get_fieldsets(request, obj)))
        others = {name: None for name in form.base_fields if name not in names}
        return type(form.__name__, (form,), {**others, "refusal": getattr(request, "refusal", [])})

    def get_formset_kwargs(
        self, request: HttpRequest, obj: Portal, inline: "PortalInline", prefix: str
    ) -> dict[str, Any]:
        """The empty forms of contacts have the kinds that the portal lacks."""
        arguments: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        if isinstance(inline, ContactInline):
            arguments["initial"] = [{"kind": kind.value} for kind in missing_kinds(obj)]
        return arguments

    def save_model(self, request: HttpRequest, obj: Portal, form: ModelForm[Portal], change: bool) -> None:
        stored = Portal.objects.get(pk=obj.pk) if change else None
        staff_request = cast(StepRequest, request)
        staff_request.needs_approval = bool(stored and portal_approvals.needs_second(stored))
        staff_request.before = document_of(stored) if stored else {}
        super().save_model(request, obj, form, change)

    def log_change(self, request: HttpRequest, obj: Portal, message: ChangeMessage) -> LogEntry:
        if cast(StepRequest, request).needs_approval:
            raise Rehearsed(document_of(obj))
        return super().log_change(request, obj, message)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if context["original"] is None:
            raise Http404
        step, language = cast(StepRequest, request).step, cast(StepRequest, request).language
        workspace = build_workspace(cast(Any, request.user), context["original"], step, language)
        context |= {
            "title": _("%(portal)s: %(step)s") % {"portal": workspace.portal, "step": step.label},
            "subtitle": None,
            "known_languages": language_choices(),
            "workspace": workspace,
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def response_change(self, request: HttpRequest, obj: Portal) -> HttpResponse:
        step, language = cast(StepRequest, request).step, cast(StepRequest, request).language
        messages.success(request, _("Saved: %(step)s.") % {"step": step.label})
        return redirect(address_after_save(obj, step, language, opens_next="_next" in request.POST))

"""Admin base class that shows a portal's form as the steps of a workspace, each with some of its fields and rows."""

from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.generic_classes import ModelForm
from countries.models import Portal
from countries.staff.document.portal_fields import step_fieldsets
from countries.staff.document.steps import PortalStep
from countries.staff.translation.language_field import language_choices
from countries.staff.workspace.admin_inlines import (
    ContactInline,
    PartnerInline,
    PortalLanguageInline,
    TextInline,
    missing_kinds,
)
from countries.staff.workspace.checklist import build_checklist
from countries.staff.workspace.request_admin import AskingAdmin, StepRequest
from countries.staff.workspace.step_frame import address_after_save, build_workspace, language_shown
from countries.staff.workspace.steps import first_open_address

# The stubs know it as generic; at run time it is a plain class.
if TYPE_CHECKING:
    from django.contrib.admin.options import InlineModelAdmin

    type PortalInline = InlineModelAdmin[Any, Portal]

INLINES: "dict[PortalStep, type[PortalInline]]" = {
    PortalStep.COUNTRY: PortalLanguageInline,
    PortalStep.WORDS: TextInline,
    PortalStep.HELP: ContactInline,
    PortalStep.PARTNERS: PartnerInline,
}


class StepAdmin(AskingAdmin):
    """Portal admin with one address for each step; the admin's own form page leads to the first unfinished one.

    A step's form has only the step's fields and rows, so that a save cannot change those of another.
    """

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

    def get_fieldsets(self, request: HttpRequest, obj: Portal | None = None) -> list[Any]:
        fieldsets = step_fieldsets(cast(StepRequest, request).step)
        return [*fieldsets, *self.second_operator_fieldset(request, obj)]

    def get_inlines(self, request: HttpRequest, obj: Portal | None) -> "list[type[PortalInline]]":
        inline = INLINES.get(cast(StepRequest, request).step)
        return [inline] if inline else []

    def get_form(
        self, request: HttpRequest, obj: Portal | None = None, change: bool = False, **kwargs: object
    ) -> type[ModelForm[Portal]]:
        """The form without the declared fields of other steps: Django leaves out only those of the model."""
        form = super().get_form(request, obj, change, **kwargs)
        names = set(flatten_fieldsets(self.get_fieldsets(request, obj)))
        others = {name: None for name in form.base_fields if name not in names}
        return cast(type[ModelForm[Portal]], type(form.__name__, (form,), others))

    def get_formset_kwargs(
        self, request: HttpRequest, obj: Portal, inline: "PortalInline", prefix: str
    ) -> dict[str, Any]:
        """The empty forms of contacts have the kinds that the portal lacks."""
        arguments: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        if isinstance(inline, ContactInline):
            arguments["initial"] = [{"kind": kind.value} for kind in missing_kinds(obj)]
        return arguments

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
        return redirect(address_after_save(obj, step, language, goes_on="_next" in request.POST))

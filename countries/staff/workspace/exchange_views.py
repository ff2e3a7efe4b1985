"""Views for exporting and importing a portal."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit.reason_field import ReasonField
from countries.models import Portal
from countries.staff.document.portal_document import document_of
from countries.staff.document.portal_fields import SECRETS
from countries.staff.requests.approvals import check_is_operator
from countries.staff.requests.staff_pages import OperatorRequest, staff_page
from countries.staff.workspace import actions, portal_approvals
from countries.staff.workspace.starting_views import FileForm


class ImportForm(FileForm):
    reason = ReasonField(max_length=500, help_text="")


@require_safe
def portal_export(request: OperatorRequest, portal_id: int) -> HttpResponse:
    check_is_operator(request.user)
    portal = get_object_or_404(Portal, pk=portal_id)
    answer = HttpResponse(actions.export_portal(by=request.user, portal=portal), content_type="application/toml")
    answer.headers["Content-Disposition"] = f'attachment; filename="{portal.slug}.toml"'
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def portal_import(request: OperatorRequest, portal_id: int) -> HttpResponse:
    check_is_operator(request.user)
    portal = get_object_or_404(Portal, pk=portal_id)
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    if form.is_valid():
        document, reason = form.document, form.cleaned_data["reason"]
        # Exported files do not contain the access phrase.
        stored = document_of(portal)
        document |= {name: document[name] or stored[name] for name in SECRETS}
        try:
            if portal_approvals.needs_second(portal):
                requested = portal_approvals.request_words(
                    by=request.user, portal=portal, document=document, reason=reason
                )
                messages.success(request, _("Approval requested. The public sees the change once it is approved."))
                return redirect("admin:approval", requested.pk)
            actions.replace_portal(by=request.user, portal=portal, document=document, reason=reason)
        except ValidationError as error:
            form.add_error("file", error.messages)
        else:
            messages.success(request, _("The portal was replaced from the file."))
            return redirect("admin:countries_portal_change", portal.pk)
    context = {"title": _("%(portal)s: import") % {"portal": portal}, "form": form, "portal": portal}
    return staff_page(request, "countries/staff/workspace/import.html", context, status=422 if form.errors else 200)

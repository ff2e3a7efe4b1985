"""Saves, changes and deletes saved views; each leads back to the list of all incidents."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from analysts.accounts.staff_request import StaffRequest
from analysts.assessment.forms import portals_with_languages
from analysts.models import SavedView
from analysts.pages.incident_list_form import IncidentListForm
from analysts.pages.incident_list_views import list_page
from analysts.pages.saved_view_forms import SaveViewForm
from analysts.pages.saved_views import change_view, delete_view, save_view


@require_POST
def save_view_page(request: StaffRequest) -> HttpResponse:
    """Saves the filters of the field `query`, the list's query string."""
    data = QueryDict(request.POST.get("query", "")[:1000])
    list_request = IncidentListForm(
        data, user=request.user, portals=portals_with_languages(request.user)
    ).read_request()
    form = SaveViewForm(request.POST, auto_id="view_%s")
    if list_request is None or not list_request.query:
        form.add_error(None, _("Filter the list first: a view without filters is the list itself."))
    if form.is_valid() and list_request is not None:
        try:
            view = save_view(by=request.user, query=list_request.query, **form.cleaned_data)
        except ValidationError as error:
            form.add_error("name", error.messages)
        else:
            messages.success(request, _("View “%(name)s” saved.") % {"name": view.name})
            return redirect(f"{reverse('admin:incident_list')}?{view.query}")
    return list_page(request, data, save_form=form, status=422)


@require_POST
def change_view_page(request: StaffRequest, view_id: int) -> HttpResponse:
    view = _find_own_view(request, view_id)
    form = SaveViewForm(request.POST, auto_id=f"view{view_id}_%s")
    if form.is_valid():
        try:
            change_view(by=request.user, view=view, **form.cleaned_data)
        except ValidationError as error:
            form.add_error("name", error.messages)
        else:
            messages.success(request, _("View “%(name)s” saved.") % {"name": view.name})
            return redirect(f"{reverse('admin:incident_list')}?{view.query}")
    return list_page(request, QueryDict(view.query), change_form=form, status=422)


@require_POST
def delete_view_page(request: StaffRequest, view_id: int) -> HttpResponse:
    view = _find_own_view(request, view_id)
    delete_view(by=request.user, view=view)
    messages.success(request, _("View “%(name)s” deleted.") % {"name": view.name})
    return redirect("admin:incident_list")


def _find_own_view(request: StaffRequest, view_id: int) -> SavedView:
    """Raises Http404 for a view of another person."""
    return get_object_or_404(SavedView, pk=view_id, owner=request.user)

"""The page on which analysts enter an address, and what the page of its incident shows of that."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from analysts.accounts.staff_request import StaffRequest
from analysts.assessment.actions.entering import enter_address
from analysts.assessment.entry_forms import EnterAddress
from analysts.assessment.permissions import check_can_enter
from analysts.incidents.timeline import MOST_OF_A_KIND, TimelineEntry
from analysts.models import EnteredAddress, Incident, User
from audit.permissions import Denied
from countries.staff.requests.staff_pages import staff_page


@require_http_methods(["GET", "HEAD", "POST"])
def enter_page(request: StaffRequest) -> HttpResponse:
    check_can_enter(request.user, None)
    form = EnterAddress(request.POST if request.method == "POST" else None, by=request.user)
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                incident = enter_address(by=request.user, **form.cleaned_data)
            except Denied as denied:
                form.add_error(None, str(denied.reason))
                status = 403
            else:
                messages.success(request, _("Address entered."))
                return redirect("admin:incident", incident.pk)
    context = {"title": _("Enter an address"), "form": form}
    return staff_page(request, "analysts/assessment/enter.html", context, status=status)


@dataclass(frozen=True, slots=True)
class EnteredLine:
    """An entry of an address, for staff."""

    entry: EnteredAddress

    @property
    def portal(self) -> str:
        return self.entry.portal.name if self.entry.portal else _("Hotline")

    @property
    def origin(self) -> str:
        return self.entry.get_origin_display()


def entries_of(incident: Incident, user: User) -> list[EnteredLine]:
    """The latest entries that the user may see, the newest first."""
    entries = EnteredAddress.objects.visible_to(user).filter(incident=incident).select_related("by", "portal")
    return [EnteredLine(entry) for entry in entries.order_by("-entered_hour", "pk")[:MOST_OF_A_KIND]]


def entry_entries(incident: Incident, user: User) -> Iterator[TimelineEntry]:
    for line in entries_of(incident, user):
        details = [line.origin, line.portal]
        yield TimelineEntry(at=line.entry.entered_hour, by=line.entry.by, what=_("address entered"), details=details)

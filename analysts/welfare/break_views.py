"""The break page: it explains why it is shown, and lets the user take a break or continue."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from analysts.accounts.staff_request import StaffRequest
from analysts.incidents.permissions import check_sees_content
from analysts.welfare import actions as welfare_actions
from analysts.welfare import exposure
from analysts.welfare.forms import Avoid
from audit.permissions import is_allowed
from countries.decided_settings import number_in_force
from countries.staff.requests.staff_pages import staff_page

# Session key of the request that was interrupted: its path, and these fields of its form.
ASKED = "asked_for"
FIELDS = ("portal", "reason")
# No slug or code is longer. Longer input is cut before it is stored in the session.
LONGEST = 50
# The pages that show the form of content warnings to avoid.
TICKED_ON = ("pause", "my_settings")


def pause_redirect(request: StaffRequest, *, onward: str = "") -> HttpResponse | None:
    """Redirect to the break page if the user has reached a limit; None otherwise.

    The request is stored in the session and can be continued from that page. Views that show new content call this;
    views that save a user's input do not. `onward`: the path to continue with, if not this request's own.
    """
    if not is_allowed(check_sees_content, request.user):
        return None
    if exposure.exposure_status(request.user, now=timezone.now()).limit is None:
        return None
    fields = {} if onward else {name: request.POST[name][:LONGEST] for name in FIELDS if name in request.POST}
    request.session[ASKED] = {"path": onward or request.path, "fields": fields}
    return redirect("admin:pause")


@require_safe
def pause_page(request: StaffRequest) -> HttpResponse:
    check_sees_content(request.user)
    now = timezone.now()
    status = exposure.exposure_status(request.user, now=now)
    page = request.session.get(ASKED)
    context = {
        "title": _("Break"),
        "status": status,
        "limit": status.limit,
        "minutes_today": whole_minutes(status.exposed_for),
        "minutes_since_break": whole_minutes(status.since_break),
        "break_minutes": number_in_force("BREAK_MINUTES"),
        "zone": exposure.work_zone(),
        "fields": page["fields"] if page else {},
        "goes_on_to": page["path"] if page else "",
        "avoid": Avoid(initial={"avoids": status.day.avoids}),
    }
    return staff_page(request, "analysts/welfare/break.html", context)


def whole_minutes(length: timedelta) -> int:
    """The duration in whole minutes, rounded down."""
    return length // timedelta(minutes=1)


@require_POST
def take_break(request: StaffRequest) -> HttpResponse:
    welfare_actions.take_break(by=request.user)
    return redirect("admin:pause")


@require_POST
def avoid_warnings_view(request: StaffRequest) -> HttpResponse:
    check_sees_content(request.user)
    form = Avoid(request.POST)
    if form.is_valid():
        welfare_actions.avoid_warnings(by=request.user, **form.cleaned_data)
        messages.success(request, _("Saved until the end of the day."))
    back = request.POST.get("on")
    return redirect(f"admin:{back if back in TICKED_ON else TICKED_ON[0]}")


@require_POST
def go_on(request: StaffRequest) -> HttpResponse:
    """Continue past the limit. The browser then repeats the interrupted request with its form fields."""
    welfare_actions.go_on(by=request.user)
    page = request.session.pop(ASKED, None)
    return HttpResponseRedirect(page["path"], preserve_request=True) if page else redirect("admin:queue")

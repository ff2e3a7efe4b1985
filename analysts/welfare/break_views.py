"""The page on which somebody stops for a while: it says why, and leaves the decision to them."""

from datetime import timedelta

from django.conf import settings
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
from countries.staff.staff_pages import staff_page

# What somebody was about to do when they were stopped, in the session: a path of ours and these fields of its form.
ASKED = "asked_for"
FIELDS = ("portal", "reason")
# No slug and no code is longer; a session is no place for anything else.
LONGEST = 50
# Where the ticks of "not today" stand.
TICKED_ON = ("pause", "my_settings")


def pause_redirect(request: StaffRequest, *, onward: str = "") -> HttpResponse | None:
    """To the pause, where a limit is reached: what was asked for goes on from there. None where nothing stops them.

    Only what brings something new before somebody asks this, never the sending of what they have filled in. `onward`:
    a path that was asked for beside what this request did already.
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
    standing = exposure.exposure_status(request.user, now=now)
    asked = request.session.get(ASKED)
    context = {
        "title": _("A pause"),
        "standing": standing,
        "limit": standing.limit,
        "minutes_today": whole_minutes(standing.seen),
        "minutes_since_break": whole_minutes(standing.since_break),
        "break_minutes": settings.BREAK_MINUTES,
        "zone": exposure.work_zone(),
        "fields": asked["fields"] if asked else {},
        "goes_on_to": asked["path"] if asked else "",
        "avoid": Avoid(initial={"avoids": standing.day.avoids}),
    }
    return staff_page(request, "analysts/welfare/break.html", context)


def whole_minutes(length: timedelta) -> int:
    """Whole minutes that have passed."""
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
        messages.success(request, _("Noted, until the day ends."))
    back = request.POST.get("on")
    return redirect(f"admin:{back if back in TICKED_ON else TICKED_ON[0]}")


@require_POST
def go_on(request: StaffRequest) -> HttpResponse:
    """All the same. What was asked for is sent once more, by the browser, with the fields it had."""
    welfare_actions.go_on(by=request.user)
    asked = request.session.pop(ASKED, None)
    return HttpResponseRedirect(asked["path"], preserve_request=True) if asked else redirect("admin:queue")

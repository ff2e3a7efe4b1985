"""The page of a user's own settings and exposure today."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from analysts.accounts.staff_request import StaffRequest
from analysts.incidents.permissions import check_sees_content
from analysts.models import DisplayPreferences, User
from analysts.welfare import actions as welfare_actions
from analysts.welfare import exposure
from analysts.welfare.break_views import whole_minutes
from analysts.welfare.forms import Avoid, OwnSettings
from audit.permissions import is_allowed
from countries.staff.requests.staff_pages import staff_page


@require_http_methods(["GET", "HEAD", "POST"])
def my_settings(request: StaffRequest) -> HttpResponse:
    user, now = request.user, timezone.now()
    # Not `request.user.display_preferences`, which styles the page: an invalid form must not change it.
    preferences = DisplayPreferences.objects.filter(pk=request.user.pk).first()
    form = OwnSettings.of_role(request.POST if request.method == "POST" else None, user=user, instance=preferences)
    if form.is_valid():
        welfare_actions.save_display_preferences(by=request.user, now=now, **form.cleaned_data)
        messages.success(request, _("Your settings have been saved."))
        return redirect("admin:my_settings")
    context: dict[str, object] = {"title": _("My settings"), "form": form}
    if is_allowed(check_sees_content, user):
        context |= describe_day(user, now)
    return staff_page(request, "analysts/welfare/settings.html", context, status=422 if form.is_bound else 200)


def describe_day(user: User, now: datetime) -> dict[str, object]:
    """The user's exposure today, for the template."""
    standing = exposure.exposure_status(user, now=now)
    return {
        "avoid": Avoid(initial={"avoids": standing.day.avoids}),
        "day": standing.day,
        "minutes_today": whole_minutes(standing.seen),
        "minutes_allowed": whole_minutes(standing.limits.budget),
        "minutes_since_break": whole_minutes(standing.since_break),
        "limits": standing.limits,
    }

"""The page of a user's own settings and exposure today."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from analysts.accounts.staff_request import StaffRequest
from analysts.incidents.permissions import check_sees_content
from analysts.models import DisplayPreferences
from analysts.welfare import actions as welfare_actions
from analysts.welfare import exposure
from analysts.welfare.break_views import whole_minutes
from analysts.welfare.forms import Avoid, OwnSettings
from countries.staff.staff_pages import staff_page


@require_http_methods(["GET", "HEAD", "POST"])
def my_settings(request: StaffRequest) -> HttpResponse:
    check_sees_content(request.user)
    now = timezone.now()
    # Not `request.user.display_preferences`, which styles the page: an invalid form must not change it.
    own = DisplayPreferences.objects.filter(pk=request.user.pk).first()
    form = OwnSettings(request.POST if request.method == "POST" else None, instance=own)
    if form.is_valid():
        welfare_actions.save_display_preferences(by=request.user, now=now, **form.cleaned_data)
        messages.success(request, _("Your settings have been saved."))
        return redirect("admin:my_settings")
    standing = exposure.exposure_status(request.user, now=now)
    context = {
        "title": _("My settings"),
        "form": form,
        "avoid": Avoid(initial={"avoids": standing.day.avoids}),
        "day": standing.day,
        "minutes_today": whole_minutes(standing.seen),
        "minutes_allowed": whole_minutes(standing.limits.budget),
        "minutes_since_break": whole_minutes(standing.since_break),
        "limits": standing.limits,
    }
    return staff_page(request, "analysts/welfare/settings.html", context, status=422 if form.is_bound else 200)

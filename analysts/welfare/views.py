"""The welfare page, which has no number about one person, and a user's own settings."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from analysts.accounts.permissions import CONTENT_ROLES
from analysts.accounts.staff_request import StaffRequest
from analysts.codes import Role
from analysts.incidents.durations import in_words
from analysts.incidents.permissions import check_sees_content
from analysts.models import DisplayPreferences, Exposure, User
from analysts.welfare import actions as welfare_actions
from analysts.welfare import exposure, viewing
from analysts.welfare.break_views import whole_minutes
from analysts.welfare.counselling import counselling_due, is_overdue, own_counselling_due, with_counselling
from analysts.welfare.forms import Avoid, OwnSettings
from analysts.welfare.outcomes import PERIOD, read_outcomes, removed_of_team
from analysts.welfare.permissions import check_can_see_welfare
from audit.permissions import is_allowed
from countries.decided_settings import number_in_force
from countries.disclosure import sum_over_people
from countries.staff.requests.staff_pages import staff_page

DAYS = 7


@dataclass(frozen=True, slots=True)
class Person:
    """The answers to a welfare lead's questions about one person: each is yes or no."""

    user: User
    passed_limit: bool
    is_counselling_overdue: bool


@dataclass(frozen=True, slots=True)
class Team:
    reveals: int
    skips: int


@require_safe
def welfare_page(request: StaffRequest) -> HttpResponse:
    """Show who passed a limit, and totals of the team. Two queries for any number of people."""
    check_can_see_welfare(request.user)
    now = timezone.now()
    exposures = read_week(now)
    context = {
        "title": _("Welfare"),
        "people": build_people(exposures, now),
        "team": build_team(exposures),
        "limit": number_in_force("EXPOSURE_MINUTES"),
    }
    viewing.view_welfare(by=request.user, now=now)
    return staff_page(request, "analysts/welfare/welfare.html", context)


def read_week(now: datetime) -> list[Exposure]:
    """The exposure of the last DAYS days. Recipients' accounts are no colleagues, and would be counted as people who
    make totals safe to show."""
    week = week_days(now)
    days = Exposure.objects.filter(day__gte=week[0], day__lte=week[-1])
    return list(days.exclude(user__role=Role.RECIPIENT))


def build_people(exposures: Sequence[Exposure], now: datetime) -> list[Person]:
    """Everything that the page says of single people. One query."""
    passed, today = {day.user_id for day in exposures if is_limit_passed(day)}, exposure.work_day(now)
    users = with_counselling(User.objects.filter(is_active=True, role__in=CONTENT_ROLES).order_by("desk_name", "pk"))
    return [
        Person(
            user,
            passed_limit=user.pk in passed,
            is_counselling_overdue=is_overdue(counselling_due(user.counselled_on, user.first_day), today=today),
        )
        for user in users
    ]


def week_days(now: datetime) -> list[date]:
    """The last DAYS days, in order and including today."""
    today = exposure.work_day(now)
    return [today - timedelta(days=ago) for ago in reversed(range(DAYS))]


def is_limit_passed(day: Exposure) -> bool:
    """Whether the person continued past a limit of the organisation, or read for longer than its daily limit."""
    return day.passed_limit or day.seconds // 60 > number_in_force("EXPOSURE_MINUTES")


def build_team(exposures: Sequence[Exposure]) -> Team | None:
    """Totals of the team over the days on which enough people worked; None without such a day.

    By the day, because tomorrow's week differs from today's by one day.
    """
    days: dict[date, dict[int, Exposure]] = defaultdict(dict)
    for day_exposure in exposures:
        days[day_exposure.day][day_exposure.user_id] = day_exposure
    reveals, skips = [], []
    for day in days.values():
        reveals.append(sum_over_people({user: day_exposure.reveals for user, day_exposure in day.items()}))
        skips.append(sum_over_people({user: day_exposure.skips for user, day_exposure in day.items()}))
    if all(number is None for number in reveals):
        return None
    return Team(sum(number or 0 for number in reveals), sum(number or 0 for number in skips))


@require_safe
def my_cases(request: StaffRequest) -> HttpResponse:
    """The outcomes of the user's own cases. Private, and no view is recorded."""
    check_sees_content(request.user)
    now = timezone.now()
    outcomes = read_outcomes(request.user, now=now)
    context = {
        "title": _("What became of your cases"),
        "outcomes": outcomes,
        "fastest": in_words(outcomes.fastest) if outcomes.fastest is not None else "",
        "weeks": PERIOD.days // 7,
        "team": removed_of_team(now=now),
    }
    return staff_page(request, "analysts/welfare/my_cases.html", context)


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
        "counselling_due": own_counselling_due(user),
        "overdue_days": settings.COUNSELLING_OVERDUE_DAYS,
        "work_day": exposure.work_day(now),
        "minutes_today": whole_minutes(standing.exposed_for),
        "minutes_allowed": whole_minutes(standing.limits.budget),
        "minutes_since_break": whole_minutes(standing.since_break),
        "limits": standing.limits,
    }

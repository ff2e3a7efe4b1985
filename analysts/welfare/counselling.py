"""When counselling is due: dates alone, on the person's own page. Welfare leads see yes or no."""

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import OuterRef, QuerySet, Subquery

from analysts.models import Exposure, User


def with_counselling(users: QuerySet[User]) -> QuerySet[Any]:
    """Annotate with `counselled_on` and `first_day` of exposure, which one look-up by index finds."""
    days = Exposure.objects.filter(user=OuterRef("pk")).order_by("day").values("day")
    own = User.objects.filter(pk=OuterRef("pk")).values("display_preferences__counselled_on")
    return users.annotate(counselled_on=Subquery(own), first_day=Subquery(days[:1]))


def counselling_due(counselled_on: date | None, first_day: date | None) -> date | None:
    """COUNSELLING_DAYS after the last session, or else after the first day of exposure; None before that."""
    since = counselled_on or first_day
    return since + timedelta(days=settings.COUNSELLING_DAYS) if since else None


def is_overdue(due: date | None, *, today: date) -> bool:
    return due is not None and today > due + timedelta(days=settings.COUNSELLING_OVERDUE_DAYS)


def own_counselling_due(user: User) -> date | None:
    [(counselled_on, first_day)] = with_counselling(User.objects.filter(pk=user.pk)).values_list(
        "counselled_on", "first_day"
    )
    return counselling_due(counselled_on, first_day)

"""The incidents that notices cover, as far as a user may see them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Case, Count, F, Q, QuerySet, When

from analysts.models import NoticeItem, User, desk_fields_of


@dataclass(frozen=True, slots=True)
class NoticeSummary:
    """`number`: of its incidents. `owners`: the names of those who follow them up, in order."""

    notice: UUID
    number: int
    owners: list[str]


def items_of_notices(notices: Collection[UUID], user: User) -> QuerySet[NoticeItem]:
    """The items that are not left out and whose incident `user` may see."""
    return NoticeItem.objects.filter(notice__in=notices, dropped="", incident__portals__overlap=user.portal_array)


def summarise_notices(notices: Collection[UUID], user: User) -> Mapping[UUID, NoticeSummary]:
    """One query; none without notices."""
    if not notices:
        return {}
    owner = "incident__next_step__owner"
    owners = ArrayAgg(desk_fields_of(owner), filter=Q(**{f"{owner}__isnull": False}), distinct=True, default=[])
    summaries = items_of_notices(notices, user).order_by().values("notice").annotate(number=Count("pk"), owners=owners)
    return {
        row["notice"]: NoticeSummary(
            row["notice"], row["number"], sorted(str(User(**owner)) for owner in row["owners"])
        )
        for row in summaries
    }


def incidents_of_notices(notices: Collection[UUID], user: User) -> list[UUID]:
    """The incidents that the notices cover: open ones without an owner first. One query; none without notices."""
    if not notices:
        return []
    step = "incident__next_step"
    is_over = Case(When(**{f"{step}__isnull": True}, then=1), default=0)
    items = items_of_notices(notices, user).order_by(is_over, F(f"{step}__owner").asc(nulls_first=True), "incident")
    return list(dict.fromkeys(items.values_list("incident", flat=True)))

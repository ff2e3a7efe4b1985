"""What waits for people, as lists: one query each, in the order of an index, the longest waiting first."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, assert_never

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value

from analysts.incidents.table import MOST_COUNTED, counted
from analysts.models import (
    Chase,
    DropReason,
    Notice,
    NoticeItem,
    NoticeState,
    PoliceHold,
    Referral,
    Reply,
    User,
)
from analysts.takedown.chasing import rules
from analysts.takedown.chasing.rules import Waiting, What

# Nobody knows whether it is them, or it was given up before they were told: of whom was told before, that was meant.
UNVERIFIED = Q(to__verified_on=None, to__closed_on=None) | Q(to__closed_on__isnull=False, noticed_at=None)


def listed(what: What, user: User, now: datetime) -> QuerySet[Any]:
    """What of this kind is due and may be seen by `user`; of incidents whose chase is open."""
    chases = Chase.objects.visible_to(user)
    match what:
        case What.MOVED:
            return chases.moved()
        case What.ROUTE:
            return chases.unrouted()
        case What.TRACE:
            return chases.untraced()
        case What.CHECK:
            return chases.not_seen_since(now - timedelta(hours=settings.CHECK_HOURS))
        case What.ESCALATE:
            return chases.not_told_since(now - settings.CHASE_ESCALATE_AFTER * rules.interval())
        case What.OUTGOING:
            return chases.open().filter(incident__in=unconfirmed().values("incident")).order_by("since", "pk")
        case What.POLICE:
            return PoliceHold.objects.waiting().filter(incident__in=chases.open().values("incident"))
        case What.REPLY:
            return of_notices(Reply.objects.filter(read_at=None), "notice", user).order_by("received_hour", "pk")
        case What.BY_HAND:
            return of_notices(Notice.objects.by_hand(), "pk", user).order_by("leaves_at", "pk")
        case What.DEAD:
            dead = Notice.objects.filter(state=NoticeState.DEAD)
            return of_notices(dead, "pk", user).order_by("tried_at", "pk")
        case What.UNVERIFIED:
            mine = kept_from().filter(incident__portals__overlap=user.portal_ids)
            return mine.order_by("at", "pk")
        case _:
            assert_never(what)


def shown(what: What, user: User, now: datetime) -> QuerySet[Any]:
    """The same with what a line shows of each; of a letter the first of its incidents that the user may see."""
    rows: QuerySet[Any] = listed(what, user, now)
    match what:
        case What.POLICE:
            return rows.select_related("police")
        case What.UNVERIFIED:
            return rows.select_related("to")
        case What.BY_HAND | What.DEAD:
            rows = rows.annotate(shown_incident=first_incident("pk", user))
            return rows.select_related("addressee")
        case What.REPLY:
            rows = rows.annotate(shown_incident=first_incident("notice", user))
            return rows.select_related("notice__addressee")
        case _:
            return rows.select_related("provider")


def first_incident(notice: str, user: User) -> Subquery:
    return Subquery(items_seen(notice, user).order_by("pk").values("incident")[:1])


def items_seen(notice: str, user: User) -> QuerySet[NoticeItem]:
    """The addresses that are still part of a letter and that the user may see."""
    return NoticeItem.objects.filter(notice=OuterRef(notice), dropped="", incident__portals__overlap=user.portal_ids)


def of_notices(rows: QuerySet[Any], notice: str, user: User) -> QuerySet[Any]:
    """Those with at least one such address."""
    return rows.filter(Exists(items_seen(notice, user)))


def unconfirmed() -> QuerySet[NoticeItem]:
    """Left out of a notice because nobody had said what may leave of its address, and nobody has since."""
    left_out = NoticeItem.objects.filter(dropped=DropReason.UNCONFIRMED, referral__ended_at=None)
    return left_out.filter(incident__outgoing=None)


def kept_from() -> QuerySet[Referral]:
    """To be told, or told and to be reminded, and nothing is sent: nobody has made sure that the addressee is who it
    should be."""
    return Referral.objects.filter(UNVERIFIED, to__isnull=False, ended_at=None)


def counts(user: User, now: datetime) -> dict[What, int]:
    """How many of each kind, up to MOST_COUNTED; kinds without any are left out. One query."""
    first, *others = [
        listed(what, user, now).order_by().annotate(what=Value(what.value)).values("what")[:MOST_COUNTED]
        for what in What
    ]
    try:
        some, values = first.union(*others, all=True).query.sql_with_params()
    except EmptyResultSet:
        return {}
    with connection.cursor() as cursor:
        # The statement is the one of the querysets above.
        cursor.execute(f"SELECT what, count(*) FROM ({some}) AS those GROUP BY what", values)  # noqa: S608
        found = dict(cursor.fetchall())
    return {what: found[what.value] for what in What if what.value in found}


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of what is due, with how many there are as text."""

    what: What
    number: str


def kinds(user: User, now: datetime) -> list[Kind]:
    """Those of which something is due."""
    return [Kind(what, counted(number)) for what, number in counts(user, now).items()]


def waiting_of(chase: Chase) -> Waiting:
    """What waits for a person about one incident, beside its chase's own row. One query."""
    incident = chase.incident_id
    told = {"items__incident": incident, "items__dropped": ""}
    since: dict[str, QuerySet[Any]] = {
        "outgoing": unconfirmed().filter(incident=incident).order_by("notice__leaves_at").values("notice__leaves_at"),
        "police": PoliceHold.objects.waiting().filter(incident=incident).values("at"),
        "reply": Reply.objects.filter(read_at=None, notice__items__incident=incident, notice__items__dropped="").values(
            "received_hour"
        ),
        "by_hand": Notice.objects.by_hand().filter(**told).order_by("leaves_at").values("leaves_at"),
        "dead": Notice.objects.filter(state=NoticeState.DEAD, **told).order_by("tried_at").values("tried_at"),
        "unverified": kept_from().filter(incident=incident).order_by("at").values("at"),
    }
    names = {f"{name}_since": Subquery(rows[:1]) for name, rows in since.items()}
    found = Chase.objects.filter(pk=chase.pk).annotate(**names).values(*names).get()
    return Waiting(**{name: found[f"{name}_since"] for name in since})

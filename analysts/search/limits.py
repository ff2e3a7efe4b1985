"""How often one analyst may search in an hour. A refused search is shown, and mailed, to senior analysts."""

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analysts.accounts.alarms import AlarmMail, raise_alarm
from analysts.codes import Role
from analysts.incidents.page_kit import Counts, PageSection
from analysts.models import AlarmKind, SearchCount, User
from audit.actions import record_event
from countries.decided_settings import number_in_force
from reports.models import the_hour

HOUR = timedelta(hours=1)
# How long a refused search is shown on the dashboard of senior analysts.
SHOWN_FOR = timedelta(days=1)


def count_search(user: User, *, now: datetime) -> bool:
    """Count a search of the user; False if it exceeds the limit of the hour. Call it inside a transaction.

    The first refusal of an hour raises the alarm and is recorded.
    """
    hour = the_hour(now)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO analysts_searchcount AS known (user_id, hour, searches) VALUES (%s, %s, 1)
            ON CONFLICT (user_id) DO UPDATE SET
                searches = CASE WHEN known.hour = excluded.hour THEN known.searches + 1 ELSE 1 END,
                hour = excluded.hour
            RETURNING searches
            """,
            [user.pk, hour],
        )
        [[searches]] = cursor.fetchall()
    if searches <= number_in_force("SEARCHES_AN_HOUR"):
        return True
    if searches == number_in_force("SEARCHES_AN_HOUR") + 1:
        SearchCount.objects.filter(pk=user.pk).update(refused_hour=hour)
        raise_alarm(AlarmKind.SEARCH, to=User.objects.mail_addresses(Role.SENIOR), now=now)
        record_event(by=user, action="search.refuse", details={"number": number_in_force("SEARCHES_AN_HOUR")}, at=now)
    return False


def allowed_again_at(now: datetime) -> datetime:
    return the_hour(now) + HOUR


def write_search_mail() -> AlarmMail | None:
    """The alarm; None if the hour is over in which a search was refused, or no senior analyst has an address."""
    refused, to = (
        SearchCount.objects.filter(refused_hour__gt=timezone.now() - 2 * HOUR).count(),
        User.objects.mail_addresses(Role.SENIOR),
    )
    if not refused or not to:
        return None
    message = ngettext(
        "%(number)d analyst has reached the limit of searches in an hour. Sign in: the dashboard names them.",
        "%(number)d analysts have reached the limit of searches in an hour. Sign in: the dashboard names them.",
        refused,
    ) % {"number": refused}
    return AlarmMail(message, subject=_("Reporting portals: the limit of searches was reached"), to=to)


def _refused_lately(now: datetime) -> QuerySet[SearchCount]:
    return SearchCount.objects.filter(refused_hour__gt=now - SHOWN_FOR)


def count_refused(user: User, now: datetime) -> dict[str, QuerySet[Model, object]]:
    return {"searches_refused": _refused_lately(now)} if user.role == Role.SENIOR else {}


def show_refused(user: User, now: datetime, counts: Counts) -> PageSection | None:
    """The notice of the dashboard that names who was refused a search within a day."""
    if not counts.get("searches_refused"):
        return None
    refusals = list(_refused_lately(now).select_related("user").order_by("-refused_hour", "user__desk_name", "user"))
    return PageSection(
        "analysts/search/_dashboard_refused.html", {"refusals": refusals, "limit": number_in_force("SEARCHES_AN_HOUR")}
    )

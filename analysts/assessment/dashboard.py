"""Dashboard sections for assessment: queue, claims, open incidents, answers, links to rules and codes."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import OuterRef, Subquery
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from analysts.assessment.answers_section import unread_answers
from analysts.assessment.flood_rows import closing_requests
from analysts.assessment.forms import HIGH, OTHER, ChosenFilters, View
from analysts.assessment.notes_section import hand_over_authors
from analysts.assessment.permissions import check_can_see_agreement, check_can_see_codes
from analysts.assessment.queue_views import count_queue
from analysts.incidents.page_kit import PageSection
from analysts.incidents.permissions import check_can_see_queue
from analysts.incidents.table import IncidentRow, incident_rows
from analysts.models import Assessment, Incident, User
from analysts.states import State
from analysts.takedown.notices.text_permissions import check_can_read_texts
from audit.permissions import is_allowed

MOST_LISTED = 10


# The user's own incidents are sought among this many of the longest open ones.
MOST_SEARCHED = 50


# The name of each band, and the filters of the queue that list it.
BANDS: tuple[tuple[str | Promise, ChosenFilters], ...] = (
    (_("A child may be in danger"), {"view": View.DANGER}),
    (_("High"), {"priority": HIGH}),
    (_("Other"), {"priority": OTHER}),
    (_("Similar reports"), {"view": View.ALIKE}),
)


@dataclass(frozen=True, slots=True)
class Band:
    name: str
    # The query string that filters the queue by the band.
    query: str
    waiting: str


def priority_bands(user: User, now: datetime) -> list[Band]:
    """The bands of the queue, each with the number of incidents that its link lists."""
    return [
        Band(
            str(name),
            urlencode({key: str(value) for key, value in chosen.items()}),
            count_queue(chosen, user, now).label,
        )
        for name, chosen in BANDS
    ]


def claim_rows(user: User, now: datetime) -> list[IncidentRow]:
    """The user's claims, the one that expires first at the top."""
    claims = Incident.objects.claimed_by(user, now=now).select_related("key").order_by("claimed_until")
    givers = hand_over_authors(user)
    return [
        replace(row, handed_over_by=givers.get(row.incident.pk, ""))
        for row in incident_rows(claims[:MOST_LISTED], user, now)
    ]


def open_illegal(user: User, now: datetime) -> list[IncidentRow]:
    """Open illegal incidents: those that the user assessed come first, each group by oldest last sighting."""
    own = Assessment.objects.filter(incident=OuterRef("pk"), by=user).order_by()
    longest = (
        Incident.objects.visible_to(user)
        .select_related("key")
        .filter(state__in=[State.ASSESSED, State.ACTING])
        # A subquery per row: with EXISTS, PostgreSQL reads every assessment by `user`.
        .annotate(own=Subquery(own.values("pk")[:1]))
        .order_by("last_sighted")[:MOST_SEARCHED]
    )
    own_first = sorted(longest, key=lambda incident: incident.own is None)  # type: ignore[attr-defined] # annotated
    return incident_rows(own_first[:MOST_LISTED], user, now)


def show_answers(user: User, now: datetime) -> PageSection | None:
    found = unread_answers(user) if is_allowed(check_can_see_queue, user) else []
    return PageSection("analysts/assessment/_dashboard_answers.html", found) if found else None


def show_closings_asked(user: User, now: datetime) -> PageSection | None:
    found = closing_requests(user) if is_allowed(check_can_see_queue, user) else None
    return PageSection("analysts/assessment/_dashboard_closings.html", found) if found else None


def show_waiting(user: User, now: datetime) -> PageSection | None:
    if not is_allowed(check_can_see_queue, user):
        return None
    return PageSection("analysts/assessment/_dashboard_waiting.html", priority_bands(user, now))


@dataclass(frozen=True, slots=True)
class RuleLinks:
    """The links to rules that the user may follow, besides those open to all readers of the code lists."""

    sees_texts: bool
    sees_agreement: bool


def show_rules(user: User, now: datetime) -> PageSection | None:
    if not is_allowed(check_can_see_codes, user):
        return None
    links = RuleLinks(
        sees_texts=is_allowed(check_can_read_texts, user), sees_agreement=is_allowed(check_can_see_agreement, user)
    )
    return PageSection("analysts/assessment/_dashboard_rules.html", links)


@dataclass(frozen=True, slots=True)
class ClaimList:
    rows: list[IncidentRow]
    now: datetime


def show_claims(user: User, now: datetime) -> PageSection | None:
    if not is_allowed(check_can_see_queue, user):
        return None
    return PageSection("analysts/assessment/_dashboard_mine.html", ClaimList(claim_rows(user, now), now))


def show_open(user: User, now: datetime) -> PageSection | None:
    if not is_allowed(check_can_see_queue, user):
        return None
    return PageSection("analysts/assessment/_dashboard_open.html", open_illegal(user, now))

"""Dashboard sections for assessment: queue, claims, open incidents, answers."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Model, OuterRef, QuerySet, Subquery
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from analysts.assessment.flood.rows import closing_requests
from analysts.assessment.forms import HIGH, OTHER, ChosenFilters, View
from analysts.assessment.queue.filters import filter_queue
from analysts.incidents.few_open import UNDECIDED, AnyOfFacets, among_open
from analysts.incidents.page_kit import Counts, PageSection
from analysts.incidents.permissions import check_can_see_queue
from analysts.incidents.table import MOST_SHORT, IncidentRow, first_ids, incident_rows, mask_address, short_label
from analysts.models import Assessment, FloodSample, Incident, Note, Question, User, desk_fields_of
from analysts.states import State
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


def count_queues(user: User, now: datetime, *, is_few: bool) -> dict[str, QuerySet[Model, object]]:
    """The rows of each band, and of what other cards show only if there is any. `is_few`: as `has_few_open`."""
    if not is_allowed(check_can_see_queue, user):
        return {}
    bands = [_band_rows(chosen, user, now, is_few=is_few) for _name, chosen in BANDS]
    return {
        **{f"band_{place}": first_ids(rows, MOST_SHORT + 1, in_order=True) for place, rows in enumerate(bands)},
        # In the order of the index of unread answers, which are far fewer than PostgreSQL expects.
        "answers": Question.objects.unread_by(user).order_by("pk").values("pk")[:1],
        "closings_asked": FloodSample.objects.unfinished().values("pk")[:1],
        "claims": Incident.objects.claimed_by(user, now=now).values("pk")[:1],
    }


def _band_rows(chosen: ChosenFilters, user: User, now: datetime, *, is_few: bool) -> QuerySet[Incident]:
    rows = filter_queue(chosen, user, now)
    # Otherwise PostgreSQL reads all incidents of these priorities. The views have indexes of their own.
    return rows.filter(pk=AnyOfFacets(user.portal_ids, "state", UNDECIDED)) if is_few and "priority" in chosen else rows


def priority_bands(counts: Counts) -> list[Band]:
    """The bands of the queue, each with the number of incidents that its link lists."""
    return [
        Band(
            str(name),
            urlencode({key: str(value) for key, value in chosen.items()}),
            short_label(counts[f"band_{place}"]),
        )
        for place, (name, chosen) in enumerate(BANDS)
    ]


def claim_rows(user: User, now: datetime) -> list[IncidentRow]:
    """The user's claims, the one that expires first at the top, each with who handed it over with a note."""
    notes = Note.objects.filter(incident=OuterRef("pk"), claim=OuterRef("fence")).order_by()
    giver = Subquery(notes.values(giver=desk_fields_of("by"))[:1])
    claims = Incident.objects.claimed_by(user, now=now).annotate(giver=giver)
    claims = claims.select_related("key").order_by("claimed_until")[:MOST_LISTED]
    return [
        replace(row, handed_over_by=str(User(**fields)) if fields else "")
        for row in incident_rows(claims, user, now)
        for fields in [row.incident.giver]  # type: ignore[attr-defined] # annotated
    ]


def _longest_open(user: User, is_few: bool) -> QuerySet[Incident]:
    assessments = Assessment.objects.filter(incident=OuterRef("pk"), by=user).order_by()
    incidents = Incident.objects.visible_to(user)
    if is_few:
        incidents = among_open(incidents, user)
    return (
        incidents.select_related("key")
        .filter(state__in=[State.ASSESSED, State.ACTING])
        # A subquery per row: with EXISTS, PostgreSQL reads every assessment by `user`.
        .annotate(own=Subquery(assessments.values("pk")[:1]))
        .order_by("last_sighted")[:MOST_SEARCHED]
    )


@dataclass(frozen=True, slots=True)
class Answered:
    """An unread answer. `by`: the colleague who asked; "" if it was the viewer."""

    incident: Incident
    address: str
    portal: str
    by: str


def unread_answers(user: User) -> list[Answered]:
    """At most MOST_LISTED unread answers, without their text. One query, and two if an incident was merged."""
    waiting = Question.objects.unread_by(user).select_related("incident__key", "report__portal", "by")
    waiting = waiting.prefetch_related("incident__merged_into__key")
    return [answer_row(question, user) for question in waiting.order_by("pk")[:MOST_LISTED]]


def answer_row(question: Question, user: User) -> Answered:
    # Reports of a merged incident are on the page of the incident that it was merged into.
    incident = question.incident.merged_into or question.incident
    return Answered(
        incident=incident,
        address=mask_address(incident),
        portal=question.report.portal.name,
        by="" if question.by_id == user.pk else str(question.by),
    )


def count_unread_answers(incident: Incident, user: User) -> int:
    """The number of answers on the incident's page that the user has not read."""
    return Question.objects.unread_about(incident, user).count()


def show_answers(user: User, now: datetime, counts: Counts) -> PageSection | None:
    answers = unread_answers(user) if counts.get("answers") else []
    return PageSection("analysts/assessment/_dashboard_answers.html", answers) if answers else None


def show_closings_asked(user: User, now: datetime, counts: Counts) -> PageSection | None:
    requests = closing_requests(user) if counts.get("closings_asked") else None
    return PageSection("analysts/assessment/_dashboard_closings.html", requests) if requests else None


def show_waiting(user: User, now: datetime, counts: Counts) -> PageSection | None:
    if not is_allowed(check_can_see_queue, user):
        return None
    return PageSection("analysts/assessment/_dashboard_waiting.html", priority_bands(counts))


def show_claims(user: User, now: datetime, counts: Counts) -> PageSection | None:
    if not is_allowed(check_can_see_queue, user):
        return None
    rows = claim_rows(user, now) if counts["claims"] else []
    return PageSection("analysts/assessment/_dashboard_mine.html", {"rows": rows, "now": now}) if rows else None


def show_open(user: User, now: datetime, *, is_few: bool) -> PageSection | None:
    """Open illegal incidents: those that the user assessed come first, each group by oldest last sighting.

    `is_few`: as `has_few_open`.
    """
    if not is_allowed(check_can_see_queue, user):
        return None
    own_first = sorted(_longest_open(user, is_few), key=lambda incident: incident.own is None)  # type: ignore[attr-defined] # annotated
    rows = incident_rows(own_first[:MOST_LISTED], user, now)
    return PageSection("analysts/assessment/_dashboard_open.html", rows) if rows else None

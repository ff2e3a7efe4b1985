"""The choice of the waiting incident that is offered to a user next.

Its limits do not apply to incidents that a user claims from the queue by hand.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.expressions import Combinable, RawSQL
from django.db.models.functions import Least

from analysts.codes import ContentWarning, ReviewStage, Role
from analysts.incidents.few_open import UNDECIDED, AnyOfFacets, has_few_waiting
from analysts.incidents.priority import HIGHEST
from analysts.models import Assessment, Batch, Incident, IncidentQuerySet, Skip, User
from analysts.models.incident_queries import LOWEST
from analysts.welfare import exposure
from countries.models import Portal

# One day's work: skips and recent assessments count for this long.
LATELY = timedelta(hours=12)

# A person's latest assessments that are read, more than a day's.
MOST_A_DAY = 500


@dataclass(frozen=True, slots=True)
class RotationRule:
    """The most incidents with a warning that one person is offered in a row, and within LATELY."""

    in_a_row: Callable[[], int]
    a_day: Callable[[], int] | None = None


# Violence is what analysts' health depends on (Mitchell et al., BMC Psychiatry 2023), then very young children.
ROTATION = {
    ContentWarning.VIOLENCE: RotationRule(
        lambda: settings.MOST_VIOLENT_IN_A_ROW,
        lambda: settings.MOST_VIOLENT_A_DAY,
    ),
    ContentWarning.YOUNG: RotationRule(lambda: settings.MOST_YOUNG_IN_A_ROW, lambda: settings.MOST_YOUNG_A_DAY),
    ContentWarning.SEVERE: RotationRule(lambda: settings.MOST_SEVERE_IN_A_ROW),
}

# Since when incidents of a head's priority can be waiting.
BEGINS = "least(coalesce(head.since, '-infinity'), back.since)"
# Around the search of one priority. The returns are read once: those that were counted stay in the table's blocks while
# a transaction may see them.
SEARCH = (
    f"SELECT best.* FROM generate_series({LOWEST}, {HIGHEST}) AS step (priority)"  # noqa: S608 - numbers
    " LEFT JOIN analysts_queuehead AS head USING (priority)"
    " LEFT JOIN (SELECT priority, min(since) AS since FROM analysts_queuereturn GROUP BY priority) AS back"
    " USING (priority) CROSS JOIN LATERAL (",
    ") AS best ORDER BY step.priority DESC LIMIT 1",
)


def next_candidates(user: User, *, now: datetime) -> IncidentQuerySet:
    """Incidents that may be offered to `user`, best first.

    Excludes incidents that the user assessed in this round or skipped today, and content that the user chose not to see
    today, as far as earlier assessments of the incident or its site warn of it. After several with one of the warnings
    of `ROTATION`, or of one site, in a row, a different one follows; the same after as many as a person has in a day.
    """
    left, site = rotation_left(user, now=now)
    ended = {warning.value for warning, number in left.items() if number < 1}
    avoided = exposure.warnings_to_avoid(user, now=now) | ended
    skipped = Skip.objects.filter(incident=OuterRef("pk"), by=user, at__gt=now - LATELY)
    candidates = Incident.objects.waiting().visible_to(user).open_to(user).filter(~Exists(skipped)).in_order()
    if site:
        candidates = candidates.exclude(site_fingerprint=site)
    return candidates.not_expecting(sorted(avoided)) if avoided else candidates


def lock_next_candidate(user: User, *, portal: Portal | None, now: datetime) -> Incident | None:
    """The first of them, of the portal if one is given, locked; passes over locked rows. None if none is left."""
    candidates = next_candidates(user, now=now)
    if portal is not None:
        candidates = candidates.filter(portals__contains=[portal.pk])
    portals = user.portal_ids if portal is None else [portal.pk]
    # A flood elsewhere makes no claim slow.
    if has_few_waiting(portals):
        candidates = candidates.filter(pk=AnyOfFacets(portals, "state", UNDECIDED))
        return candidates.select_for_update(skip_locked=True, of=("self",)).first()
    try:
        sql, params = write_search(candidates, user)
    except EmptyResultSet:
        return None
    return next(iter(Incident.objects.raw(sql, params)), None)


def are_others_waiting(user: User, portal: Portal | None) -> bool:
    """Whether incidents wait that `user` can claim by hand, although none of them is offered."""
    incidents = Incident.objects.waiting().visible_to(user).open_to(user)
    return (incidents.filter(portals__contains=[portal.pk]) if portal else incidents).exists()


def write_search(candidates: IncidentQuerySet, user: User) -> tuple[str, tuple[object, ...]]:
    """The search for the first of them, locked: for each priority from its head on (`analysts.models.queue_head`).

    Without the heads a search reads past everything that was claimed while a transaction stays open, such as a backup.
    Returns the statement and its parameters. Raises EmptyResultSet for a user without portals.
    """
    begins: Combinable = RawSQL(BEGINS, ())  # noqa: S611 - without values
    if user.role == Role.SENIOR:
        begins = Least(begins, Subquery(_longest_waiting_for_seniors(user)))
    of_head = candidates.filter(priority=RawSQL("step.priority", ()), waiting_since__gte=begins)
    locked = of_head.order_by("waiting_since", "pk").select_for_update(skip_locked=True, of=("self",))[:1]
    sql, params = locked.query.sql_with_params()
    return f"{SEARCH[0]}{sql}{SEARCH[1]}", params


def _longest_waiting_for_seniors(user: User) -> QuerySet[Incident, datetime]:
    """Since when the first incident of the priority waits that only senior analysts may take: heads pass over these."""
    of_lane = Incident.objects.filter(pk=AnyOfFacets(user.portal_ids, "lane", [ReviewStage.SENIOR]))
    incidents = of_lane.waiting().open_to(user).filter(priority=RawSQL("step.priority", ()), stage=ReviewStage.SENIOR)
    return incidents.order_by("waiting_since").values_list("waiting_since", flat=True)[:1]


def rotation_left(user: User, *, now: datetime) -> tuple[dict[ContentWarning, int], bytes]:
    """By warning, how many more may follow now; and the site of the user's latest assessments, b"" if not all of one.

    An assessment interrupts the row of each warning that it lacks.
    """
    of_a_site = settings.MOST_OF_A_SITE_IN_A_ROW
    most = max(of_a_site, *(rule.in_a_row() for rule in ROTATION.values()))
    own = Assessment.objects.in_force().filter(by=user, at__gt=now - LATELY, bulk=None).order_by("-at")
    last = list(own.values_list("notices", "incident__site_fingerprint")[:most])
    counted = own.filter(notices__overlap=[warning.value for warning, rule in ROTATION.items() if rule.a_day])
    today = list(counted.values_list("notices", flat=True)[:MOST_A_DAY])
    left = {}
    for warning, rule in ROTATION.items():
        in_a_row = next((number for number, (notices, _) in enumerate(last) if warning.value not in notices), len(last))
        left[warning] = rule.in_a_row() - in_a_row
        if rule.a_day:
            left[warning] = min(left[warning], rule.a_day() - sum(warning.value in notices for notices in today))
    sites = {bytes(site) for _notices, site in last[:of_a_site]}
    return left, sites.pop() if len(last) >= of_a_site and len(sites) == 1 else b""


def choose_rotated(user: User, candidates: IncidentQuerySet, *, now: datetime) -> list[Incident]:
    """The candidates that may follow each other, best first: as `rotation_left` of each warning at most.

    In a batch nothing else may come between them, and those in the user's open batches come before. The rest stays in
    the queue. The workstation itself rotates warnings that have no number a day.
    """
    chosen = list(candidates)
    held = list(Incident.objects.filter(batch__in=Batch.objects.open().filter(by=user)).values_list("pk", flat=True))
    left, _site = rotation_left(user, now=now)
    for warning in (warning for warning, rule in ROTATION.items() if rule.a_day):
        all_ids = [*held, *(incident.pk for incident in chosen)]
        of_batches = Incident.objects.filter(pk__in=all_ids)
        others = set(of_batches.not_expecting([warning.value]).values_list("pk", flat=True))
        expecting = [pk for pk in all_ids if pk not in others]
        left_out = set(expecting[max(0, left[warning]) :])
        chosen = [incident for incident in chosen if incident.pk not in left_out]
    return chosen

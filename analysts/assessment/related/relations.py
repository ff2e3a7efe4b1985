"""Related incidents: by host, site, report or referrer. Each query is capped, reads the user's portals and no others,
and uses an index.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Case, Exists, Model, OuterRef, Q, QuerySet, Subquery, TextChoices, Value, When
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from analysts.assessment.intake.spellings import MOST_REPORTS
from analysts.codes import Closing
from analysts.incidents.facet_search import ERASED, select_latest, write_fingerprint
from analysts.models import Assessment, EnteredAddress, Incident, Sighting, User
from analysts.models.incident_queries import IncidentQuerySet
from analysts.states import State

MOST_SHOWN = 10
# At most so many sightings of the user's portals are read for a report or referrer.
MOST_CONSIDERED = 200
# States in which the verdict may be shown. In the others, it may belong to the first of two blind reviews.
DECIDED = (State.ASSESSED, State.ACTING, State.CLOSED)


class Relation(TextChoices):
    """The property that two incidents share."""

    HOST = "host", _("Same host")
    SITE = "site", _("Same site")
    REPORT = "report", _("Named in the same reports")
    REFERRER = "referrer", _("Found through the same address")
    LED_THERE = "led_there", _("Where reporters came from")
    LED_ON = "led_on", _("Where reporters went next")


def find_related(
    incident: Incident, user: User, sightings: Sequence[Sighting], relations: Collection[Relation] = tuple(Relation)
) -> dict[Relation, list[Incident]]:
    """Incidents visible to the user, by what they share with this one, received last first. At most two queries.

    Each has its key loaded, and an attribute `verdict`: the verdict in force if it is decided, else None.

    Args:
        sightings: those of the incident, as `spellings.sightings_of` gives them.
    """
    by_incident: dict[UUID, set[Relation]] = defaultdict(set)
    for relation, pks in _ids_by_relation(incident, user, sightings, relations).items():
        for pk in pks:
            by_incident[pk].add(relation)
    if not by_incident:
        return {}
    in_force = Assessment.objects.in_force().filter(incident=OuterRef("pk")).order_by("-at").values("verdict")[:1]
    others = (
        Incident.objects.filter(pk__in=by_incident)
        .select_related("key")
        .annotate(verdict=Case(When(state__in=DECIDED, then=Subquery(in_force))))
        .order_by("-first_sighted", "-pk")
    )
    groups: dict[Relation, list[Incident]] = {relation: [] for relation in Relation}
    for other in others:
        for relation in by_incident[other.pk]:
            groups[relation].append(other)
    return {relation: incidents[:MOST_SHOWN] for relation, incidents in groups.items() if incidents}


def count_related(incident: Incident, user: User, sightings: Sequence[Sighting]) -> dict[Relation, int]:
    """The number of incidents that `find_related` gives. One query."""
    ids = _ids_by_relation(incident, user, sightings, tuple(Relation))
    return {relation: min(len(pks), MOST_SHOWN) for relation, pks in ids.items() if pks}


def _ids_by_relation(
    incident: Incident, user: User, sightings: Sequence[Sighting], relations: Collection[Relation]
) -> dict[Relation, set[UUID]]:
    """An incident of the same host is not named once more as one of the same site. One query."""
    # Passed as values: with a join, the planner misjudges and reads every sighting without a referrer.
    reports = [sighting.report_id for sighting in sightings[:MOST_REPORTS]]
    referrers = {bytes(sighting.referrer_fingerprint) for sighting in sightings[:MOST_REPORTS]} - {b""}
    ids: dict[Relation, set[UUID]] = {relation: set() for relation in Relation}
    for pk, relation in _related_pks(incident, reports, sorted(referrers), user, relations):
        ids[Relation(relation)].add(pk)
    ids[Relation.SITE] -= ids[Relation.HOST]
    return ids


def _related_pks(
    incident: Incident, reports: list[UUID], referrers: list[bytes], user: User, relations: Collection[Relation]
) -> QuerySet[Incident, tuple[UUID, str]]:
    """The other incidents and their relation to this one; capped among those of the user's portals."""
    sightings = Sighting.objects.filter(portal__in=user.portal_ids).exclude(incident=incident)
    led = sightings.exclude(referrer_fingerprint=b"")
    by_relation: dict[Relation, Any] = {
        Relation.HOST: _latest_of("host", bytes(incident.host_fingerprint), user, most=MOST_SHOWN + 1),
        Relation.SITE: _latest_of("site", bytes(incident.site_fingerprint), user, most=2 * MOST_SHOWN + 1),
        Relation.REPORT: _incident_pks(sightings.filter(report__in=reports)),
        Relation.REFERRER: _incident_pks(led.filter(referrer_fingerprint__in=referrers)),
        Relation.LED_THERE: Incident.objects.filter(fingerprint__in=referrers).values("pk"),
        Relation.LED_ON: _incident_pks(led.filter(referrer_fingerprint=bytes(incident.fingerprint))),
    }
    visible = (
        Incident.objects.visible_to(user)
        .exclude(pk=incident.pk)
        .exclude(closing=Closing.MERGED)
        .order_by("-first_sighted", "-pk")
    )
    first, *more = [
        visible.filter(pk__in=pks).values_list("pk", Value(relation.value))[
            : 2 * MOST_SHOWN if relation == Relation.SITE else MOST_SHOWN
        ]
        for relation, pks in by_relation.items()
        if relation in relations
    ]
    return first.union(*more, all=True)


def incidents_merged_into(incident: Incident, user: User) -> IncidentQuerySet:
    """Incidents merged into this one with reports of the user's portals, the latest first. Each has its key loaded."""
    merged = Incident.objects.filter(came_along(user, OuterRef("pk"), into=incident.pk), merged_into=incident)
    return merged.select_related("key").order_by("-closed_on", "pk")


def find_merged_into(merged: UUID, user: User) -> Incident | None:
    """The incident that now holds the reports of a merged one; None if there are none of the user's portals."""
    return Incident.objects.filter(came_along(user, merged, into=OuterRef("pk")), merged=merged).first()


def came_along(user: User, merged: UUID | OuterRef, *, into: UUID | OuterRef) -> Q:
    by_report = Sighting.objects.filter(incident=into, merged_from=merged, portal__in=user.portal_ids)
    entered = EnteredAddress.objects.visible_to(user).filter(incident=into, merged_from=merged)
    return Q(Exists(by_report)) | Q(Exists(entered))


def _latest_of(name: str, fingerprint: bytes, user: User, *, most: int) -> "QuerySet[Model, object] | RawSQL":
    """The incidents of the host or site received last, this one among them; none without a fingerprint.

    The host of incidents that predate its fingerprint is unknown until the address is reported again.
    """
    if not fingerprint:
        return Incident.objects.none()
    value = write_fingerprint(fingerprint)
    return select_latest(user.portal_ids, name, value, ERASED + value, most=most)


def _incident_pks(sightings: "QuerySet[Sighting]") -> "QuerySet[Model, object]":
    return sightings.values("incident")[:MOST_CONSIDERED]


def by_number(user: User, number: str) -> list[Incident]:
    """At most two incidents visible to the user whose id begins with `number`: 8 to 32 hexadecimal digits."""
    return list(Incident.objects.visible_to(user).filter(pk__range=id_range(number))[:2])


def id_range(number: str) -> tuple[UUID, UUID]:
    """The lowest and the highest id that begin with these hexadecimal digits."""
    return UUID(number.ljust(32, "0")), UUID(number.ljust(32, "f"))

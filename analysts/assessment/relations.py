"""Which other incidents have to do with one. Each question is bounded, and answered by an index."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import Case, Exists, OuterRef, QuerySet, Subquery, TextChoices, Value, When
from django.utils.translation import gettext_lazy as _

from analysts.codes import Closing
from analysts.models import Assessment, Incident, Sighting, User
from analysts.states import State

MOST_SHOWN = 10
# So many at most are looked through for those the user may see: a host that everybody uses costs no more than another.
MOST_CONSIDERED = 200
# So many reports of one incident are asked what else they name, and what led there.
MOST_REPORTS = 50
# Where a verdict is nobody's secret any more. What is being looked at may have had its first of two blind looks.
DECIDED = (State.ASSESSED, State.ACTING, State.CLOSED)


class Relation(TextChoices):
    """What two incidents share."""

    HOST = "host", _("The same host")
    SITE = "site", _("The same site")
    REPORT = "report", _("Named in the same reports")
    REFERRER = "referrer", _("Found through the same address")
    LED_THERE = "led_there", _("Reporters came from here")
    LED_ON = "led_on", _("Reporters went on from it to these")


def find_related(incident: Incident, user: User) -> dict[Relation, list[Incident]]:
    """Incidents that the user may see, by what they share with this one, the last sighted first. At most
    three queries.

    Each carries its key, and `verdict`: the one that stands where it is decided, else None.
    """
    asked = [
        _visible_pks(relation, incident, user, pks, most=2 * MOST_SHOWN if relation == Relation.SITE else MOST_SHOWN)
        for relation, pks in _pks_by_relation(incident, user).items()
    ]
    found = list(asked[0].union(*asked[1:], all=True))
    others = _with_verdicts({pk for _, pk in found})
    groups: dict[Relation, list[Incident]] = {
        relation: sorted(
            (others[pk] for name, pk in found if name == relation and pk in others),
            key=lambda other: other.last_sighted,
            reverse=True,
        )
        for relation in Relation
    }
    same_host = {other.pk for other in groups[Relation.HOST]}
    groups[Relation.SITE] = [other for other in groups[Relation.SITE] if other.pk not in same_host][:MOST_SHOWN]
    return {relation: incidents for relation, incidents in groups.items() if incidents}


def _pks_by_relation(incident: Incident, user: User) -> dict[Relation, "QuerySet[Any, Any]"]:
    """By relation the ids of those that share it, whoever may see them; each of them bounded."""
    mine = Sighting.objects.filter(portal__in=user.portal_ids)
    # As values: a join would have the planner guess, and read every sighting that has no referrer.
    own = list(mine.filter(incident=incident).values_list("report", "referrer_fingerprint")[:MOST_REPORTS])
    reports = {report for report, _ in own}
    referrers = {bytes(referrer) for _, referrer in own if referrer}
    others = mine.exclude(incident=incident)
    led = others.exclude(referrer_fingerprint=b"")
    return {
        Relation.HOST: _latest_by_fingerprint(host_fingerprint=bytes(incident.host_fingerprint)),
        Relation.SITE: _latest_by_fingerprint(site_fingerprint=bytes(incident.site_fingerprint)),
        Relation.REPORT: _incident_pks(others.filter(report__in=reports)),
        Relation.REFERRER: _incident_pks(led.filter(referrer_fingerprint__in=referrers)),
        Relation.LED_THERE: Incident.objects.filter(fingerprint__in=referrers).values("pk"),
        Relation.LED_ON: _incident_pks(led.filter(referrer_fingerprint=bytes(incident.fingerprint))),
    }


def _visible_pks(
    relation: Relation, incident: Incident, user: User, pks: "QuerySet[Any, Any]", *, most: int
) -> "QuerySet[Any, Any]":
    """(relation, id) of those that the user may see, the last sighted."""
    others = (
        Incident.objects.visible_to(user).filter(pk__in=pks).exclude(pk=incident.pk).exclude(closing=Closing.MERGED)
    )
    named = others.annotate(relation=Value(relation.value))
    return named.order_by("-last_sighted", "pk").values_list("relation", "pk")[:most]


def _with_verdicts(pks: Collection[UUID]) -> dict[UUID, Incident]:
    standing = Assessment.objects.standing().filter(incident=OuterRef("pk")).order_by("-at").values("verdict")[:1]
    verdict = Case(When(state__in=DECIDED, then=Subquery(standing)))
    return Incident.objects.select_related("key").annotate(verdict=verdict).in_bulk(pks)


def incidents_merged_into(incident: Incident, user: User) -> list[Incident]:
    """What was merged into it, as far as reports of the user's portals came along. Each carries its key."""
    merged = Incident.objects.filter(_came_along(user, OuterRef("pk"), into=incident.pk), merged_into=incident)
    return list(merged.select_related("key").order_by("-closed_on", "pk")[:MOST_SHOWN])


def now_part_of(merged: UUID, user: User) -> Incident | None:
    """The incident that holds the reports of one that was merged; None for any other, and where none is the user's."""
    return Incident.objects.filter(_came_along(user, merged, into=OuterRef("pk")), merged=merged).first()


def _came_along(user: User, merged: UUID | OuterRef, *, into: UUID | OuterRef) -> Exists:
    return Exists(Sighting.objects.filter(incident=into, merged_from=merged, portal__in=user.portal_ids))


def _latest_by_fingerprint(**fingerprint: bytes) -> "QuerySet[Any, Any]":
    """Those with an equal blind index, the last sighted. From before there was one of the host it is empty, until the
    address is reported again."""
    [(name, index)] = fingerprint.items()
    alike = Incident.objects.filter(**{name: index}) if index else Incident.objects.none()
    return alike.order_by("-last_sighted").values("pk")[:MOST_CONSIDERED]


def _incident_pks(sightings: "QuerySet[Sighting]") -> "QuerySet[Any, Any]":
    return sightings.values("incident")[:MOST_CONSIDERED]


def by_number(user: User, number: str) -> list[Incident]:
    """At most two of the incidents that the user may see whose id begins so: 8 to 32 hexadecimal digits."""
    lowest, highest = UUID(number.ljust(32, "0")), UUID(number.ljust(32, "f"))
    return list(Incident.objects.visible_to(user).filter(pk__range=(lowest, highest))[:2])

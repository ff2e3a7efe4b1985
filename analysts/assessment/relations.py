"""Related incidents: by host, site, report or referrer. Each query is capped and uses an index."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Case, Exists, Model, OuterRef, QuerySet, Subquery, TextChoices, Value, When
from django.utils.translation import gettext_lazy as _

from analysts.codes import Closing
from analysts.models import Assessment, Incident, Sighting, User
from analysts.states import State

MOST_SHOWN = 10
# At most this many candidates are searched for visible ones, so that a popular host costs no more than others.
MOST_CONSIDERED = 200
# At most this many reports of an incident are searched for other addresses and referrers.
MOST_REPORTS = 50
# States in which the verdict may be shown. In the others, it may belong to the first of two blind reviews.
DECIDED = (State.ASSESSED, State.ACTING, State.CLOSED)


class Relation(TextChoices):
    """What two incidents share."""

    HOST = "host", _("Same host")
    SITE = "site", _("Same site")
    REPORT = "report", _("Named in the same reports")
    REFERRER = "referrer", _("Found through the same address")
    LED_THERE = "led_there", _("Where reporters came from")
    LED_ON = "led_on", _("Where reporters went next")


def find_related(incident: Incident, user: User) -> dict[Relation, list[Incident]]:
    """Incidents visible to the user, by what they share with this one, last sighted first. At most three queries.

    Each has its key loaded, and an attribute `verdict`: the verdict in force if it is decided, else None.
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


def _pks_by_relation(incident: Incident, user: User) -> dict[Relation, "QuerySet[Model, object]"]:
    """Maps each relation to the ids that share it, capped, before visibility is applied."""
    mine = Sighting.objects.filter(portal__in=user.portal_ids)
    # Passed as values: with a join, the planner misjudges and reads every sighting without a referrer.
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
    relation: Relation, incident: Incident, user: User, pks: "QuerySet[Model, object]", *, most: int
) -> "QuerySet[Incident, tuple[str, UUID]]":
    """(relation, id) of the incidents visible to the user, last sighted first, at most `most`."""
    others = (
        Incident.objects.visible_to(user).filter(pk__in=pks).exclude(pk=incident.pk).exclude(closing=Closing.MERGED)
    )
    named = others.annotate(relation=Value(relation.value))
    return named.order_by("-last_sighted", "pk").values_list("relation", "pk")[:most]


def _with_verdicts(pks: Collection[UUID]) -> dict[UUID, Incident]:
    in_force = Assessment.objects.in_force().filter(incident=OuterRef("pk")).order_by("-at").values("verdict")[:1]
    verdict = Case(When(state__in=DECIDED, then=Subquery(in_force)))
    return Incident.objects.select_related("key").annotate(verdict=verdict).in_bulk(pks)


def incidents_merged_into(incident: Incident, user: User) -> list[Incident]:
    """Incidents merged into this one with reports of the user's portals. Each has its key loaded."""
    merged = Incident.objects.filter(_came_along(user, OuterRef("pk"), into=incident.pk), merged_into=incident)
    return list(merged.select_related("key").order_by("-closed_on", "pk")[:MOST_SHOWN])


def now_part_of(merged: UUID, user: User) -> Incident | None:
    """The incident that now holds the reports of a merged one; None if there are none of the user's portals."""
    return Incident.objects.filter(_came_along(user, merged, into=OuterRef("pk")), merged=merged).first()


def _came_along(user: User, merged: UUID | OuterRef, *, into: UUID | OuterRef) -> Exists:
    return Exists(Sighting.objects.filter(incident=into, merged_from=merged, portal__in=user.portal_ids))


def _latest_by_fingerprint(**fingerprint: bytes) -> "QuerySet[Model, object]":
    """The last sighted incidents with an equal blind index.

    The host index of incidents that predate it is empty until the address is reported again.
    """
    [(name, index)] = fingerprint.items()
    alike = Incident.objects.filter(**{name: index}) if index else Incident.objects.none()
    return alike.order_by("-last_sighted").values("pk")[:MOST_CONSIDERED]


def _incident_pks(sightings: "QuerySet[Sighting]") -> "QuerySet[Model, object]":
    return sightings.values("incident")[:MOST_CONSIDERED]


def by_number(user: User, number: str) -> list[Incident]:
    """At most two incidents visible to the user whose id begins with `number`: 8 to 32 hexadecimal digits."""
    lowest, highest = UUID(number.ljust(32, "0")), UUID(number.ljust(32, "f"))
    return list(Incident.objects.visible_to(user).filter(pk__range=(lowest, highest))[:2])

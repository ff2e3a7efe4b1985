"""Folding similar incidents by hand, and unfolding them."""

import secrets
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models import F, Func, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysts.assessment.actions.bulk import MOST_AT_ONCE, number_of, without_own_review
from analysts.assessment.flood import folding as floods
from analysts.codes import FoldReason
from analysts.incidents.permissions import check_sees_content
from analysts.incidents.priority import URGENT, PriorityReason
from analysts.models import FloodFolding, Incident, IncidentQuerySet, User
from analysts.models.incident_queries import LOWEST
from audit.actions import JSON, record_event
from audit.permissions import Late


def foldable_incidents(by: User, incident: Incident) -> IncidentQuerySet:
    """Waiting incidents of the same site (or of the same words) reported within `floods.WINDOW` of this one."""
    if not (incident.site_fingerprint or incident.shape):
        return Incident.objects.none()
    since, until = incident.first_sighted - floods.WINDOW, incident.first_sighted + floods.WINDOW
    similar = Incident.objects.visible_to(by).filter(first_sighted__range=(since, until), last_sighted__gte=since)
    if incident.site_fingerprint:
        similar = similar.filter(site_fingerprint=incident.site_fingerprint)
    else:
        similar = similar.filter(shape=incident.shape)
    return without_own_review(similar.waiting().apart().filter(priority__lt=URGENT))


@transaction.atomic
def fold_flood(
    *, by: User, incident: Incident, reason: FoldReason, number: int, now: datetime | None = None
) -> FloodFolding:
    """Fold the `foldable_incidents` of this one into a group of the lowest priority, at most MOST_AT_ONCE.

    Later reports keep their own priority. `number`: the result of `number_of` that `by` saw; raises `Late` if it has
    changed. Incidents locked by a concurrent claim are left out.
    """
    now = now or timezone.now()
    check_sees_content(by)
    similar = foldable_incidents(by, incident)
    if number_of(similar) != number:
        raise Late(_("The number of incidents has changed. Check it and try again."))
    locked = similar.select_for_update(skip_locked=True, of=("self",))
    pks = list(locked.values_list("pk", flat=True)[:MOST_AT_ONCE])
    if not pks:
        raise Late(_("No incidents are left to fold."))
    # Random: the group has no pattern, so no later report can join it.
    folding = FloodFolding.objects.create(flood=secrets.token_bytes(32), by=by, at=now, reason=reason, number=len(pks))
    reasons = Func(
        Value(PriorityReason.ALIKE.value, models.CharField()),
        F("priority_reasons"),
        function="array_prepend",
        output_field=ArrayField(models.CharField(max_length=24)),
    )
    Incident.objects.filter(pk__in=pks).update(flood=folding.flood, priority=LOWEST, priority_reasons=reasons)
    details: dict[str, JSON] = {"count": folding.number, "reason": str(reason)}
    record_event(by=by, action="flood.fold", on=folding, details=details, at=now)
    return folding


@transaction.atomic
def unfold_flood(*, by: User, flood: bytes, now: datetime | None = None) -> int:
    """Give the waiting incidents of a folding by hand their own priority again; returns their number."""
    now = now or timezone.now()
    check_sees_content(by)
    folding = FloodFolding.objects.filter(flood=flood).first()
    if folding is None:
        raise Late(_("These similar reports were not folded by hand."))
    number = floods.unfold(Incident.objects.visible_to(by).waiting().alike().filter(flood=flood))
    record_event(by=by, action="flood.unfold", on=folding, details={"count": number}, at=now)
    return number

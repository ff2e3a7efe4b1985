"""The choice of the waiting incident that is offered to a user next.

Its limits do not apply to incidents that a user claims from the queue by hand.
"""

from datetime import datetime, timedelta
from typing import cast

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from analysts.codes import ContentWarning, Severity
from analysts.models import Assessment, Incident, IncidentQuerySet, Skip, User
from analysts.models.compiled_arguments import Fixed
from analysts.models.compiled_query import CompiledQuery
from analysts.welfare import exposure
from countries.models import Portal

# One day's work: skips and recent assessments count for this long.
LATELY = timedelta(hours=12)


def next_candidates(user: User, *, now: datetime) -> IncidentQuerySet:
    """Incidents that may be offered to `user`, best first.

    Excludes incidents that the user assessed in this round or skipped today, and content that the user chose not to see
    today, as far as earlier assessments of the incident or its site warn of it. After several incidents of category A,
    or of one site, in a row, a different one follows.
    """
    return _candidates(user, now - LATELY, *_to_avoid(user, now))


def lock_next_candidate(user: User, *, portal: Portal | None, now: datetime) -> Incident | None:
    """The first of them, of the portal if one is given, locked; passes over locked rows. None if none is left."""
    of_portal = portal.pk if portal else None
    return next(iter(_best(user, now - LATELY, *_to_avoid(user, now), of_portal)), None)


def are_others_waiting(user: User, portal: Portal | None) -> bool:
    """Whether incidents wait that `user` can claim by hand, although none of them is offered."""
    found = Incident.objects.waiting().visible_to(user).open_to(user)
    return (found.filter(portals__contains=[portal.pk]) if portal else found).exists()


@CompiledQuery
def _best(user: User, since: datetime, avoided: Fixed, site: bytes | None, portal: int | None) -> QuerySet[Incident]:
    found = _candidates(user, since, avoided, site)
    if portal is not None:
        found = found.filter(portals__contains=[portal])
    return found.select_for_update(skip_locked=True, of=("self",))[:1]


def _candidates(user: User, since: datetime, avoided: Fixed, site: bytes | None) -> IncidentQuerySet:
    """`avoided`: content warnings, in order. `site`: another one follows."""
    skipped = Skip.objects.filter(incident=OuterRef("pk"), by=user, at__gt=since)
    found = Incident.objects.waiting().visible_to(user).open_to(user).filter(~Exists(skipped)).in_order()
    if site is not None:
        found = found.exclude(site_fingerprint=site)
    notices = cast("tuple[str, ...]", avoided.value)
    return found.not_expecting(notices) if notices else found


def _to_avoid(user: User, now: datetime) -> tuple[Fixed, bytes | None]:
    """The content warnings and the site that the next incident must not have."""
    avoided = set(exposure.warnings_to_avoid(user, now=now))
    severe, site = had_enough(user, now=now)
    if severe:
        avoided.add(ContentWarning.SEVERE.value)
    return Fixed(tuple(sorted(avoided))), site or None


def had_enough(user: User, *, now: datetime) -> tuple[bool, bytes]:
    """Whether the user's latest assessments were all category A; and the site they were all of, b"" if none."""
    severe, of_a_site = settings.MOST_SEVERE_IN_A_ROW, settings.MOST_OF_A_SITE_IN_A_ROW
    last = _latest_assessed(user.pk, now - LATELY, Fixed(max(severe, of_a_site)))
    enough = len(last) >= severe and all(severity == Severity.A for severity, _ in last[:severe])
    sites = {bytes(site) for _, site in last[:of_a_site]}
    return enough, sites.pop() if len(last) >= of_a_site and len(sites) == 1 else b""


@CompiledQuery
def _latest_assessed(user: int, since: datetime, most: Fixed) -> QuerySet[Assessment, tuple[str, bytes | memoryview]]:
    return (
        Assessment.objects.in_force()
        .filter(by=user, at__gt=since, bulk=None)
        .order_by("-at")
        .values_list("severity", "incident__site_fingerprint")[: most.value]
    )

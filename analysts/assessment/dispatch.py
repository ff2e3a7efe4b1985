"""The choice of the waiting incident that is offered to a user next.

Its limits do not apply to incidents that a user claims from the queue by hand.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef

from analysts.codes import ContentWarning, Severity
from analysts.models import Assessment, Incident, IncidentQuerySet, Skip, User
from analysts.welfare import exposure

# One day's work: skips and recent assessments count for this long.
LATELY = timedelta(hours=12)


def next_candidates(user: User, *, now: datetime) -> IncidentQuerySet:
    """Incidents that may be offered to `user`, best first.

    Excludes incidents that the user assessed in this round or skipped today, and content that the user chose not to see
    today, as far as earlier assessments of the incident or its site warn of it. After several incidents of category A,
    or of one site, in a row, a different one follows.
    """
    skipped = Skip.objects.filter(incident=OuterRef("pk"), by=user, at__gt=now - LATELY)
    found = Incident.objects.waiting().visible_to(user).open_to(user).filter(~Exists(skipped)).in_order()
    avoided = set(exposure.warnings_to_avoid(user, now=now))
    severe, site = had_enough(user, now=now)
    if severe:
        avoided.add(ContentWarning.SEVERE.value)
    if site:
        found = found.exclude(site_fingerprint=site)
    return found.not_expecting(avoided) if avoided else found


def had_enough(user: User, *, now: datetime) -> tuple[bool, bytes]:
    """Whether the user's latest assessments were all category A; and the site they were all of, b"" if none."""
    severe, of_a_site = settings.MOST_SEVERE_IN_A_ROW, settings.MOST_OF_A_SITE_IN_A_ROW
    last = list(
        Assessment.objects.in_force()
        .filter(by=user, at__gt=now - LATELY, bulk=None)
        .order_by("-at")
        .values_list("severity", "incident__site_fingerprint")[: max(severe, of_a_site)]
    )
    enough = len(last) >= severe and all(severity == Severity.A for severity, _ in last[:severe])
    sites = {bytes(site) for _, site in last[:of_a_site]}
    return enough, sites.pop() if len(last) >= of_a_site and len(sites) == 1 else b""

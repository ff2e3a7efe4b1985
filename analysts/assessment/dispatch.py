"""Which waiting incident the queue brings a person next: the best one, but not just any to anybody.

What somebody chooses from the queue by hand is their own affair; here the queue chooses.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef

from analysts.codes import ContentWarning, Severity
from analysts.models import Assessment, Incident, IncidentQuerySet, Skip, User
from analysts.welfare import exposure

# A day's work: what was passed over, and what somebody saw lately, counts no longer than this.
LATELY = timedelta(hours=12)


def next_candidates(user: User, *, now: datetime) -> IncidentQuerySet:
    """What may come to `user` next, best first.

    Never what they assessed themselves in this round, or passed over today. After several of category A, or of one
    site, in a row something else; and nothing of what they do not want to see today, as far as earlier assessments of
    it or of its site tell.
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
    """Whether the last of what they assessed was all of category A; and the site it was all of, b"" for none."""
    severe, of_a_site = settings.MOST_SEVERE_IN_A_ROW, settings.MOST_OF_A_SITE_IN_A_ROW
    last = list(
        Assessment.objects.standing()
        .filter(by=user, at__gt=now - LATELY, bulk=None)
        .order_by("-at")
        .values_list("severity", "incident__site_fingerprint")[: max(severe, of_a_site)]
    )
    enough = len(last) >= severe and all(severity == Severity.A for severity, _ in last[:severe])
    sites = {bytes(site) for _, site in last[:of_a_site]}
    return enough, sites.pop() if len(last) >= of_a_site and len(sites) == 1 else b""

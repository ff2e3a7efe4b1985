"""Coverage: every portal that the public knows has at least one analyst who reads and works for it permanently.

Every change of accounts and groups ends with `note_coverage`, which alarms at once about a portal that has lost its
last analyst. No change is refused for it: an account that is misused must be switched off. The worker notes coverage
every minute, too, for changes made in other ways.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analysts.accounts.alarms import AlarmMail, raise_alarm
from analysts.models import AlarmKind, CoverageGap, User
from audit.actions import record_event
from countries.models import Portal, PortalState

# Also suspended and closed ones: holders of their receipts still write, and their reports may still wait.
KNOWN_STATES = tuple(state for state in PortalState if state.visible)


def uncovered_portals() -> list[Portal]:
    """The portals that the public knows and no reader works for, in the order of their names. Two queries."""
    portals = list(Portal.objects.filter(state__in=KNOWN_STATES))
    uncovered = User.objects.uncovered_among([portal.pk for portal in portals])
    return [portal for portal in portals if portal.pk in uncovered]


@transaction.atomic
def note_coverage(*, now: datetime | None = None) -> list[Portal]:
    """Record which portals have lost or regained coverage, and raise the alarm for those lost, in the caller's
    transaction. Safe to repeat: only changes are recorded. Returns those lost.
    """
    now = now or timezone.now()
    uncovered = {portal.pk: portal for portal in uncovered_portals()}
    gaps = {gap.portal_id: gap for gap in CoverageGap.objects.select_related("portal")}
    lost = [
        portal
        for key, portal in uncovered.items()
        if key not in gaps and CoverageGap.objects.get_or_create(portal=portal, defaults={"since": now})[1]
    ]
    restored = [
        gap.portal
        for key, gap in gaps.items()
        if key not in uncovered and CoverageGap.objects.filter(portal=gap.portal_id).delete()[0]
    ]
    if lost:
        raise_alarm(AlarmKind.COVERAGE, now=now)
    for portal in lost:
        record_event(by=None, action="coverage.lost", on=portal, portal=portal.slug, at=now)
    for portal in restored:
        record_event(by=None, action="coverage.restored", on=portal, portal=portal.slug, at=now)
    return lost


def write_coverage_mail() -> AlarmMail | None:
    """The alarm; None if all portals have analysts again. It names no portal."""
    number = len(uncovered_portals())
    if not number:
        return None
    message = ngettext(
        "%(number)d portal has no analyst: its reports are not seen.",
        "%(number)d portals have no analysts: their reports are not seen.",
        number,
    ) % {"number": number}
    return AlarmMail(message, subject=_("Reporting portals: a portal has no analysts"))

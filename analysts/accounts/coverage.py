"""Coverage: every portal that the public knows has at least one analyst who reads and works for it permanently, and
its page says which of its languages none of them works in.

Every change of accounts and groups ends with `note_coverage`, which alarms at once about a portal that has lost its
last analyst. No change is refused for it: an account that is misused must be switched off. The worker notes coverage
every minute, too, for changes made in other ways.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analysts.accounts.alarms import AlarmMail, raise_alarm
from analysts.models import AlarmKind, CoverageGap, User
from audit.actions import record_event
from countries.models import Portal, PortalState
from countries.staff.document.checklist_item import describe_unread

# Also suspended and closed ones: holders of their receipts still write, and their reports may still wait.
KNOWN_STATES = tuple(state for state in PortalState if state.visible)


@dataclass(frozen=True, slots=True)
class PortalGap:
    """A portal that the public knows and no reader works for, or else the languages of it that none of them works in
    (`unread`)."""

    portal: Portal
    unread: Sequence[str]

    @property
    def is_uncovered(self) -> bool:
        return not self.unread

    @property
    def sentence(self) -> str:
        """On the languages, in the words of the launch checklist."""
        return describe_unread(self.unread)


def find_gaps() -> list[PortalGap]:
    """The gaps of all portals that the public knows, in the order of their names. Three queries."""
    portals = list(Portal.objects.filter(state__in=KNOWN_STATES))
    ids = [portal.pk for portal in portals]
    uncovered, unread = User.objects.uncovered_among(ids), User.objects.unread_among(ids)
    return [
        PortalGap(portal, () if portal.pk in uncovered else unread[portal.pk])
        for portal in portals
        if portal.pk in uncovered or portal.pk in unread
    ]


def uncovered_portals() -> list[Portal]:
    """The portals that the public knows and no reader works for, in the order of their names. Three queries."""
    return [gap.portal for gap in find_gaps() if gap.is_uncovered]


@transaction.atomic
def note_coverage(*, now: datetime | None = None) -> list[Portal]:
    """Record which portals, and languages of portals, have lost or regained readers, and raise the alarm for those
    lost, in the caller's transaction. Safe to repeat: only changes are recorded. Returns the portals without readers
    that had some.
    """
    now = now or timezone.now()
    gaps = {(gap.portal.pk, tag): gap.portal for gap in find_gaps() for tag in gap.unread or ("",)}
    stored = {(row.portal_id, row.language): row.portal for row in CoverageGap.objects.select_related("portal")}
    lost = [
        (portal, tag)
        for (portal_id, tag), portal in gaps.items()
        if (portal_id, tag) not in stored
        and CoverageGap.objects.get_or_create(portal=portal, language=tag, defaults={"since": now})[1]
    ]
    restored = [
        (portal, tag)
        for (portal_id, tag), portal in stored.items()
        if (portal_id, tag) not in gaps and CoverageGap.objects.filter(portal=portal_id, language=tag).delete()[0]
    ]
    if lost:
        raise_alarm(AlarmKind.COVERAGE, now=now)
    for verb, rows in (("lost", lost), ("restored", restored)):
        for portal, tag in rows:
            _record_change(verb, portal, tag, now)
    return [portal for portal, tag in lost if not tag]


def _record_change(verb: str, portal: Portal, tag: str, now: datetime) -> None:
    action, details = (f"coverage.language_{verb}", {"language": tag}) if tag else (f"coverage.{verb}", {})
    record_event(by=None, action=action, on=portal, portal=portal.slug, details=details, at=now)


def write_coverage_mail() -> AlarmMail | None:
    """The alarm; None if all portals have analysts again in all their languages. It names no portal."""
    gaps = find_gaps()
    number = sum(gap.is_uncovered for gap in gaps)
    lines = []
    if number:
        line = ngettext(
            "%(number)d portal has no analyst: its reports are not seen.",
            "%(number)d portals have no analysts: their reports are not seen.",
            number,
        )
        lines.append(line % {"number": number})
    if languages := sum(len(gap.unread) for gap in gaps):
        line = ngettext(
            "%(number)d language of a portal has no analyst: reports in it are not read.",
            "%(number)d languages of portals have no analysts: reports in them are not read.",
            languages,
        )
        lines.append(line % {"number": languages})
    if not lines:
        return None
    subject = _("Reporting portals: a portal has no analysts")
    if not number:
        subject = _("Reporting portals: a language has no analysts")
    return AlarmMail("\n".join(lines), subject=subject)

"""The priority of an incident (1 to 10, or 0 as part of a flood) and the reasons shown beside it.

URGENT has no reason: a report was sealed with a tick that says that it is about its writer, or that someone writes to a
child. The tick is in the words, and is erased with them; incidents keep the number, which does not say which tick.
"""

from collections.abc import Collection

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from analysts.codes import Fact
from analysts.models.incident import Incident
from analysts.models.incident_queries import LOWEST
from reports.addresses import AddressKind

HIGHEST = 10
URGENT = HIGHEST - 1


class PriorityReason(TextChoices):
    CHILD_IN_DANGER = "child_in_danger", _("a child may be in danger now")
    CHILD_KNOWN = "child_known", _("the child or the suspect may be known")
    LIVE_STREAM = "live_stream", _("a live stream may be running")
    KNOWN_SITE = "known_site", _("illegal material was found on this site before")
    SEVERAL_REPORTS = "several_reports", _("named in several reports")
    OPEN_WEB = "open_web", _("publicly accessible on the web")
    REOPENED = "reopened", _("decided before and reopened")
    UNREADABLE = "unreadable", _("an envelope could not be opened")
    ALIKE = "alike", _("one of many similar reports")

    @property
    def mark(self) -> Promise:
        """The short form of the reason in a row of a list, whose legend explains it."""
        return MARKS[self]


MARKS: dict[PriorityReason, Promise] = {
    PriorityReason.CHILD_IN_DANGER: _("danger"),
    PriorityReason.CHILD_KNOWN: _("known child"),
    PriorityReason.LIVE_STREAM: _("live"),
    PriorityReason.KNOWN_SITE: _("known site"),
    PriorityReason.SEVERAL_REPORTS: _("several"),
    PriorityReason.OPEN_WEB: _("web"),
    PriorityReason.REOPENED: _("again"),
    PriorityReason.UNREADABLE: _("unreadable"),
    PriorityReason.ALIKE: _("similar"),
}

# The points each reason adds. A child in danger outranks all other reasons combined.
WEIGHTS = {
    PriorityReason.CHILD_IN_DANGER: 10,
    PriorityReason.CHILD_KNOWN: 3,
    PriorityReason.LIVE_STREAM: 3,
    PriorityReason.KNOWN_SITE: 3,
    PriorityReason.SEVERAL_REPORTS: 2,
    PriorityReason.OPEN_WEB: 1,
    PriorityReason.REOPENED: 1,
    PriorityReason.UNREADABLE: 2,
    PriorityReason.ALIKE: 0,
}


def priority_level(priority: int) -> int:
    """The level of a priority, which gives its colour: 10 if a child may be in danger, 5 if high, otherwise 0."""
    return 10 if priority >= 10 else 5 if priority >= 5 else 0


def compute_priority(
    *,
    facts: Collection[str],
    address_kind: str,
    reports: int,
    known_site: bool,
    reopened: bool,
    alike: bool,
    urgent: bool,
) -> tuple[int, list[PriorityReason]]:
    """The priority (10 if a child may be in danger, URGENT if `urgent`, otherwise less) and its reasons, most important
    first.

    Incidents in a flood are always LOWEST, so that all other incidents come before them.

    Args:
        facts: `Fact` codes selected in any of the reports.
        address_kind: an `AddressKind`, or "" for a report without an address.
        reports: number of reports that name the incident.
        known_site: whether another address of the same site has an illegal verdict.
        reopened: whether it was decided before.
        alike: whether it is part of a flood.
        urgent: whether a report has a sealed tick.
    """
    reasons = [
        reason
        for reason, holds in (
            (PriorityReason.ALIKE, alike),
            (PriorityReason.CHILD_IN_DANGER, Fact.CHILD_IN_DANGER in facts),
            (PriorityReason.CHILD_KNOWN, Fact.CHILD_KNOWN in facts),
            (PriorityReason.LIVE_STREAM, Fact.LIVE_STREAM in facts),
            (PriorityReason.KNOWN_SITE, known_site),
            (PriorityReason.SEVERAL_REPORTS, reports > 1),
            (PriorityReason.UNREADABLE, Fact.UNREADABLE in facts),
            # Content behind a login or payment is seen by fewer people in the meantime.
            (
                PriorityReason.OPEN_WEB,
                address_kind in (AddressKind.WEB, AddressKind.IP)
                and Fact.LOGIN_NEEDED not in facts
                and Fact.PAYMENT_NEEDED not in facts,
            ),
            (PriorityReason.REOPENED, reopened),
        )
        if holds
    ]
    return LOWEST if alike else max(priority_from(reasons), URGENT if urgent else LOWEST), reasons


def priority_from(reasons: Collection[str]) -> int:
    """The priority that these reasons add up to, outside a flood."""
    total = max(LOWEST + 1, sum(WEIGHTS[PriorityReason(reason)] for reason in reasons))
    return HIGHEST if PriorityReason.CHILD_IN_DANGER in reasons else min(total, URGENT - 1)


def is_reported_in_danger(incident: Incident) -> bool:
    """Whether a report says that a child is in danger, also after a verdict, which ends `child_in_danger`."""
    return incident.child_in_danger or PriorityReason.CHILD_IN_DANGER in incident.priority_reasons

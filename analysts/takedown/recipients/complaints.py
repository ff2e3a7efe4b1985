"""The decisions of a recipient that a complaint is still possible about, for its page."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter

from analysts.codes.complaints import HEARS_COMPLAINTS, complaint_until
from analysts.codes.recipient_actions import RECIPIENT_ACTIONS
from analysts.incidents.permissions import check_sees_content
from analysts.models import Recipient, Referral, User
from analysts.models.reply import with_latest_replies
from analysts.takedown.recipients.performance import DAYS
from audit.permissions import is_allowed
from reports.notices import RecipientAction

# Limits of the takedowns that are read, and of the rows that are listed.
MOST_OPEN, MOST_LISTED = 100, 20


@dataclass(frozen=True, slots=True)
class PossibleComplaint:
    """An address that the recipient leaves online, and until when a complaint about that is possible."""

    incident: uuid.UUID
    action: RecipientAction
    decided_at: datetime
    until: datetime

    @property
    def number(self) -> str:
        """The incident number, as `str(incident)` gives it."""
        return str(self.incident)[:8]

    @property
    def decision(self) -> str:
        return str(RECIPIENT_ACTIONS[self.action].label)


def possible_complaints(recipient: Recipient, user: User, *, now: datetime) -> list[PossibleComplaint]:
    """Complaints about open takedowns that the user may see, first notified within DAYS, the earliest end first.

    The first MOST_OPEN of these takedowns are read, in two queries.
    """
    if recipient.kind not in HEARS_COMPLAINTS or not is_allowed(check_sees_content, user):
        return []
    notified = recipient.referrals.filter(ended_at=None, noticed_at__gt=now - timedelta(days=DAYS))
    notified = notified.filter(incident__portals__overlap=user.portal_ids).order_by("noticed_at", "pk")
    referrals = Referral.objects.filter(pk__in=list(notified.values_list("pk", flat=True)[:MOST_OPEN]))
    decisions = with_latest_replies(referrals).values_list("incident", "last_action", "acted_at")
    complaints = [
        PossibleComplaint(incident, RecipientAction(action), decided_at, until)
        for incident, action, decided_at in decisions
        if (until := complaint_until(recipient.kind, action, decided_at, now=now))
    ]
    return sorted(complaints, key=attrgetter("until", "incident"))[:MOST_LISTED]

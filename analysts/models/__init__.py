"""The nouns of the staff side, one module a noun."""

from analysts.models.assessment import Assessment, Referral
from analysts.models.delay import Delay
from analysts.models.hold import Hold, HoldQuerySet
from analysts.models.incident import Incident, IncidentKind, IncidentQuerySet
from analysts.models.portal_hour import PortalHour
from analysts.models.proposal import EntryCode, Proposal, ProposalKind, ProposalState
from analysts.models.report import Report, Sighting
from analysts.models.user import User

__all__ = [
    "Assessment",
    "Delay",
    "EntryCode",
    "Hold",
    "HoldQuerySet",
    "Incident",
    "IncidentKind",
    "IncidentQuerySet",
    "PortalHour",
    "Proposal",
    "ProposalKind",
    "ProposalState",
    "Referral",
    "Report",
    "Sighting",
    "User",
]

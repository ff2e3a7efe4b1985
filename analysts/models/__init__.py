"""The nouns of the staff side, one module a noun."""

from analysts.models.agreement import Agreement, CodeCorrection
from analysts.models.assessment import Assessment, AssessmentQuerySet, Referral
from analysts.models.bulk import BulkClosing
from analysts.models.delay import Delay
from analysts.models.desk import Draft, Note, Question, Skip
from analysts.models.hold import Hold, HoldQuerySet
from analysts.models.incident import Incident, IncidentKind, IncidentQuerySet
from analysts.models.portal_hour import PortalHour
from analysts.models.proposal import EntryCode, Proposal, ProposalKind, ProposalState
from analysts.models.report import Report, Sighting
from analysts.models.user import User
from analysts.models.welfare import Comfort, Density, Exposure, TypeSize, VeiledTerm

__all__ = [
    "Agreement",
    "Assessment",
    "AssessmentQuerySet",
    "BulkClosing",
    "CodeCorrection",
    "Comfort",
    "Delay",
    "Density",
    "Draft",
    "EntryCode",
    "Exposure",
    "Hold",
    "HoldQuerySet",
    "Incident",
    "IncidentKind",
    "IncidentQuerySet",
    "Note",
    "PortalHour",
    "Proposal",
    "ProposalKind",
    "ProposalState",
    "Question",
    "Referral",
    "Report",
    "Sighting",
    "Skip",
    "TypeSize",
    "User",
    "VeiledTerm",
]
